"""Which version of Gemini's API is asked: another one, once, if one does not know our fields."""

import logging
import os
import threading

from pressrun.engines.account import Access
from pressrun.errors import EngineError, Refused

logger = logging.getLogger(__name__)

_GONE_OVER = "Version {} is asked from now on, and this is asked again."
_NONE_LEFT = (
    "No other version knows it either. Set the API version in the "
    "Model account block or in PRESSRUN_GEMINI_API_VERSION, or choose another model for the batch."
)


class ApiVersion:
    """The version of the API that an access uses; another one once, if a field is unknown.

    Which fields a version knows changes on Google's side, and servers that stand in for Google
    differ: so a version is asked that has not refused yet.
    """

    def __init__(self, access: Access):
        # Vertex AI counts its previews: what is v1beta elsewhere is v1beta1 there.
        self._preview = "v1beta1" if access.project else "v1beta"
        chosen = self._preview if access.version == "v1beta" else access.version
        self.now = chosen  # empty leaves it to the SDK, as for Vertex AI
        self._changing = threading.Lock()
        self._refused: set[str] = set()

    def explained(self, refusal: EngineError, asked: str) -> EngineError:
        """Adds what to do to the refusal of a field; retryable if another version can be asked."""
        with self._changing:
            self._refused.add(asked)
            if len(self._refused) == 1 and asked == self.now:
                self.now = self._other(asked)
                logger.warning("%s Version %s is asked from now on.", refusal, self.now)
            knows_more = self.now not in self._refused
        advice = _GONE_OVER.format(self.now) if knows_more else _NONE_LEFT
        error = Refused(f"{refusal} {advice}", kind=refusal.kind, retryable=knows_more)
        error.repeats = 1 if knows_more else 0
        return error

    def _other(self, version: str) -> str:
        # Where none is chosen, Google's library takes this variable's, or its preview.
        known = version or os.environ.get("GOOGLE_GENAI_API_VERSION", "")
        return self._preview if known == "v1" else "v1"
