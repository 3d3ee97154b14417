"""The page of a new image batch: a document of prompts, what became of it, its tasks in rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pressrun.desk.new.drafts import Draft
from pressrun.desk.new.estimates import Estimate, estimate
from pressrun.desk.new.faces import Seen
from pressrun.desk.new.images.rows import EditedRows, TaskRow, rows_of
from pressrun.desk.new.prompts.documents import ReadDocument, beside
from pressrun.desk.new.prompts.readings import KeptReadings, Reading
from pressrun.desk.rendering import counted
from pressrun.errors import InputError
from pressrun.inputs.prompts.documents import Parsed, Task
from pressrun.inputs.prompts.tasks import check_tasks, told_reading
from pressrun.kinds.base import Kind, Planner, PlanningContext
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.kinds.image.planner import ImagePlanner
from pressrun.kinds.image.reading import asks_model
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
        unsure: Whether somebody has to choose a reading.
    """

    document: ReadDocument | None
    edited: EditedRows | None
    rows: Sequence[TaskRow]
    problems: Mapping[str, str]
    beside: Mapping[str, Sequence[str]]
    notes: Sequence[str] = ()
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
    own: Sequence[str] = ("prompts", "file", "read_as")

    def __init__(self, kept: KeptReadings):
        self._kept = kept

    def parameters(self, draft: Draft) -> Mapping[str, Any]:
        """Gives the parameters of the document, or of the rows if a person edited them."""
        if edited := EditedRows.of(draft.values):
            return {"prompts": edited.text, "file": "", "read_as": "auto"}
        return {name: draft.values[name] for name in self.own if name in draft.values}

    def values(self, given: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Gives nothing: the document's parameters stand in a draft as they are."""
        return {}

    def see(self, draft: Draft, kind: Kind, given: Mapping[str, Any], ledger: Ledger) -> Seen:
        """Reads the document, plans and prices it."""
        reading = Reading(self._kept)
        found = estimate(ledger, replace(kind, planner=_planned_by(reading)), given)
        parsed = reading.parsed or self._read(given)
        if parsed is None:
            return Seen(found)
        edited = EditedRows.of(draft.values)
        unsure = edited is None and _is_unsure(parsed, given)
        if unsure and not found.problem:
            found = replace(found, problem=_UNSURE)
        own = _seen(parsed, edited, given, found, unsure=unsure)
        return Seen(found, own, told=_counted(found, given))

    def _read(self, given: Mapping[str, Any]) -> Parsed | None:
        """Reads the text although a setting cannot be used; the estimate says what is wrong."""
        try:
            text = given["prompts"]
            return self._kept.text(text, given["read_as"]) if text.strip() else None
        except (InputError, KeyError, AttributeError):
            return None


_UNSURE = (
    "It is not sure what one prompt is in this text. Choose a reading above, or a text model "
    "that reads it."
)


def _planned_by(reading: Reading) -> Any:
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
    return parsed.unsure and not given.get("review") and not asks_model(parsed, read_as, model)


def _seen(
    parsed: Parsed,
    edited: EditedRows | None,
    given: Mapping[str, Any],
    found: Estimate,
    *,
    unsure: bool,
) -> ImagesSeen:
    rows = edited.rows if edited else rows_of(parsed.tasks)
    tasks = edited.tasks if edited else parsed.tasks
    ids = dict(zip((t.order for t in tasks), (r.id for r in rows if r.is_made), strict=False))
    problems = {ids[n]: said for n, said in _problems(tasks, found).items() if n in ids}
    told = {*told_reading(parsed), *parsed.warnings}
    return ImagesSeen(
        document=None if edited else ReadDocument(parsed, given.get("read_as", "auto")),
        edited=edited,
        rows=rows,
        problems=problems,
        beside={ids[t.order]: said for t in tasks if t.order in ids and (said := beside(t, tasks))},
        notes=[*parsed.warnings, *(note for note in found.notes if note not in told)],
        unsure=unsure,
    )


def _problems(tasks: Sequence[Task], found: Estimate) -> dict[int, str]:
    """Says by number what is wrong with tasks: what cannot be made, and near repeats."""
    near = {problem.order: str(problem) for problem in check_tasks(tasks)}
    return near | {item.position: str(item.error) for item in found.bad}


def _counted(found: Estimate, given: Mapping[str, Any]) -> str:
    prompts = counted(found.ready, "prompt")
    images = given.get("images", 1)
    if not isinstance(images, int) or images < 2:
        return prompts
    return f"{prompts}, {counted(found.ready * images, 'picture')}"
