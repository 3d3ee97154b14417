"""How a batch's calls went, as a page for Prefect's artifacts, and its figures in words."""

from collections.abc import Sequence

from pressrun.ledger.call_statistics import Stat
from pressrun.reports.artifacts.progress import plain


def stats_page(stats: Sequence[Stat], title: str) -> str:
    """Writes success, attempts, latency, cost and failures, a line for each model."""
    rows = "\n".join(f"| {' | '.join(map(plain, figures(stat)))} |" for stat in stats)
    return (
        f"## {plain(title)}: calls\n\n"
        f"| model | {' | '.join(HEADINGS)} |\n|{'---|' * (len(HEADINGS) + 1)}\n{rows}\n"
    )


HEADINGS = ("calls", "success", "attempts", "p50", "p90", "p99", "cost", "failures")


def figures(stat: Stat) -> list[str]:
    """Writes the group and the figures under :data:`HEADINGS`, in words."""
    latencies = (stat.latency_p50_s, stat.latency_p90_s, stat.latency_p99_s)
    return [
        stat.title or stat.of,
        _counted(stat),
        "" if stat.success_rate is None else f"{100 * stat.success_rate:.1f}%",
        "" if stat.attempts is None else f"{stat.attempts:.2f}",
        *("" if latency is None else f"{latency:.1f} s" for latency in latencies),
        f"${stat.cost_usd:.4f}",
        ", ".join(f"{count} {kind}" for kind, count in stat.failures.items()),
    ]


def _counted(stat: Stat) -> str:
    """Writes ``12``, or ``12 (3 flex)`` where some were served in another tier than the usual."""
    tiers = ", ".join(f"{count} {tier}" for tier, count in stat.tiers.items())
    return f"{stat.calls} ({tiers})" if tiers else str(stat.calls)
