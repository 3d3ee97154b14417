"""From checked parameters to a planned, moderated batch, the same for every kind.

An item that the rules forbid has failed before it can cost anything.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pressrun.batches.machine import is_bound, machine_id, machine_name
from pressrun.batches.uploads import open_uploads
from pressrun.batches.vaults import vault_of
from pressrun.boundary.files import downloads, make_private
from pressrun.boundary.uploads import uploads_in
from pressrun.calls.standalone import Ask, ask
from pressrun.engines.account import Account
from pressrun.engines.base import TextRequest
from pressrun.errors import InputError, SettingError
from pressrun.inputs import confined
from pressrun.kinds.base import Kind, Planner, PlanningContext
from pressrun.kinds.parameters import BatchParameters
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.moderation.model import judge
from pressrun.moderation.words import Match, Moderator, moderator
from pressrun.settings import Settings, settings
from pressrun.stores.factory import Target
from pressrun.stores.layout import PathLayout
from pressrun.stores.sources import Sources

Judge = Callable[[Sequence[str]], list[Match | None]]


@contextmanager
def planner_of(
    kind: Kind,
    parameters: BatchParameters,
    target: Target,
    account: Callable[[], Account],
    vault: Vault,
    log: Callable[[str], None],
    note: Callable[[str], None] | None = None,
    *,
    plans_often: bool = False,
) -> Iterator[Planner]:
    """Opens a planner with all that it needs; removes its copies of remote sources afterwards.

    What it plans is moderated.

    Args:
        kind: Of the batch.
        parameters: Of the batch.
        target: Whose credentials reach sources in S3 or Drive.
        account: Gives who pays, for what a plan depends on it: models that read or write.
        vault: The batch's.
        log: Called with one line at every step that takes long.
        note: Called with what a person should know although nothing is wrong; ``log`` if none.
        plans_often: Leaves the reading process to the next plan; else it ends.

    Raises:
        InputError: The uploads that the parameters name are too large together.
        StoreError: The uploads cannot be asked for their sizes.
    """

    def asked(request: TextRequest, check: Callable[[str], None]) -> str:
        # Nothing is paid for the plan of a batch that would not be let in.
        open_ledger().requests.check(vault.folder.name, parameters.requested_by, time.time())
        return ask(request, check, account(), vault, "plan", parameters.budget_usd or None)

    if named := uploads_in(parameters.model_dump()):
        open_uploads().require_fit(named)
    with TemporaryDirectory(prefix="pressrun-", dir=downloads()) as folder:
        download = Sources(target, open_ledger().remote_ids, Path(folder), open_uploads).download
        context = PlanningContext(
            settings(), vault, vault_of, log, download, asked, account, note or log
        )
        planner = kind.planner(parameters, context)
        try:
            yield moderated(planner, kind, parameters, settings(), log, asked)
        finally:
            if not plans_often:
                confined.close()


@contextmanager
def crashes_counted(batch_id: str) -> Iterator[int]:
    """Gives the number of processes in a row that died in this block, for one batch.

    Kept in a file: a batch that is not planned yet has no row in the ledger.
    """
    place = settings().data.expanduser() / "planning" / batch_id
    make_private(place.parent)
    # A byte a process, which it removes unless it dies.
    with place.open("ab") as file:
        file.write(b".")
    try:
        yield place.stat().st_size - 1
    finally:
        place.unlink(missing_ok=True)


def new_batch(
    kind: Kind, parameters: BatchParameters, target: Target, batch_id: str, moment: datetime
) -> Batch:
    """Makes the record of a batch that is planned at that moment, with its place in the store.

    Raises:
        SettingError: The path template cannot be used.
        InputError: The run to reuse does not exist, or is of another kind.
    """
    layout = PathLayout.of(target.path_template or kind.path_template)
    owner, bound = parameters.owner, is_bound(target.address)
    return Batch(
        id=batch_id,
        kind=kind.name,
        title=parameters.title,
        destination=target.address,
        root=layout.root_of(parameters.title, kind.name, batch_id, moment, owner),
        parameters=parameters.model_dump() | {"reuse": _reused(kind, parameters)},
        created_at=moment.timestamp(),
        store=target.name,
        layout=layout.files,
        concurrency=parameters.concurrency,
        priority=parameters.priority,
        budget_usd=parameters.budget_usd or None,
        owner=owner,
        requested_by=parameters.requested_by,
        machine=machine_id() if bound else "",
        machine_name=machine_name() if bound else "",
    )


def _reused(kind: Kind, parameters: BatchParameters) -> str:
    """Finds the whole id of the run to reuse; empty if there is none."""
    if not parameters.reuse.strip():
        return ""
    earlier = open_ledger().batches.match(parameters.reuse.strip())
    if earlier.kind != kind.name:
        raise InputError(f"The run to reuse made a {earlier.kind} batch, not a {kind.name} batch.")
    return earlier.id


class ModeratedPlanner:
    """As :class:`pressrun.kinds.base.Planner`, with every item checked against the rules.

    Args:
        planner: Plans the batch.
        texts_of: What of an item's spec is judged.
        words: The list of words.
        judge: A model's judgement, or None.
        log: Called with a line about every blocked item.
        skip_blocked: Make the others; else one blocked item refuses the whole batch.
    """

    def __init__(
        self,
        planner: Planner,
        texts_of: Callable[[PlannedItem], Sequence[str]],
        words: Moderator,
        judge: Judge | None,
        log: Callable[[str], None],
        *,
        skip_blocked: bool,
    ):
        self._planner, self._log, self._skip_blocked = planner, log, skip_blocked
        self._judged = partial(judged, texts_of=texts_of, moderator=words, judge=judge)

    def plan(self) -> list[PlannedItem]:
        """Plans the batch's items, in order; the blocked ones have failed.

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
            self._log(line)
        return items

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """Plans again as the planner does, and judges the result likewise."""
        again = self._planner.again(failed)
        return {key: self._judged(items) for key, items in again.items()}

    def mend(self, item: Item, words: Mapping[str, str]) -> list[PlannedItem]:
        """Plans a mended item as the planner does, and judges the result likewise."""
        return self._judged(self._planner.mend(item, words))


