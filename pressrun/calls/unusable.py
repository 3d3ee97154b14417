"""A model whose paid answers can never be used: stopped, before every item pays to see it again.

One broken answer is worth another try. The same reason again and again is a form that will not
change: a gateway that answers with addresses, a model that writes no JSON.
"""

import threading

from pressrun.engines.catalogue import Model
from pressrun.errors import BadReply, EngineError

#: So many pictures in a row that are of no use for the same reason end a route that never gave a
#: usable one.
NEVER_USED = 2
#: And so many answers one that did, or that writes text: chance alone cuts two texts off.
BY_CHANCE = 6


class Unusable:
    """The useless answers of one model in a row, as one batch gets them. Thread-safe.

    Args:
        model: The model.
    """

    def __init__(self, model: Model):
        self._model = model.name
        self._first = BY_CHANCE if "text" in model.makes else NEVER_USED
        self._reason, self._row, self._used = "", 0, False
        self._lock = threading.Lock()

    def record(self, error: EngineError | None) -> None:
        """Records an answer, useless or not; a call without one says nothing here.

        Raises:
            BadReply: Of kind ``unusable``; nothing more is worth asking of the model.
        """
        of_one_item = error is not None and error.repeats is not None
        if of_one_item or not isinstance(error, BadReply | None):
            return
        with self._lock:
            if error is None:
                self._reason, self._row, self._used = "", 0, True
                return
            again = str(error) == self._reason
            self._reason, self._row = str(error), self._row + 1 if again else 1
            row, most = self._row, BY_CHANCE if self._used else self._first
        if row >= most:
            raise BadReply(
                f"{error} That came {row} times in a row, so nothing more is asked of "
                f"{self._model}: every answer is paid. Choose another model, or see what answers "
                "at its address.",
                kind="unusable",
                retryable=False,
                usage=error.usage,
            )
