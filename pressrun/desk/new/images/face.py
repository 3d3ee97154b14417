"""The page of a new image batch: a document of prompts, what became of it, its tasks in rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pressrun.boundary.text import counted
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.estimates import DraftEstimate, checked, planned, priced, refused
from pressrun.desk.new.faces import SeenDraft
from pressrun.desk.new.images.rows import EditedRows, TaskRow, rows_of
from pressrun.desk.new.plans import KeptPlan, KeptPlans
from pressrun.desk.new.prompts.documents import ReadDocument, beside, told_for_all
from pressrun.desk.new.prompts.readings import DocumentReading, KeptReadings
from pressrun.engines.account import account_from_environment
from pressrun.engines.catalogue import catalogue
from pressrun.errors import InputError, PressrunError
from pressrun.inputs.prompts.documents import Parsed, Task
from pressrun.inputs.prompts.tasks import check_tasks
from pressrun.kinds.base import Kind, Planner, PlanningContext
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.kinds.image.planner import ImagePlanner, told_unmade
from pressrun.kinds.image.reading import asks_model, judges, judging
from pressrun.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ImagesSeen:
    """What the page shows of a draft.

    Attributes:
        document: As it was read; None if the rows hold, or it could not be read.
        edited: The rows that a person edited; None as long as the document holds.
        rows: The tasks.
        problems: By row what is wrong with it.
        beside: By row what goes with it and not with all.
        notes: What a person should know although nothing is wrong.
        for_all: What holds for every prompt: what it is called, and its words.
        unsure: Whether somebody has to choose a reading.
    """

    document: ReadDocument | None
    edited: EditedRows | None
    rows: Sequence[TaskRow]
    problems: Mapping[str, str]
    beside: Mapping[str, Sequence[str]]
    notes: Sequence[str] = ()
    for_all: Sequence[tuple[str, str]] = ()
    unsure: bool = False

    @property
    def listed(self) -> list[dict[str, Any]]:
        """The rows as the page's script takes them."""
        return [
            row.model_dump()
            | {"problem": self.problems.get(row.id, ""), "beside": self.beside.get(row.id, ())}
            for row in self.rows
        ]

    @property
    def key(self) -> str:
        """What changes when the rows do."""
        return hashlib.sha256(json.dumps(self.listed).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _ReadTasks:
    """What was read; ``near`` says by number which tasks are nearly others."""

    parsed: Parsed
    near: Mapping[int, str]

    @classmethod
    def of(cls, parsed: Parsed) -> "_ReadTasks":
        return cls(parsed, {p.order: str(p) for p in check_tasks(parsed.tasks) if not p.final})


class ImageFace:
    """See :class:`pressrun.desk.new.faces.Face`.

    Args:
        kept: The documents that were read.
    """

    flow = "image-batch"
    name = "Images"
    given = "A document of prompts"
    content = "new_images.html"
    seen = "new_images_seen.html"
    look: Sequence[str] = ("model", "aspect_ratio", "size", "images", "text_model", "title")
    usual: Mapping[str, Any] = {"text_model": ""}
    own: Sequence[str] = ("prompts", "file", "read_as")

    def __init__(self, kept: KeptReadings):
        self._kept, self._plans = kept, KeptPlans(_PLANNED)

    def parameters(self, draft: BatchDraft) -> Mapping[str, Any]:
        """Gives the parameters of the document, or of the rows if a person edited them."""
        if edited := EditedRows.of(draft.values):
            return {"prompts": edited.text, "file": "", "read_as": "auto", "text_model": ""}
        return {name: draft.values[name] for name in self.own if name in draft.values}

    def see(
        self, draft: BatchDraft, kind: Kind, given: Mapping[str, Any], ledger: Ledger
    ) -> SeenDraft:
        """Reads the document, plans and prices it."""
        given = kind.parse_parameters({}).model_dump() | dict(given)
        account = account_from_environment()
        plan = None
        try:
            parameters = checked(kind, given, account)
            assert isinstance(parameters, ImageParameters)  # noqa: S101 - its kind's
            plan = self._plan(kind, parameters)
            parameters.require_fit()
            found = priced(ledger, kind, parameters, plan.items, (), account)
        except PressrunError as error:
            found = refused(error)
        read = plan.read if plan else self._read(given)
        if read is None:
            nothing = not (given["prompts"].strip() or given["file"])
            return SeenDraft(DraftEstimate(problem=_EMPTY) if nothing else found)
        edited = EditedRows.of(draft.values)
        unsure = edited is None and _is_unsure(read.parsed, given)
        if not read.parsed.tasks and found.problem and not found.by_field:
            found = DraftEstimate(problem=_NO_ROWS if edited else _NO_PROMPTS)
        elif unsure and not found.problem:
            found = replace(found, problem=_UNSURE)
        own = _seen(read, edited, given, found, unsure=unsure)
        return SeenDraft(found, own, told=found.told(_told(found, given)))

    def _plan(self, kind: Kind, parameters: ImageParameters) -> KeptPlan:
        reading = DocumentReading(self._kept)
        # Whether the model makes that size is checked for the price.
        of_any = parameters.model_copy(update={"model": "sketch", "size": "1K"})
        by = replace(kind, planner=_planned_by(reading))

        def plan() -> tuple[KeptPlan, bool]:
            items = planned(by, of_any, account_from_environment())
            read = _ReadTasks.of(reading.parsed) if reading.parsed else None
            return KeptPlan(items, (), read), True

        return self._plans.get(parameters.model_dump(), plan)

    def _read(self, given: Mapping[str, Any]) -> "_ReadTasks | None":
        """Reads the text although it cannot be planned; the estimate says what is wrong."""
        try:
            text = given["prompts"]
            if not text.strip():
                return None
            return _ReadTasks.of(self._kept.text(text, given["read_as"]))
        except (InputError, KeyError, AttributeError):
            return None


#: What a plan depends on; settings of pictures change only the price.
_PLANNED = ("prompts", "file", "prefix", "read_as", "text_model", "skip_invalid", "review")
_EMPTY = "There are no prompts yet: paste them, or drop a file."
_NO_ROWS = "No row is made: tick one, or add a prompt."
_NO_PROMPTS = (
    "No prompt was found in this text. Say above what one prompt is, choose a text model that "
    "reads it, or add prompts below."
)
_UNSURE = (
    "It is not sure what one prompt is in this text. Choose a reading above, or a text model "
    "that reads it."
)


def _planned_by(reading: DocumentReading) -> Any:
    def planner(parameters: ImageParameters, context: PlanningContext) -> Planner:
        return ImagePlanner(
            parameters,
            context.settings,
            context.log,
            context.download,
            context.ask,
            context.note,
            reading.text,
            reading.file,
        )

    return planner


def _is_unsure(parsed: Parsed, given: Mapping[str, Any]) -> bool:
    """Says whether a run would stop unpaid, since nobody says how the text is to be read."""
    read_as, model = given.get("read_as", "auto"), given.get("text_model", "")
    if read_as == "model":
        return not model
    if asks_model(parsed, read_as, model):
        return False
    if not parsed.tasks:
        return read_as == "auto" and bool(parsed.readings)
    return parsed.unsure and not given.get("review")


def _seen(
    read: _ReadTasks,
    edited: EditedRows | None,
    given: Mapping[str, Any],
    found: DraftEstimate,
    *,
    unsure: bool,
) -> ImagesSeen:
    parsed = read.parsed
    rows = edited.rows if edited else rows_of(parsed.tasks)
    tasks = edited.tasks if edited else parsed.tasks
    ids = dict(zip((t.order for t in tasks), (r.id for r in rows if r.is_made), strict=False))
    wrong = {**read.near, **{item.position: str(item.error) for item in found.bad}}
    problems = {ids[n]: said for n, said in wrong.items() if n in ids}
    return ImagesSeen(
        document=None if edited else _document(parsed, given),
        edited=edited,
        rows=rows,
        problems=problems,
        beside={ids[t.order]: said for t in tasks if t.order in ids and (said := beside(t, tasks))},
        notes=_notes(parsed, tasks, given),
        for_all=told_for_all(tasks, given["prefix"]),
        unsure=unsure,
    )


def _document(parsed: Parsed, given: Mapping[str, Any]) -> ReadDocument:
    read_as = given["read_as"]
    by_model = asks_model(parsed, read_as, given["text_model"])
    return ReadDocument(parsed, read_as, given["prefix"], by_model)


def _notes(parsed: Parsed, tasks: Sequence[Task], given: Mapping[str, Any]) -> list[str]:
    """Lists what a person should know although nothing is wrong."""
    said, model, reads = list(parsed.warnings), given["model"], given["text_model"]
    if not tasks:
        said = []  # that there are none stands above
    negative = sum(bool(task.negative) for task in tasks)
    if negative and "negative_prompt" not in catalogue()[model].parameters:
        are = "is" if negative == 1 else "are"
        said.append(f"{counted(negative, 'negative prompt')} {are} not sent: {model} knows none.")
    if unmade := told_unmade(tasks, model, given["aspect_ratio"]):
        said.append(unmade)
    if asks_model(parsed, given["read_as"], reads):
        said.append(
            f"When the batch runs, {reads} reads the text first: that is in the price, and may "
            "give other prompts than these."
        )
    if judges(parsed, given["read_as"], reads):
        said.append(judging(reads))
    return said


def _told(found: DraftEstimate, given: Mapping[str, Any]) -> str:
    prompts = counted(found.ready, "prompt")
    images = given.get("images", 1)
    if not isinstance(images, int) or images < 2:
        return prompts
    return f"{prompts}, {counted(found.ready * images, 'picture')}"
