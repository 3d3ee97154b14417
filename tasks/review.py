"""The step "the run waits for a person": a form is shown under Resume, its answer is applied.

Each form has a key of its own, counted in the ledger, so that no answer is taken for that of
another form. An answer that cannot be used stands in the next form as it was typed.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_type_hints

from prefect.context import FlowRunContext
from prefect.input import RunInput
from prefect.states import Cancelled
from pydantic import Field, create_model

from pressrun.batches.finish import conclude
from pressrun.batches.planning import planner_of
from pressrun.batches.review import Decision, ReviewAnswer, changes_of, with_parameters
from pressrun.batches.run import BatchRun
from pressrun.batches.vaults import vault_at
from pressrun.boundary.text import counted
from pressrun.errors import PressrunError
from pressrun.kinds.parameters import BatchParameters
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, Item, PlannedItem
from pressrun.ledger.reviews import (
    Subject,
    answered,
    approved,
    is_approved,
    last_refused,
    noted,
    told,
    told_last,
    warned,
    warnings,
)
from pressrun.ledger.reviews import asked as answers
from pressrun.reports.artifacts.quote import duration, usd
from pressrun.reports.artifacts.review import plan_page, preview_page
from pressrun.reports.quote import Quote, quote_left
from pressrun.settings import settings
from tasks.cancel import reject
from tasks.deliver import deliver
from tasks.execute import in_work, opened
from tasks.form import ask_form
from tasks.generate import generate
from tasks.notify import Ended
from tasks.report import final_state, report
from tasks.request import BatchRequest
from tasks.watch import Watch

_LINE = re.compile(r"\bline \d+")


def review(asked: BatchRequest, batch: Batch) -> Batch:
    """Waits until the plan is approved, as it is or changed, where that was asked for.

    Raises:
        Ended: It was rejected.
    """
    if not asked.parameters.review or is_scheduled():
        return batch
    reviewer = _Reviewer(asked)
    while not is_approved(batch, "plan"):
        items = open_ledger().batches.items(batch.id)
        quote = quote_left(open_ledger(), batch, asked.account())
        page = plan_page(batch, items, asked.kind.review_form.columns, quote, told_last(batch))
        answer = reviewer.ask(batch, items, page, waits_for("your review", batch, quote), "plan")
        if answer and answer.decision == "reject":
            raise Ended(reject(batch))
        batch = reviewer.obey(batch, items, answer, "plan")
    return batch


def preview(asked: BatchRequest, batch: Batch, watch: Watch) -> Batch:
    """Makes the first item and waits until it is approved, where that was asked for.

    Raises:
        Ended: It was rejected, or could not be made: no second item is paid for the same failure.
    """
    while asked.parameters.action == "preview" and not is_approved(batch, "preview"):
        with opened(asked, batch) as run:
            if run.first_made() is None:
                with in_work(run, watch) as work:
                    delivery = work.submit(deliver, run=run)
                    work.map(generate, run.todo()[:1])
                    work.finish(delivery)
            first = run.first_made()
            if first is None:
                raise Ended(final_state(run, report(run)))
            run.ledger.batches.mark(run.batch.id, status="paused")
            batch = _approved_preview(asked, run, first)
    return batch


def _approved_preview(asked: BatchRequest, run: BatchRun, first: Item) -> Batch:
    """Asks about the first item until it is approved, or the plan changed; returns the batch.

    Of a changed plan nothing is made yet.
    """
    reviewer, batch = _Reviewer(asked), run.batch
    while True:
        items = run.ledger.batches.items(batch.id)
        quote = quote_left(run.ledger, batch, asked.account())
        page = _preview_page(run, batch, first, quote)
        words = waits_for("your look at the first item", batch, quote)
        answer = reviewer.ask(batch, items, page, words, "preview")
        if answer and answer.decision == "reject":
            raise Ended(Cancelled(name="Rejected", message=conclude(run)))
        before = batch
        batch = reviewer.obey(batch, items, answer, "preview", unmake=run)
        if is_approved(batch, "preview") or batch.parameters != before.parameters:
            return batch


def _preview_page(run: BatchRun, batch: Batch, first: Item, quote: Quote) -> str:
    return preview_page(
        run.batch,
        first,
        run.ledger.deliveries.all(batch.id, first.key),
        run.vault.get,
        cost_usd=run.ledger.batches.costs(batch.id).get(first.key, 0.0),
        folder=run.store.link(f"{run.batch.root}/"),
        rest=f"The other {quote.items} cost {usd(quote.cost_usd)} more.",
        note=told_last(batch),
    )


class _Reviewer:
    """Asks a person about one batch, and applies the answers."""

    def __init__(self, asked: BatchRequest):
        self._asked = asked
        self._kind = asked.kind

    def ask(
        self, batch: Batch, items: list[Item], page: str, words: str, subject: Subject
    ) -> ReviewAnswer | None:
        """Shows a form below a page and waits for its answer; None if there is none that counts.

        Args:
            batch: As it is shown.
            items: All of its items.
            page: Stands above the form.
            words: For what the run waits.
            subject: What is asked about.
        """
        form, key = self._form(batch, items, page, subject), f"review-{answers(batch)}"
        limit_s = round(settings().review_s)
        said = ask_form(form, words, key, limit_s, self._asked.notify_asked)
        if said is None:
            return None
        given = said.model_dump()
        return ReviewAnswer(
            given.pop("decision"), given.pop("text", None), given.pop("drop", ""), given
        )

    def obey(
        self,
        batch: Batch,
        items: list[Item],
        answer: ReviewAnswer | None,
        subject: Subject,
        unmake: BatchRun | None = None,
    ) -> Batch:
        """Applies an answer, also in the ledger; returns the batch, with what to say if it can't.

        An answer that cannot be used is shown again as it was typed.
        """
        batches = open_ledger().batches
        typed = last_refused(batch)
        batch = answered(batch)
        if answer is None:
            batch = told(batch, "Nobody has answered.", typed)
            batches.mark(batch.id, reviews=batch.reviews)
            return batch
        try:
            changes = changes_of(self._kind, batch, items, answer)
            if changes:
                planned, batch, new = self._planned(batch, items, changes)
                if unmake:
                    unmake.remove_files()
                batches.revise(batch, planned)
                if is_approved(batch, "plan"):  # by who now changes it again
                    batch = approved(batch, "plan", batches.items(batch.id), time.time())
            if subject == "plan" and changes and new and answer.decision == "approve":
                said = (
                    "What you changed is in the plan below. Look at its warnings, then approve it."
                )
                batch = told(batch, said, {})
            elif answer.decision == "approve":
                now = batches.items(batch.id)
                batch = replace(approved(batch, subject, now, time.time()), status="ready")
        except PressrunError as error:
            said = f"Your answer could not be used; what you typed stands below. {error}"
            batch = told(batch, said, answer.fields())
        batches.mark(batch.id, reviews=batch.reviews, status=batch.status)
        return batch

    def _planned(
        self, batch: Batch, items: list[Item], changes: dict[str, Any]
    ) -> tuple[list[PlannedItem], Batch, set[tuple[str, str]]]:
        """Plans the batch anew; returns items, batch, and warnings that nobody has seen yet."""
        parameters = self._kind.parse_parameters(batch.parameters | changes).with_account(
            self._asked.account()
        )
        vault = vault_at(batch.id, self._asked.target)
        said, notes = list[str](), list[str]()

        def note(words: str) -> None:
            said.append(words)
            notes.append(words)

        with planner_of(
            self._kind,
            parameters,
            self._asked.target,
            self._asked.account,
            vault,
            said.append,
            note,
        ) as planner:
            planned = planner.plan()
        changed = noted(warned(with_parameters(batch, parameters), said), notes)
        return planned, changed, _warned_of(said, planned) - _warned_of(warnings(batch), items)

    def _form(self, batch: Batch, items: list[Item], page: str, subject: Subject) -> type[RunInput]:
        parameters, typed = self._kind.parse_parameters(batch.parameters), last_refused(batch)
        fields: dict[str, Any] = {"decision": (Decision, _DECISION[subject])}
        if subject == "plan" and self._kind.review_form.text:
            text = self._kind.review_form.text(items)
            fields |= {
                "text": (str, _text(typed.get("text", text))),
                "drop": (str, _drop(typed.get("drop", ""))),
            }
        fields |= _settings(parameters, self._kind.review_form.settings, typed)
        form = create_model("Review", __base__=RunInput, **fields)
        form._description = page
        return form


def _warned_of(said: Sequence[str], items: Sequence[Item | PlannedItem]) -> set[tuple[str, str]]:
    """Gives warnings by the prompt that each is about, without lines: an edit moves those."""
    prompts = {f"line {item.spec.get('line')}": str(item.spec.get("prompt")) for item in items}
    return {(prompts.get(words.partition(":")[0], ""), _LINE.sub("line", words)) for words in said}


def is_scheduled() -> bool:
    """Says whether a schedule has started this run: then nobody waits to answer."""
    context = FlowRunContext.get()
    return bool(context and context.flow_run and context.flow_run.auto_scheduled)


_CHANGED = "edit: what you changed below is shown once more, with its price, before it runs."
_DECISION = {
    "plan": Field(
        title="Decision",
        description=f"approve: it runs, with what you changed below. {_CHANGED} reject: nothing "
        "is made.",
    ),
    "preview": Field(
        title="Decision",
        description="approve: the rest is made, with what you changed below; the first item is "
        "then made anew. edit: the first item is made anew and shown again. reject: nothing more "
        "is made.",
    ),
}


def waits_for(what: str, batch: Batch, quote: Quote) -> str:
    """Says for what the run waits, for how many items at what price, and where to answer."""
    desk = settings().desk_url
    page = f"at {desk}/batches/{batch.id}/review, or " if desk else ""
    price = f"for {usd(quote.cost_usd)}" if quote.cost_usd.high else "free of charge"
    return (
        f"Waits for {what}: {counted(quote.items, 'item')} {price}, "
        f"time {duration(quote)}. Answer {page}under Resume on the run's page, or: "
        f"pressrun review {batch.id[:8]}"
    )


def _drop(numbers: str) -> Any:
    return Field(
        numbers,
        title="Leave out",
        description="Numbers from the table, such as 3, 7-9.",
        max_length=10_000,
    )


def _text(text: str) -> Any:
    return Field(
        text,
        title="Tasks",
        description="What will be made. Edit it as you like: it is read like what you pasted.",
        max_length=4_000_000,
    )


def _settings(
    parameters: BatchParameters, names: tuple[str, ...], typed: Mapping[str, Any]
) -> dict[str, Any]:
    """Gives parameters with their words and bounds, and what is chosen now, or was typed."""
    hints = get_type_hints(type(parameters), include_extras=True)
    return {name: (hints[name], typed.get(name, getattr(parameters, name))) for name in names}
