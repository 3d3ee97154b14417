"""The answer to a batch that waits: kept while it is typed, priced, and given to Prefect's server.

What an answer means is for :mod:`pressrun.batches.review`; the run itself checks and obeys it, as
one of Prefect's form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pressrun.batches.review import Decision, ReviewEffect, answer_of, effect_of
from pressrun.boundary.text import counted, usd
from pressrun.desk.batches.status import said
from pressrun.desk.rendering import duration, offer
from pressrun.desk.review.drafts import ReviewDraft, ReviewDrafts
from pressrun.desk.review.view import ReviewView, digest_of, edits_of, review_view
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError
from pressrun.kinds.base import Kind
from pressrun.kinds.registry import find_kind
from pressrun.ledger import Ledger
from pressrun.ledger.records import Batch, Item
from pressrun.ledger.reviews import asked

#: Fields of one page, and letters of all their values.
_MOST_FIELDS, _MOST_LETTERS = 50_000, 8_000_000


class NotAsked(InputError):
    """The batch waits for no answer, or for another one by now."""


@dataclass(frozen=True, slots=True)
class _Question:
    batch: Batch
    kind: Kind
    items: Sequence[Item]
    number: int
    plan: str


class ReviewDesk:
    """Shows questions, keeps what is typed, and answers.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
        drafts: Answers that are being typed.
    """

    def __init__(
        self, open_ledger: Callable[[], Ledger], server: PrefectServer, drafts: ReviewDrafts
    ):
        self._open_ledger, self._server, self._drafts = open_ledger, server, drafts

    def page(self, batch_id: str, number: int = 1) -> tuple[ReviewView, dict[str, Any]]:
        """Builds the page of that number of what is asked, and what the draft comes to.

        See :func:`review_view` and :func:`_told`.

        Raises:
            NotAsked: Nothing is.
        """
        of = self._question(batch_id)
        draft = self._drafts.read(batch_id, of.number, of.plan)
        view = review_view(self._open_ledger(), of.batch, of.items, draft, number)
        return view, _told(of, self._effect(of, draft))

    def save(self, batch_id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Keeps changed fields; tells what they come to, and what others have changed.

        Raises:
            NotAsked: Nobody asks that any more; nothing was kept.
            InputError: It is no field of the page, or too much.
        """
        of = self._question(batch_id, sent)
        changes = _changes(of, sent.get("changes"))
        seen, tab = _number(sent, "seen"), str(sent.get("tab", ""))[:64]
        saved = self._drafts.save(batch_id, of.number, of.plan, changes, seen, tab)
        return {
            "seen": saved.draft.changes,
            "theirs": dict(saved.theirs),
            "refused": dict(saved.refused),
            **_told(of, self._effect(of, saved.draft)),
        }

    def answer(self, batch_id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Answers with what was typed; gives what was done, or why it was not.

        Raises:
            NotAsked: Nobody asks that any more.
            InputError: The server, or the plan, does not take it. All that was typed is kept.
        """
        of = self._question(batch_id, sent)
        decision = _decision(sent.get("decision"))
        draft = self._drafts.read(batch_id, of.number, of.plan)
        told = _told(of, self._effect(of, draft))
        if decision != "reject" and (why := _unfit(sent, draft, told, decision)):
            return {"words": why, "seen": draft.changes, "values": draft.values, **told}
        edits = edits_of(of.kind, of.batch, draft.values)
        answer = answer_of(of.batch, of.items, edits, decision)
        given: dict[str, Any] = {"decision": decision}
        if decision != "reject":
            typed = answer.fields()
            is_text = answer.text is not None and of.plan.startswith("plan")
            given |= typed if is_text else dict(answer.settings)
        try:
            self._server.answer(batch_id, given)
        except InputError as error:
            self._question(batch_id, sent)  # somebody else may have answered in this moment
            return {"words": f"{error} All that you typed is kept.", "seen": draft.changes, **told}
        return {"done": decision}

    def _effect(self, of: _Question, draft: ReviewDraft) -> ReviewEffect:
        edits = edits_of(of.kind, of.batch, draft.values)
        return effect_of(self._open_ledger(), of.batch, of.items, edits)

    def _question(self, batch_id: str, sent: Mapping[str, Any] | None = None) -> _Question:
        ledger = self._open_ledger()
        batch = ledger.batches.find(batch_id)
        if batch is None:
            raise InputError("There is no such batch. It may not be planned yet, or was deleted.")
        state = self._server.state(batch_id)
        if state is None or not (state.is_paused and state.asks):
            now = said(batch, state)
            words = " ".join(filter(None, (f"{now.words}.", now.about)))
            raise NotAsked(f"This batch does not wait for an answer. It is now: {words}")
        items = ledger.batches.items(batch_id)
        of = _Question(batch, find_kind(batch.kind), items, asked(batch), digest_of(batch, items))
        if sent is not None and _number(sent, "number") != of.number:
            raise NotAsked(
                "This was answered elsewhere meanwhile, and the batch asks again. What you typed "
                "stays on this page; load it again to see the new question."
            )
        return of


def _told(of: _Question, effect: ReviewEffect) -> dict[str, Any]:
    """Tells what edits come to: figures, buttons, and what is wrong where.

    ``price`` is sent back with the answer, so that nobody pays another than the one shown.
    """
    wrong = {f"row/{key}": words for key, words in effect.rows.items()}
    wrong |= {f"set/{name}": words for name, words in effect.settings.items()}
    told: dict[str, Any] = {"wrong": wrong, "price": "", "approve": "", "again": "", "figures": ""}
    if effect.quote is None:
        if not effect.settings:
            told["figures"] = (
                "What was given is read anew, and the new plan is shown with its price. What you "
                "changed in the rows below is of this reading, and is not taken over."
            )
        return told
    cost, seconds = effect.quote.cost_usd, effect.quote.seconds
    span = "" if cost.low == cost.high else f" ({usd(cost.low)} to {usd(cost.high)})"
    told["price"] = usd(cost.expected)
    told["approve"] = offer("Approve", cost.expected)
    is_plan = of.plan.startswith("plan")
    items = counted(effect.quote.items, "item" if is_plan else "more item")
    price = f"{usd(cost.expected)}{span}" if cost.high else "free"
    lasts = f"about {duration(seconds.expected)}" if seconds.expected >= 1 else "a moment"
    time = "time not known yet" if effect.quote.untimed else lasts
    told["figures"] = f"{items} · {price} · {time}"
    if is_plan and effect.rows:
        told["figures"] += f" · {len(effect.rows)} cannot be made"
    if effect.first:
        told["again"] = offer("Make it anew", effect.first.cost_usd.expected)
    return told


def _unfit(
    sent: Mapping[str, Any], draft: ReviewDraft, told: Mapping[str, Any], decision: Decision
) -> str:
    """Says why an answer is not given: it is not the one that the person saw."""
    if draft.changes != _number(sent, "seen"):
        return "Another tab has changed this meanwhile. Look at it, then answer again."
    if any(name.startswith("set/") for name in told["wrong"]):
        return "A setting cannot be used: what to mend stands beside it."
    if decision == "edit":
        return ""
    if not told["price"]:
        return "What you changed is read anew first: let the new plan be shown."
    if told["price"] != sent.get("price"):
        return f"By now it costs {told['price']}. Look at it, then answer again."
    return ""


def _changes(of: _Question, sent: object) -> dict[str, Any]:
    if not isinstance(sent, dict) or len(sent) > _MOST_FIELDS:
        raise InputError("What the page sent cannot be read. Load it again.")
    keys, form = {item.key for item in of.items}, of.kind.review_form
    known = {f"in/{key}" for key in keys} | {f"all/{name}" for name in form.shared}
    known |= {f"set/{name}" for name in form.settings}
    known |= {f"row/{key}/{column}" for key in keys for column in form.editable}
    if unknown := sent.keys() - known:
        raise InputError(f"The page has no field {min(unknown)[:80]!r}. Load it again.")
    if sum(len(str(value)) for value in sent.values()) > _MOST_LETTERS:
        raise InputError("That is too long to be kept: shorten it.")
    return sent


def _number(sent: Mapping[str, Any], name: str) -> int:
    value = sent.get(name)
    if not isinstance(value, int):
        raise InputError("What the page sent cannot be read. Load it again.")
    return value


def _decision(value: object) -> Decision:
    if value not in get_args(Decision):
        raise InputError("An answer is approve, edit or reject.")
    return value  # type: ignore[return-value]  # just checked
