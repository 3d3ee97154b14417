"""From a batch's kind to its recipe. A new kind is one line here."""

from pressrun.errors import LedgerError
from pressrun.recipes import slideshow
from pressrun.recipes.base import Recipe

_RECIPES: dict[str, Recipe] = {slideshow.KIND: slideshow.SlideshowRecipe()}


def find_recipe(kind: str) -> Recipe:
    """The recipe of that kind of batch.

    Raises:
        LedgerError: The ledger names a kind that this version does not know.
    """
    if kind not in _RECIPES:
        raise LedgerError(f"The ledger has a batch of kind {kind!r}, which this version lacks.")
    return _RECIPES[kind]
