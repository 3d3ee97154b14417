"""What an answer is billed by: as the provider counted it, and at its most where it did not.

Pure. A count that is missing, zero, negative or no number says nothing, since every request is
read and every answer written: counted as nothing, no spending cap would hold behind a gateway that
leaves counts out. A price that the provider states itself is used before all counts.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from pressrun.engines.base import Usage


@dataclass(frozen=True, slots=True)
class ToldUsage:
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
    told: ToldUsage,
    most: Usage,
    *,
    picture: bool,
    answered: bool = True,
    thinks: bool = True,
) -> Usage:
    """Computes what a call is billed by, never less than what was reported.

    Args:
        told: What the provider reported.
        most: What the request can come to at most.
        picture: Whether a picture was asked for.
        answered: Whether something came; if not, zero tokens written may be true.
        thinks: Whether thoughts are counted apart from the answer.
    """
    if most == Usage():  # a free model
        return most
    written, read = _written(told, most, answered=answered), told.read or most.input_tokens
    usage = replace(
        most,
        input_tokens=read,
        output_tokens=written,
        image_tokens=_drawn(told, most, written) if picture else 0,
        thought_tokens=_thoughts(told, most, written, thinks=thinks),
        input_image_tokens=_shown(told, most, read),
        tier=told.tier,
    )
    # A price of zero comes from servers that know none: the catalogue says which models are free.
    return replace(usage, cost_usd=told.cost_usd) if told.cost_usd else usage


def _written(told: ToldUsage, most: Usage, *, answered: bool) -> int:
    if told.written or (told.written == 0 and not answered):
        return max(told.written, told.drawn or 0)
    rest = None if told.beyond is None else max(0, told.beyond - (told.thoughts or 0))
    if rest or (rest == 0 and not answered):
        return rest
    return max(most.output_tokens - (told.thoughts or 0), most.image_tokens)


def _thoughts(told: ToldUsage, most: Usage, written: int, *, thinks: bool) -> int:
    """Counts the thoughts; where the sum is larger than its parts, the rest is thoughts too."""
    if told.beyond is not None:
        return max(told.thoughts or 0, told.beyond - written)
    if told.thoughts or not thinks:
        return told.thoughts or 0
    return max(0, most.output_tokens - written)


def _drawn(told: ToldUsage, most: Usage, written: int) -> int:
    """Counts the picture's tokens: what is not reported as words, since the picture costs more."""
    if told.drawn:
        return told.drawn
    if not told.written and told.beyond is None:
        return min(most.image_tokens, written)
    rest = written - (told.words or 0)
    return rest if rest > 0 else written


def _shown(told: ToldUsage, most: Usage, read: int) -> int:
    """Counts the tokens of pictures that were read.

    All that was read, where pictures were sent and no part is reported: they cost no less.
    """
    if told.shown:
        return min(told.shown, read)
    return read if most.input_image_tokens else 0
