"""How much of a quota batches use, and how often the provider has to refuse a call.

    python -m tests.benchmarks.quota --calls 600 --rate 20 --latency 1 --concurrency 64 --json
    python -m tests.benchmarks.quota --calls 1200 --told 20 --true 16 --json
    python -m tests.benchmarks.quota --calls 6000 --untold --true 16 --json
    python -m tests.benchmarks.quota --calls 300 --rate 10 --baselines

The real flow, on a real Prefect server on SQLite, against the local Gemini; each is a process of
its own, and so is every flow run. An item is one paid call: a slideshow of one slide, whose text
the offline model writes. With ``--processes 4``, four runs share ledger and account, each with its
part of the calls and of the concurrency. They begin together, when all of them are made.

- ``wall_s``: from the arrival of the first call to the end of the last one, by the server's books.
- ``bound_s``: no schedule is shorter: max((N - B) / R, N * L / C) + L, for N calls at R a second
  (the true limit), with B at once, a latency of L and C at the same time. With latencies that are
  drawn (``--latency-spread lognormal``), those that were drawn stand in L's place.
- ``used``: the one by the other.
- ``rejected``: calls that the server refused because of the quota.
- ``busy``: the share of all the machine's processors in use while the flows ran. Near 1, it is
  they who set the pace; and before that, since a flow's process can fill one and no more.
- ``used_at_end`` (``--untold``): of the true limit, in the last 40 % of the time. A model whose
  limit nobody told begins slowly, and has to find it out.
- ``off_of_whole_max``, ``off_of_left_median`` (``--foretell``, for one process): how far the
  estimates of the time left, one a second from 20 % done, were from what came, as shares of the
  whole time and of the time that was left. Asking so often takes half a processor, so ``used``
  is measured without.

A run right after a large one is slower where the folder for temporary files is on ext4: making
files there is slow for minutes after thousands of others were deleted.

The server counts exactly: in no stretch of ``--window`` seconds it takes more than the true limit
lets go in so many. By default that is a minute, as Google counts; ten seconds where more is told
than is true, or nothing, so that a short run meets the limit at all. A shorter window is stricter,
since it forgives fewer calls that come in a bunch. ``windows`` says how many of them a run took:
one of a single window can hardly be refused anything, so ``rejected`` says something from two on.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

import psutil
from sqlalchemy import func, select

from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import items
from tests.benchmarks.baseline_call import Job
from tests.benchmarks.baselines import BASELINES, run, table, why_not
from tests.benchmarks.foretold import listening
from tests.benchmarks.gemini_process import Books, Gemini, gemini
from tests.benchmarks.ledgers import KINDS, ledger_url
from tests.servers.prefect_server import prefect_server
from tests.support.batches import IMAGE_MODEL, KEY, parameters

CHECKOUT = Path(__file__).resolve().parents[2]
#: Of latencies whose logarithm is normal: one in twenty takes more than twice the median.
SIGMA = 0.45
#: The last part of a trial, in which a limit that nobody told should be known.
_END = 0.4
#: Windows: Google's, and one that a short run meets.
MINUTE_S, SHORT_S = 60.0, 10.0
_MOST_SHOWS, _MOST_VARIATIONS = 100, 10
_PATIENCE_S = 3600
_THEIRS = ("PREFECT_", "PRESSRUN_", "GEMINI_", "GOOGLE_")

Figures = dict[str, float | int | str]


@dataclass(frozen=True)
class Trial:
    """What is measured. Rates are calls a second.

    Attributes:
        told: The limit that the account names, None if it names none, and
        true: the one that the provider keeps to.
        latency_s: Of every call, or the median where ``sigma`` spreads them.
    """

    calls: int
    told: float | None
    true: float
    latency_s: float
    sigma: float
    concurrency: int
    processes: int
    ledger: str
    burst: int
    window_s: float
    foretell: bool = False

    def bound_s(self, drawn: Sequence[float]) -> float:
        """Seconds that the calls take at least.

        Args:
            drawn: Their latencies, in the order of their arrival.
        """
        paced_s = max(
            max(0, number + 1 - self.burst) / self.true + latency_s
            for number, latency_s in enumerate(drawn)
        )
        return max(paced_s, sum(drawn) / self.concurrency + sum(drawn) / len(drawn))


@dataclass(frozen=True)
class Servers:
    """What a trial runs against."""

    prefect: str
    gemini: Gemini


@contextmanager
def servers(trial: Trial, folder: Path) -> Iterator[Servers]:
    """Both servers, until the end of the block."""
    limited = gemini(
        rate=round(trial.true * trial.window_s),
        per=trial.window_s,
        latency=trial.latency_s,
        latency_sigma=trial.sigma,
        key=KEY,
    )
    with prefect_server(folder / "server") as url, limited as served:
        yield Servers(url, served)


def measure(trial: Trial, against: Servers, folder: Path) -> Figures:
    """Runs the flows, and gives the figures."""
    with ledger_url(trial.ledger, folder) as url:
        told = environment(trial, against, folder) | {"PRESSRUN_LEDGER_URL": url}
        with listening(url) if trial.foretell else nullcontext() as foretold:
            busy = _run_flows(trial, told, folder)
        completed = _completed(url)
    figures = figures_of(trial, against.gemini.books()) | {"completed": completed, "busy": busy}
    if foretold:
        figures |= foretold.figures()
    return asdict(trial) | figures  # the calls are those that the server counted


def figures_of(trial: Trial, books: Books) -> Figures:
    """What the server's books say."""
    drawn = [call.seconds if trial.sigma else trial.latency_s for call in books.served]
    bound_s = trial.bound_s(drawn)
    figures: Figures = {
        "bound_s": round(bound_s, 2),
        "wall_s": round(books.wall_s, 2),
        "used": round(bound_s / books.wall_s, 4),
        "rejected": books.rejected,
        "calls": len(books.served),
        "windows": round(books.wall_s / trial.window_s, 1),
    }
    return figures if trial.told else figures | {"used_at_end": _used_at_end(trial, books)}


