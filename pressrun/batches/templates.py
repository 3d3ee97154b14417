"""A batch's settings under a name: which of them a template keeps, and how it fills new parameters.

Templates are Prefect variables; this module says what is in one, and asks no server.
"""

import re
from collections.abc import Mapping
from typing import Any

from pressrun.errors import InputError
from pressrun.kinds.base import Kind
from pressrun.kinds.parameters import BatchParameters, with_present_names

#: Every template is a variable whose name begins so.
PREFIX = "pressrun_template_"
#: What belongs to one batch, whatever its kind.
_OF_ONE_BATCH = frozenset({"title", "action", "output", "template", "reuse", "requested_by"})


def variable_name(name: str) -> str:
    """Makes the name of a template's variable, as Prefect allows it.

    It has lower case letters, digits and underscores.

    Raises:
        InputError: The name cannot be used.
    """
    bare = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
    if not bare or len(bare) > 80:
        raise InputError(f"{name[:80]!r} is no name for a template. Use letters and digits.")
    return PREFIX + bare


def template_of(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the template of a batch's parameters: its settings, not its content."""
    left_out = _OF_ONE_BATCH | set(kind.content)
    settings = {name: value for name, value in parameters.items() if name not in left_out}
    return {"flow": kind.flow, "settings": settings}


def filled(
    kind: Kind, given: Mapping[str, Any], template: Mapping[str, Any], default: BatchParameters
) -> dict[str, Any]:
    """Fills a template's settings into parameters, wherever the person left the default.

    Args:
        kind: Of the batch.
        given: The flow's parameters.
        template: As :func:`template_of` made it.
        default: The kind's parameters, all left at their defaults.

    Raises:
        InputError: The template is of another flow.
    """
    known = default.model_dump()
    kept = saved_settings(kind, given["template"], template, default)
    chosen = {name: value for name, value in given.items() if value != known.get(name)}
    return dict(given) | kept | chosen


def saved_settings(
    kind: Kind, name: str, template: Mapping[str, Any], default: BatchParameters
) -> dict[str, Any]:
    """Reads a template's settings, by the names that parameters have today.

    Args:
        kind: Of the batch that takes them.
        name: Of the template.
        template: As :func:`template_of` made it.
        default: The kind's parameters, all left at their defaults.

    Raises:
        InputError: The template is of another flow.
    """
    if template.get("flow") != kind.flow:
        raise InputError(f"The template {name!r} is for {template.get('flow')}, not {kind.flow}.")
    known = default.model_dump().keys() - {"requested_by"}  # who asks now does
    saved = kind.as_saved(with_present_names(template["settings"]))
    return {name: value for name, value in saved.items() if name in known}
