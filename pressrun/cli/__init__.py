"""The command ``pressrun``: what Prefect's own command line does not do.

Every command has ``--json``; progress and questions are on standard error. Exit codes: 0 if
all is well, 1 if a problem was found (a batch failed, an audit differs), 2 if what was asked
cannot be done, with one sentence on standard error that says why.
"""

import gc
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import typer
from typer.main import get_command

from pressrun import __version__
from pressrun.boundary.files import restrict_new_files
from pressrun.cli import (
    accounts,
    batches,
    control,
    costs,
    drive,
    lettering,
    maintenance,
    mends,
    prompts,
    reviews,
    setup,
    stores,
    templates,
    uploads,
)
from pressrun.cli.output import print_error, print_line, print_note
from pressrun.cli.program import Command, Program
from pressrun.cli.server import use_kept_login
from pressrun.errors import PressrunError

#: The commands by what they are for, in the order in which the help lists them. A command is
#: called as its function is, and its help is the function's docstring.
_COMMANDS: Mapping[str, Sequence[Callable[..., int]]] = {
    "Set up": (
        setup.setup,
        accounts.check_account,
        stores.check_store,
        drive.connect_drive,
        templates.templates,
    ),
    "Before a batch": (
        batches.check_links,
        prompts.parse,
        prompts.enhance,
        uploads.upload,
        costs.quote,
    ),
    "Follow a batch": (batches.batches, batches.status, batches.watch),
    "Answer a review": (reviews.review, reviews.approve, reviews.reject),
    "Change a batch": (
        batches.update,
        control.pause,
        control.resume,
        control.cancel,
        control.retry,
        mends.mend,
        lettering.reletter,
        control.rerun,
    ),
    "After a batch": (
        maintenance.audit,
        maintenance.approve_articles,
        maintenance.urls,
        maintenance.export,
        maintenance.delete,
        uploads.uploads,
    ),
    "Costs and calls": (costs.costs, costs.stats),
}

app = typer.Typer(
    cls=Program, context_settings={"help_option_names": ["-h", "--help"]}, rich_markup_mode=None
)
for _purpose, _functions in _COMMANDS.items():
    for _function in _functions:
        app.command(cls=Command, rich_help_panel=_purpose)(_function)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    if arguments is None:  # else the process is the caller's own
        gc.set_threshold(50_000)  # loading modules leaves nothing to collect, and that takes 0.1 s
        restrict_new_files()
        use_kept_login()
    try:
        return int(get_command(app).main(arguments, "pressrun", standalone_mode=False))
    except PressrunError as error:
        print_error(error)
    except typer.Abort:  # Ctrl-C, or a question that was not answered with yes
        print_note("pressrun: stopped before its end.")
        return 1
    except typer.TyperException as error:
        _print_misuse(error)
    return 2


def _print_misuse(error: typer.TyperException) -> None:
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "pressrun"
    message = error.format_message().replace("Value error, ", "")  # pydantic's word for it
    end = "" if message.endswith((".", "?")) else "."
    print_note(f"{command}: {message}{end} `{command} --help` shows what it takes.")


def _print_version(asked: bool) -> None:
    if asked:
        print_line(__version__)
        raise typer.Exit


@app.callback()
def _pressrun(
    version: Annotated[  # its callback prints it
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Prepare, follow and look after batches: what Prefect's own command line does not do."""