def _used_at_end(trial: Trial, books: Books) -> float:
    first, last = books.served[0].at, books.served[-1].at
    since = last - _END * (last - first)
    sent = sum(call.at > since for call in books.served)
    return round(sent / (trial.true * (last - since)), 4)


def compare(trial: Trial, against: Servers, folder: Path) -> Iterator[Figures]:
    """The figures of every baseline."""
    for baseline in BASELINES:
        if skipped := why_not(baseline):
            yield {"name": baseline.name, "skipped": skipped}
            continue
        against.gemini.reset()
        fewer = replace(trial, calls=min(trial.calls, baseline.calls))
        job = Job(against.gemini.url, fewer.calls, fewer.told or fewer.true, fewer.concurrency)
        run(baseline, job, environment(trial, against, folder))
        yield {"name": baseline.name, **figures_of(fewer, against.gemini.books())}


def _run_flows(trial: Trial, environment: Mapping[str, str], folder: Path) -> float:
    """Runs them to their end; they begin together. Returns how busy the processors were."""
    with (folder / "flows.log").open("w+") as log, ExitStack() as running:
        flows = [
            running.enter_context(flow_process(environment, log)) for _ in range(trial.processes)
        ]
        # One after another: of several runs that are made at once Prefect's server on SQLite
        # refuses some, and its client asks again after two, four, eight seconds.
        for number, flow in enumerate(flows):
            tell(flow, json.dumps(order(trial, number, folder)))
            assert flow.stdout
            flow.stdout.readline()
        psutil.cpu_percent()  # counts from here
        for flow in flows:
            tell(flow, "begin")
        if any(flow.wait(_PATIENCE_S) for flow in flows):
            log.seek(0)
            raise RuntimeError(f"A flow's process failed:\n{log.read()[-5000:]}")
    return round(psutil.cpu_percent() / 100, 3)


