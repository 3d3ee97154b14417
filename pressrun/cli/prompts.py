"""Prompts before anything is made of them: what a document holds, a short one made rich."""

import argparse
import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.cli.batches import standard_input
from pressrun.cli.output import print_json, print_line, print_note, print_notes
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.engines.base import TextRequest
    from pressrun.inputs.prompts.documents import Parsed


def take_parse_options(command: argparse.ArgumentParser) -> None:
    """The arguments of ``pressrun parse``."""
    command.add_argument("file", help="markdown, text, JSON, CSV or XLSX; - for standard input")
    command.add_argument(
        "--parser",
        choices=("auto", "structure", "model"),
        default="auto",
        help="structure is free; model asks --model; auto asks it where structure leaves doubt",
    )
    command.add_argument(
        "--model", default="", metavar="NAME", help="text model; by default none, or sketch"
    )


def parse(options: argparse.Namespace) -> int:
    """``pressrun parse``: 1 if there is no prompt."""
    from pressrun.inputs.prompts.tasks import check_tasks
    from pressrun.moderation.words import moderator
    from pressrun.settings import settings

    parsed = _parsed(options)
    words = moderator(settings().blocked_words, settings().allowed_words)
    problems = check_tasks(parsed.tasks, words.check)
    warnings = [*parsed.warnings, *map(str, problems)]
    if options.json:
        tasks = [asdict(task) for task in parsed.tasks]
        print_json({"prefix": parsed.prefix, "tasks": tasks, "warnings": warnings})
    else:
        _print(parsed)
        for warning in warnings:
            print_note(warning)
    return 0 if parsed.tasks else 1


def _parsed(options: argparse.Namespace) -> "Parsed":
    from pressrun.inputs.prompts.documents import parse_file
    from pressrun.kinds.image.reading import parse as parse_text

    def read(text: str) -> "Parsed":
        model = options.model or ("sketch" if options.parser == "model" else "")
        return parse_text(text, options.parser, model, lambda *asked: _ask(text, *asked))

    return read(standard_input()) if options.file == "-" else parse_file(Path(options.file), read)


def _ask(text: str, request: "TextRequest", check: Callable[[str], None]) -> str:
    from pressrun.batches.run import vault_of
    from pressrun.calls.standalone import ask
    from pressrun.engines.account import account_from_environment

    # The same document is the same bill: asked once more, it is not paid again.
    batch_id = "parse-" + hashlib.sha256(text.encode()).hexdigest()[:24]
    account = account_from_environment()
    print_notes(account, [request.model])
    return ask(request, check, account, vault_of(batch_id), "parse")


def _print(parsed: "Parsed") -> None:
    if parsed.prefix:
        print_line(f"Prefix: {parsed.prefix}")
    for task in parsed.tasks:
        place = " · ".join(part for part in (task.category, *task.tags, task.level) if part)
        print_line(f"{task.line:>5}  {f'[{place}] ' if place else ''}{task.specific_prompt}")
    print_line(f"{len(parsed.tasks)} prompts")


def take_enhance_options(command: argparse.ArgumentParser) -> None:
    """The arguments of ``pressrun enhance``."""
    command.add_argument("prompt", metavar="PROMPT", help='a short prompt, such as "cat"')
    command.add_argument(
        "--model", default="sketch", metavar="NAME", help="text model; default: sketch, offline"
    )


def enhance(options: argparse.Namespace) -> int:
    """``pressrun enhance``: 1 if the prompt stays as it is."""
    from pressrun.batches.planning import blocked
    from pressrun.engines.account import account_from_environment
    from pressrun.engines.catalogue import names_of
    from pressrun.kinds.comparison import enhance as recipe
    from pressrun.moderation.words import moderator
    from pressrun.settings import settings

    prompt = options.prompt.strip()
    if not prompt:
        raise InputError('The prompt is empty. Give a few words, such as "cat".')
    if options.model not in names_of("text"):
        names = ", ".join(names_of("text"))
        raise InputError(f"There is no text model {options.model[:80]!r}. Choose one of {names}.")
    words = moderator(settings().blocked_words, settings().allowed_words)
    if match := words.check(prompt):
        raise blocked(match, "The prompt")
    account = account_from_environment()
    print_notes(account, [options.model])
    ask = recipe.shared(account)
    enhanced = recipe.enhance(prompt, ask, options.model, words.check)
    if options.json:
        tokens = recipe.tokens_of(enhanced.text)
        print_json(asdict(enhanced) | {"model": options.model, "tokens": tokens})
    else:
        print_line(enhanced.text)
        if enhanced.warning:
            print_note(enhanced.warning)
    return 1 if enhanced.warning else 0
