"""The local Gemini's behaviour: routes, quotas, faults and the bill; no sockets here.

Each call passes key, model and request checks, then the quotas, then the scripted faults; it
waits its latency, is answered and billed. Knows nothing of Pressrun.
"""

import contextlib
import hashlib
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from tests.servers import gemini_faults as faults
from tests.servers.gemini_books import (
    SPEND_WINDOW_S,
    Books,
    Call,
    Quotas,
    Settings,
    key_hash_of,
)
from tests.servers.gemini_fields import violations
from tests.servers.gemini_http import Answer, Received
from tests.servers.gemini_replies import Asked, BadArgument, field, good_reply, read_request
from tests.servers.gemini_types import Types, key_types, vertex_types
from tests.servers.gemini_vertex import TOKEN_PATH, VertexCall, VertexGate

Json = dict[str, Any]
_VERSIONS = ("v1", "v1beta")
_VERSION = rf"/({'|'.join(_VERSIONS)})"


@dataclass(frozen=True)
class _Served:
    """A call on its way: what it asks, who asks, since when, and the fault that strikes it."""

    asked: Asked
    version: str
    key_hash: str
    at: float
    began: float
    fault: faults.Fault | None

    @property
    def trouble(self) -> str:
        """The fault's kind, or nothing."""
        return self.fault.kind if self.fault else ""


