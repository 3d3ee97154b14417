"""What one paid call costs in processor time, of two checkouts in turn.

    python -m tests.benchmarks.call_cost --before ../main --calls 300 --rate 10 --rounds 3 --json
    python -m tests.benchmarks.call_cost --processes 4 --ledger postgresql --json
    python -m tests.benchmarks.call_cost --telemetry --rounds 5 --json

The real flow against the local Gemini and a Prefect server, as in ``tests.benchmarks.quota``, whose
items are of one call each. Without ``--before`` this checkout alone is measured; with
``--telemetry`` it is measured without (``before``) and with (``after``) traces and logs in JSON;
the collector, a process of its own, is not counted. All figures are of processor time, not of wall
time, so that a busy machine does little to them, of the flows' processes from their begin to their
end (Prefect's own part included) and of Prefect's server. ``load`` is the machine's.

- ``flow_ms``, ``server_ms``, ``whole_ms``: milliseconds, divided by all calls.
- ``further``: the same three for each further call: what was spent between the moments in which a
  quarter and in which 85% of the calls were at the provider. What loads with the first calls is
  over by then.
- ``once_s``: seconds that are left of the whole, a process: planning, what loads late, reports.
- ``gain``, ``further_gain``: the medians of what is saved.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO

import psutil

from tests.benchmarks import quota
from tests.benchmarks.ledgers import KINDS, ledger_url

_PATIENCE_S = 1800
#: Shares of the calls between which a further one is measured, and seconds between two looks.
_MARKS, _LOOK_S = (0.25, 0.85), 0.5
_NAMES = (
    "import json; from flows.slideshow_batch import slideshow_batch as flow;"
    "print(json.dumps(list(flow.parameters.properties)))"
)


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time a call."""

    flow_ms: float
    server_ms: float

    @classmethod
    def of(cls, flow_s: float, server_s: float, calls: int) -> "Cost":
        """Divides seconds of both by calls."""
        return cls(round(1000 * flow_s / calls, 2), round(1000 * server_s / calls, 2))

    @property
    def whole_ms(self) -> float:
        """Both together."""
        return round(self.flow_ms + self.server_ms, 2)


@dataclass(frozen=True)
class Costs:
    """What the calls of one round cost.

    Attributes:
        whole: All that was spent, divided by them.
        further: What one more call costs in the midst of them.
        once_s: Seconds of a process that no call of its own explains.
    """

    whole: Cost
    further: Cost
    once_s: float


@dataclass(frozen=True)  # no slots: the names are kept
class Variant:
    """What is measured: a checkout, and what its flows' environment has besides."""

    checkout: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def takes(self) -> frozenset[str]:
        """The names of its flow's parameters: an older one lacks some, and does what they say."""
        python = self.checkout / ".venv" / "bin" / "python"
        asked = [str(python), "-c", _NAMES]
        return frozenset(json.loads(subprocess.check_output(asked, cwd=self.checkout)))


class _Marks:
    """How much was spent when a quarter of the calls had come to the provider, and when 85%."""

    def __init__(self, trial: quota.Trial, against: quota.Servers, flows: list[int], server: int):
        self._calls, self._books = trial.calls, against.gemini.books
        self._flows, self._server = flows, server
        self._seen: list[tuple[int, float, float]] = []

    def watch(self) -> None:
        """Looks twice a second until the second mark is passed, or a flow has ended."""
        while len(self._seen) < len(_MARKS):
            time.sleep(_LOOK_S)
            try:
                flow_s = sum(map(_cpu_s, self._flows))
            except psutil.Error:
                return
            come = len(self._books().served)
            more = not self._seen or come > self._seen[-1][0]
            if more and come >= _MARKS[len(self._seen)] * self._calls:
                self._seen.append((come, flow_s, _cpu_s(self._server)))

    def further(self) -> Cost:
        """What a call between the marks cost.

        Raises:
            RuntimeError: The flows ended before the second mark was seen.
        """
        if len(self._seen) < len(_MARKS):
            raise RuntimeError("Too few calls to tell what a further one costs; take more.")
        (calls, flow_s, server_s), (later, later_flow_s, later_server_s) = self._seen
        return Cost.of(later_flow_s - flow_s, later_server_s - server_s, later - calls)


def measure(trial: quota.Trial, against: quota.Servers, variant: Variant, folder: Path) -> Costs:
    """Runs the flows of one variant; gives what a call cost."""
    folder.mkdir()
    server = _server(against.prefect)
    with ledger_url(trial.ledger, folder) as url, (folder / "log").open("w+") as log:
        environment = quota.environment(trial, against, folder) | {"PRESSRUN_LEDGER_URL": url}
        environment |= variant.environment
        with ExitStack() as running:
            flows = [
                running.enter_context(_flow_of(variant.checkout, environment, log))
                for _ in range(trial.processes)
            ]
            for number, flow in enumerate(flows):
                order = quota.order(trial, number, folder)
                known = {name: value for name, value in order.items() if name in variant.takes}
                quota.tell(flow, json.dumps(known))
                assert flow.stdout
                flow.stdout.readline()
            before, before_server = [_cpu_s(flow.pid) for flow in flows], _cpu_s(server)
            marks = _Marks(trial, against, [flow.pid for flow in flows], server)
            for flow in flows:
                quota.tell(flow, "begin")
            marks.watch()
            spent_s = sum(map(_spent_s, flows)) - sum(before)
        # The server writes the last states down a second late.
        server_s = _settled_s(server) - before_server
        made = len(against.gemini.books().served)
        if made != trial.calls:
            log.seek(0)
            raise RuntimeError(f"{made} of {trial.calls} calls were made:\n{log.read()[-3000:]}")
    against.gemini.reset()
    whole, further = Cost.of(spent_s, server_s, trial.calls), marks.further()
    unexplained_ms = (whole.whole_ms - further.whole_ms) * trial.calls
    return Costs(whole, further, round(unexplained_ms / 1000 / trial.processes, 2))


