"""What an account is allowed, in words."""

from collections.abc import Iterator

from pressrun.engines.limits import Limits


def limit_words(limits: Limits) -> str:
    """Writes limits as ``10 requests a minute, 4 at once``; ``none`` where nothing limits."""
    return ", ".join(_words(limits)) or "none"


def _words(limits: Limits) -> Iterator[str]:
    if limits.have_no_rate and limits.start_per_minute:
        yield f"{limits.start_per_minute:g} requests a minute to begin with"
    for name in ("requests_per_minute", "images_per_minute", "input_tokens_per_minute"):
        if amount := getattr(limits, name):
            yield f"{amount:,.15g} {name.replace('_per_', ' a ').replace('_', ' ')}"
    if limits.requests_per_day:
        yield f"{limits.requests_per_day} requests a day"
    if limits.spend_usd:
        yield f"${limits.spend_usd:g} in {limits.spend_minutes:g} minutes"
    if limits.burst > 1:
        yield f"{limits.burst} at once"
