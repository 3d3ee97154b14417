"""Where a run delivers: looked up first, so that a wrong destination is said before any cost."""

from pressrun.blocks import ResultStore, target_of
from pressrun.stores.factory import Target


def find_target(block: ResultStore | None, output: str) -> Target:
    """The destination of this run; no task of its own, since secrets are no task's argument.

    Raises:
        SettingError: The block and the folder contradict each other.
    """
    return target_of(block, output)
