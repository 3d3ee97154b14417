"""Processes that share what their parent has loaded, for tests of several writers at once."""

import multiprocessing
from multiprocessing.context import ForkServerContext


def forks(*modules: str) -> ForkServerContext:
    """Gives the context in which processes start, quickly, from one that has loaded ``modules``.

    The first caller of a test process decides what is loaded beforehand; what is missing later is
    imported by each child for itself.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*modules])
    return context
