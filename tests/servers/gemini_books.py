"""What the local Gemini server knows of money and quotas: models, settings, windows, the bill.

Prices and token counts follow Google's price page as the package genai-prices 0.2.3 cites it.
The bill is the independent account that tests compare with Pressrun's ledger, so nothing
here is shared with the code under test.
"""

import bisect
import hashlib
import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

DAY_S = 86_400.0
SPEND_WINDOW_S = 600.0


@dataclass(frozen=True)
class ServedModel:
    """A model's prices in USD for a million tokens, and its tokens for a picture by size."""

    name: str
    input: float
    output: float
    image: float = 0.0
    image_tokens: dict[str, int] = field(default_factory=dict)

    def cost_usd(self, usage: dict[str, Any]) -> float:
        """What a reply with this ``usageMetadata`` costs."""
        details = usage.get("candidatesTokensDetails", [])
        drawn: int = sum(d["tokenCount"] for d in details if d["modality"] == "IMAGE")
        written: int = usage["candidatesTokenCount"] - drawn + usage["thoughtsTokenCount"]
        read: int = usage["promptTokenCount"]
        return (read * self.input + drawn * self.image + written * self.output) / 1e6


MODELS = {
    model.name: model
    for model in (
        ServedModel(
            "gemini-nano-banana-2.1", 1.50, 7.50, 30.0, {"1K": 1120, "2K": 1680, "4K": 2520}
        ),
        ServedModel("gemini-3-pro-image", 2.0, 12.0, 120.0, {"1K": 1120, "2K": 1120, "4K": 2000}),
        ServedModel("gemini-3.1-flash-lite-image", 0.25, 1.50, 30.0, {"1K": 1120}),
        ServedModel("gemini-3.8-flash", 0.75, 3.75),
        ServedModel("gemini-3.5-flash-lite", 0.30, 2.50),
    )
}


