"""Every provider as tests ask it: the real engine, its local server, and what can go wrong there.

What an engine must hold stands in ``tests/integration/test_engine_contract.py``; here is what
differs. A new engine needs one class here, and passes that contract.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from pydantic import BaseModel, Field

from pressrun.engines.account import Access
from pressrun.engines.base import Engine, ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.engines.factory import open_engine
from pressrun.errors import (
    BadReply,
    Blocked,
    EngineError,
    QuotaExhausted,
    Refused,
    Throttled,
    Unavailable,
)
from tests.servers.bedrock import BedrockServer
from tests.servers.gemini import GeminiServer
from tests.servers.openai_images import OpenAIServer
from tests.servers.provider import ProviderServer
from tests.support.waiting import until

REGION = "us-west-2"
GEMINI_PICTURES, GEMINI_WORDS = "gemini-nano-banana-2.1", "gemini-3.8-flash"


class Slide(BaseModel):
    """A part of :class:`Analysis`."""

    index: int = Field(ge=0)
    text: str = Field(max_length=40)


class Analysis(BaseModel):
    """An answer with limits that a model could break."""

    caption: str
    slides: list[Slide] = Field(min_length=3, max_length=3)


@dataclass(frozen=True)
class Fault:
    """What a local server does on request, and the error that it has to become.

    Attributes:
        name: As the server's ``fail`` takes it, with ``settings``.
        asks: ``image`` or ``text``: the call that it strikes.
        counted: Whether an answer comes that its usage can be read of.
        final: Whether asking again is of no use, where other errors of its class are not final.
    """

    name: str
    error: type[EngineError]
    kind: str
    asks: str = "image"
    settings: Mapping[str, Any] = field(default_factory=dict)
    counted: bool = True
    final: bool = False


class Provider(ABC):
    """One engine and what it asks.

    Attributes:
        name: In the names of tests.
        server: Nobody, where the engine asks nobody.
        model: Makes pictures.
        words_model: Writes text; empty where the engine has none.
        busy, down: Faults that the server can send a wait with: too fast, and out of order.
        faults: All that the server can do.
        secrets: What no error and no ``repr`` may show.
        advice: What the refusal of a wrong key names, as a pattern.
    """

    name: str
    model: str
    server: GeminiServer | ProviderServer | None = None
    words_model = ""
    busy = down = ""
    faults: tuple[Fault, ...] = ()
    secrets: tuple[str, ...] = ()
    advice = ""

    @abstractmethod
    def open(self, *, wrong_key: bool = False, nobody_there: bool = False) -> Engine:
        """An engine; with a key that nobody knows, or where nobody answers, if that is said."""

    def start(self) -> None:
        """Begins to serve."""
        if self.server is not None:
            self.server.start()

    def stop(self) -> None:
        """Ends it."""
        if self.server is not None:
            self.server.stop()

    def reset(self) -> None:
        """Forgets faults, calls and the bill."""
        if self.server is not None:
            self.server.reset()

    def fail(self, name: str, **settings: Any) -> None:
        """Lets the next call fail so."""
        assert self.server is not None
        self.server.fail(name, **settings)

    @property
    def calls(self) -> int:
        """Calls that came to the server, whatever became of them."""
        return 0

    @property
    def billed_usd(self) -> Decimal:
        """What they come to, as the server counts."""
        return Decimal(0)

    def cost_usd(self, usage: object, asks: str = "image") -> Decimal:
        """What a call with that usage costs, as the ledger counts; nothing for None."""
        model = catalogue()[self.words_model if asks == "text" else self.model]
        return model.cost_usd(usage) if isinstance(usage, Usage) else Decimal(0)

    def image_request(self, **changes: Any) -> ImageRequest:
        """Asks for a picture that it makes."""
        asked: dict[str, Any] = {"prompt": "Draw a mug.", "seed": 5}
        return ImageRequest(**{"model": self.model} | asked | changes)

    def text_request(self, **changes: Any) -> TextRequest:
        """Asks for an :class:`Analysis`."""
        asked: dict[str, Any] = {"prompt": "Describe the slides.", "schema": Analysis}
        return TextRequest(**{"model": self.words_model or self.model} | asked | changes)


_GEMINI_FAULTS = (
    Fault("400", Refused, "bad_request"),
    Fault("401", Refused, "bad_key"),
    Fault("403", Refused, "no_permission"),
    Fault("408", Unavailable, "unavailable"),
    Fault("per_minute", Throttled, "throttled"),
    Fault("429", Throttled, "throttled"),
    Fault("per_day", QuotaExhausted, "quota_exhausted"),
    Fault("spend_cap", QuotaExhausted, "spend_cap"),
    Fault("prepayment", QuotaExhausted, "prepayment_depleted"),
    Fault("500", Unavailable, "unavailable"),
    Fault("503", Unavailable, "unavailable"),
    Fault("504", Unavailable, "unavailable"),
    Fault("drop", Unavailable, "connection", counted=False),
    Fault("hang_up", Unavailable, "connection", counted=False),
    Fault("hang", Unavailable, "timeout", counted=False),
    Fault("trickle", Unavailable, "timeout", counted=False),
    Fault("bad_body", BadReply, "bad_json", counted=False),
    Fault("block_prompt", Blocked, "blocked", settings={"reason": "PROHIBITED_CONTENT"}),
    Fault("block_answer", Blocked, "blocked", settings={"reason": "IMAGE_SAFETY"}),
    Fault("no_image", BadReply, "no_image"),
    Fault("null_parts", BadReply, "no_image"),
    Fault("words_only", BadReply, "no_image"),
    Fault("no_candidates", BadReply, "empty"),
    Fault("truncated_picture", BadReply, "bad_picture"),
    Fault("max_tokens", BadReply, "truncated"),
    Fault("500", Unavailable, "unavailable", "text"),
    Fault("bad_body", BadReply, "bad_json", "text", counted=False),
    Fault("block_prompt", Blocked, "blocked", "text", {"reason": "SAFETY"}),
    Fault("block_answer", Blocked, "blocked", "text", {"reason": "RECITATION"}),
    Fault("null_parts", BadReply, "bad_json", "text"),
    Fault("invalid_json", BadReply, "bad_json", "text"),
    Fault("wrong_schema", BadReply, "bad_json", "text"),
    Fault("max_tokens", BadReply, "truncated", "text"),
)


class Gemini(Provider):
    """The Developer API, by a key."""

    server: GeminiServer
    name = "gemini"
    model, words_model = GEMINI_PICTURES, GEMINI_WORDS
    busy, down = "per_minute", "503"
    faults: tuple[Fault, ...] = (
        *_GEMINI_FAULTS,
        Fault("wrong_key", Refused, "bad_key"),
        Fault("404", Refused, "unknown_model"),
    )
    secrets: tuple[str, ...] = ("AIza-a-good-key-0123456789", "AIza-wrong-key")
    advice = "GEMINI_API_KEY"

    def __init__(self) -> None:
        self.server = GeminiServer(keys={self.secrets[0]})

    def open(self, *, wrong_key: bool = False, nobody_there: bool = False) -> Engine:
        url = _nobody() if nobody_there else self.server.url
        return open_engine("gemini", Access(self.secrets[wrong_key], base_url=url), 100)

    def reset(self) -> None:
        self.server.release()
        until(lambda: self.server.in_flight == 0)  # else a call that hung is counted later
        super().reset()

    @property
    def calls(self) -> int:
        answered = len(self.server.bill) + sum(self.server.rejected.values())
        return answered + self.server.in_flight

    @property
    def billed_usd(self) -> Decimal:
        return sum((Decimal(str(call.cost_usd)) for call in self.server.bill), Decimal(0))


class Vertex(Gemini):
    """Vertex AI, by a service account's key file."""

    name = "vertex"
    faults = _GEMINI_FAULTS
    advice = "gcloud auth application-default login"

    def __init__(self, folder: Path) -> None:
        self.server = GeminiServer(keys={"no key is used"}, vertex_projects={"ours"})
        self._file = folder / "service-account.json"
        self.secrets = ("API key",)  # there is none: advice on keys would mislead

    def open(self, *, wrong_key: bool = False, nobody_there: bool = False) -> Engine:
        key = self.server.service_key()
        if wrong_key:
            key |= {"client_email": "nobody@local.iam.gserviceaccount.com"}
        self.secrets = (*self.secrets, *key["private_key"].splitlines()[1:-1])
        self._file.write_text(json.dumps(key))
        url = _nobody() if nobody_there else self.server.url
        with pytest.MonkeyPatch.context() as patch:  # read when the engine is made
            patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(self._file))
            return open_engine("gemini", Access(project="ours", base_url=url), 100)


