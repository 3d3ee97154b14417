"""Failed items with other words: what a person may change, its price, and how they are made.

What was changed is noted in the ledger with the item, and planned by the run, on the machine that
can fetch a link or read a photo. The run's parameters stay, and nothing completed is touched.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pressrun.batches.control import RunServer, RunState
from pressrun.boundary.text import counted
from pressrun.engines.account import Account
from pressrun.errors import PASSING_SOURCE_KINDS, InputError, PressrunError, foreseen
from pressrun.kinds.base import MendField, MendForm, Planner
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.records import MARKS, MENDED, MENDING, TRIED, Batch, Item, PlannedItem
from pressrun.ledger.reviews import approved, is_approved
from pressrun.reports.quote import Quote, quote_items

#: Characters of everything that one mending changes.
MOST = 2_000_000


@dataclass(frozen=True, slots=True)
class Mendable:
    """A failed item with what of it can be changed.

    Attributes:
        values: Of the fields, as they are or were tried last.
        waits: Whether changed words wait to be made.
    """

    item: Item
    fields: tuple[MendField, ...]
    values: Mapping[str, str]
    waits: bool


@dataclass(frozen=True, slots=True)
class Mend:
    """A failed item and the words that differ from those of which it failed."""

    item: Item
    words: Mapping[str, str]


class MendProblems(InputError):
    """Changed words that cannot be used.

    Attributes:
        fields: What is wrong, by item and field.
    """

    def __init__(self, fields: Mapping[str, Mapping[str, str]]):
        said = [f"{key}, {name}: {why}" for key, of in fields.items() for name, why in of.items()]
        super().__init__("This cannot be made yet; nothing was changed.", said)
        self.fields = fields


def mendable(batch: Batch, items: Iterable[Item]) -> list[Mendable]:
    """Lists what can be changed of the failed ones among these items."""
    form, found = find_kind(batch.kind).mend_form, []
    for item in items:
        if item.status == "failed":
            spec = item.spec
            values = form.given(spec) | _typed(item)
            found.append(Mendable(item, tuple(form.fields(spec)), values, MENDING in spec))
    return found


def read_mends(
    batch: Batch, items: Sequence[Item], given: Mapping[str, Mapping[str, str]]
) -> list[Mend]:
    """Reads what a person changed; leaves out items of which all is as it was.

    Args:
        batch: The batch.
        items: All of its items.
        given: New values by key and field; a field that is missing stays.

    Raises:
        MendProblems: Something of it cannot be used.
        InputError: An item is none of the batch's, has not failed, or has no such field.
    """
    form, known = find_kind(batch.kind).mend_form, {item.key: item for item in items}
    if sum(len(value) for values in given.values() for value in values.values()) > MOST:
        raise InputError(f"More than {MOST:,} characters are changed at once. Mend fewer items.")
    mends, wrong = [], dict[str, dict[str, str]]()
    for key, values in given.items():
        item = _failed(known, key)
        fields = {field.name: field for field in form.fields(item.spec)}
        if unknown := [name for name in values if name not in fields]:
            names = ", ".join(fields)
            raise InputError(f"{key} has no {unknown[0]!r} that can be changed. It has: {names}.")
        words = _changed(form.given(item.spec), {**_typed(item), **values})
        if not words:
            continue
        problems = {
            name: f"This has {len(value):,} characters; {fields[name].most:,} are taken."
            for name, value in words.items()
            if len(value) > fields[name].most
        } or form.problems(item.spec, words)
        wrong |= {key: problems} if problems else {}
        mends.append(Mend(item, words))
    if wrong:
        raise MendProblems(wrong)
    return mends


def quote_mends(
    ledger: Ledger, batch: Batch, items: Sequence[Item], mends: Sequence[Mend]
) -> Quote:
    """Quotes mended items. Nothing of them counts as paid: they ask other things by now."""
    form = find_kind(batch.kind).mend_form
    left = [
        spec
        for mend in mends
        for spec in form.supposed(mend.item, mend.words, items, batch.parameters)
    ]
    return quote_items(ledger, batch.kind, left, batch.parameters, batch.concurrency, Account())


def mend(runs: RunServer, ledger: Ledger, batch: Batch, mends: Sequence[Mend]) -> str:
    """Notes what was changed, and lets it be made; returns when that happens, in a sentence.

    Args:
        runs: Where the run is.
        ledger: Where the batch stands.
        batch: The batch, as it is now.
        mends: See :func:`read_mends`.

    Raises:
        InputError: Nothing is changed, or the batch cannot be changed now.
    """
    if not mends:
        raise InputError("Nothing is changed. To make the same again, retry.")
    state = runs.state(batch.id)
    when = takes_effect(batch, state)
    noted = ledger.batches.mend(batch.id, {mend.item.key: mend.words for mend in mends})
    if not noted:
        raise InputError("By now these items have not failed any more: nothing was changed.")
    if state and state.is_final:
        ledger.batches.mark(batch.id, only=[item.key for item in waiting(ledger, batch)])
        runs.await_retry(batch.id)
    return f"{counted(len(noted), 'item')} changed. {when}"


def takes_effect(batch: Batch, state: RunState | None) -> str:
    """Says when mended items are made.

    Raises:
        InputError: The batch cannot be changed now.
    """
    if batch.status == "deleting":
        raise InputError("The batch is being deleted: nothing of it is made again.")
    if state is None:
        raise InputError("Prefect's server does not say where the run stands. Try again.")
    if state.is_paused and state.asks and batch.status == "draft":
        raise InputError("The batch waits for your review: change it there.")
    if state.type == "CANCELLING":
        raise InputError("The batch is being cancelled. Mend it when it has ended.")
    if state.is_final:
        return "Made now, in the same batch and folder."
    if state.is_paused:
        return "Made when the batch goes on."
    return "Made in this run, when what is in work has ended."


def waiting(ledger: Ledger, batch: Batch) -> list[Item]:
    """Lists the failed items of which changed words are not planned yet."""
    return [item for item in ledger.batches.items(batch.id, "failed") if MENDING in item.spec]


def plan_mends(planner: Planner, ledger: Ledger, batch: Batch) -> list[str]:
    """Plans the items that were changed, in place of those that failed; returns their keys.

    What still cannot be made stays failed, with the new reason and the words that were tried; where
    the reason may pass, they are tried again when the batch goes on once more.
    """
    changed, keys = waiting(ledger, batch), list[str]()
    for item in changed:
        planned = _planned(planner, find_kind(batch.kind).mend_form, item)
        # Else a person has changed it once more, and it is planned with those words next.
        if ledger.batches.replace(batch.id, item.key, planned, item.spec[MENDING]):
            keys += [one.key for one in planned if not one.error]
    if changed and is_approved(batch, "plan"):  # by who changed it, with its price before them
        items = ledger.batches.items(batch.id)
        ledger.batches.mark(batch.id, reviews=approved(batch, "plan", items, time.time()).reviews)
    return keys


def _planned(planner: Planner, form: MendForm, item: Item) -> list[PlannedItem]:
    words = item.spec[MENDING]
    bare = replace(item, spec={k: v for k, v in item.spec.items() if k not in MARKS})
    earlier = [*item.spec.get(MENDED, ()), _history(form, item, words)]
    try:
        planned = planner.mend(bare, words)
    except Exception as error:  # noqa: BLE001 - what is wrong with one item ends no other
        planned = [PlannedItem(item.key, item.position, item.title, bare.spec, foreseen(error))]
    if failure := _refused(planned):
        spec = bare.spec | {MENDED: earlier, TRIED: words}
        if _may_pass(failure):
            spec = item.spec
        # It is called after what it failed of: that is what a person looks for.
        return [PlannedItem(item.key, item.position, planned[0].title, spec, failure)]
    return [replace(one, spec=one.spec | {MENDED: earlier}) for one in planned]


def _history(form: MendForm, item: Item, words: Mapping[str, str]) -> dict[str, Any]:
    given = form.given(item.spec)
    return {
        "at": round(time.time(), 3),
        "before": {name: given.get(name, "") for name in words},
        "after": dict(words),
        "error": {"kind": item.error_kind, "message": item.error_message},
    }


def _may_pass(failure: PressrunError) -> bool:
    by_rule = isinstance(failure, InputError) and failure.kind == "blocked"
    return failure.kind in PASSING_SOURCE_KINDS and not by_rule


def _refused(planned: Sequence[PlannedItem]) -> PressrunError | None:
    return planned[0].error if len(planned) == 1 else None


def _typed(item: Item) -> dict[str, str]:
    """Gives what a person put in place of an item's words before, and that was of no use yet."""
    return {**item.spec.get(TRIED, {}), **item.spec.get(MENDING, {})}


def _failed(known: Mapping[str, Item], key: str) -> Item:
    item = known.get(key)
    if item is None:
        raise InputError(f"The batch has no item {key[:80]!r}. `items.csv` has the keys.")
    if item.status != "failed":
        raise InputError(f"{key} is {item.status}: only what has failed can be changed.")
    return item


def _changed(now: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Finds the values that differ by more than spaces at the ends and line breaks' kind."""
    clean = {name: value.replace("\r\n", "\n").strip() for name, value in values.items()}
    return {name: value for name, value in clean.items() if value != now.get(name, "").strip()}
