"""How long a server asks to wait before it is asked again."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds of a ``Retry-After`` header: a number, or an HTTP date (RFC 9110, 10.2.3).

    None if there is no such header, or it says neither.

    Args:
        headers: Of the answer, their names in lower case.
        now: With a time zone.
    """
    told = str(headers.get("retry-after", "")).strip()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
