"""How long a server asks to wait before it is asked again."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(header: str, now: datetime) -> float | None:
    """Seconds of a ``Retry-After`` header: a number, or an HTTP date (RFC 9110, 10.2.3).

    Args:
        header: Its value; empty if there was none.
        now: With a time zone.
    """
    told = header.strip()
    if re.fullmatch(r"\d+(\.\d+)?", told):
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
