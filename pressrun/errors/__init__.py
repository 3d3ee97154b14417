"""Every error that Pressrun raises on purpose.

    PressrunError
    ├── InputError              what a person gave cannot be used; lists every problem
    │   └── PictureError        bytes that are no picture we may decode
    ├── SourceError             a slideshow could not be had from where it lives
    ├── SettingError            a setting, block or account is missing or wrong
    ├── EngineError             a provider's answer that is not the result asked for
    │   ├── Throttled           too fast: reserve again; never counts as an attempt
    │   ├── QuotaExhausted      nothing more until ``until`` (a day's quota, spent credit)
    │   ├── Blocked             refused by the provider's safety rules: final
    │   ├── Refused             the request itself is wrong (key, model, argument): final
    │   ├── BadReply            an answer that cannot be used (broken JSON or picture)
    │   └── Unavailable         the provider failed or did not answer in time
    ├── Halted                  a person paused or cancelled the batch
    ├── BudgetSpent             a spending cap has no room for the next call
    │   └── NotBegun            nor for an item that is not begun: what is begun goes first
    ├── RequestLimit            the requester, or all together, have asked for enough for now
    ├── StoreError              the destination refused or cannot be reached
    ├── ElsewhereError          only another machine can go on with the batch
    ├── VaultError              paid bytes could not be kept (a full disk)
    └── LedgerError             the ledger cannot be opened or does not fit this version

Each carries a short ``kind`` for machines, a sentence for people that says what to do,
and whether trying again is worth it (``retryable``), so that no layer has to guess.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.stop import StopBaseT
from tenacity.wait import WaitBaseT

T = TypeVar("T")

logger = logging.getLogger(__name__)

#: Kinds of refusals that are about the account, the model or how it is asked, and not about one
#: item: whatever else is asked of the model is refused as well.
STOPPING_KINDS = frozenset(
    {
        "bad_key",
        "no_permission",
        "unknown_model",
        "bad_address",
        "unknown_field",
        "address_only",
        "unusable",
    }
)

#: Kinds of refusals that what was given for the item causes: however often the same is asked, it
#: is refused again.
INPUT_KINDS = frozenset(
    {
        "blocked",
        "bad_input",
        "bad_picture",
        "bad_request",
        "refused",
        "unsupported",
    }
)
#: Kinds of failures of a source (a link, a page) that may pass by themselves. ``blocked`` is
#: another thing there: TikTok refuses this machine for now.
PASSING_SOURCE_KINDS = frozenset({"unreachable", "page_changed", "blocked"})


class PressrunError(Exception):
    """The root; ``str(error)`` is one sentence that may be shown to a person."""

    kind = "error"
    retryable = False

    def __init__(self, message: str, *, kind: str | None = None, retryable: bool | None = None):
        super().__init__(message)
        if kind is not None:
            self.kind = kind
        if retryable is not None:
            self.retryable = retryable

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments break the default; Prefect pickles errors when results persist.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(
    cls: type[PressrunError], args: tuple[object, ...], state: dict[str, object]
) -> PressrunError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def foreseen(error: Exception) -> PressrunError:
    """Returns the error itself if it is one of ours, else one of kind ``bug`` that says so.

    The trace of an error that is not ours is then in the log.

    For where one row, picture or feed of many is read: whatever goes wrong there is the failure of
    that one alone.
    """
    if isinstance(error, PressrunError):
        return error
    logger.error("What follows is a fault of Pressrun's own.", exc_info=error)
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return PressrunError(f"This failed by a fault of Pressrun's own ({said}).", kind="bug")


def retry(ask: Callable[[], T], *, wait: WaitBaseT, stop: StopBaseT) -> T:
    """Repeats a call while its errors say that waiting helps; returns its answer.

    A wait that the other side asked for (``retry_after_s``) is the least. Every wait is logged.
    Nothing is set up before an error comes, from which ``stop`` counts, since mostly none does.

    Args:
        ask: What is asked; it may be asked twice.
        wait: The pauses, as tenacity takes them.
        stop: When it has lasted too long.

    Raises:
        PressrunError: No waiting helps, or it has lasted too long.
    """
    try:
        return ask()
    except PressrunError as error:
        if not error.retryable:
            raise
        failures = [error]

    def again() -> T:
        if failures:  # the first try was above
            raise failures.pop()
        return ask()

    def pause_s(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return max(wait(state), getattr(error, "retry_after_s", None) or 0.0)

    def log(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        logger.warning("%s Trying again in %.0f s.", error, state.upcoming_sleep)

    worth = retry_if_exception(lambda error: isinstance(error, PressrunError) and error.retryable)
    return Retrying(retry=worth, wait=pause_s, stop=stop, before_sleep=log, reraise=True)(again)


class InputError(PressrunError):
    """What a person gave cannot be used.

    Args:
        message: The summary, one sentence.
        problems: One sentence a problem, each naming its line or field.
    """

    kind = "bad_input"

    def __init__(self, message: str, problems: Sequence[str] = (), *, kind: str | None = None):
        super().__init__("\n".join([message, *(f"  - {p}" for p in problems)]), kind=kind)
        self.problems = tuple(problems)


class PictureError(InputError):
    """Bytes that are no picture, or none that may be decoded safely."""

    kind = "bad_picture"


class SourceError(PressrunError):
    """A slideshow could not be had; ``kind`` is the link's verdict (``post_gone`` …)."""

    kind = "source"


