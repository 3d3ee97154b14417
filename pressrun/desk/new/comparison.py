"""The page of a new comparison: one prompt or several, and the models that are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pressrun.boundary.text import counted
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.estimates import DraftEstimate, estimate
from pressrun.desk.new.faces import SeenDraft
from pressrun.desk.new.prompts.documents import ReadDocument
from pressrun.desk.new.prompts.readings import DocumentReading, KeptReadings
from pressrun.desk.rendering import listed
from pressrun.inputs.prompts.documents import Task
from pressrun.kinds.base import Kind, Planner, PlanningContext
from pressrun.kinds.comparison.parameters import MOST_MODELS, ComparisonParameters
from pressrun.kinds.comparison.planner import ComparisonPlanner
from pressrun.ledger import Ledger

#: What a draft says in place of a way to read: all that was typed is one prompt.
ONE = "one"
_SHOWN = 100
_UNSURE = "It is not sure what one prompt is in this text. Choose a reading above."


@dataclass(frozen=True, slots=True)
class ComparisonSeen:
    """What the page shows of a draft.

    Attributes:
        document: As it was read; None if it is one prompt, or could not be read.
        is_one: Whether the person said that it is one prompt.
        several: Whether it may be several prompts: it has more than one line.
        notes: What a person should know.
        unsure: Whether somebody has to choose a reading.
    """

    document: ReadDocument | None
    is_one: bool
    several: bool
    notes: Sequence[str]
    unsure: bool

    @property
    def tasks(self) -> Sequence[Task]:
        """The prompts, the first of many."""
        return self.document.parsed.tasks[:_SHOWN] if self.document else ()


class ComparisonFace:
    """See :class:`pressrun.desk.new.faces.Face`.

    Args:
        kept: The documents that were read.
    """

    flow = "model-comparison"
    name = "Comparison"
    given = "The same prompts on up to nine models"
    content = "new_comparison.html"
    seen = "new_comparison_seen.html"
    look: Sequence[str] = ("aspect_ratio", "size", "enhance", "text_model", "title")
    usual: Mapping[str, Any] = {"text_model": ""}
    own: Sequence[str] = ("prompt", "prompts", "read_as", "models")
    most = MOST_MODELS

    def __init__(self, kept: KeptReadings):
        self._kept = kept

    def parameters(self, draft: BatchDraft) -> Mapping[str, Any]:
        """Gives one prompt, or a list of them and how it is read; and the models."""
        text, read_as = _typed(draft)
        models = {"models": draft.values.get("models") or []}
        if read_as == ONE or not _several(text):
            return models | {"prompt": text.strip()}
        return models | {"prompts": text, "read_as": read_as}

    def see(
        self, draft: BatchDraft, kind: Kind, given: Mapping[str, Any], ledger: Ledger
    ) -> SeenDraft:
        """Reads the prompts, plans and prices."""
        reading = DocumentReading(self._kept)
        by = replace(kind, planner=_planned_by(reading))
        found = estimate(ledger, by, given)
        text, read_as = _typed(draft)
        parsed = reading.parsed
        is_one = read_as == ONE
        unsure = parsed is not None and parsed.unsure and not given.get("review")
        if draft.values.get("account") and not draft.values.get("models") and not found.problem:
            # Which models it has, only the worker knows.
            found = replace(
                found, problem="Tick the models: which ones the account has is not known here."
            )
        if unsure and not found.problem:
            found = replace(found, problem=_UNSURE)
        own = ComparisonSeen(
            ReadDocument(parsed, read_as) if parsed else None,
            is_one,
            _several(text),
            _notes(reading, found),
            unsure,
        )
        return SeenDraft(found, own if text.strip() else None, told=found.told(_counted(found)))


def _typed(draft: BatchDraft) -> tuple[str, str]:
    """Gives what stands in the one field of the page, and how it is read."""
    if "prompts" not in draft.values and (prompt := str(draft.values.get("prompt") or "")):
        return prompt, ONE  # of a copied batch
    return str(draft.values.get("prompts") or ""), str(draft.values.get("read_as") or "auto")


def _several(text: str) -> bool:
    return "\n" in text.strip()


def _planned_by(reading: DocumentReading) -> Any:
    def planner(parameters: ComparisonParameters, context: PlanningContext) -> Planner:
        return ComparisonPlanner(
            parameters, context.settings, context.log, context.payer, read=reading.text
        )

    return planner


def _notes(reading: DocumentReading, found: DraftEstimate) -> list[str]:
    """Lists what a person should know of prompts and models."""
    said = list(reading.parsed.warnings) if reading.parsed else []
    asked = {item.spec["model"]: item.spec["dropped"] for item in found.items}
    for model, names in asked.items():
        if names:
            said.append(f"{model} does not know {listed(names)}: left out, or the nearest taken.")
    return said


def _counted(found: DraftEstimate) -> str:
    made = [item for item in found.items if not item.error]
    prompts, models = len({i.spec["row"] for i in made}), len({i.spec["model"] for i in made})
    pictures = counted(len(made), "picture")
    return f"{counted(prompts, 'prompt')} on {counted(models, 'model')}, {pictures}"
