"""The engines with their real SDKs, over a wire that gives the answer it is told to give."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import boto3
import httpx2
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from pydantic import BaseModel
from urllib3 import HTTPResponse

from pressrun.engines import http
from pressrun.engines.account import Access
from pressrun.engines.base import Engine, ImageRequest, TextRequest
from pressrun.engines.factory import open_engine
from pressrun.pictures.picture import read_picture
from tests.fuzz.answers import Scripted
from tests.servers.provider import drawn

IMAGE_MODELS = {
    "gemini": "gemini-nano-banana-2.1",
    "openai": "gpt-image-2.5-flare",
    "bedrock": "stable-image-core",
}
TEXT_MODEL = "gemini-3.8-flash"
SHOWN = read_picture(drawn(16, 16), "a picture")


class Words(BaseModel):
    """What is asked for in words."""

    title: str


@dataclass
class Wire:
    """Where every request ends, how many came, and the last one's body."""

    answer: Scripted = field(default_factory=lambda: Scripted(500, {}, b""))
    asked: int = 0
    sent: bytes = b""

    def over_httpx(self, request: httpx2.Request) -> httpx2.Response:
        """As httpx reads it."""
        self.asked, self.sent = self.asked + 1, request.read()
        now = self.answer
        return httpx2.Response(now.status, headers=now.headers, stream=_Stream(now.body))

    def over_botocore(self, request: Any, **_: Any) -> AWSResponse:
        """As botocore reads it."""
        self.asked += 1
        now = self.answer
        raw = HTTPResponse(
            io.BytesIO(now.body),
            headers=now.headers,
            status=now.status,
            preload_content=False,
        )
        return AWSResponse(request.url, now.status, raw.headers, raw)


class _Stream(httpx2.SyncByteStream):
    def __init__(self, body: bytes):
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


@contextmanager
def opened(name: str) -> Iterator[tuple[Engine, Wire]]:
    """An engine, and the wire that it asks over."""
    wire, open_client = Wire(), http.open_client

    def bounded(connections: int) -> httpx2.Client:
        return open_client(connections, httpx2.MockTransport(wire.over_httpx))

    def aws_client(service: str, config: Mapping[str, Any]) -> Any:
        session = boto3.Session("AKIAFUZZ", "hush-hush", region_name="us-west-2")
        client = session.client(service, config=Config(**config))
        client.meta.events.register("before-send.*", wire.over_botocore)
        return client

    access = Access(
        "" if name == "bedrock" else "a-good-key-of-nobody",
        base_url=None if name == "bedrock" else "http://provider.example/v1",
        engine=name,
        region="us-west-2",
        aws_client=aws_client if name == "bedrock" else None,
    )
    with mock.patch.object(http, "open_client", bounded):
        engine = open_engine(name, access, 1)
    try:
        yield engine, wire
    finally:
        engine.close()


def picture_request(name: str, *, shown: bool = False) -> ImageRequest:
    """A picture asked of an engine."""
    pictures = (SHOWN,) if shown and name != "bedrock" else ()
    return ImageRequest(IMAGE_MODELS[name], "a red cup", pictures, aspect_ratio="1:1")


def text_request() -> TextRequest:
    """Words asked for; of Gemini alone."""
    return TextRequest(TEXT_MODEL, "Why?", Words)