class SettingError(PressrunError):
    """A setting, block or account is missing or wrong."""

    kind = "setting"


class EngineError(PressrunError):
    """A provider's answer that is not the result asked for.

    Args:
        message: One sentence for a person.
        retry_after_s: Seconds that the provider asked to wait, where it said so.
        cost_usd: What the refused call cost all the same, where it is known.
        usage: The tokens that a useless answer was billed for (``engines.base.Usage``), so that
            the ledger can price it. An object here, because errors know nothing of engines.

    Attributes:
        repeats: How often the same is worth asking again at most, where that is known; None leaves
            it to whoever asks.
        reencode: Whether the request's pictures have to be encoded anew when it is asked again.
    """

    kind = "engine"
    repeats: int | None = None
    reencode: bool = False

    def __init__(
        self,
        message: str,
        *,
        kind: str | None = None,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
        cost_usd: float = 0.0,
        usage: object | None = None,
    ):
        super().__init__(message, kind=kind, retryable=retryable)
        self.retry_after_s = retry_after_s
        self.cost_usd = cost_usd
        self.usage = usage

    @property
    def stops_route(self) -> bool:
        """Whether no other item can be made with the model now either."""
        final = not self.retryable and self.kind in STOPPING_KINDS
        return final or isinstance(self, QuotaExhausted)


class Throttled(EngineError):
    """Too fast for the provider: reserve again. Not a failure of the item."""

    kind = "throttled"
    retryable = True


class QuotaExhausted(EngineError):
    """The model takes no more calls until ``until`` (UTC), where that is known."""

    kind = "quota_exhausted"

    def __init__(self, message: str, *, until: datetime | None = None, kind: str | None = None):
        super().__init__(message, kind=kind)
        self.until = until


class Blocked(EngineError):
    """Refused by the provider's safety rules. Asking again changes nothing."""

    kind = "blocked"


class Refused(EngineError):
    """The request is wrong: a bad key, an unknown model, an argument out of range."""

    kind = "refused"


class BadReply(EngineError):
    """An answer that cannot be used: truncated, not the schema, not a picture."""

    kind = "bad_reply"
    retryable = True


class Unavailable(EngineError):
    """The provider failed, broke the connection or did not answer in time."""

    kind = "unavailable"
    retryable = True


class Halted(PressrunError):
    """A person paused or cancelled the batch (``kind``), or its process has to end.

    No failure: the item is as it was before, with all that is paid for it kept.
    """

    kind = "paused"


class BudgetSpent(PressrunError):
    """A spending cap has no room for the next call; nothing was sent.

    Args:
        message: One sentence for a person.
        waiting: Whether calls in flight have set amounts aside that may come free.
    """

    kind = "budget"

    def __init__(self, message: str, *, waiting: bool = False):
        super().__init__(message)
        self.waiting = waiting


class NotBegun(BudgetSpent):
    """What is left of a spending cap does not last for an item; nothing of it was asked.

    Others go on: those that are begun, and a cheaper one may begin.
    """


class RequestLimit(PressrunError):
    """No further batch is let in for now; nothing was made or paid.

    Args:
        message: One sentence for a person.
        until: When the next place is free (UTC); None if the batch is too large for any time.
    """

    kind = "request_limit"

    def __init__(self, message: str, *, until: datetime | None = None):
        super().__init__(message)
        self.until = until


class StoreError(PressrunError):
    """The destination refused a file or cannot be reached.

    Args:
        message: One sentence for a person.
        retry_after_s: Seconds that the destination asked to wait, where it said so.
    """

    kind = "store"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        kind: str | None = None,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
    ):
        super().__init__(message, kind=kind, retryable=retryable)
        self.retry_after_s = retry_after_s


class ElsewhereError(SettingError):
    """Only another machine can go on with the batch: it is delivered into a folder there."""

    kind = "elsewhere"


class VaultError(PressrunError):
    """Paid bytes could not be written to, or found in, the vault."""

    kind = "vault"
    retryable = True


class LedgerError(PressrunError):
    """The ledger cannot be opened, or was written by another version."""

    kind = "ledger"
