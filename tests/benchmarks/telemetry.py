"""What traces and logs in JSON cost in processor time, of an item of one call.

    python -m tests.benchmarks.telemetry --items 2000 --rounds 5 --json

Their code alone, in turn off and on: the spans of an item, its call and its delivery, until a local
collector (a process of its own, not counted) has them, and a line of the log. ``starts_ms`` is what
a process pays once. A call costs 26 ms and more (``tests.benchmarks.call_cost``); of a difference
of some hundredths of that, a whole run shows nothing on a busy machine.
"""

import argparse
import io
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from opentelemetry.context import get_current

from pressrun.boundary.telemetry import logs, traces
from pressrun.settings import settings


@contextmanager
def collector() -> Iterator[str]:
    """Starts a local collector as a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.servers.collector", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.communicate()  # the spans that came


def use(url: str) -> float:
    """Sends traces there, or nowhere; gives what beginning that cost, in milliseconds."""
    os.environ["PRESSRUN_TRACES_URL"] = url
    for known in (settings, traces.provider, traces._tracer):
        known.cache_clear()
    begun = time.process_time()
    traces.provider()
    return 1000 * (time.process_time() - begun)


def spans_ms(items: int) -> float:
    """Makes the spans of items at a pace that a batch has; gives milliseconds an item."""
    spans = traces.BatchSpans("11111111-2222-3333-4444-555555555555", "image")
    begun = time.process_time()
    spans.begin()
    for number in range(items):
        key = f"task_{number:04d}"
        with spans.item(key):
            with traces.call_span("gemini-nano-banana-2.1", "image_1") as span:
                span.set_attribute("pressrun.waited_s", 0.512)
                span.set_attributes(
                    {
                        "gen_ai.usage.input_tokens": 500,
                        "gen_ai.usage.output_tokens": 1120,
                        "gen_ai.response.model": "gemini-nano-banana-2.1",
                        "pressrun.cost_usd": 0.0336,
                    }
                )
            made_in = get_current()
        with spans.delivery(key, made_in):
            pass
        if number % 100 == 99:
            time.sleep(0.05)  # else more spans come than the queue takes
    spans.end()
    return 1000 * (time.process_time() - begun) / items


def lines_ms(handler: logging.Handler, count: int) -> float:
    """Writes lines of the log; gives milliseconds a line."""
    logger = logging.getLogger("pressrun.measured")
    logger.propagate, logger.handlers = False, [handler]
    begun = time.process_time()
    for number in range(count):
        logger.warning("%d of %d done, %s", number, count, "the usual words of a line")
    return 1000 * (time.process_time() - begun) / count


def prefects(out: TextIO) -> logging.Handler:
    """Makes what Prefect writes to a terminal with."""
    from prefect.logging.handlers import PrefectConsoleHandler

    return PrefectConsoleHandler(out)


def main(arguments: list[str] | None = None) -> int:
    """Measures, and prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.telemetry")
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args(arguments)
    found: dict[str, list[float]] = {}
    with collector() as url:
        for _ in range(given.rounds):
            use("")
            found.setdefault("off_ms", []).append(spans_ms(given.items))
            found.setdefault("starts_ms", []).append(use(url))
            found.setdefault("on_ms", []).append(spans_ms(given.items))
            for name, handler in {
                "text_line_ms": prefects(io.StringIO()),
                "json_line_ms": logs.JsonLines(io.StringIO()),
            }.items():
                found.setdefault(name, []).append(lines_ms(handler, given.items))
    figures = {name: round(statistics.median(values), 4) for name, values in found.items()}
    figures["starts_ms"] = round(found["starts_ms"][0], 1)  # later ones find it imported
    print(json.dumps(figures) if given.json else figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
