"""What others make of the same quota, on the same servers, right after Pressrun.

asyncio with aiolimiter, Prefect's ``rate_limit()`` in mapped tasks, and Celery's ``rate_limit``
with Redis between, each in a process of its own. They make fewer calls, so that each takes about
a minute; ``used`` has its bound for as many. They need the extra ``bench``.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.benchmarks.baseline_call import Job

CHECKOUT = Path(__file__).resolve().parents[2]
REDIS = os.environ.get("PRESSRUN_BENCH_REDIS", "redis://127.0.0.1:6379/15")
_PATIENCE_S = 900


@dataclass(frozen=True)
class Baseline:
    """One of them: its module, its name in the table, and the calls that take about a minute."""

    module: str
    name: str
    calls: int


BASELINES = (
    Baseline("baseline_aiolimiter", "asyncio + aiolimiter (one process)", 1000),
    Baseline("baseline_prefect", "Prefect `rate_limit()` in mapped tasks", 200),
    Baseline("baseline_celery", "Celery `rate_limit` + Redis", 60),
)


def run(baseline: Baseline, job: Job, environment: Mapping[str, str]) -> None:
    """Makes a job's calls."""
    subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{baseline.module}"],
        cwd=CHECKOUT,
        env={**environment, **job.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_PATIENCE_S,
        check=True,
    )


def why_not(baseline: Baseline) -> str:
    """Why it cannot run on this machine; nothing if it can."""
    if baseline.module != "baseline_celery":
        return ""
    try:
        Redis.from_url(REDIS).ping()
    except RedisError:
        return "no Redis answers"
    return ""


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """The figures as Markdown."""
    return "\n".join(_lines(rows))


def _lines(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    yield "| | calls | at best | took | quota used | refused |"
    yield "|---|---:|---:|---:|---:|---:|"
    for row in rows:
        if skipped := row.get("skipped"):
            yield f"| {row['name']} | | | | skipped: {skipped} | |"
            continue
        used = f"{100 * float(str(row['used'])):.0f}%"
        times = f"{row['bound_s']} s | {row['wall_s']} s"
        yield f"| {row['name']} | {row['calls']} | {times} | {used} | {row['rejected']} |"
