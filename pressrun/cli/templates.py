"""``pressrun templates``: settings saved under a name, to be chosen when a batch is launched."""

import argparse
from typing import Any

from pressrun.cli.output import chosen_batch, print_json, print_line
from pressrun.cli.stores import answering_server
from pressrun.errors import InputError


def templates(options: argparse.Namespace) -> int:
    """Lists, shows, saves or deletes templates."""
    with answering_server():
        found = _do(options)
    if options.json:
        print_json(found)
    else:
        for name, template in found.items():
            settings = ", ".join(f"{k}={v}" for k, v in template["settings"].items() if v != "")
            print_line(f"{name}  ({template['flow']})  {settings}")
    return 0


def take_options(command: argparse.ArgumentParser) -> None:
    """The command's own options."""
    command.add_argument("name", nargs="?", default="", metavar="NAME", help="just this one")
    command.add_argument(
        "--save-from", dest="run_id", metavar="RUN", help="save the settings of this batch as NAME"
    )
    command.add_argument("--owner", default="", metavar="NAME", help="RUN is of this owner")
    command.add_argument("--delete", action="store_true", help="remove NAME")


def _do(options: argparse.Namespace) -> dict[str, Any]:
    if (options.run_id or options.delete) and not options.name:
        raise InputError("Give the template's NAME.")
    if options.run_id:
        return _saved(options)
    found = _all()
    if not options.name:
        return found
    name = _bare(options.name)
    if name not in found:
        raise InputError(f"There is no template {options.name!r}. `pressrun templates` lists them.")
    if options.delete:
        _variable().unset(_prefix() + name)
    return {name: found[name]}


def _saved(options: argparse.Namespace) -> dict[str, Any]:
    from pressrun.batches.templates import template_of, variable_name
    from pressrun.kinds.registry import find_kind

    batch = chosen_batch(options)
    template = template_of(find_kind(batch.kind), batch.parameters)
    _variable().set(variable_name(options.name), template, overwrite=True)
    return {_bare(options.name): template}


def _all() -> dict[str, Any]:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        variables = client.read_variables(limit=200)
    return {
        variable.name.removeprefix(_prefix()): variable.value
        for variable in sorted(variables, key=lambda variable: variable.name)
        if variable.name.startswith(_prefix()) and isinstance(variable.value, dict)
    }


def _bare(name: str) -> str:
    from pressrun.batches.templates import variable_name

    return variable_name(name).removeprefix(_prefix())


def _prefix() -> str:
    from pressrun.batches.templates import PREFIX

    return PREFIX


def _variable() -> Any:
    from prefect.variables import Variable

    return Variable
