"""A process that pays until a cap has no room: many threads, every call through the real caller.

It takes a :class:`Job` as a line of JSON, takes over what an ended process of its batch left
behind, says so with a line, and ends when nothing more may be spent. Calls that fail are left, as
an item's last try is.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pydantic import BaseModel

from pressrun.calls.admission import Admission
from pressrun.calls.caller import Caller
from pressrun.calls.endpoints import Endpoint
from pressrun.calls.routes import Route
from pressrun.engines.base import ImageRequest, TextRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.gemini.engine import GeminiEngine
from pressrun.errors import BudgetSpent, EngineError
from pressrun.ledger import Ledger
from pressrun.ledger.budgets import Budget, Cap
from pressrun.ledger.vault import Vault
from tests.support.batches import IMAGE_MODEL, TEXT_MODEL, account_at

ACCOUNT = "budget-benchmark"
#: Shorter than the slowest answers, which are billed all the same.
_TIMEOUT_S = 2.0
_WORDS = 1000


@dataclass(frozen=True)
class Job:
    """What the process is to do.

    Attributes:
        life: Tells this process's items from those of an ended one of the same batch.
        at: The moment whose day counts, so that a midnight changes nothing.
    """

    ledger: str
    url: str
    key: str
    batch_id: str
    life: int
    threads: int
    batch_usd: float
    daily_usd: float
    at: float

    def caps(self) -> Sequence[Cap]:
        """Those that hold for every call: the batch's, and the account's that all share."""
        return Budget(self.batch_usd, self.daily_usd).caps(self.batch_id, ACCOUNT, self.at)


class Words(BaseModel):
    """What the text model is asked for."""

    title: str
    caption: str


def work(job: Job, vault: Vault) -> None:
    """Makes calls until the caps are reached."""
    ledger = Ledger(job.ledger)
    ledger.calls.abandon(job.batch_id)
    routes = _routes(job, ledger)
    caps, numbers = job.caps(), count()
    print("begun", flush=True)

    def pay() -> None:
        with suppress(BudgetSpent):
            while True:
                number = next(numbers)
                item = f"{job.life}-{number}"
                caller = Caller(ledger, vault, routes, job.batch_id, item, caps=lambda _: caps)
                with suppress(EngineError):
                    _call(caller, item, picture=number % 2 == 0)

    with ThreadPoolExecutor(job.threads) as pool:
        for paying in [pool.submit(pay) for _ in range(job.threads)]:
            paying.result()


def _routes(job: Job, ledger: Ledger) -> dict[str, Route]:
    account = account_at(job.url, job.key)
    (access,) = account.accesses
    endpoints = (Endpoint(access.name, GeminiEngine(access, connections=job.threads)),)
    return {
        name: Route(catalogue()[name], endpoints, lambda: account, Admission(), ledger=ledger)
        for name in (TEXT_MODEL, IMAGE_MODEL)
    }


def _call(caller: Caller, item: str, *, picture: bool) -> None:
    if picture:
        asked = ImageRequest(IMAGE_MODEL, f"Slide {item}", timeout_s=_TIMEOUT_S)
        caller.image("slide", asked, lambda drawn: drawn)
    else:
        caller.text(
            "words",
            TextRequest(
                TEXT_MODEL,
                f"Words for {item}",
                Words,
                timeout_s=_TIMEOUT_S,
                max_output_tokens=_WORDS,
            ),
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="pressrun-budget-") as folder:
        work(Job(**json.loads(sys.stdin.readline())), Vault(Path(folder)))
