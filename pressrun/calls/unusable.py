"""A model whose paid answers can never be used: stopped, before every item pays to see it again.

One broken answer is worth another try. The same reason again and again is a form that will not
change: a gateway that answers with addresses, a model that writes no JSON. What may be an item's
own doing (no picture came) has to be seen of many items before the model is to blame.
"""

import math
import threading
from dataclasses import dataclass

from pressrun.engines.catalogue import Model
from pressrun.errors import BadReply, EngineError

#: So many pictures in a row that are of no use for the same reason end a route that never gave a
#: usable one.
NEVER_USED = 2
#: And so many answers one that did, or that writes text: chance alone cuts two texts off.
BY_CHANCE = 6
#: So many items in a row without anything usable end a route that never gave anything else.
NEVER_AN_ITEM = 10


class Unusable:
    """The useless answers of one model in a row, as one batch gets them. Thread-safe.

    Args:
        model: The model.
    """

    def __init__(self, model: Model):
        self._model = model.name
        self._first = BY_CHANCE if "text" in model.makes else NEVER_USED
        self._answers, self._items, self._used = _Row(), _Row(), False
        self._lock = threading.Lock()

    def record(self, error: EngineError | None) -> None:
        """Records an answer, useless or not; a call without one says nothing here.

        Raises:
            BadReply: Of kind ``unusable``; nothing more is worth asking of the model.
        """
        if not isinstance(error, BadReply | None) or (error and error.stops_route):
            return
        with self._lock:
            if error is None:
                self._answers, self._items, self._used = _Row(), _Row(), True
                return
            row, most = self._count(error)
        if row >= most:
            said = str(error).removesuffix(" Try again.")
            raise BadReply(
                f"{said} That came {row} times in a row, so nothing more is asked of "
                f"{self._model}: every answer is paid. Choose another model, or see what answers "
                "at its address.",
                kind="unusable",
                retryable=False,
                usage=error.usage,
            )

    def _count(self, error: BadReply) -> tuple[int, float]:
        """Counts an answer; returns how many are in a row, and how many are enough."""
        if error.repeats is None:
            return self._answers.count(str(error)), BY_CHANCE if self._used else self._first
        most = math.inf if self._used else NEVER_AN_ITEM * (error.repeats + 1)
        # By kind: the sentence has the model's words, which differ from item to item.
        return self._items.count(error.kind), most


@dataclass
class _Row:
    """Answers of one reason in a row."""

    reason: str = ""
    times: int = 0

    def count(self, reason: str) -> int:
        self.times = self.times + 1 if reason == self.reason else 1
        self.reason = reason
        return self.times
