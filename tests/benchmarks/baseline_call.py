"""The call that every baseline makes, and what it does when it is refused: wait as told.

Plainer than ours on purpose: one HTTP request, and nothing is checked, kept or counted.
"""

import os
from dataclasses import dataclass
from typing import Any, Self

import httpx

from tests.support.batches import IMAGE_MODEL, KEY

TIMEOUT_S = 120


@dataclass(frozen=True)
class Job:
    """What a baseline is to do; travels through the environment of its process.

    Attributes:
        url: Of the local Gemini.
        rate: Calls a second that it may make.
        concurrency: Calls at the same time.
    """

    url: str
    calls: int
    rate: float
    concurrency: int

    @property
    def environment(self) -> dict[str, str]:
        """As variables."""
        return {f"BASELINE_{name.upper()}": str(value) for name, value in vars(self).items()}

    @classmethod
    def told(cls) -> Self:
        """The job of this process."""
        url, calls, rate, concurrency = (
            os.environ[f"BASELINE_{name.upper()}"] for name in cls.__dataclass_fields__
        )
        return cls(url, int(calls), float(rate), int(concurrency))


def request(job: Job, number: int) -> dict[str, Any]:
    """What httpx sends for one picture."""
    return {
        "url": f"{job.url}/v1beta/models/{IMAGE_MODEL}:generateContent",
        "headers": {"x-goog-api-key": KEY},
        "json": {
            "contents": [{"parts": [{"text": f"Slide {number}"}]}],
            "generationConfig": {"responseModalities": ["IMAGE"], "seed": number},
        },
        "timeout": TIMEOUT_S,
    }


def pause_s(answer: httpx.Response) -> float | None:
    """How long to wait before the call is made again; None if it was answered."""
    if answer.status_code != 429:
        answer.raise_for_status()
        return None
    details = answer.json()["error"]["details"]
    return float(next(d["retryDelay"] for d in details if "retryDelay" in d).removesuffix("s"))


def client(job: Job) -> httpx.Client:
    """With a connection for each call."""
    return httpx.Client(limits=httpx.Limits(max_connections=job.concurrency))