class GeminiService:
    """Answers requests; many threads at once."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._random = random.Random(settings.seed)
        self._lock = threading.Lock()
        self._faults: list[faults.Fault] = []
        self._quotas: dict[tuple[str, str], Quotas] = {}
        self.vertex = VertexGate(settings.vertex_projects, settings.models, settings.vertex_token_s)
        self._books = Books()
        self._ended = threading.Event()
        self._released = threading.Event()
        for version in _VERSIONS:
            key_types(version)  # read now, lest the first caller waits for it
        # Batches and files will be more lines here.
        self._routes: list[tuple[str, str, Callable[..., Answer]]] = [
            ("POST", rf"{_VERSION}/models/([^/:]+):generateContent", self._generate_for_key),
            ("POST", rf"{_VERSION}/models/([^/:]+):countTokens", self._count_for_key),
            ("GET", rf"{_VERSION}/models", self._list_models),
            ("GET", rf"{_VERSION}/models/([^/:]+)", self._show_model),
        ]
        self._controls: dict[tuple[str, str], Callable[[Received], Json]] = {
            ("POST", "/_control/faults"): self._control_faults,
            ("POST", "/_control/release"): self._control_release,
            ("POST", "/_control/reset"): self._control_reset,
            ("GET", "/_control/bill"): lambda _received: self.account(),
        }

    # What tests use.

    @property
    def bill(self) -> list[Call]:
        """Every call that was answered with 200, in order."""
        with self._lock:
            return list(self._books.calls)

    @property
    def bill_usd(self) -> float:
        """The sum of the bill."""
        with self._lock:
            return self._books.total_usd

    @property
    def rejected(self) -> dict[str, int]:
        """Calls that were refused, by quota id or fault; they are not on the bill."""
        with self._lock:
            return dict(self._books.rejected)

    @property
    def in_flight(self) -> int:
        """Calls that wait for their answer at this moment."""
        return self._books.in_flight

    @property
    def peak_in_flight(self) -> int:
        """The most calls that ever waited at once."""
        return self._books.peak_in_flight

    def fail(self, kind: str, **selectors: Any) -> faults.Fault:
        """Adds a scripted fault; the fields of ``Fault`` say what it takes.

        The first fault that fits a call strikes it. ``fault.struck`` counts.
        """
        fault = faults.Fault(kind, **selectors)
        with self._lock:
            self._faults.append(fault)
        return fault

    def end(self) -> None:
        """Lets go of everyone who waits, now and later."""
        self._ended.set()
        self.release()

    def release(self) -> None:
        """Hangs up on the calls that hang; later ones hang again."""
        self._released.set()
        self._released = threading.Event()

    def reset(self) -> None:
        """Forgets faults, quotas and the bill."""
        with self._lock:
            self._faults.clear()
            self._quotas.clear()
            self._books.calls.clear()
            self._books.rejected.clear()
            self._books.peak_in_flight = self._books.in_flight
        self.release()

    def account(self) -> Json:
        """The bill and the counters as JSON."""
        with self._lock:
            return {
                "calls": [asdict(call) for call in self._books.calls],
                "total_usd": self._books.total_usd,
                "rejected": dict(self._books.rejected),
                "in_flight": self._books.in_flight,
                "peak_in_flight": self._books.peak_in_flight,
            }

    # Routing.

    def answer(self, received: Received) -> Answer:
        """The response to any request."""
        if control := self._controls.get((received.method, received.path)):
            return _control(control, received)
        if (received.method, received.path) == ("POST", TOKEN_PATH):
            return self.vertex.sign_in(received)
        if call := VertexCall.of(received.path):
            return self._answer_as_vertex(received, call)
        if refusal := self._key_refusal(received.key):
            return refusal
        for method, pattern, handle in self._routes:
            match = re.fullmatch(pattern, received.path)
            if match and method == received.method:
                return handle(received, *match.groups())
        return _as_answer(faults.error(404, "NOT_FOUND", f"Nothing is served at {received.path}."))

    def _key_refusal(self, key: str) -> Answer | None:
        if not key:
            return self._refuse("no_key", faults.no_key())
        if self._settings.keys and key not in self._settings.keys:
            return self._refuse("wrong_key", faults.wrong_key())
        if key in self._settings.suspended_keys:
            return self._refuse("suspended_key", faults.suspended_key(key))
        return None

    def _answer_as_vertex(self, received: Received, call: VertexCall) -> Answer:
        if refusal := self.vertex.refusal(received, call):
            return self._refuse("vertex", refusal)
        handle = self._generate if call.method == "generateContent" else self._count_tokens
        return handle(replace(received, key=call.key), vertex_types(call.version), call.model)

    def _refuse(self, reason: str, answer: faults.ErrorAnswer) -> Answer:
        self._count_rejected(reason)
        return _as_answer(answer)

    def _count_rejected(self, reason: str) -> None:
        with self._lock:
            self._books.rejected[reason] += 1

    def _control_faults(self, received: Received) -> Json:
        scripts = json.loads(received.body)
        for script in scripts if isinstance(scripts, list) else [scripts]:
            self.fail(**script)
        return {"faults": len(self._faults)}

    def _control_release(self, _received: Received) -> Json:
        self.release()
        return {}

    def _control_reset(self, _received: Received) -> Json:
        self.reset()
        return {}

    # The API.

    def _list_models(self, received: Received, _version: str) -> Answer:
        names = list(self._settings.models)
        begin = int(received.query.get("pageToken") or 0)
        end = begin + int(received.query.get("pageSize") or 50)
        page: Json = {"models": [_model_card(name) for name in names[begin:end]]}
        return Answer.of(page | ({"nextPageToken": str(end)} if end < len(names) else {}))

    def _show_model(self, _received: Received, version: str, name: str) -> Answer:
        if name not in self._settings.models:
            return self._refuse("unknown_model", faults.unknown_model(name, version))
        return Answer.of(_model_card(name))

    def _count_for_key(self, received: Received, version: str, name: str) -> Answer:
        return self._count_tokens(received, key_types(version), name)

    def _generate_for_key(self, received: Received, version: str, name: str) -> Answer:
        return self._generate(received, key_types(version), name)

    def _count_tokens(self, received: Received, types: Types, name: str) -> Answer:
        asked = self._read(received, types, "countTokens", name)
        if isinstance(asked, Answer):
            return asked
        return Answer.of({"totalTokens": asked.prompt_tokens})

    def _generate(self, received: Received, types: Types, name: str) -> Answer:
        at, began = time.time(), time.monotonic()
        asked = self._read(received, types, "generateContent", name)
        if isinstance(asked, Answer):
            return asked
        key_hash = key_hash_of(received.key)
        with self._in_flight():
            if refusal := self._over_limits(asked, key_hash, began):
                return refusal
            fault = self._fault_for(asked, key_hash)
            return self._serve(_Served(asked, types.version, key_hash, at, began, fault))

    def _read(self, received: Received, types: Types, method: str, name: str) -> Asked | Answer:
        """The request, or the answer to one that is wrong: its fields are looked at first."""
        try:
            body = json.loads(received.body)
            if found := violations(types, method, body):
                return self._refuse("bad_fields", faults.bad_fields(found))
            if name not in self._settings.models:
                return self._refuse("unknown_model", faults.unknown_model(name, types.version))
            body = field(body, "generateContentRequest", body)
            return read_request(self._settings.models[name], body)
        except (ValueError, TypeError, AttributeError, BadArgument) as error:
            return self._refuse("bad_argument", faults.bad_argument(str(error)))

    @contextlib.contextmanager
    def _in_flight(self) -> Iterator[None]:
        with self._lock:
            self._books.enter()
        try:
            yield
        finally:
            with self._lock:
                self._books.leave()

    def _over_limits(self, asked: Asked, key_hash: str, now: float) -> Answer | None:
        name = asked.model.name
        if self._is_capped(key_hash):
            return self._refuse("spend_cap", faults.spend_cap())
        with self._lock:
            if (key_hash, name) not in self._quotas:
                self._quotas[key_hash, name] = Quotas(self._settings.limits_of(name))
            images, tokens = int(asked.image), asked.prompt_tokens
            denial = self._quotas[key_hash, name].admit(now, images=images, tokens=tokens)
        if denial is None:
            return None
        return self._refuse(denial.quota_id, faults.over_quota(denial, name))

    def _is_capped(self, key_hash: str) -> bool:
        cap = self._settings.spend_cap_usd
        if cap is None:
            return False
        with self._lock:
            return self._books.spent_since(time.time() - SPEND_WINDOW_S, key_hash) >= cap

    def _fault_for(self, asked: Asked, key_hash: str) -> faults.Fault | None:
        with self._lock:
            fits = (asked.prompt, asked.model.name, key_hash)
            return next(
                (f for f in self._faults if f.strikes(*fits, image=asked.image, seed=asked.seed)),
                None,
            )

    def _serve(self, served: _Served) -> Answer:
        fault = served.fault
        if fault and fault.kind in faults.ERRORS:
            self._pause(fault.delay_s)
            return self._refuse(fault.kind, faults.ERRORS[fault.kind](fault))
        if fault and fault.kind in {"hang", "drop"}:
            return self._ignore(fault.kind)
        self._pause(self._latency())
        if self._ended.is_set():
            return Answer.nothing()
        reply = good_reply(served.asked, self._settings.picture_format)
        if fault and fault.kind in faults.SPOILT:
            faults.SPOILT[fault.kind](reply, fault)
        self._enter_bill(served, reply["usageMetadata"])
        return Answer.of(reply, delivery=served.trouble)

    def _ignore(self, manner: str) -> Answer:
        released = self._released
        if manner == "hang" and not self._ended.is_set():
            released.wait()
        self._count_rejected(manner)
        return Answer.nothing()

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._ended.wait(seconds)

    def _latency(self) -> float:
        median, sigma = self._settings.latency_s, self._settings.latency_sigma
        if not sigma:
            return median
        with self._lock:
            return median * self._random.lognormvariate(0.0, sigma)

    def _enter_bill(self, served: _Served, usage: Json) -> None:
        asked = served.asked
        details = usage.get("candidatesTokensDetails", [])
        call = Call(
            at=served.at,
            seconds=time.monotonic() - served.began,
            model=asked.model.name,
            kind="image" if asked.image else "text",
            key_hash=served.key_hash,
            prompt_sha256=hashlib.sha256(asked.prompt.encode()).hexdigest(),
            parts=asked.parts,
            seed=asked.seed,
            input_tokens=usage["promptTokenCount"],
            output_tokens=usage["candidatesTokenCount"],
            image_tokens=sum(d["tokenCount"] for d in details if d["modality"] == "IMAGE"),
            thought_tokens=usage["thoughtsTokenCount"],
            cost_usd=asked.model.cost_usd(usage),
            fault=served.trouble,
            version=served.version,
        )
        with self._lock:
            self._books.calls.append(call)


def _as_answer(error: faults.ErrorAnswer) -> Answer:
    return Answer.of(error.body, status=error.status, headers=error.headers)


def _control(control: Callable[[Received], Json], received: Received) -> Answer:
    try:
        return Answer.of(control(received))
    except (ValueError, TypeError) as error:
        return Answer.of({"error": str(error)}, status=400)


def _model_card(name: str) -> Json:
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
