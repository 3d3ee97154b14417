"""The table of kinds, found by their name or their flow. A new kind is one entry here."""

from functools import cache
from importlib import import_module
from typing import Any

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
#: Those that have a ``model_of``, said here so that a look at a batch need not import them.
_APART = frozenset({"comparison"})


def kind_names() -> list[str]:
    """Lists the names of all kinds."""
    return list(_FLOWS)


@cache
def find_kind(kind: str) -> Kind:
    """Finds the kind of that name.

    Raises:
        LedgerError: The ledger names a kind that this version does not know.
    """
    found: Kind = _part(kind, "kind").KIND
    return found


def has_models_apart(kind: str) -> bool:
    """Says whether what stops one model of a batch stops no other; see ``Kind.model_of``."""
    return kind in _APART


@cache
def find_recipe(kind: str) -> Recipe:
    """Finds the recipe of that kind of batch; raises as :func:`find_kind`.

    Nothing else of the kind is imported: what says where a batch stands has no use for what reads
    prompts and mends items.
    """
    found: Recipe = _part(kind, "recipe").RECIPE
    return found


def _part(kind: str, module: str) -> Any:
    if kind not in _FLOWS:
        raise LedgerError(f"The ledger has a batch of kind {kind!r}, which this version lacks.")
    return import_module(f"pressrun.kinds.{kind}.{module}")


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
