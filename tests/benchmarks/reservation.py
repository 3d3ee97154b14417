"""How long one reservation takes: quota, cap and intent of a call, in one transaction.

    python -m tests.benchmarks.reservation --json

On SQLite, and on PostgreSQL where one answers. First one caller alone (``…_ms``: the median, and
``…_p99_ms``), then as many threads as a large batch has callers before its admission
(``…_threads_ms``): that is what a caller waits that has others before it. Each transaction is on
disk when it ends.
"""

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy.exc import OperationalError

from pressrun.engines.limits import Limits, Load
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Budget
from pressrun.ledger.calls import CallLoad, Intent
from pressrun.ledger.quotas.reservations import Quota
from tests.benchmarks.ledgers import KINDS, ledger_url

_QUOTA = Quota("account", "model", Limits(requests_per_minute=1e6, images_per_minute=1e6))
_LOAD = Load(images=1, input_tokens=1000, cost_nusd=40_000_000)
_THREADS = 8


def measure(kind: str, count: int) -> dict[str, float]:
    """The milliseconds of a reservation on one kind of ledger."""
    with (
        tempfile.TemporaryDirectory(prefix="pressrun-reservation-") as name,
        ledger_url(kind, Path(name)) as url,
        closing(Ledger(url)) as ledger,
    ):
        _reserve(ledger, 0)  # opens the connection and makes the rows
        alone = [_reserve(ledger, number) for number in range(count)]
        with ThreadPoolExecutor(_THREADS) as pool:
            together = list(pool.map(lambda n: _reserve(ledger, n), range(count)))
    return {
        f"{kind}_ms": round(median(alone), 3),
        f"{kind}_p99_ms": round(quantiles(alone, n=100)[-1], 3),
        f"{kind}_threads_ms": round(median(together), 3),
    }


def _reserve(ledger: Ledger, number: int) -> float:
    caps = Budget(1e6, 1e6, 1e6).caps("batch", "account", time.time())
    intent = Intent("batch", f"item-{number}", "slide_0", f"{number:064}", "", "model")
    begun = time.perf_counter()
    ledger.calls.intend(intent, [_QUOTA], CallLoad(_LOAD, caps), time.time())
    return 1000 * (time.perf_counter() - begun)


def main(arguments: list[str] | None = None) -> int:
    """Measures, and prints the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.reservation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--count", type=int, default=2000, help="reservations, of each figure")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args(arguments)
    figures: dict[str, float] = {}
    for kind in KINDS:
        try:
            figures |= measure(kind, given.count)
        except OperationalError:
            print(f"No server answers for {kind}: left out.", file=sys.stderr)
    lines = [json.dumps(figures)] if given.json else [f"{k:25}{v}" for k, v in figures.items()]
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
