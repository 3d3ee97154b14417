"""Settings that were saved under a name, looked up on the server when a run begins."""

from collections.abc import Mapping
from typing import Any

from prefect.variables import Variable

from pressrun.errors import InputError
from pressrun.recipes.registry import Kind
from pressrun.templates import filled, variable_name


def with_template(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The flow's parameters, filled from the template that they name.

    Raises:
        InputError: There is no such template, or it is of another flow.
    """
    name = str(given.get("template", "")).strip()
    if not name:
        return dict(given)
    template = Variable.get(variable_name(name))
    if not isinstance(template, dict):
        raise InputError(f"There is no template {name!r}. `pressrun templates` lists them.")
    return filled(kind, given, template, kind.order({}))
