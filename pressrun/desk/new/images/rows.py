"""The tasks of a draft as its page shows and a person edits them, a row each.

As long as nobody edits one, they are what was read of the document. From the first change on the
rows hold: all of them stand in the draft as they were shown, and each change beside them, so that
two tabs can change different rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from pressrun.errors import InputError
from pressrun.inputs.prompts.documents import Task, combine
from pressrun.inputs.prompts.tasks import as_json

#: The value of a draft that holds all rows, and how those begin that hold a change of one.
ROWS, CHANGED = "rows", "row:"
#: What of a row a person changes.
_EDITED = ("prompt", "category", "level", "aspect_ratio")
#: What a document says of all its prompts.
_FOR_ALL = ("prefix", "suffix", "negative")


class TaskRow(BaseModel):
    """One task; ``id`` is its number in the document, or of an added one begins with ``a``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    prompt: str = ""
    category: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    prefix: str = ""
    suffix: str = ""
    negative: str = ""
    aspect_ratio: str = ""
    made_before: int = 0
    line: int = 0
    off: bool = False

    @property
    def is_made(self) -> bool:
        """Whether it is a task: it is ticked, and says something."""
        return not self.off and any(map(str.isalnum, self.prompt))


@dataclass(frozen=True, slots=True)
class EditedRows:
    """The rows that a person edited, and how far they are from the document.

    Attributes:
        rows: In their order; added ones are last.
        changed: How many of the document's have other words.
        added: How many are none of the document's.
        off: How many are not ticked, or empty.
    """

    rows: Sequence[TaskRow]
    changed: int
    added: int
    off: int

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self | None:
        """Reads the rows of a draft; None as long as its document holds.

        Raises:
            InputError: What stands there are no rows.
        """
        changes = {
            name.removeprefix(CHANGED): said
            for name, said in values.items()
            if name.startswith(CHANGED)
        }
        if ROWS not in values:
            return None  # what is changed then is left of rows that somebody gave up
        try:
            base = {row.id: row for row in map(TaskRow.model_validate, values[ROWS])}
            added = sorted(changes.keys() - base.keys())
            common = {name: _shared(base.values(), name) for name in _FOR_ALL}
            base |= {name: TaskRow(id=name, **common) for name in added}
            rows = [_changed(row, changes.get(row.id, {})) for row in base.values()]
        except (ValidationError, TypeError, AttributeError) as error:
            raise InputError(
                "The rows of this draft cannot be read. Go back to the document."
            ) from error
        changed = sum(_differs(row, base[row.id]) for row in rows if row.id not in added)
        return cls(rows, changed, len(added), sum(not row.is_made for row in rows))

    @property
    def words(self) -> str:
        """How far they are from the document, such as ``2 changed, 1 added``."""
        counts = ((self.changed, "changed"), (self.added, "added"), (self.off, "left out"))
        return ", ".join(f"{count:,} {what}" for count, what in counts if count)

    @property
    def tasks(self) -> list[Task]:
        """The tasks that are made, numbered as they come; a task's line is its number."""
        made = [row for row in self.rows if row.is_made]
        return [_task(order, row) for order, row in enumerate(made, 1)]

    @property
    def text(self) -> str:
        """The tasks as the text that a run is given."""
        return as_json(self.tasks)


def rows_of(tasks: Sequence[Task]) -> list[TaskRow]:
    """Makes the rows of what was read."""
    return [
        TaskRow(
            id=str(task.order),
            prompt=task.specific_prompt,
            category=task.category,
            level=task.level,
            tags=task.tags,
            prefix=task.prefix,
            suffix=task.suffix,
            negative=task.negative,
            aspect_ratio=task.aspect_ratio,
            made_before=task.made_before,
            line=task.line,
        )
        for task in tasks
    ]


def _shared(rows: Iterable[TaskRow], name: str) -> str:
    """Gives what all rows have in common, which an added one has too; empty if they differ."""
    said = {getattr(row, name) for row in rows}
    return str(said.pop()) if len(said) == 1 else ""


def _changed(row: TaskRow, change: Mapping[str, Any]) -> TaskRow:
    said = {name: change[name] for name in (*_EDITED, "off") if name in change}
    return TaskRow.model_validate(row.model_dump() | said) if said else row


def _differs(row: TaskRow, before: TaskRow) -> bool:
    return any(getattr(row, name) != getattr(before, name) for name in _EDITED)


def _task(order: int, row: TaskRow) -> Task:
    return Task(
        prompt=combine(row.prefix, row.prompt, row.suffix),
        specific_prompt=row.prompt.strip(),
        prefix=row.prefix,
        order=order,
        category=row.category.strip(),
        level=row.level.strip(),
        tags=row.tags,
        line=order,
        suffix=row.suffix,
        negative=row.negative,
        aspect_ratio=row.aspect_ratio,
        made_before=row.made_before,
    )