@contextmanager
def flow_process(
    environment: Mapping[str, str],
    log: IO[str],
    python: Path = Path(sys.executable),
    checkout: Path = CHECKOUT,
) -> Iterator[subprocess.Popen[str]]:
    """Starts a process that runs a flow of a checkout when it is told to; killed at the end."""
    process = subprocess.Popen(
        [python, "-m", "tests.benchmarks.flow_process"],
        cwd=checkout,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def tell(flow: subprocess.Popen[str], line: str) -> None:
    """Sends a flow's process a line."""
    assert flow.stdin
    flow.stdin.write(f"{line}\n")
    flow.stdin.flush()


def order(trial: Trial, number: int, folder: Path) -> dict[str, Any]:
    """Makes the parameters of one of the flows."""
    shows, variations = shape(trial.calls // trial.processes)
    given = {
        "model": IMAGE_MODEL,
        "concurrency": max(1, trial.concurrency // trial.processes),
        "title": f"Part {number + 1}",
    }
    home = folder / f"part_{number}"
    home.mkdir()
    return parameters(home, shows, 1, **given, **variations)


def shape(items: int) -> tuple[int, dict[str, int]]:
    """Shows, and their variations, that come to so many items.

    Raises:
        ValueError: There are none.
    """
    ten = range(_MOST_VARIATIONS, 0, -1)
    for photos, texts in ((p, t) for p in ten for t in ten):
        shows, left = divmod(items, photos * texts)
        if shows and not left and shows <= _MOST_SHOWS:
            return shows, {"photo_variations": photos, "text_variations": texts}
    raise ValueError(f"No batch has {items} items; take a round number up to 10,000.")


def environment(trial: Trial, against: Servers, folder: Path) -> dict[str, str]:
    """Makes the environment of a flow's process."""
    told = trial.told and {"requests_per_minute": trial.told * 60, "burst": trial.burst}
    mine = {name: value for name, value in os.environ.items() if not name.startswith(_THEIRS)}
    return mine | {
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_API_URL": against.prefect,
        "PRESSRUN_DATA": str(folder / "data"),
        "PRESSRUN_OUTPUT": str(folder / "output"),
        "PRESSRUN_INPUT_ROOTS": str(folder),  # the slides and photos of :func:`order`
        "PRESSRUN_LIMITS": json.dumps({IMAGE_MODEL: told} if told else {}),
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": against.gemini.url,
    }


def _completed(url: str) -> int:
    ledger = Ledger(url)
    made = select(func.count()).select_from(items).where(items.c.status == "completed")
    with ledger.database.read() as connection:
        count: int = connection.execute(made).scalar_one()
    ledger.close()
    return count


def main(arguments: list[str] | None = None) -> int:
    """Measures, and prints the figures."""
    parser = _parser()
    given = parser.parse_args(arguments)
    told, true = given.told or given.rate, given.true or given.rate
    truly_told = told <= true and not given.untold
    trial = Trial(
        calls=given.calls,
        told=None if given.untold else told,
        true=true,
        latency_s=given.latency,
        sigma=SIGMA if given.latency_spread == "lognormal" else 0.0,
        concurrency=given.concurrency,
        processes=given.processes,
        ledger=given.ledger,
        burst=given.burst,
        window_s=given.window or (MINUTE_S if truly_told else SHORT_S),
        foretell=given.foretell,
    )
    if trial.calls % trial.processes:
        parser.error("--calls has to be a multiple of --processes")
    try:
        shape(trial.calls // trial.processes)
    except ValueError as error:
        parser.error(str(error))
    with tempfile.TemporaryDirectory(prefix="pressrun-quota-") as name:
        folder = Path(name)
        with servers(trial, folder) as against:
            figures = measure(trial, against, folder)
            others = list(compare(trial, against, folder)) if given.baselines else []
    _print(figures, others, as_json=given.json)
    return 0 if figures["completed"] == trial.calls else 1


def _print(figures: Figures, others: Sequence[Figures], *, as_json: bool) -> None:
    compared = table([{"name": "**Pressrun**", **figures}, *others])
    if as_json:
        print(json.dumps(figures | ({"baselines": others} if others else {})))
    else:
        print("\n".join(f"{name:15}{figure}" for name, figure in figures.items()))
    if others:
        print(compared, file=sys.stderr if as_json else sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.quota",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--calls", type=int, default=600)
    add("--rate", type=float, default=20.0, help="calls a second that are told and true")
    add("--told", type=float, help="calls a second that the account names, if not --rate")
    add("--untold", action="store_true", help="the account names no limit")
    add("--true", type=float, help="calls a second that the server allows, if not --rate")
    add("--latency", type=float, default=1.0, help="seconds of an answer")
    add("--latency-spread", choices=("fixed", "lognormal"), default="fixed")
    add("--concurrency", type=int, default=64, help="items at the same time, of all processes")
    add("--processes", type=int, default=1, help="flow runs, each in its process")
    add("--ledger", choices=KINDS, default="sqlite")
    add("--burst", type=int, default=1, help="calls that may go at once after a rest")
    add("--window", type=float, help="seconds in which the server counts")
    add("--foretell", action="store_true", help="hold estimates of the time left against the end")
    add("--baselines", action="store_true", help="measure what others make of it, too")
    add("--json", action="store_true", help="one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
