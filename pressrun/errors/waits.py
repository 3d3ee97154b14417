"""The wait that an answer asks for, wherever it says so: in a header, the body or a sentence.

For providers of models and for destinations alike. Pure.
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

#: Longer waits are taken for mistakes (dates of another century, numbers without an end).
LONGEST_S = 31 * 86_400.0
_UNITS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|[dhms])")
_IN_WORDS = re.compile(
    r"\b(?:retry|again) (?:in|after) ((?:\d{1,9}(?:\.\d{1,9})?(?:ms|[dhms]))+)(?![\w])",
    re.IGNORECASE,
)
#: As Azure and LiteLLM write it.
_LONG_UNITS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_IN_LONG_WORDS = re.compile(
    r"\b(?:retry|again) (?:in|after) (\d{1,9}(?:\.\d{1,9})?) (second|minute|hour|day)s?\b",
    re.IGNORECASE,
)
_LIMITS = re.compile(r"x-ratelimit-(?:reset|remaining)(-[a-z-]+)?")
_NUMBER = r"[0-9]+(\.[0-9]+)?"
#: Nobody means more than a year, whatever number stands there.
_LONGEST_HEADER_S = 365 * 86_400.0


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Reads the seconds of a ``Retry-After`` header: a number, or an HTTP date (RFC 9110, 10.2.3).

    ``retry-after-ms``, which says it more exactly, is read first. None if neither says anything.

    Args:
        headers: Of the answer, their names in lower case.
        now: With a time zone.
    """
    exact = str(headers.get("retry-after-ms", "")).strip()
    if re.fullmatch(_NUMBER, exact):
        return min(float(exact) / 1000, _LONGEST_HEADER_S)
    told = str(headers.get("retry-after", "")).strip()
    if re.fullmatch(_NUMBER, told):
        return min(float(told), _LONGEST_HEADER_S)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def told_wait_s(
    headers: Mapping[str, str], bodies: Iterable[Mapping[str, Any]], words: str, now: datetime
) -> float | None:
    """Finds the seconds that the provider asks to wait; None if it does not say.

    Args:
        headers: Of the answer, their names in lower case.
        bodies: Every object of the answer; Google's RetryInfo is one.
        words: The provider's sentences, read last.
        now: With a time zone.
    """
    told = (
        *(_delay_s(body.get("retryDelay")) for body in bodies),
        retry_after_s(headers, now),
        _reset_s(headers, now),
        _in_words_s(words),
    )
    return next((wait_s for wait_s in told if wait_s is not None and wait_s <= LONGEST_S), None)


def duration_s(told: str) -> float | None:
    """Reads the seconds of ``39s``, ``6m0s`` or ``20ms``; None if it is no such duration."""
    parts = _PART.findall(told)
    if not parts or "".join(number + unit for number, unit in parts) != told.strip():
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _delay_s(told: object) -> float | None:
    """Reads a duration as protobuf writes it in JSON, or as some gateways send it: an object."""
    if isinstance(told, Mapping):
        seconds = str(told.get("seconds"))
        return float(seconds) if re.fullmatch(_NUMBER, seconds) else None
    return duration_s(told) if isinstance(told, str) else None


def _in_words_s(words: str) -> float | None:
    if said := _IN_WORDS.search(words):
        return duration_s(said[1].lower())
    said = _IN_LONG_WORDS.search(words)
    return float(said[1]) * _LONG_UNITS[said[2].lower()] if said else None


def _reset_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Reads ``x-ratelimit-reset-*``: of the limits that are used up, the last to be filled again.

    Where none is said to be used up, the first: asking too early costs only a refusal.
    """
    resets: dict[str, float] = {}
    left: dict[str, str] = {}
    for name, value in headers.items():
        limit = _LIMITS.fullmatch(name)
        if not limit:
            continue
        if "remaining" in name:
            left[limit[1] or ""] = value.strip()
        elif (wait_s := _moment_s(value.strip(), now)) is not None:
            resets[limit[1] or ""] = wait_s
    used_up = [wait_s for limit, wait_s in resets.items() if left.get(limit) == "0"]
    unknown = [wait_s for limit, wait_s in resets.items() if limit not in left]
    return max(used_up) if used_up else min(unknown, default=None)


def _moment_s(told: str, now: datetime) -> float | None:
    """Reads a wait: a duration, seconds, or a moment in Unix seconds or milliseconds."""
    if not re.fullmatch(r"\d{1,16}(\.\d{1,9})?", told):
        return duration_s(told)
    number = float(told)
    if number < 1e9:
        return number
    moment = number / 1000 if number >= 1e11 else number
    return max(0.0, math.ceil((moment - now.timestamp()) * 1000) / 1000)
