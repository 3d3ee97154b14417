"""The tasks of an image batch as a text that a person edits, and back."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from pressrun.inputs.prompts import Task
from pressrun.inputs.prompts_edit import written
from pressrun.ledger.records import Item


def tasks_text(items: Sequence[Item]) -> str:
    """The items as markdown or JSON."""
    return written([_task(item.spec) for item in items])


def from_tasks_text(text: str) -> dict[str, Any]:
    """The order's fields for a text: it says all itself, and no model has to read it."""
    return {"prompts": text, "file": "", "prefix": "", "parser": "structure"}


def _task(spec: dict[str, Any]) -> Task:
    known = {field.name: spec[field.name] for field in fields(Task)}
    return Task(**known | {"tags": tuple(spec["tags"])})
