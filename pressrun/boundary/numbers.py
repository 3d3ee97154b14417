"""Numbers as people type them, in whichever country: a wrong guess about a comma is money."""

import math
import re

from pressrun.errors import InputError

_CURRENCY = re.compile(r"^(?:US\$|USD|\$)|(?:USD|\$)$", re.IGNORECASE)
#: Between thousands; a dot and a comma are told apart by where they stand.
_SPACES = re.compile("(?<=[0-9])[ '_\u00a0\u2009\u202f\u2019](?=[0-9]{3}(?![0-9]))")
#: Three digits behind a comma are thousands, unless a zero stands before it: 0,125.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_LARGEST = 1e15


def read_number(text: str, *, whole: bool = False) -> float | int:
    """Reads a number as people write it: ``1000``, ``1,000``, ``2.5``, ``2,5``, ``$1.000,50``.

    Raises:
        InputError: It is none, or may be two.
    """
    bare = _bare(text)
    try:
        value = float(bare)
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is no number. Write it as 1000 or 2.5.") from error
    if not math.isfinite(value) or abs(value) >= _LARGEST or (whole and value != int(value)):
        raise InputError(f"{text[:40]!r} is no {'whole ' if whole else ''}number.")
    return int(value) if value == int(value) else value


def _bare(text: str) -> str:
    """Gives what Python reads: no currency, nothing between thousands, a dot for the fraction."""
    # Digits of other scripts, and of full width, are digits.
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in text.strip())
    bare = _SPACES.sub("", _CURRENCY.sub("", plain).strip())
    sign = bare[:1] if bare[:1] in ("+", "-") else ""
    return sign + _pointed(bare.removeprefix(sign))


def _pointed(bare: str) -> str:
    point = max(".", ",", key=bare.rfind)
    between = "," if point == "." else "."
    if between not in bare:
        if point == "," and _THOUSANDS.fullmatch(bare):
            return bare.replace(",", "")
        if bare.count(point) > 1:  # 1.000.000: no fraction has two
            return _joined(bare, point)
        return bare.replace(",", ".")
    front, _, fraction = bare.rpartition(point)
    return f"{_joined(front, between)}.{fraction}"


def _joined(bare: str, between: str) -> str:
    """Takes out what stands between thousands; what is grouped otherwise stays: no number."""
    first, *rest = bare.split(between)
    is_grouped = 0 < len(first) <= 3 and all(len(part) == 3 for part in rest)
    return "".join([first, *rest]) if is_grouped else bare