def moderated(
    planner: Planner,
    kind: Kind,
    parameters: BatchParameters,
    settings: Settings,
    log: Callable[[str], None],
    ask: Ask,
) -> ModeratedPlanner:
    """Adds the moderation that the settings ask for to a kind's planner.

    Raises:
        SettingError: A model should judge, and none is named.
    """
    words = moderator(settings.blocked_words, settings.allowed_words)
    given: Mapping[str, Any] = parameters.model_dump()
    # A quote pays nothing, so no model judges for it.
    wanted = settings.moderation == "model" and parameters.action != "quote"
    return ModeratedPlanner(
        planner,
        lambda item: kind.texts(item.spec, given),
        words,
        _judge(words, settings, ask) if wanted else None,
        log,
        skip_blocked=bool(getattr(parameters, "skip_invalid", True)),
    )


def _judge(words: Moderator, settings: Settings, ask: Ask) -> Judge:
    if not settings.moderation_model:
        raise SettingError(
            "PRESSRUN_MODERATION=model needs the name of a text model: set "
            "PRESSRUN_MODERATION_MODEL."
        )
    return partial(judge, rules=words.rules, model=settings.moderation_model, ask=ask)


#: The kind of a blocked item's error, as that of a provider's refusal.
BLOCKED = "blocked"


def judged(
    items: Sequence[PlannedItem],
    texts_of: Callable[[PlannedItem], Sequence[str]],
    moderator: Moderator,
    judge: Judge | None = None,
) -> list[PlannedItem]:
    """Judges the items; those with a blocked text fail, each with the rule's name.

    Returns all items in their order.

    Args:
        items: Those that have failed already stay as they are.
        texts_of: The texts of an item that a person wrote and a model is given.
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
    """Makes the error of an item that a rule forbids."""
    return InputError(f"{what} is {match}. Nothing was made or paid for it.", kind=BLOCKED)


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
