"""``pressrun templates``: settings saved under a name, to be chosen when a batch is launched."""

from typing import Annotated, Any

from typer import Argument, Option

from pressrun.cli.options import Json, chosen_batch
from pressrun.cli.output import print_json, print_line
from pressrun.cli.server import answering_server
from pressrun.errors import InputError


def templates(
    name: Annotated[str, Argument(metavar="NAME", help="Just this one.")] = "",
    save_from: Annotated[
        str, Option(metavar="RUN", help="Save the settings of this batch as NAME.")
    ] = "",
    owner: Annotated[str, Option(metavar="NAME", help="RUN is of this owner.")] = "",
    delete: Annotated[bool, Option("--delete", help="Remove NAME.")] = False,
    as_json: Json = False,
) -> int:
    """List, save and delete saved settings."""
    if (save_from or delete) and not name:
        raise InputError("Give the template's NAME.")
    with answering_server():
        found = _saved(name, save_from, owner) if save_from else _found(name, delete)
    if as_json:
        print_json(found)
    else:
        for title, template in found.items():
            settings = ", ".join(f"{k}={v}" for k, v in template["settings"].items() if v != "")
            print_line(f"{title}  ({template['flow']})  {settings}")
    return 0


def _found(name: str, delete: bool) -> dict[str, Any]:
    found = _all()
    if not name:
        return found
    bare = _bare(name)
    if bare not in found:
        raise InputError(f"There is no template {name!r}. `pressrun templates` lists them.")
    if delete:
        _variable().unset(_prefix() + bare)
    return {bare: found[bare]}


def _saved(name: str, run: str, owner: str) -> dict[str, Any]:
    from pressrun.batches.templates import template_of, variable_name
    from pressrun.kinds.registry import find_kind

    batch = chosen_batch(run, owner)
    template = template_of(find_kind(batch.kind), batch.parameters)
    _variable().set(variable_name(name), template, overwrite=True)
    return {_bare(name): template}


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
