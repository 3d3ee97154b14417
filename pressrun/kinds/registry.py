"""The table of kinds, found by their name or their flow. A new kind is one entry here."""

from functools import cache
from importlib import import_module

from pressrun.errors import InputError, LedgerError
from pressrun.kinds.base import Kind, Recipe

#: The flow of each kind, by the kind's name, which is that of its folder, too. A kind is imported
#: when it is asked for: a look at a batch has no use for the other three.
_FLOWS = {
    "slideshow": "slideshow-batch",
    "image": "image-batch",
    "article": "article-batch",
    "comparison": "model-comparison",
}


def kind_names() -> list[str]:
    """Lists the names of all kinds."""
    return list(_FLOWS)


@cache
def find_kind(kind: str) -> Kind:
    """Finds the kind of that name.

    Raises:
        LedgerError: The ledger names a kind that this version does not know.
    """
    if kind not in _FLOWS:
        raise LedgerError(f"The ledger has a batch of kind {kind!r}, which this version lacks.")
    found: Kind = import_module(f"pressrun.kinds.{kind}.kind").KIND
    return found


def find_recipe(kind: str) -> Recipe:
    """Finds the recipe of that kind of batch; raises as :func:`find_kind`."""
    return find_kind(kind).recipe


def find_flow(flow: str) -> Kind:
    """Finds the kind of batch that a flow runs.

    Raises:
        InputError: There is no such flow.
    """
    for kind, known in _FLOWS.items():
        if known == flow:
            return find_kind(kind)
    flows = ", ".join(_FLOWS.values())
    raise InputError(f"There is no flow {flow[:80]!r}. Choose one of: {flows}.")
