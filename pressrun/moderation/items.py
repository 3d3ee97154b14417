"""Planned items held against the rules: what is blocked is a failed item before it can cost."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pressrun.errors import InputError
from pressrun.ledger.records import PlannedItem
from pressrun.moderation.words import Match, Moderator

#: The kind of a blocked item's error, as that of a provider's refusal.
KIND = "blocked"

Judge = Callable[[Sequence[str]], list[Match | None]]


def judged(
    items: Sequence[PlannedItem],
    texts_of: Callable[[PlannedItem], Sequence[str]],
    moderator: Moderator,
    judge: Judge | None = None,
) -> list[PlannedItem]:
    """The items in their order; those with a blocked text have failed, each with the rule's name.

    Args:
        items: Those that have failed already stay as they are.
        texts_of: What of an item a person wrote and a model is told.
        moderator: The list of words.
        judge: A model that looks at what the list lets through; None for none.
    """
    texts = {text for item in items if not item.error for text in texts_of(item) if text.strip()}
    found = {text: moderator.check(text) for text in sorted(texts)}
    if judge:
        passed = [text for text, match in found.items() if match is None]
        found |= dict(zip(passed, judge(passed), strict=True))
    return [_judged(item, texts_of, found) for item in items]


def blocked(match: Match, what: str = "The text") -> InputError:
    """The error of an item that a rule forbids."""
    return InputError(f"{what} is {match}. Nothing was made or paid for it.", kind=KIND)


def _judged(
    item: PlannedItem,
    texts_of: Callable[[PlannedItem], Sequence[str]],
    found: dict[str, Match | None],
) -> PlannedItem:
    if item.error:
        return item
    matches = (found.get(text) for text in texts_of(item))
    match = next(filter(None, matches), None)
    return replace(item, error=blocked(match)) if match else item
