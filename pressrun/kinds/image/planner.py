"""From what a person pasted to items: every prompt judged, nothing paid but a model's reading."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pressrun.boundary.text import counted, one_line
from pressrun.calls.standalone import Ask
from pressrun.engines.catalogue import catalogue
from pressrun.errors import InputError
from pressrun.inputs.passages import parts_of
from pressrun.inputs.places import PROMPTS, bare, existing
from pressrun.inputs.prompts.bounded import (
    ReadFile,
    ReadText,
    read_prompt_file,
    read_prompts,
    shown_text,
)
from pressrun.inputs.prompts.documents import Parsed, Task, combine
from pressrun.inputs.prompts.tasks import (
    Problem,
    check_tasks,
    require_sure,
    told_left_out,
    told_reading,
    written,
)
from pressrun.kinds.image.mend import mended, task_of
from pressrun.kinds.image.parameters import ImageParameters
from pressrun.kinds.image.reading import (
    asks_model,
    judged_by_model,
    judges,
    judging,
    read_by_model,
    reads,
    sample_of,
)
from pressrun.ledger.records import Item, PlannedItem
from pressrun.moderation.words import moderator
from pressrun.settings import Settings

_SAID = 50  # warnings; a document that is read badly has hundreds
_TITLE_LETTERS = 80
_RATIOS = 6  # that are named


class ImagePlanner:
    """Plans one image batch.

    Args:
        parameters: Of the batch.
        settings: The most prompts, and words that are blocked or allowed.
        log: Called with every warning.
        download: Gives the local path of an upload and of what lies in S3 or Drive; any other place
            as it is.
        ask: Asks a model that has to read the prompts.
        note: Called with what a person should know although nothing is wrong; ``log`` if none.
        read: Reads a text for a quote; one that keeps what it has read may stand here.
        read_file: Reads a file, likewise.
    """

    def __init__(
        self,
        parameters: ImageParameters,
        settings: Settings,
        log: Callable[[str], None],
        download: Callable[[str], str],
        ask: Ask,
        note: Callable[[str], None] | None = None,
        read: ReadText = read_prompts,
        read_file: ReadFile = read_prompt_file,
    ):
        self._parameters, self._settings = parameters, settings
        self._read_text, self._read_file = read, read_file
        self._note = note or log
        self._log, self._download, self._ask = log, download, ask
        self._moderator = moderator(settings.blocked_words, settings.allowed_words)
        self._reads: list[int] = []  # characters of the parts that a model will read

    def plan(self) -> list[PlannedItem]:
        """Plans the items of the batch, in order.

        Raises:
            InputError: Nothing can be run, or ``skip_invalid`` is off and something is wrong;
                lists every problem.
            SettingError: The chosen model does not make the chosen size or shape.
        """
        self._parameters.require_fit()
        parsed = self._parsed()
        self._tell(parsed)
        tasks = [_with_prefix(task, self._parameters.prefix) for task in parsed.tasks]
        self._check_count(tasks, parsed.warnings)
        problems = check_tasks(tasks, self._moderator.check)
        self._log_all([*parsed.warnings, *map(str, problems)])
        final = {problem.order: problem for problem in problems if problem.final}
        self._refuse_if_bad(tasks, final)
        items = [
            _item(task, final.get(task.order), *place)
            for task, place in zip(tasks, places_of(tasks), strict=True)
        ]
        if self._reads:
            made = next(item for item in items if not item.error)
            made.spec["reads"] = self._reads
        return items

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:  # noqa: ARG002
        """Plans nothing: a prompt that cannot be used now cannot be used later."""
        return {}

    def mend(self, item: Item, words: Mapping[str, str]) -> list[PlannedItem]:
        """Plans the task again with another prompt; it has failed where that cannot be used."""
        task = task_of(mended(item.spec, words))
        problems = [one for one in check_tasks([task], self._moderator.check) if one.final]
        # Older ledgers know no name.
        place = (str(item.spec.get(one, "")) for one in ("group", "name"))
        planned = _item(task, problems[0] if problems else None, *place)
        return [replace(planned, key=item.key, position=item.position)]

    def _parsed(self) -> Parsed:
        file = bare(self._parameters.file)
        if file and self._parameters.prompts.strip():
            raise InputError("Give prompts or a file of prompts, not both.")
        if file:
            place = existing(self._download(file), PROMPTS)
            return self._judged(self._read_file(place, self._read, self._parameters.read_as))
        return self._judged(self._read(self._parameters.prompts))

    def _judged(self, parsed: Parsed) -> Parsed:
        read_as, model = self._parameters.read_as, self._parameters.text_model
        if not judges(parsed, read_as, model):
            return parsed
        if any(self._moderator.check(task.prompt) for task in parsed.tasks):
            self._note(f"{model} is not shown the prompts, since one of them is blocked.")
            return parsed
        if self._parameters.action != "quote":
            return judged_by_model(parsed, model, self._ask)
        self._reads = [len(sample_of(parsed))]
        self._note(judging(model))
        return parsed

    def _read(self, text: str) -> Parsed:
        read_as, model = self._parameters.read_as, self._parameters.text_model
        if read_as == "model" and not reads(model):
            raise InputError("Choose a text model, or another way for read_as.")
        parsed = self._read_text(text, read_as)
        if not asks_model(parsed, read_as, model):
            return parsed
        if any(self._moderator.check(task.prompt) for task in parsed.tasks):
            self._note(f"{model} does not read the text, since a prompt in it is blocked.")
            return parsed
        if self._parameters.action != "quote":
            return read_by_model(text, parsed, model, self._ask)
        # A quote pays nothing, so no model reads for it.
        text = shown_text(text)
        self._reads = [len(part) for part in parts_of(text)]
        self._note(
            f"When the batch runs, {model} reads the text first ({len(text):,} characters): "
            "that is in the price, and may give other prompts than these."
        )
        return parsed

    def _tell(self, parsed: Parsed) -> None:
        """Says how the text was read, and what became of the rest of it.

        Raises:
            InputError: That is in doubt, and nobody is there to decide.
        """
        if self._parameters.action != "quote" and not self._parameters.review:
            require_sure(parsed, "choose a text model, or turn the review on")
        if self._parameters.review or parsed.confidence < 1:
            for told in told_reading(parsed):
                self._note(told)
        unsent = sum(bool(task.negative) for task in parsed.tasks)
        if unsent and "negative_prompt" not in catalogue()[self._parameters.model].parameters:
            self._note(
                f"{unsent} negative prompts are not sent: {self._parameters.model} knows none."
            )
        if unmade := told_unmade(
            parsed.tasks, self._parameters.model, self._parameters.aspect_ratio
        ):
            self._log(unmade)
        if left_out := told_left_out(parsed.left_out):
            self._log(left_out)

    def _check_count(self, tasks: Sequence[Task], warnings: Sequence[str]) -> None:
        most = self._settings.most_prompts
        if not tasks:
            raise InputError(
                "There are no prompts. Paste a list of them, or name a file; `pressrun parse` "
                "shows what is found.",
                list(warnings[:_SAID]),
            )
        if len(tasks) > most:
            raise InputError(
                f"There are {len(tasks):,} prompts; a batch takes up to {most:,} "
                "(PRESSRUN_MOST_PROMPTS). Split them into several batches."
            )

    def _log_all(self, warnings: Sequence[str]) -> None:
        for warning in warnings[:_SAID]:
            self._log(warning)
        if len(warnings) > _SAID:
            self._log(f"… and {len(warnings) - _SAID} more; `pressrun parse` shows all.")

    def _refuse_if_bad(self, tasks: Sequence[Task], problems: Mapping[int, Problem]) -> None:
        said = [str(problem) for problem in problems.values()]
        # A blocked prompt stays on record as a failed item, also where it is the only one.
        blocked = any(problem.kind == "blocked" for problem in problems.values())
        if len(problems) == len(tasks) and not blocked:
            raise InputError("No prompt can be used; nothing was made or paid.", said)
        if problems and not self._parameters.skip_invalid:
            raise InputError(
                f"{len(problems)} of {len(tasks)} prompts cannot be used; nothing was made or "
                "paid. Mend them, or turn skip_invalid on to make the others.",
                said,
            )


def told_unmade(tasks: Sequence[Task], model: str, aspect_ratio: str) -> str:
    """Says which aspect ratios of single prompts a model does not make, and what is made then."""
    makes = catalogue()[model].aspect_ratios
    others = Counter(t.aspect_ratio for t in tasks if t.aspect_ratio not in ("", *makes))
    if not others:
        return ""
    shown = ", ".join(f"{ratio} ({count})" for ratio, count in others.most_common(_RATIOS))
    return (
        f"{counted(others.total(), 'prompt')} in an aspect ratio that {model} does not make: "
        f"{shown}. {'It is' if others.total() == 1 else 'They are'} made in {aspect_ratio}."
    )


def _with_prefix(task: Task, prefix: str) -> Task:
    """Puts the batch's prefix, if it has one, in place of the task's own."""
    if not prefix.strip():
        return task
    prompt = combine(prefix, task.specific_prompt, task.suffix)
    return replace(task, prefix=prefix.strip(), prompt=prompt)


def places_of(tasks: Sequence[Task]) -> list[tuple[str, str]]:
    """Finds the group that each task is shown in, and the name that is its own; both may be empty.

    Where each prompt has a heading of its own, that is its name, and the heading above its group.
    """
    categories = Counter(task.category for task in tasks if task.category)
    tags = Counter(tag for task in tasks for tag in {*task.tags})
    are_names = 2 * sum(count == 1 for count in categories.values()) > len(categories) > 1
    return [_place(task, categories, tags, are_names=are_names) for task in tasks]


def _place(
    task: Task, categories: Mapping[str, int], tags: Mapping[str, int], *, are_names: bool
) -> tuple[str, str]:
    group, own = task.category, [tag for tag in task.tags if tags[tag] == 1]
    if are_names and categories.get(group) == 1:
        own.insert(0, group)
        group = next((tag for tag in task.tags if tags[tag] > 1), "")
    return ", ".join(filter(None, (group, task.level))), own[0] if own else ""


def _item(task: Task, problem: Problem | None, group: str, name: str) -> PlannedItem:
    return PlannedItem(
        key=f"task_{task.order:04d}",
        position=task.order,
        title=f"Task {task.order:03d} · {one_line(task.specific_prompt, _TITLE_LETTERS)}",
        spec=asdict(task) | {"group": group, "name": name},
        error=InputError(str(problem), kind=problem.kind) if problem else None,
    )


def tasks_text(items: Sequence[Item]) -> str:
    """Writes the items as markdown or JSON."""
    return written([task_of(item.spec) for item in items])


def from_tasks_text(text: str) -> dict[str, Any]:
    """Gives the parameters for a text: it says all itself, and no model has to read it."""
    return {"prompts": text, "file": "", "prefix": "", "read_as": "auto", "text_model": ""}
