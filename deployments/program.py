"""The command ``pressrun-up``: all of Pressrun on this machine, its demos, its deployments."""

import argparse

from deployments import demo, up

_ABOUT = """\
Without a command: the desk, a Prefect server on SQLite and a worker on this machine, until Ctrl-C.
It prints a link that signs in once.

variables:
  PRESSRUN_PORT       port of the Prefect server (4200)
  PRESSRUN_DESK_PORT  port of the desk (4300)
  PRESSRUN_DATA       folder of the ledger, the vault, logs and the password
  PRESSRUN_OUTPUT     folder that batches are delivered to when none is named
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "demo":
        return demo.main(options.what)
    if options.command == "register":
        from deployments.bootstrap import bootstrap  # noqa: PLC0415 - imports Prefect

        bootstrap()
        return 0
    return up.main()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "pressrun-up", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    shown = "make what ships with Pressrun, offline, into output/demo of this folder"
    one = commands.add_parser("demo", help=shown, description=f"{shown.capitalize()}.")
    one.add_argument("what", nargs="?", default=demo.KINDS[0], choices=demo.KINDS)
    shown = "register blocks, work pool and deployments on the server of PREFECT_API_URL"
    commands.add_parser("register", help=shown, description=f"{shown.capitalize()}.")
    return parser
