"""One model's circuit breaker, as callers use it: asked before every call, updated after it.

The ledger has the record of failures, for all batches; this module says when it is read.
"""

import time

from pressrun.errors import EngineError, Unavailable
from pressrun.ledger.breakers import Breakers, Open, counts


class Breaker:
    """Stops calls of a model that failed again and again, for a while. Thread-safe.

    Args:
        model: Its name.
        record: Where failures are counted; None to call it whatever happened.
    """

    def __init__(self, model: str = "", record: Breakers | None = None):
        self._model, self._record = model, record
        self._heard = ""

    def require_closed(self) -> None:
        """Checks that the model may be called, before a moment is reserved for nothing.

        Raises:
            Unavailable: The model is left alone; with the reason, and until when.
        """
        if self._record and (shut := self._record.look(self._model, time.time())):
            raise self._left_alone(shut)

    def require_allowed(self) -> None:
        """Checks right before a call is sent: others may have failed while it waited.

        A caller that may call has to record the outcome of the call.

        Raises:
            Unavailable: As :meth:`require_closed`.
        """
        if self._record and (shut := self._record.allows(self._model, time.time())):
            raise self._left_alone(shut)

    def record(self, error: EngineError | None = None) -> None:
        """Records the outcome of a call; a refusal is an answer too: the model is there."""
        if self._record is None:
            return
        if error and counts(error):
            self._heard = f" The last time: {error}"
            self._record.failed(self._model, time.time())
        else:
            self._record.worked(self._model)

    def _left_alone(self, shut: Open) -> Unavailable:
        words = f"{shut}{self._heard} Retry the run then."
        return Unavailable(words, kind="left_alone", retryable=False)


#: Of a model that is called whatever happened.
UNBROKEN = Breaker()
