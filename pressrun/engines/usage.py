"""What an answer is billed by: as the provider counted it, and at its most where it did not.

Pure. A count that is missing, zero, negative or no number says nothing, since every request is
read and every answer written: counted as nothing, no spending cap would hold behind a gateway that
leaves counts out. A price that the provider states itself is used before all counts.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from pressrun.engines.base import Usage


@dataclass(frozen=True, slots=True)
class ReportedUsage:
    """Counts as a provider reported them; None where it reported none that could be one.

    Attributes:
        written: Tokens of the answer, thoughts apart.
        drawn: The part of ``written`` that is pictures.
        words: The part of ``written`` that is reported as something else than pictures.
        shown: The part of ``read`` that is pictures.
        cost_usd: The provider's own price of the call.
        tier: Of service, as it was served.
    """

    read: int | None = None
    written: int | None = None
    thoughts: int | None = None
    total: int | None = None
    drawn: int | None = None
    words: int | None = None
    shown: int | None = None
    cost_usd: Decimal | None = None
    tier: str = ""

    @property
    def beyond(self) -> int | None:
        """Tokens that are not read ones, by the sum; None where that cannot be known."""
        known = self.read and self.total and self.total >= self.read
        return (self.total or 0) - (self.read or 0) if known else None


def billed_usage(
    reported: ReportedUsage,
    most: Usage,
    *,
    picture: bool,
    answered: bool = True,
    thinks: bool = True,
) -> Usage:
    """Computes what a call is billed by, never less than what was reported.

    Args:
        reported: What the provider reported.
        most: What the request can come to at most.
        picture: Whether a picture was asked for.
        answered: Whether something came; if not, zero tokens written may be true.
        thinks: Whether thoughts are counted apart from the answer.
    """
    if most == Usage():  # a free model
        return most
    written, read = _written(reported, most, answered=answered), reported.read or most.input_tokens
    usage = replace(
        most,
        input_tokens=read,
        output_tokens=written,
        image_tokens=_drawn(reported, most, written) if picture else 0,
        thought_tokens=_thoughts(reported, most, written, thinks=thinks),
        input_image_tokens=_shown(reported, most, read),
        tier=reported.tier,
    )
    # A price of zero comes from servers that know none: the catalogue says which models are free.
    return replace(usage, cost_usd=reported.cost_usd) if reported.cost_usd else usage


def _written(reported: ReportedUsage, most: Usage, *, answered: bool) -> int:
    if reported.written or (reported.written == 0 and not answered):
        return max(reported.written, reported.drawn or 0)
    rest = None if reported.beyond is None else max(0, reported.beyond - (reported.thoughts or 0))
    if rest or (rest == 0 and not answered):
        return rest
    return max(most.output_tokens - (reported.thoughts or 0), most.image_tokens)


def _thoughts(reported: ReportedUsage, most: Usage, written: int, *, thinks: bool) -> int:
    """Counts the thoughts; where the sum is larger than its parts, the rest is thoughts too."""
    if reported.beyond is not None:
        return max(reported.thoughts or 0, reported.beyond - written)
    if reported.thoughts or not thinks:
        return reported.thoughts or 0
    return max(0, most.output_tokens - written)


def _drawn(reported: ReportedUsage, most: Usage, written: int) -> int:
    """Counts the picture's tokens: what is not reported as words, since the picture costs more."""
    if reported.drawn:
        return reported.drawn
    if not reported.written and reported.beyond is None:
        return min(most.image_tokens, written)
    rest = written - (reported.words or 0)
    return rest if rest > 0 else written


def _shown(reported: ReportedUsage, most: Usage, read: int) -> int:
    """Counts the tokens of pictures that were read.

    All that was read, where pictures were sent and no part is reported: they cost no less.
    """
    if reported.shown:
        return min(reported.shown, read)
    return read if most.input_image_tokens else 0
