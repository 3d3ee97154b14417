"""The command line as a program: its help, grouped by purpose, in plain text of any width.

Knows no command. Typer's own help draws boxes, which are slow to start and break in a pipe.
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup


class Program(TyperGroup):
    """All commands."""

    def invoke(self, ctx: Any) -> Any:
        """Runs a command; a reader that stops reading its answer, as ``head`` does, is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            sys.stderr.close()
            return 0

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Writes each command with its first sentence, under what it is for."""
        width = max(map(len, self.commands))
        for purpose, commands in groupby(self.commands.items(), _purpose):
            with formatter.section(purpose):
                formatter.write_dl(
                    [(name.ljust(width), one.get_short_help_str(200)) for name, one in commands]
                )


class Command(TyperCommand):
    """One command. An option whose values are shown as ``KEY ...`` takes one or several."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeats such an option before each further value, as typer wants it."""
        try:
            return super().parse_args(ctx, [*self._repeated(args)])
        except typer.TyperException as error:
            # Not every error knows the command that it is about.
            vars(error)["ctx"] = ctx
            raise

    def _repeated(self, args: list[str]) -> Iterator[str]:
        several = {name for one in self.params if _takes_several(one) for name in one.opts}
        option = before = ""
        for word in args:
            if word.startswith("-"):
                option = word if word in several else ""
            elif option and before != option:
                yield option
            yield word
            before = word

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes arguments by name and meaning alone; typer would add ``<str>`` to each."""
        arguments = [one for one in self.params if isinstance(one, TyperArgument)]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl([(one.metavar or one.name, one.help or "") for one in arguments])
        options = [one for one in self.get_params(ctx) if not isinstance(one, TyperArgument)]
        with formatter.section("Options"):
            formatter.write_dl([one.get_help_record(ctx) for one in options])


def _takes_several(option: Any) -> bool:
    return (option.metavar or "").endswith("...")


def _purpose(command: tuple[str, Any]) -> str:
    return str(command[1].rich_help_panel)
