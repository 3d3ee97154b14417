"""From a batch's kind, or its flow, to all that the kind brings. A new kind is one entry here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pressrun.errors import InputError, LedgerError
from pressrun.layout import DEFAULT
from pressrun.ledger.batches import Item, PlannedItem
from pressrun.recipes import image, slideshow
from pressrun.recipes.base import Recipe
from pressrun.recipes.image_order import ImageOrder
from pressrun.recipes.image_parse import Ask
from pressrun.recipes.slideshow_order import SlideshowOrder
from pressrun.settings import Settings
from pressrun.vault import Vault

Say = Callable[[str], None]
Bring = Callable[[str], str]


class Planner(Protocol):
    """Plans one batch."""

    def plan(self) -> list[PlannedItem]:
        """The batch's items, in order; raises a PressrunError if nothing can be run."""
        ...

    def again(self, failed: Sequence[Item]) -> dict[str, list[PlannedItem]]:
        """What stands in the place of failed items that may be had by now, by their key."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of batch.

    Attributes:
        name: As the ledger has it.
        flow: The name of its flow.
        recipe: How its items are made.
        order: From the flow's parameters to checked ones; raises InputError.
        planner: From checked parameters to a planner, with what a planner needs: where sources
            are reached, the vault, who is told of steps, how far places are brought here, and
            how a model is asked to read.
        path_template: Where its files lie below a destination that has no template of its own.
    """

    name: str
    flow: str
    recipe: Recipe
    order: Callable[[Mapping[str, Any]], Any]
    planner: Callable[[Any, Settings, Vault, Say, Bring, Ask], Planner]
    path_template: str = DEFAULT


def _plan_slideshows(
    order: SlideshowOrder, settings: Settings, vault: Vault, say: Say, bring: Bring, _ask: Ask
) -> Planner:
    # Imported late: what fetches links takes half a second to load, and only plans need it.
    from pressrun.recipes.slideshow_plan import Planner as SlideshowPlanner  # noqa: PLC0415

    return SlideshowPlanner(order, settings, vault, say, bring)


def _plan_images(
    order: ImageOrder, settings: Settings, _vault: Vault, say: Say, bring: Bring, ask: Ask
) -> Planner:
    from pressrun.recipes.image_plan import Planner as ImagePlanner  # noqa: PLC0415

    return ImagePlanner(order, settings, say, bring, ask)


_KINDS = (
    Kind(
        name=slideshow.KIND,
        flow="slideshow-batch",
        recipe=slideshow.SlideshowRecipe(),
        order=SlideshowOrder.of,
        planner=_plan_slideshows,
    ),
    Kind(
        name=image.KIND,
        flow="image-batch",
        recipe=image.ImageRecipe(),
        order=ImageOrder.of,
        planner=_plan_images,
        path_template=image.PATH_TEMPLATE,
    ),
)


def find_recipe(kind: str) -> Recipe:
    """The recipe of that kind of batch.

    Raises:
        LedgerError: The ledger names a kind that this version does not know.
    """
    for known in _KINDS:
        if known.name == kind:
            return known.recipe
    raise LedgerError(f"The ledger has a batch of kind {kind!r}, which this version lacks.")


def find_flow(flow: str) -> Kind:
    """The kind of batch that a flow runs.

    Raises:
        InputError: There is no such flow.
    """
    for known in _KINDS:
        if known.flow == flow:
            return known
    flows = ", ".join(known.flow for known in _KINDS)
    raise InputError(f"There is no flow {flow[:80]!r}. Choose one of: {flows}.")
