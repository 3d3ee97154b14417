"""The page of a new comparison: one prompt or several, and the models that are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pressrun.desk.new.documents import ReadDocument
from pressrun.desk.new.drafts import Draft
from pressrun.desk.new.estimates import Estimate, estimate
from pressrun.desk.new.faces import Seen
from pressrun.desk.new.reading import KeptReadings, Reading
from pressrun.desk.rendering import counted
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
    own: Sequence[str] = ("prompt", "prompts", "read_as", "models")
    most = MOST_MODELS

    def __init__(self, kept: KeptReadings):
        self._kept = kept

    def parameters(self, draft: Draft) -> Mapping[str, Any]:
        """Gives one prompt, or a list of them and how it is read; and the models."""
        text, read_as = _typed(draft)
        models = {"models": draft.values.get("models") or []}
        if read_as == ONE or not _several(text):
            return models | {"prompt": text.strip()}
        return models | {"prompts": text, "read_as": read_as}

    def values(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Gives what stands in the one field of the page."""
        if not (prompt := str(given.get("prompt") or "")):
            return {}
        return {"prompt": None, "prompts": prompt} | ({"read_as": ONE} if _several(prompt) else {})

    def see(self, draft: Draft, kind: Kind, given: Mapping[str, Any], ledger: Ledger) -> Seen:
        """Reads the prompts, plans and prices."""
        reading, said = Reading(self._kept), list[str]()
        by = replace(kind, planner=_planned_by(reading))
        found = estimate(ledger, by, given, said.append)
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
            [] if found.problem else _notes(said, draft, found),
            unsure,
        )
        return Seen(found, own if text.strip() else None, told=_counted(found))


def _typed(draft: Draft) -> tuple[str, str]:
    return str(draft.values.get("prompts") or ""), str(draft.values.get("read_as") or "auto")


def _several(text: str) -> bool:
    return "\n" in text.strip()


def _planned_by(reading: Reading) -> Any:
    def planner(parameters: ComparisonParameters, context: PlanningContext) -> Planner:
        return ComparisonPlanner(
            parameters, context.settings, context.log, context.payer, read=reading.text
        )

    return planner


def _notes(said: Sequence[str], draft: Draft, found: Estimate) -> list[str]:
    """Lists what the planner says, but not what the page shows in its own way."""
    own = ("The prompts were read as", "If that is wrong")
    notes = [words for words in dict.fromkeys(said) if not words.startswith(own)]
    if draft.values.get("account"):  # its keys are not those of this machine
        notes = [words for words in notes if "Its pictures fail" not in words]
    dropped = {item.spec["model"]: item.spec["dropped"] for item in found.items}
    left = [
        f"{model} does not know: {', '.join(names)}." for model, names in dropped.items() if names
    ]
    return [*notes, *left]


def _counted(found: Estimate) -> str:
    made = [item for item in found.items if not item.error]
    prompts, models = len({i.spec["row"] for i in made}), len({i.spec["model"] for i in made})
    pictures = counted(len(made), "picture")
    return f"{counted(prompts, 'prompt')} on {counted(models, 'model')}, {pictures}"
