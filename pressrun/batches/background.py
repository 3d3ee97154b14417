"""One loop for all that a running batch looks at, or writes, every few seconds."""

import contextvars
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf

logger = logging.getLogger(__name__)

#: Looks once; may return the seconds until the next look, where they differ: infinite for none.
Look = Callable[[], float | None]


@contextmanager
def repeating(look: Look, every_s: float, name: str, *, at_once: bool = False) -> Iterator[None]:
    """Repeats a look in a thread of its own; waits for the last one at the end.

    An error of a look is logged, and the next look comes nevertheless. The thread has the caller's
    context, so that its log lines belong to the caller's flow run.

    Args:
        look: What is done.
        every_s: Seconds from the end of one look to the next.
        name: The thread's.
        at_once: Look without a pause the first time.
    """
    over = threading.Event()

    def repeat() -> None:
        pause_s = 0.0 if at_once else every_s
        while pause_s < inf and not over.wait(pause_s):
            try:
                pause_s = every_s if (asked_s := look()) is None else asked_s
            except Exception:
                logger.exception("The look of %r failed; the next one comes.", name)
                pause_s = every_s

    context = contextvars.copy_context()
    thread = threading.Thread(target=partial(context.run, repeat), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
