"""Prompts before anything is made of them: what a document holds, a short one made rich."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from pressrun.boundary.text import one_line
from pressrun.cli.batches import standard_input
from pressrun.cli.options import Json
from pressrun.cli.output import print_json, print_line, print_note, print_notes
from pressrun.cli.uploads import local_file
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.engines.base import TextRequest
    from pressrun.inputs.prompts.context import LineUse
    from pressrun.inputs.prompts.documents import Parsed, Task

# As pressrun.inputs.prompts.documents.ReadAs; that module is loaded when a text is read.
_ReadAs = Literal[
    "auto", "model", "lines", "paragraphs", "list items", "headings", "code blocks", "quotations",
    "table", "labels", "mixed",
]  # fmt: skip
_SHOWN = 20  # lines that are left out


def parse(
    file: Annotated[
        str,
        Argument(
            metavar="FILE",
            help="Markdown, text, DOCX, HTML, JSON, CSV or XLSX, or an upload; - for standard "
            "input.",
        ),
    ],
    read_as: Annotated[
        _ReadAs,
        Option(
            metavar="WAY",
            help="What one prompt is: auto, model, lines, paragraphs, list items, headings, "
            "code blocks, quotations, table, labels or mixed. auto finds out, and asks --model "
            "where that leaves doubt.",
        ),
    ] = "auto",
    model: Annotated[
        str, Option(metavar="NAME", help="Text model; by default none, or sketch.")
    ] = "",
    as_json: Json = False,
) -> int:
    """Show what prompts a document has, before any is made.

    Exit code 1: there is no prompt.
    """
    from pressrun.inputs.prompts.tasks import check_tasks
    from pressrun.moderation.words import moderator
    from pressrun.settings import settings

    if model:
        _check_model(model)
    parsed = _parsed(file, read_as, model)
    words = moderator(settings().blocked_words, settings().allowed_words)
    problems = check_tasks(parsed.tasks, words.check)
    warnings = [*parsed.warnings, *map(str, problems)]
    if as_json:
        tasks = [asdict(task) for task in parsed.tasks]
        print_json(
            {"prefix": parsed.prefix, "tasks": tasks, "warnings": warnings}
            | {"confidence": parsed.confidence, "reading": parsed.reading}
            | {"readings": [asdict(way) for way in parsed.readings]}
            | {"left_out": [_line(left) for left in parsed.left_out]}
        )
    else:
        _print(parsed)
        for warning in warnings:
            print_note(warning)
    return 0 if parsed.tasks else 1


def _line(left: "LineUse") -> dict[str, object]:
    return {"line": left.line, "text": left.text, "why": left.why}


def _parsed(file: str, read_as: _ReadAs, model: str) -> "Parsed":
    from pressrun.inputs.prompts.bounded import read_prompt_file, read_prompts

    def read(text: str) -> "Parsed":
        parsed = read_prompts(text, read_as)
        if not model and read_as != "model":
            return parsed
        # Loads the ledger, which takes half a second.
        from pressrun.kinds.image.reading import asks_model, read_by_model

        reader = model or "sketch"
        if not asks_model(parsed, read_as, reader):
            return parsed
        return read_by_model(text, parsed, reader, lambda *asked: _ask(text, *asked))

    if file == "-":
        return _judged(read(standard_input()), read_as, model)
    with local_file(file) as path:
        return _judged(read_prompt_file(path, read, read_as), read_as, model)


def _judged(parsed: "Parsed", read_as: _ReadAs, model: str) -> "Parsed":
    if not model:
        return parsed
    from pressrun.kinds.image.reading import judged_by_model, judges, sample_of

    if not judges(parsed, read_as, model):
        return parsed
    return judged_by_model(parsed, model, lambda *asked: _ask(sample_of(parsed), *asked))


def _ask(text: str, request: "TextRequest", check: Callable[[str], None]) -> str:
    from pressrun.batches.vaults import vault_of
    from pressrun.calls.standalone import ask
    from pressrun.engines.account import account_from_environment

    # The same document has the same batch id: parsed once more, it is not paid again.
    batch_id = "parse-" + hashlib.sha256(text.encode()).hexdigest()[:24]
    account = account_from_environment()
    print_notes(account, [request.model])
    return ask(request, check, account, vault_of(batch_id), "parse")


def _print(parsed: "Parsed") -> None:
    if parsed.prefix:
        print_line(f"Prefix: {parsed.prefix}")
    if negatives := list(dict.fromkeys(task.negative for task in parsed.tasks if task.negative)):
        more = f" (and {len(negatives) - 1} others)" if len(negatives) > 1 else ""
        print_line(f"Negative: {negatives[0]}{more}")
    for task in parsed.tasks:
        place = " · ".join(_about(task))
        print_line(f"{task.line:>5}  {f'[{place}] ' if place else ''}{task.specific_prompt}")
    print_line(f"{len(parsed.tasks)} prompts")
    _print_left_out(parsed.left_out)
    if len(parsed.readings) > 1:
        print_note(f"Read as {parsed.readings[0].name}, {parsed.confidence:.0%} sure. Other ways:")
        for way in parsed.readings[1:]:
            option = f'--read-as "{way.name}"'
            print_note(f"  {option:<24}{way.count:>5}  “{one_line(way.first[0], 60)}”")
    if parsed.unsure:
        print_note("That is too little to run without a review: choose a way with --read-as.")


def _about(task: "Task") -> list[str]:
    said = (task.category, *task.tags, task.level, task.aspect_ratio)
    return [part for part in said if part]


def _print_left_out(left_out: "Sequence[LineUse]") -> None:
    if left_out:
        lines = "1 line is" if len(left_out) == 1 else f"{len(left_out)} lines are"
        print_note(f"{lines} no part of a prompt:")
    for left in left_out[:_SHOWN]:
        print_note(f"{left.line:>5}  {left.text} ({left.why})")
    if len(left_out) > _SHOWN:
        print_note(f"       … and {len(left_out) - _SHOWN} more; --json has all")


def enhance(
    prompt: Annotated[str, Argument(metavar="PROMPT", help='A short prompt, such as "cat".')],
    model: Annotated[
        str, Option(metavar="NAME", help="Text model; sketch works offline.")
    ] = "sketch",
    as_json: Json = False,
) -> int:
    """Expand a short prompt with a text model.

    Exit code 1: the prompt stays as it is.
    """
    from pressrun.batches.planning import blocked
    from pressrun.batches.vaults import vault_of
    from pressrun.engines.account import account_from_environment
    from pressrun.kinds.comparison import enhance as recipe
    from pressrun.moderation.words import moderator
    from pressrun.settings import settings

    prompt = prompt.strip()
    if not prompt:
        raise InputError('The prompt is empty. Give a few words, such as "cat".')
    _check_model(model)
    words = moderator(settings().blocked_words, settings().allowed_words)
    if match := words.check(prompt):
        raise blocked(match, "The prompt")
    account = account_from_environment()
    print_notes(account, [model])
    ask = recipe.shared(account, vault_of(recipe.KIND))
    enhanced = recipe.enhance(prompt, ask, model, words.check)
    if as_json:
        tokens = recipe.tokens_of(enhanced.text)
        print_json(asdict(enhanced) | {"model": model, "tokens": tokens})
    else:
        print_line(enhanced.text)
        if enhanced.warning:
            print_note(enhanced.warning)
    return 1 if enhanced.warning else 0


def _check_model(name: str) -> None:
    from pressrun.engines.catalogue import names_of

    if name not in names_of("text"):
        names = ", ".join(names_of("text"))
        raise InputError(f"There is no text model {name[:80]!r}. Choose one of {names}.")
