"""The step "the run waits for a person": a form is shown under Resume, its answer is applied.

A run of a deployment is suspended: its process ends, and resuming begins a new one, which finds
the answer on the server. Each form has a key of its own, counted in the ledger, so that no
answer is taken for that of another form.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_type_hints

from prefect.context import FlowRunContext
from prefect.flow_runs import pause_flow_run, suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment
from prefect.states import Cancelled
from pydantic import Field, ValidationError, create_model

from pressrun.batches.finish import conclude
from pressrun.batches.planning import planner_of
from pressrun.batches.review import Decision, ReviewAnswer, changes_of, with_parameters
from pressrun.batches.run import BatchRun, vault_of
from pressrun.errors import PressrunError
from pressrun.kinds.parameters import BatchParameters
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, Item, PlannedItem
from pressrun.ledger.reviews import (
    Subject,
    answered,
    approved,
    asked,
    is_approved,
    noted,
    warned,
    warnings,
)
from pressrun.reports.artifacts.quote import usd
from pressrun.reports.artifacts.review import plan_page, preview_page
from pressrun.reports.quote import quote_left
from pressrun.settings import settings
from tasks.cancel import reject
from tasks.deliver import deliver
from tasks.execute import in_work, opened
from tasks.generate import generate
from tasks.notify import Ended
from tasks.report import final_state, report
from tasks.request import BatchRequest

_POLL_S = 2


def review(asked: BatchRequest, batch: Batch) -> Batch:
    """Waits until the plan is approved, as it is or changed, where that was asked for.

    Raises:
        Ended: It was rejected.
    """
    if not asked.parameters.review or is_scheduled():
        return batch
    reviewer, note = _Reviewer(asked), ""
    while not is_approved(batch, "plan"):
        items = open_ledger().batches.items(batch.id)
        quote = quote_left(open_ledger(), batch, asked.account())
        page = plan_page(batch, items, asked.kind.review_form.columns, quote, note)
        answer = reviewer.ask(batch, items, page, "plan")
        if answer and answer.decision == "reject":
            raise Ended(reject(batch))
        batch, note = reviewer.obey(batch, items, answer, "plan")
    return batch


def preview(asked: BatchRequest, batch: Batch) -> Batch:
    """Makes the first item and waits until it is approved, where that was asked for.

    Raises:
        Ended: It was rejected, or could not be made: no second item is paid for the same failure.
    """
    while asked.parameters.action == "preview" and not is_approved(batch, "preview"):
        with opened(asked, batch) as run:
            if run.first_made() is None:
                with in_work(run) as work:
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
    reviewer, batch, note = _Reviewer(asked), run.batch, ""
    while True:
        items = run.ledger.batches.items(batch.id)
        answer = reviewer.ask(
            batch, items, _preview_page(asked, run, batch, first, note), "preview"
        )
        if answer and answer.decision == "reject":
            raise Ended(Cancelled(name="Rejected", message=conclude(run)))
        before = batch
        batch, note = reviewer.obey(batch, items, answer, "preview", unmake=run)
        if is_approved(batch, "preview") or batch.parameters != before.parameters:
            return batch


def _preview_page(asked: BatchRequest, run: BatchRun, batch: Batch, first: Item, note: str) -> str:
    quote = quote_left(run.ledger, batch, asked.account())
    return preview_page(
        run.batch,
        first,
        run.ledger.deliveries.all(batch.id, first.key),
        run.vault.get,
        cost_usd=run.ledger.batches.costs(batch.id).get(first.key, 0.0),
        folder=run.store.link(f"{run.batch.root}/"),
        rest=f"The other {quote.items} cost {usd(quote.cost_usd)} more.",
        note=note,
    )


class _Reviewer:
    """Asks a person about one batch, and applies the answers."""

    def __init__(self, asked: BatchRequest):
        self._asked = asked
        self._kind = asked.kind

    def ask(
        self, batch: Batch, items: list[Item], page: str, subject: Subject
    ) -> ReviewAnswer | None:
        """Shows a form below a page and waits for its answer; None if there is none that counts."""
        return ask(self._form(batch, items, page, subject), batch, self._asked.notify_asked)

    def obey(
        self,
        batch: Batch,
        items: list[Item],
        answer: ReviewAnswer | None,
        subject: Subject,
        unmake: BatchRun | None = None,
    ) -> tuple[Batch, str]:
        """Applies an answer, also in the ledger; returns the batch, and why if that failed."""
        batches = open_ledger().batches
        batch, note = answered(batch), ""
        if answer is None:
            batches.mark(batch.id, reviews=batch.reviews)
            return batch, "Nobody has answered."
        try:
            changes = changes_of(self._kind, batch, items, answer)
            if changes:
                planned, batch, new = self._planned(batch, changes)
                if unmake:
                    unmake.remove_files()
                batches.revise(batch, planned)
                if is_approved(batch, "plan"):  # by who now changes it again
                    batch = approved(batch, "plan", batches.items(batch.id), time.time())
            if subject == "plan" and changes and new and answer.decision == "approve":
                note = "Look at the warnings below first, then approve it."
            elif answer.decision == "approve":
                now = batches.items(batch.id)
                batch = replace(approved(batch, subject, now, time.time()), status="ready")
        except PressrunError as error:
            note = str(error)
        batches.mark(batch.id, reviews=batch.reviews, status=batch.status)
        return batch, note

    def _planned(
        self, batch: Batch, changes: dict[str, Any]
    ) -> tuple[list[PlannedItem], Batch, set[str]]:
        """Plans the batch anew; returns items, batch, and warnings that nobody has seen yet."""
        parameters = self._kind.parse_parameters(batch.parameters | changes).with_account(
            self._asked.account()
        )
        vault, said, notes = vault_of(batch.id), list[str](), list[str]()

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
        return planned, changed, set(said) - set(warnings(batch))

    def _form(self, batch: Batch, items: list[Item], page: str, subject: Subject) -> type[RunInput]:
        parameters = self._kind.parse_parameters(batch.parameters)
        fields: dict[str, Any] = {"decision": (Decision, _DECISION[subject])}
        if subject == "plan" and self._kind.review_form.text:
            text = self._kind.review_form.text(items)
            fields |= {"text": (str, _text(text)), "drop": (str, _DROP)}
        fields |= _settings(parameters, self._kind.review_form.settings)
        form = create_model("Review", __base__=RunInput, **fields)
        form._description = page
        return form


def ask(
    form: type[RunInput], batch: Batch, notify_asked: Callable[[], None]
) -> ReviewAnswer | None:
    """Waits for the answer to a form; None if there is none that counts."""
    key = f"review-{asked(batch)}"
    seconds = round(settings().review_s)
    try:
        if deployment.id:
            said = suspend_flow_run(wait_for_input=form, timeout=seconds, key=key)
        else:
            notify_asked()
            said = pause_flow_run(
                wait_for_input=form, timeout=seconds, poll_interval=_POLL_S, key=key
            )
    except ValidationError:
        # Resumed by other ways than the form, or after its time: nothing was said.
        return None
    given = said.model_dump()
    return ReviewAnswer(
        given.pop("decision"), given.pop("text", None), given.pop("drop", ""), given
    )


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
_DROP = Field(
    "", title="Leave out", description="Numbers from the table, such as 3, 7-9.", max_length=10_000
)


def _text(text: str) -> Any:
    return Field(
        text,
        title="Tasks",
        description="What will be made. Edit it as you like: it is read like what you pasted.",
        max_length=4_000_000,
    )


def _settings(parameters: BatchParameters, names: tuple[str, ...]) -> dict[str, Any]:
    """Gives parameters with their words and bounds, and what is chosen now."""
    hints = get_type_hints(type(parameters), include_extras=True)
    return {name: (hints[name], getattr(parameters, name)) for name in names}
