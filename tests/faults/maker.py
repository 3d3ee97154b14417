"""A process that works on one planned batch from begin to report, to be killed at any moment.

Each starts as a fork of a process that has loaded everything, so that it dies at its work and
not at its imports.
"""

import logging
import os
import sys
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from pressrun.ledger import open_ledger
from pressrun.stores.factory import Scheme
from tests.support.batches import account_at, work
from tests.support.processes import forks
from tests.support.targets import About, target_at

#: The others are what an engine and a store load when they are first used.
_LATE = ("google.genai", "pressrun.engines.http", "genai_prices", "boto3")


@dataclass(frozen=True)
class Job:
    """What a maker is told."""

    data: Path
    batch_id: str
    gemini: str
    scheme: Scheme
    about: About
    concurrency: int


def start(job: Job) -> ForkServerProcess:
    """Starts a maker; it exits with 0 once every item is completed and reported."""
    context = forks(__name__, "pressrun.engines.gemini.engine", *_LATE)
    process = context.Process(target=_work, args=(job,))
    process.start()
    return process


def _work(job: Job) -> None:
    logging.disable()  # its output would be the test's
    os.environ["PRESSRUN_DATA"] = str(job.data)
    batch, target = open_ledger().batches.match(job.batch_id), target_at(job.scheme, job.about)
    outcome = work(batch, account_at(job.gemini), job.concurrency, target=target)
    sys.exit(0 if outcome.whole else 1)