def key_hash_of(key: str) -> str:
    """The first 12 hex digits of a key's SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Call:
    """One call that was answered and is billed.

    Attributes:
        at: Unix time when the call arrived.
        seconds: From its arrival to its answer.
        key_hash: Of the key, or of Vertex AI's project and location (``key_hash_of``).
        prompt_sha256: Of the text parts, joined by line breaks.
        parts: Media types of the request's parts in order; ``text`` for words.
        fault: The scripted fault that spoilt the answer, if one did.
        version: Of the API, as the call's path had it.
    """

    at: float
    seconds: float
    model: str
    kind: str
    key_hash: str
    prompt_sha256: str
    parts: tuple[str, ...]
    seed: int
    input_tokens: int
    output_tokens: int
    image_tokens: int
    thought_tokens: int
    cost_usd: float
    fault: str = ""
    version: str = ""


@dataclass(frozen=True)
class Limits:
    """The quotas of one model; None means unlimited.

    ``window_s`` is the minute of RPM, IPM and TPM: tests want shorter ones. The day of RPD
    begins when the server starts.
    """

    rpm: int | None = None
    ipm: int | None = None
    tpm: int | None = None
    rpd: int | None = None
    window_s: float = 60.0


@dataclass(frozen=True)
class Settings:
    """How the server behaves. Every key is one of another project, with quotas of its own.

    Attributes:
        keys: The good API keys; any non-empty key is good if there are none.
        suspended_keys: Keys that Google has blocked.
        vertex_projects: Projects that the caller may use Vertex AI in; any if there are none.
        vertex_token_s: How long an access token lives.
        rpm: Requests in ``window_s`` seconds, of each model.
        ipm: Pictures in ``window_s`` seconds, of each model.
        tpm: Prompt tokens in ``window_s`` seconds, of each model.
        rpd: Requests of each model from the server's start.
        window_s: The minute of the limits above.
        limits: Limits of single models, in place of those above.
        spend_cap_usd: Most USD in any ten minutes, with each key.
        latency_s: The median time of an answer.
        latency_sigma: Spread of a lognormal long tail; 0 makes every answer take the median.
        models: The models served, by name.
        picture_format: ``JPEG`` or ``PNG``.
        seed: Of the latencies.
    """

    keys: Collection[str] = ()
    suspended_keys: Collection[str] = ()
    vertex_projects: Collection[str] = ()
    vertex_token_s: float = 3600.0
    rpm: int | None = None
    ipm: int | None = None
    tpm: int | None = None
    rpd: int | None = None
    window_s: float = 60.0
    limits: Mapping[str, Limits] = field(default_factory=dict)
    spend_cap_usd: float | None = None
    latency_s: float = 0.0
    latency_sigma: float = 0.0
    models: Mapping[str, ServedModel] = field(default_factory=lambda: MODELS)
    picture_format: str = "JPEG"
    seed: int = 0

    def limits_of(self, model: str) -> Limits:
        """The quotas of one model."""
        own = Limits(self.rpm, self.ipm, self.tpm, self.rpd, self.window_s)
        return self.limits.get(model, own)


@dataclass(frozen=True)
class Denial:
    """A quota that is used up: its id as Google writes it, and when to come back."""

    quota_id: str
    metric: str
    limit: int
    retry_after_s: float


class SlidingWindow:
    """At most ``limit`` units in any stretch of ``window_s`` seconds, counted exactly."""

    def __init__(self, quota_id: str, metric: str, limit: int | None, window_s: float):
        self.quota_id, self.metric = quota_id, metric
        self.limit, self.window_s = limit, window_s
        self._log: list[tuple[float, int]] = []
        self._sum = 0

    def denial(self, now: float, amount: int) -> Denial | None:
        """Why ``amount`` more units do not fit at this moment; None if they do."""
        while self._log and self._log[0][0] <= now - self.window_s:
            self._sum -= self._log.pop(0)[1]
        if self.limit is None or amount == 0 or self._sum + amount <= self.limit:
            return None
        wait = self._log[0][0] + self.window_s - now if self._log else self.window_s
        return Denial(self.quota_id, self.metric, self.limit, math.ceil(wait * 1000) / 1000)

    def add(self, now: float, amount: int) -> None:
        """Counts what was admitted."""
        if self.limit is not None and amount:
            bisect.insort(self._log, (now, amount))  # threads may overtake one another
            self._sum += amount


class Quotas:
    """The windows of one model."""

    def __init__(self, limits: Limits):
        minute = limits.window_s
        self._requests = SlidingWindow(
            "GenerateRequestsPerMinutePerProjectPerModel",
            "generate_requests_per_model",
            limits.rpm,
            minute,
        )
        self._day = SlidingWindow(
            "GenerateRequestsPerDayPerProjectPerModel",
            "generate_requests_per_model_per_day",
            limits.rpd,
            DAY_S,
        )
        self._images = SlidingWindow(
            "GenerateImagesPerMinutePerProjectPerModel",
            "generate_images_per_model",
            limits.ipm,
            minute,
        )
        self._tokens = SlidingWindow(
            "GenerateContentInputTokensPerModelPerMinute",
            "generate_content_input_token_count",
            limits.tpm,
            minute,
        )

    def admit(self, now: float, *, images: int, tokens: int) -> Denial | None:
        """Counts the call if every window has room; else says which has none, and counts not."""
        asked = (
            (self._day, 1),
            (self._requests, 1),
            (self._images, images),
            (self._tokens, tokens),
        )
        for window, amount in asked:
            if denial := window.denial(now, amount):
                return denial
        for window, amount in asked:
            window.add(now, amount)
        return None


@dataclass
class Books:
    """All that is counted: served calls, refused ones by reason, and calls in flight."""

    calls: list[Call] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    peak_in_flight: int = 0

    def enter(self) -> None:
        """A call has come in."""
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)

    def leave(self) -> None:
        """A call has got its answer, or will get none."""
        self.in_flight -= 1

    @property
    def total_usd(self) -> float:
        """The whole bill."""
        return sum(call.cost_usd for call in self.calls)

    def spent_since(self, moment: float, key_hash: str) -> float:
        """What the calls of a key that arrived after ``moment`` (Unix time) cost."""
        mine = (call for call in self.calls if call.key_hash == key_hash)
        return sum(call.cost_usd for call in mine if call.at > moment)