def _flow_of(
    checkout: Path, environment: Mapping[str, str], log: IO[str]
) -> AbstractContextManager["subprocess.Popen[str]"]:
    python = checkout / ".venv" / "bin" / "python"
    return quota.flow_process({**environment, "PYTHONPATH": str(checkout)}, log, python, checkout)


def _spent_s(flow: "subprocess.Popen[str]") -> float:
    """Waits for a process's end; gives its processor time, of all its threads."""
    _, status, usage = os.wait4(flow.pid, 0)
    flow.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _cpu_s(pid: int) -> float:
    spent = psutil.Process(pid).cpu_times()
    return spent.user + spent.system


def _settled_s(pid: int) -> float:
    """Gives a process's time when it has no work left: for two seconds in a row next to none."""
    last = _cpu_s(pid)
    for _ in range(30):
        psutil.Process(pid).cpu_percent()
        busy = psutil.Process(pid).cpu_percent(interval=2.0)
        last = _cpu_s(pid)
        if busy < 15:
            break
    return last


def _server(url: str) -> int:
    port = int(url.rsplit(":", 1)[1].split("/", maxsplit=1)[0])
    for connection in psutil.net_connections("tcp"):
        listens = connection.status == psutil.CONN_LISTEN
        if listens and getattr(connection.laddr, "port", 0) == port and connection.pid:
            return connection.pid
    raise RuntimeError(f"Nothing listens at {url}.")


def compare(trial: quota.Trial, variants: Mapping[str, Variant], rounds: int) -> dict[str, object]:
    """Measures all variants in turn, so many times."""
    costs: dict[str, list[Costs]] = {name: [] for name in variants}
    with tempfile.TemporaryDirectory(prefix="pressrun-call-cost-") as name:
        folder = Path(name)
        with quota.servers(trial, folder) as against:
            for number in range(rounds):
                for which, variant in variants.items():
                    costs[which].append(
                        measure(trial, against, variant, folder / f"{which}-{number}")
                    )
    said: dict[str, object] = {
        which: {
            **_medians([one.whole for one in found]),
            "further": _medians([one.further for one in found]),
            "once_s": statistics.median(one.once_s for one in found),
        }
        for which, found in costs.items()
    }
    if "before" in costs:
        pairs = list(zip(costs["before"], costs["after"], strict=True))
        said["gain"] = _gain([(old.whole, new.whole) for old, new in pairs])
        said["further_gain"] = _gain([(old.further, new.further) for old, new in pairs])
    load = [round(one, 1) for one in os.getloadavg()]
    return (
        {"calls": trial.calls, "processes": trial.processes, "ledger": trial.ledger}
        | said
        | {"load": load}
    )


def _medians(found: list[Cost]) -> dict[str, object]:
    return {
        "flow_ms": statistics.median(cost.flow_ms for cost in found),
        "server_ms": statistics.median(cost.server_ms for cost in found),
        "whole_ms": statistics.median(cost.whole_ms for cost in found),
        "rounds": [(cost.flow_ms, cost.server_ms) for cost in found],
    }


def _gain(pairs: list[tuple[Cost, Cost]]) -> float:
    gains = [1 - after.whole_ms / before.whole_ms for before, after in pairs]
    return round(statistics.median(gains), 3)


@contextmanager
def _collector() -> Iterator[str]:
    """Starts a local collector as a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.servers.collector", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=quota.CHECKOUT
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.communicate()  # the spans that came


def main(arguments: list[str] | None = None) -> int:
    """Measures, and prints the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.call_cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--before", type=Path, help="a checkout with its own .venv to compare with")
    add("--telemetry", action="store_true", help="traces and JSON logs, off and on")
    add("--calls", type=int, default=300)
    add("--rate", type=float, default=10.0)
    add("--rounds", type=int, default=3)
    add("--concurrency", type=int, default=40)
    add("--processes", type=int, default=1)
    add("--ledger", choices=KINDS, default="sqlite")
    add("--json", action="store_true", help="one JSON object")
    given = parser.parse_args(arguments)
    variants = {"after": Variant(quota.CHECKOUT)}
    if given.before:
        variants = {"before": Variant(given.before.resolve()), **variants}
    trial = quota.Trial(
        calls=given.calls,
        told=given.rate,
        true=10 * given.rate,  # nothing is refused
        latency_s=1.0,
        sigma=0.0,
        concurrency=given.concurrency,
        processes=given.processes,
        ledger=given.ledger,
        burst=1,
        window_s=60.0,
    )
    with ExitStack() as stack:
        if given.telemetry:
            collector = stack.enter_context(_collector())
            on = {"PRESSRUN_TRACES_URL": collector, "PRESSRUN_LOG_FORMAT": "json"}
            variants = {"before": Variant(quota.CHECKOUT), "after": Variant(quota.CHECKOUT, on)}
        figures = compare(trial, variants, given.rounds)
    lines = [json.dumps(figures)] if given.json else [f"{k:12}{v}" for k, v in figures.items()]
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