class _Small(Provider):
    """A provider of pictures behind a :class:`ProviderServer`."""

    server: ProviderServer

    @property
    def calls(self) -> int:
        return self.server.calls

    @property
    def billed_usd(self) -> Decimal:
        return self.server.bill_usd


class OpenAI(_Small):
    """The Images API, by a key."""

    server: OpenAIServer
    name, model = "openai", "gpt-image-2.5-flare"
    busy, down = "429", "503"
    faults = (
        Fault("429", Throttled, "throttled"),
        Fault("quota", QuotaExhausted, "quota_exhausted"),
        Fault("blocked", Blocked, "blocked"),
        Fault("400", Refused, "bad_request"),
        Fault("403", Refused, "no_permission"),
        Fault("500", Unavailable, "unavailable"),
        Fault("503", Unavailable, "unavailable"),
        Fault("nothing", Unavailable, "connection", counted=False),
        Fault("hang_up", Unavailable, "connection", counted=False),
        Fault("hang", Unavailable, "timeout", counted=False),
        Fault("trickle", Unavailable, "timeout", counted=False),
        Fault("bad_body", BadReply, "bad_json", counted=False),
        Fault("page", BadReply, "bad_json", counted=False),
        Fault("empty", BadReply, "no_image"),
        Fault("bad_picture", BadReply, "bad_picture"),
        Fault("address", BadReply, "address_only", final=True),
    )
    secrets = ("sk-a-good-key", "sk-bad-and-secret")
    advice = "OPENAI_API_KEY"

    def __init__(self) -> None:
        self.server = OpenAIServer(keys={self.secrets[0]})

    def open(self, *, wrong_key: bool = False, nobody_there: bool = False) -> Engine:
        url = _nobody() if nobody_there else self.server.base_url
        access = Access(self.secrets[wrong_key], base_url=url, engine="openai")
        return open_engine("openai", access, 100)


