"""How a prompt of an image batch is changed: in a review, or after it could not be made."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from pressrun.inputs.prompts.documents import Task, combine
from pressrun.inputs.prompts.tasks import MOST_LETTERS, Problem, check_tasks
from pressrun.kinds.base import MendField, MendForm
from pressrun.moderation.words import moderator
from pressrun.settings import settings

_PROMPT = MendField(
    "prompt", "Prompt", "The whole of what the model is asked.", lines=3, most=MOST_LETTERS
)


def task_of(spec: Mapping[str, Any]) -> Task:
    """Reads the task in an item's spec."""
    # Items of older ledgers lack what came later.
    known = {field.name: spec[field.name] for field in fields(Task) if field.name in spec}
    lists = {name: tuple(spec.get(name, ())) for name in ("tags", "notes")}
    return Task(**known | lists)


def edited(spec: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    """Gives the spec of a task of which a reviewer edited parts, with the prompt that they make."""
    new = {**spec, **{name: " ".join(value.split()) for name, value in said.items()}}
    if {"prefix", "specific_prompt"} & said.keys():
        new["prompt"] = combine(new["prefix"], new["specific_prompt"], new.get("suffix", ""))
    return new


def task_problems(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Says of each task why it would not be made; empty where it would, in their order."""
    tasks = [task_of({**spec, "order": at}) for at, spec in enumerate(specs)]
    found = {problem.order: problem for problem in _checked(tasks) if problem.final}
    said = ["" if task.prompt.strip() else "Write a prompt, or leave it out." for task in tasks]
    return [found[at].message if at in found else words for at, words in enumerate(said)]


def mended(spec: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Gives the spec with another whole prompt; its prefix stays one where it begins with it."""
    prompt = words["prompt"].strip()
    prefix = spec["prefix"] if prompt.startswith(spec["prefix"]) else ""
    specific = prompt.removeprefix(prefix).strip()
    return {**spec, "prompt": prompt, "specific_prompt": specific, "prefix": prefix, "suffix": ""}


def _checked(tasks: Sequence[Task]) -> list[Problem]:
    words = moderator(settings().blocked_words, settings().allowed_words)
    return check_tasks(tasks, words.check)


def _problem_of(spec: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if not words.get("prompt", "").strip():
        return "Write a prompt."
    found = _checked([task_of(mended(spec, words))])
    return found[0].message if found else ""


MEND = MendForm.of_one(_PROMPT, mended, _problem_of)
