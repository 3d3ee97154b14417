"""Tasks as a text that a person edits and that reads back as the same tasks."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson

from pressrun.inputs.prompts import Task, parse_prompts


def written(tasks: Sequence[Task]) -> str:
    """Markdown where it reads back exactly, else JSON."""
    document = "\n".join(_markdown(tasks)).strip() + "\n"
    return document if _same(tasks, document) else _json(tasks)


def _same(tasks: Sequence[Task], document: str) -> bool:
    return [_said(task) for task in parse_prompts(document).tasks] == [
        _said(task) for task in tasks
    ]


def _said(task: Task) -> dict[str, Any]:
    """All that a text can say of a task; a JSON field that is empty is left out."""
    said = {
        "prompt": task.specific_prompt,
        "prefix": task.prefix,
        "category": task.category,
        "level": task.level,
        "tags": list(task.tags),
    }
    return {name: value for name, value in said.items() if value}


def _json(tasks: Sequence[Task]) -> str:
    lines = (orjson.dumps(_said(task)).decode() for task in tasks)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _markdown(tasks: Sequence[Task]) -> Iterator[str]:
    if tasks[0].prefix:
        yield f"Prefix: {tasks[0].prefix}\n"
    for category, of_category in groupby(tasks, lambda task: task.category):
        if category:
            yield f"# {category}\n"
        for tags, of_tags in groupby(of_category, lambda task: task.tags):
            if tags:
                yield f"**{' '.join(tags)}**\n"
            for task in of_tags:
                yield (
                    f"- {task.level}: {task.specific_prompt}"
                    if task.level
                    else (f"- {task.specific_prompt}")
                )
            yield ""
