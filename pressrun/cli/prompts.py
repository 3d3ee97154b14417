"""What a document of prompts holds, before anything is made of it."""

import argparse
import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.cli.batches import standard_input
from pressrun.cli.output import print_json, say, tell, tell_notes

if TYPE_CHECKING:
    from pressrun.engines.base import TextRequest
    from pressrun.inputs.prompts import Parsed


def take_options(command: argparse.ArgumentParser) -> None:
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
    from pressrun.inputs.prompts_check import check_tasks
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
        _say(parsed)
        for warning in warnings:
            tell(warning)
    return 0 if parsed.tasks else 1


def _parsed(options: argparse.Namespace) -> "Parsed":
    from pressrun.inputs.prompts import parse_file
    from pressrun.recipes.image_parse import parse as parse_text

    def read(text: str) -> "Parsed":
        model = options.model or ("sketch" if options.parser == "model" else "")
        return parse_text(text, options.parser, model, lambda *asked: _ask(text, *asked))

    return read(standard_input()) if options.file == "-" else parse_file(Path(options.file), read)


def _ask(text: str, request: "TextRequest", check: Callable[[str], None]) -> str:
    from pressrun.account import account_from_environment
    from pressrun.question import ask
    from pressrun.run import vault_of

    # The same document is the same bill: asked once more, it is not paid again.
    batch_id = "parse-" + hashlib.sha256(text.encode()).hexdigest()[:24]
    account = account_from_environment()
    tell_notes(account, [request.model])
    return ask(request, check, account, vault_of(batch_id), "parse")


def _say(parsed: "Parsed") -> None:
    if parsed.prefix:
        say(f"Prefix: {parsed.prefix}")
    for task in parsed.tasks:
        place = " · ".join(part for part in (task.category, *task.tags, task.level) if part)
        say(f"{task.line:>5}  {f'[{place}] ' if place else ''}{task.specific_prompt}")
    say(f"{len(parsed.tasks)} prompts")
