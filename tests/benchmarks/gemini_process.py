"""The local Gemini in a process of its own, so that what it does is not our CPU, and its books."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import httpx

from tests.servers.gemini_books import key_hash_of

_SETTLED_S = 60.0


@dataclass(frozen=True)
class Served:
    """One call that was answered.

    Attributes:
        at: Unix time of its arrival.
        seconds: From then to its answer.
        key_hash: Of whose account it is.
    """

    at: float
    seconds: float
    key_hash: str
    cost_usd: float


@dataclass(frozen=True)
class Books:
    """What the server counted: its bill, and how many calls it refused because of a quota."""

    served: Sequence[Served]
    rejected: int
    in_flight: int

    @property
    def billed_usd(self) -> float:
        """The whole bill."""
        return sum(call.cost_usd for call in self.served)

    def billed_to(self, key: str) -> float:
        """The bill of one key."""
        return sum(call.cost_usd for call in self.served if call.key_hash == key_hash_of(key))

    @property
    def wall_s(self) -> float:
        """From the first call's arrival to the last one's answer."""
        if not self.served:
            return 0.0
        first = min(call.at for call in self.served)
        return max(call.at + call.seconds for call in self.served) - first


_KEPT = tuple(field.name for field in fields(Served))


@dataclass(frozen=True)
class Gemini:
    """A running server."""

    url: str

    def books(self) -> Books:
        """The books as they stand."""
        said = self._say("GET", "bill")
        refused = (n for reason, n in said["rejected"].items() if "Per" in reason)
        served = [Served(*(call[name] for name in _KEPT)) for call in said["calls"]]
        served.sort(key=lambda call: call.at)
        return Books(served, sum(refused), said["in_flight"])

    def settled_books(self) -> Books:
        """The books when nothing is in flight any more; lets go of hung calls."""
        deadline = time.monotonic() + _SETTLED_S
        while time.monotonic() < deadline:
            self._say("POST", "release", {})
            if not (books := self.books()).in_flight:
                return books
            time.sleep(0.1)
        raise RuntimeError("Calls are in flight for ever.")

    def fail(self, *faults: dict[str, Any]) -> None:
        """Adds scripted faults."""
        self._say("POST", "faults", list(faults))

    def reset(self) -> None:
        """Empties books and windows, and lets go of hung calls."""
        self._say("POST", "reset", {})

    def _say(self, method: str, control: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_control/{control}", json=body, timeout=60)
        return answer.raise_for_status().json()


@contextmanager
def gemini(**options: object) -> Iterator[Gemini]:
    """A server until the end of the block; the options are those of ``tests.servers.gemini``."""
    command = [sys.executable, "-m", "tests.servers.gemini"]
    command += [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Gemini(process.stdout.readline().strip())
        finally:
            process.terminate()
