"""A plan with its blocked items marked: what every kind's planner goes through."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pressrun.errors import InputError, SettingError
from pressrun.ledger.records import Item, PlannedItem
from pressrun.moderation.items import Judge, judged
from pressrun.moderation.model import judge
from pressrun.moderation.words import Moderator, moderator
from pressrun.recipes.image_parse import Ask
from pressrun.recipes.order import Order
from pressrun.recipes.registry import Kind, Planner
from pressrun.settings import Settings


class ModeratedPlanner:
    """As :class:`pressrun.recipes.registry.Planner`, with every item held against the rules.

    Args:
        planner: Plans the batch.
        texts_of: What of an item's spec is judged.
        words: The list of words.
        judge: A model's judgement, or None.
        say: Told of every blocked item.
        skip_blocked: Make the others; else one blocked item refuses the whole batch.
    """

    def __init__(
        self,
        planner: Planner,
        texts_of: Callable[[PlannedItem], Sequence[str]],
        words: Moderator,
        judge: Judge | None,
        say: Callable[[str], None],
        *,
        skip_blocked: bool,
    ):
        self._planner, self._say, self._skip_blocked = planner, say, skip_blocked
        self._judged = partial(judged, texts_of=texts_of, moderator=words, judge=judge)

    def plan(self) -> list[PlannedItem]:
        """The batch's items, in order; the blocked ones have failed.

        Raises:
            PressrunError: As the planner does, or a model gave no judgement.
            InputError: Something is blocked, and that refuses the batch.
        """
        planned = self._planner.plan()
        items = self._judged(planned)
        said = [
            f"{item.key}: {item.error}"
            for item, before in zip(items, planned, strict=True)
            if item.error is not before.error
        ]
        if said and not self._skip_blocked:
            raise InputError(
                f"{len(said)} of {len(items)} items are blocked; nothing was made or paid. Mend "
                "them, or turn skip_invalid on to make the others.",
                said,
            )
        for line in said:
            self._say(line)
        return items

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """As the planner's, judged likewise."""
        again = self._planner.again(failed)
        return {key: self._judged(items) for key, items in again.items()}


def moderated(
    planner: Planner,
    kind: Kind,
    order: Order,
    settings: Settings,
    say: Callable[[str], None],
    ask: Ask,
) -> ModeratedPlanner:
    """The planner of a kind's batch with the moderation that the settings ask for.

    Raises:
        SettingError: A model should judge, and none is named.
    """
    words = moderator(settings.blocked_words, settings.allowed_words)
    parameters: Mapping[str, Any] = order.model_dump()
    # A quote pays nothing, so no model judges for it.
    wanted = settings.moderation == "model" and order.what != "quote only"
    return ModeratedPlanner(
        planner,
        lambda item: kind.texts(item.spec, parameters),
        words,
        _judge(words, settings, ask) if wanted else None,
        say,
        skip_blocked=bool(getattr(order, "skip_invalid", True)),
    )


def _judge(words: Moderator, settings: Settings, ask: Ask) -> Judge:
    if not settings.moderation_model:
        raise SettingError(
            "PRESSRUN_MODERATION=model needs the name of a text model: set "
            "PRESSRUN_MODERATION_MODEL."
        )
    return partial(judge, rules=words.rules, model=settings.moderation_model, ask=ask)