class Bedrock(_Small):
    """Amazon Bedrock, by AWS credentials."""

    name, model = "bedrock", "stable-image-core"
    busy, down = "ThrottlingException", "ServiceUnavailableException"
    faults = (
        Fault("ThrottlingException", Throttled, "throttled"),
        Fault("ServiceQuotaExceededException", QuotaExhausted, "quota_exhausted"),
        Fault("AccessDeniedException", Refused, "no_permission"),
        Fault("UnrecognizedClientException", Refused, "bad_key"),
        Fault("ResourceNotFoundException", Refused, "unknown_model"),
        Fault("ValidationException", Refused, "bad_request"),
        Fault("content filter", Blocked, "blocked"),
        Fault("prompt", Blocked, "blocked"),
        Fault("output", Blocked, "blocked"),
        Fault("InternalServerException", Unavailable, "unavailable"),
        Fault("ServiceUnavailableException", Unavailable, "unavailable"),
        Fault("ModelNotReadyException", Unavailable, "unavailable"),
        Fault("ModelErrorException", Unavailable, "unavailable"),
        Fault("ModelTimeoutException", Unavailable, "unavailable"),
        Fault("nothing", Unavailable, "connection", counted=False),
        Fault("hang_up", Unavailable, "connection", counted=False),
        Fault("hang", Unavailable, "timeout", counted=False),
        Fault("trickle", Unavailable, "timeout", counted=False),
        Fault("bad_body", BadReply, "bad_json"),
        Fault("page", BadReply, "bad_json"),
        Fault("empty", BadReply, "no_image"),
        Fault("bad_picture", BadReply, "bad_picture"),
    )
    secrets = ("hush-hush",)
    advice = "AWS Credentials block"

    def __init__(self) -> None:
        self.server = BedrockServer(keys={"AKIAGOOD"})

    def open(self, *, wrong_key: bool = False, nobody_there: bool = False) -> Engine:
        url = _nobody() if nobody_there else self.server.url
        return open_engine("bedrock", aws_access("AKIABAD" if wrong_key else "AKIAGOOD", url), 100)


class Sketch(Provider):
    """The offline engine: nobody is asked, and nothing costs."""

    name = model = words_model = "sketch"

    def open(self, *, wrong_key: bool = False, nobody_there: bool = False) -> Engine:
        return open_engine("sketch", Access(), 100)

    def text_request(self, **changes: Any) -> TextRequest:
        slides = [{"index": number, "text": "Warm"} for number in range(3)]
        answer = {"caption": "A mug.", "slides": slides}
        return super().text_request(**{"brief": {"kind": "prompts", "answer": answer}} | changes)


def aws_access(key: str, url: str) -> Access:
    """The way in to a local Bedrock with an access key."""

    def client(service: str, config: Mapping[str, Any]) -> Any:
        session = boto3.Session(key, Bedrock.secrets[0], region_name=REGION)
        return session.client(service, endpoint_url=url, config=Config(**config))

    return Access(engine="bedrock", region=REGION, credentials=key, aws_client=client)


def _nobody() -> str:
    """An address where nobody listens."""
    with GeminiServer() as gone:
        return gone.url
