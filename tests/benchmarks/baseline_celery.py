"""Baseline: Celery tasks with ``rate_limit`` on a worker of threads, with Redis between."""

import os
import subprocess
import sys
import time
import uuid

import httpx
from celery import Celery
from redis import Redis

from tests.benchmarks.baseline_call import Job, client, pause_s, request
from tests.benchmarks.baselines import REDIS

#: Nothing in Redis is touched but this queue. The worker, a process of this one, hears of it.
QUEUE = os.environ.setdefault("BASELINE_QUEUE", f"pressrun-baseline-{uuid.uuid4().hex[:8]}")
_PATIENCE_S = 900

app = Celery("baseline", broker=REDIS)
app.conf.update(
    task_default_queue=QUEUE, task_ignore_result=True, worker_enable_remote_control=False
)
job = Job.told()
http = client(job)


def make(number: int) -> None:
    """Makes one call."""
    while (wait_s := pause_s(http.post(**request(job, number)))) is not None:
        time.sleep(wait_s)


call = app.task(make, name="call", rate_limit=f"{job.rate}/s")


def run() -> None:
    """Makes the calls: starts a worker, and ends it when the server has answered them all."""
    command = [sys.executable, "-m", "celery", "-A", "tests.benchmarks.baseline_celery", "worker"]
    options = ["--pool=threads", f"--concurrency={job.concurrency}", "--loglevel=ERROR"]
    worker = subprocess.Popen([*command, *options, "--without-gossip", "--without-mingle"])
    try:
        for number in range(job.calls):
            call.delay(number)
        deadline = time.monotonic() + _PATIENCE_S
        while _answered() < job.calls:
            if time.monotonic() > deadline or worker.poll() is not None:
                raise RuntimeError("Celery's worker did not finish.")
            time.sleep(1)
    finally:
        worker.terminate()
        worker.wait()
        redis = Redis.from_url(REDIS)
        redis.delete(QUEUE, *redis.keys(f"*.{QUEUE}"))
        redis.close()


def _answered() -> int:
    return len(httpx.get(f"{job.url}/_control/bill", timeout=60).json()["calls"])


if __name__ == "__main__":
    run()
