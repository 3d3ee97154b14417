"""What a provider allows of one model, and for how long one call uses it up.

Keeps nothing: what was used of them is in the ledger.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import inf
from typing import Self
from zoneinfo import ZoneInfo

from pressrun.settings import ConfiguredLimits

#: Calls spaced at exactly the limit put one too many into a window, at its edge.
SPACING = 0.99
#: Shares of the time that this spacing leaves over in every window. By the first, a
#: call may be sent later than the moment that it counts from (the rest is for its way to the
#: provider); by the second, it may count from before its sending, where sending times were missed.
FORGIVEN, MADE_UP = 0.9, 0.5
MINUTE_S = 60.0
NANO = 1_000_000_000
#: Providers count days in California's time, with its daylight saving.
PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Load:
    """What one call takes of the limits; ``cost_nusd`` is the most it can cost."""

    images: int = 0
    input_tokens: int = 0
    cost_nusd: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider allows of one model; None is not known, or not limited.

    Attributes:
        spend_usd: Most that the calls of any ``spend_minutes`` may cost.
        burst: So many calls may be sent at once after a rest, where the provider allows it. A
            minute can then hold ``burst - 1`` calls more than its limit.
        window_s: The time in which the provider counts requests, images and tokens.
        trust_s: The limit is taken to have held for so long before its first refusal. Where a
            window is a second long, a pause of this machine can send one call too many into it,
            which says nothing about the limit.
        start_per_minute: Requests a minute with which calls begin where no rate is configured. They
            go faster, until the provider refuses one.
    """

    requests_per_minute: float | None = None
    images_per_minute: float | None = None
    input_tokens_per_minute: float | None = None
    requests_per_day: int | None = None
    spend_usd: float | None = None
    spend_minutes: float = 10.0
    burst: int = 1
    window_s: float = MINUTE_S
    trust_s: float = 0.0
    start_per_minute: float | None = None

    @classmethod
    def of(cls, configured: ConfiguredLimits) -> Self:
        """Makes limits of what a person configured."""
        return cls(**configured.model_dump(include=set(ConfiguredLimits.model_fields)))

    @property
    def have_no_rate(self) -> bool:
        """Whether nothing here says how fast calls may go."""
        told = (self.requests_per_minute, self.images_per_minute, self.input_tokens_per_minute)
        return not any(told)

    @property
    def left_over_s(self) -> float:
        """Seconds that spacing leaves over: calls later by less make no window too full.

        0 where no rate is configured, or a window is too short to leave over what any call is late.
        """
        if self.have_no_rate or self.window_s < MINUTE_S:
            return 0.0
        shortest_s = min(self.window_s, self.spend_minutes * MINUTE_S if self.spend_usd else inf)
        return shortest_s * (1 / SPACING - 1)

    def request_gap_s(self) -> float:
        """Gives the seconds from one request to the next as configured; 0 if no rate is."""
        return _gap_s(1, self.requests_per_minute, MINUTE_S)

    def start_gap_s(self) -> float:
        """Gives the seconds between requests when calls begin; 0 if nothing limits them."""
        start = self.start_per_minute if self.have_no_rate else None
        return self.request_gap_s() or _gap_s(1, start, MINUTE_S)

    def gaps_s(self, load: Load) -> tuple[float, float, float]:
        """Gives the seconds for which a call uses up the limits on images, tokens and spending.

        0 where a limit does not apply to it.
        """
        spend_nusd = self.spend_usd and self.spend_usd * NANO
        return (
            _gap_s(load.images, self.images_per_minute, MINUTE_S),
            _gap_s(load.input_tokens, self.input_tokens_per_minute, MINUTE_S),
            _gap_s(load.cost_nusd, spend_nusd, self.spend_minutes * MINUTE_S),
        )


def _gap_s(amount: float, limit: float | None, window_s: float) -> float:
    """Gives the seconds between calls of this size, so that whole calls fit every window."""
    if not limit or not amount:
        return 0.0
    calls = limit // amount if amount <= limit else limit / amount
    return window_s / (SPACING * calls)


def quota_day(moment: float) -> str:
    """Finds the day (ISO) in California that a request at this moment (Unix seconds) counts for."""
    return datetime.fromtimestamp(moment, PACIFIC).date().isoformat()


def next_quota_day_at(moment: float) -> float:
    """Finds when the day after this moment's begins in California; days have 23 to 25 hours."""
    tomorrow = datetime.fromtimestamp(moment, PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC).timestamp()
