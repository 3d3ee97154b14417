"""How one prompt of a comparison is changed after a model failed at it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pressrun.engines.catalogue import catalogue
from pressrun.engines.options import fit
from pressrun.inputs.prompts.documents import Task
from pressrun.inputs.prompts.tasks import MOST_LETTERS, check_tasks
from pressrun.kinds.base import MendField, MendForm, PlannedSpec
from pressrun.kinds.comparison.parameters import ComparisonParameters
from pressrun.ledger.records import Item
from pressrun.moderation.words import moderator
from pressrun.settings import settings

_PROMPT = MendField(
    "prompt",
    "Prompt",
    "Of this model alone; the others keep the one that they were asked.",
    lines=3,
    most=MOST_LETTERS,
)


def mended(
    spec: Mapping[str, Any], words: Mapping[str, str], told: str | None = None
) -> dict[str, Any]:
    """Gives the spec with another prompt, and what the model is told in its place if richer."""
    prompt = words["prompt"].strip()
    return {**spec, "prompt": prompt, "enhanced": told if told and told != prompt else ""}


def respecified(items: Sequence[Item], parameters: ComparisonParameters) -> list[PlannedSpec]:
    """Gives each prompt of the items once for each of the parameters' models."""
    rows = {item.spec["row"]: item.spec for item in items if item.status != "failed"}
    found = []
    for row, spec in rows.items():
        for model in parameters.models or [*dict.fromkeys(item.spec["model"] for item in items)]:
            parts, _ = fit(catalogue()[model], parameters.model_options())
            changed = {"model": model, "size": parts["size"]}
            found.append(PlannedSpec(f"prompt_{row:03d}_{slug(model)}", {**spec, **changed}))
    return found


def slug(model: str) -> str:
    """Writes a model's name for a key, which has neither dots nor capitals."""
    return "".join(char if char.isalnum() else "-" for char in model.lower())


def problem_of(prompt: str) -> str:
    """Says what is wrong with a prompt; empty if nothing is."""
    if not prompt.strip():
        return "Write a prompt."
    words = moderator(settings().blocked_words, settings().allowed_words)
    found = check_tasks([Task(prompt, prompt, "", 1, "", "", (), 1)], words.check)
    return found[0].message if found else ""


MEND = MendForm.of_one(_PROMPT, mended, lambda _spec, words: problem_of(words.get("prompt", "")))
