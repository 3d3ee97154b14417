"""Servers whose answers never end, asked by every client that Pressrun has.

Each call ends by itself with one sentence, and its thread slept meanwhile.
"""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from pressrun.boundary.answers import bound_aws_client, bound_google_sign_in
from pressrun.engines.account import Access
from pressrun.engines.base import ImageRequest
from pressrun.engines.factory import open_engine
from pressrun.engines.gemini.errors import from_sign_in
from pressrun.errors import PressrunError
from pressrun.inputs.web.fetch import STRICT, Fetcher, FetchLimits
from pressrun.stores.base import Parcel
from pressrun.stores.drive.client import DriveClient
from pressrun.stores.s3.store import S3Store, client_config
from tests.servers.drive_tokens import TokenBooks
from tests.servers.endless import ANSWERS, EndlessServer
from tests.support.pace import slowness
from tests.support.providers import REGION

#: What each call may take, in seconds.
TIMEOUT_S = 3.0
#: What it may take of a processor. Whoever reads on until the end takes as long as the call.
MOST_CPU_S = 1.5
#: How long a server is asked anew that a busy machine has not connected to in time.
PATIENCE_S = 60.0
#: Google's types are not told to mypy.
_SIGNED_IN: Any = Credentials("token")  # type: ignore[no-untyped-call]


def aws(service: str, url: str, config: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="AKIA",
        aws_secret_access_key="hush",
        config=Config(**{**config, "connect_timeout": TIMEOUT_S, "read_timeout": TIMEOUT_S}),
    )


def ask_engine(engine: str, model: str, access: Access) -> Callable[[], object]:
    opened = open_engine(engine, access, 4)
    return lambda: opened.image(ImageRequest(model, "a shoe", timeout_s=TIMEOUT_S))


def ask_gemini(url: str, _: Path) -> Callable[[], object]:
    return ask_engine("gemini", "gemini-nano-banana-2.1", Access("AIza-key", base_url=url))


def sign_in(url: str, _: Path) -> Callable[[], object]:
    """As Vertex AI's client does; the error is the SDK's, which the engine knows."""
    key = TokenBooks(lifetime_s=60, clock_ahead_s=0).service_key(
        "a@b.example", url, delegated=False
    )
    credentials: Any = service_account.Credentials.from_service_account_info(key)  # type: ignore[no-untyped-call]
    bound_google_sign_in(credentials, TIMEOUT_S)

    def ask() -> None:
        try:
            credentials.refresh(None)
        except GoogleAuthError as error:
            raise from_sign_in(error) from None

    return ask


def ask_openai(url: str, _: Path) -> Callable[[], object]:
    access = Access("sk-key", base_url=url, engine="openai")
    return ask_engine("openai", "gpt-image-2.5-flare", access)


def ask_bedrock(url: str, _: Path) -> Callable[[], object]:
    access = Access(
        region=REGION,
        base_url=url,
        engine="bedrock",
        aws_client=lambda service, config: aws(service, url, config),
    )
    return ask_engine("bedrock", "stable-image-core", access)


def parcel(folder: Path) -> Parcel:
    (folder / "a.jpg").write_bytes(b"data")
    return Parcel("a.jpg", folder / "a.jpg", "image/jpeg", sha256(b"data").hexdigest())


def s3_store(url: str) -> S3Store:
    return S3Store("bucket", "x", aws("s3", url, client_config(4, endpoint=True)))


def put_s3(url: str, folder: Path) -> Callable[[], object]:
    store, sent = s3_store(url), parcel(folder)
    return lambda: store.put(sent)


def list_s3(url: str, _: Path) -> Callable[[], object]:
    store = s3_store(url)
    return lambda: list(store.list("a"))


def ask_drive(url: str, _: Path) -> Callable[[], object]:
    client = DriveClient(_SIGNED_IN, api_url=url, timeout_s=TIMEOUT_S)
    return lambda: client.get("abc")


def fetch_page(url: str, _: Path) -> Callable[[], object]:
    port = frozenset({urlsplit(url).port or 0})
    policy = replace(STRICT, allowed_networks=(ip_network("127.0.0.1/32"),), allowed_ports=port)
    fetcher = Fetcher(limits=FetchLimits(total_s=TIMEOUT_S), policy=policy)
    return lambda: fetcher.fetch_document(url)


CLIENTS = {
    "gemini": ask_gemini,
    "vertex sign-in": sign_in,
    "openai": ask_openai,
    "bedrock": ask_bedrock,
    "s3": put_s3,
    "s3 list": list_s3,
    "drive": ask_drive,
    "page": fetch_page,
}


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_that_never_ends_is_left_in_time_and_asleep(tmp_path: Path, client: str) -> None:
    def problem(name: str) -> str:
        while True:
            before = time.thread_time()
            try:
                asks[name]()
            except PressrunError as error:
                said = str(error)
            else:
                return "it came"
            if servers[name].served or time.monotonic() > until:
                break  # a busy machine may not even connect in time
        if (taken := time.thread_time() - before) > MOST_CPU_S * slowness():
            return f"took {taken:.2f} s of a processor"
        if not servers[name].served:
            return f"was not asked: {said}"
        return "" if one_sentence(said) else said

    with ExitStack() as running, ThreadPoolExecutor(len(ANSWERS)) as pool:  # most of them wait
        until = time.monotonic() + PATIENCE_S
        servers = {name: running.enter_context(EndlessServer(ANSWERS[name])) for name in ANSWERS}
        asks = {name: CLIENTS[client](server.url, tmp_path) for name, server in servers.items()}
        found = dict(zip(ANSWERS, pool.map(problem, ANSWERS), strict=True))
    assert {name: problem for name, problem in found.items() if problem} == {}


def one_sentence(said: str) -> bool:
    return "\n" not in said and len(said) < 500 and re.search(r"[A-Z].*\.$", said) is not None


def test_a_client_takes_an_answer_after_a_few_others(tmp_path: Path) -> None:
    """Interim answers are allowed: what comes after them is the answer."""
    body = b'{"modelSummaries": []}'
    answer = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n"
    interim = b"".join(answer % (status, 0) for status in (b"100 A", b"103 B", b"102 C"))
    whole = interim + answer % (b"200 OK", len(body)) + body
    with EndlessServer(lambda: iter([whole])) as server:
        client = aws("bedrock", server.url, {})
        bound_aws_client(client)
        assert client.list_foundation_models()["modelSummaries"] == []
        client.close()
        drive = DriveClient(_SIGNED_IN, api_url=server.url, timeout_s=TIMEOUT_S)
        assert drive.may_add_to("abc") is False
        drive.close()
