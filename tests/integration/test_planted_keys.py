"""Keys in every documented place, servers that echo them, and a search for them everywhere.

Batches succeed and fail; afterwards no key stands in plain text in Prefect's database, the ledger,
logs, artifacts, results or the command line of a process.
"""

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from prefect_aws import AwsCredentials
from pydantic import SecretStr

from flows.article_batch import article_batch
from flows.image_batch import image_batch
from flows.model_comparison import model_comparison
from flows.slideshow_batch import slideshow_batch
from pressrun.blocks import ModelAccount, ResultStore
from pressrun.blocks.notification import Mail
from pressrun.cli import main
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.integration.conftest import Written
from tests.servers.gemini import GeminiServer
from tests.servers.prefect_server import prefect_server
from tests.servers.raw_answers import Answer, RawAnswers, Request
from tests.servers.smtp import SmtpServer
from tests.support.batches import GEMINI, parameters

pytestmark = [
    pytest.mark.timeout(600),
    # Apprise's mail looks for a module that Python 3.13 lacks.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]


@dataclass
class Planted:
    """The keys, each of another place, and where they are looked for.

    Attributes:
        keys: By the place that they are planted in.
    """

    home: Path
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, place: str, prefix: str = "") -> str:
        """A new key for that place, of letters that URLs and JSON leave alone."""
        return self.keys.setdefault(place, f"{prefix}planted{len(self.keys)}{os.urandom(9).hex()}")

    def found_in(self, text: bytes) -> list[str]:
        return [place for place, key in self.keys.items() if any(s in text for s in shapes(key))]

    def found(self) -> dict[str, list[str]]:
        """Every file below home with the keys that stand in it."""
        files = (path for path in self.home.rglob("*") if path.is_file())
        found = {str(p.relative_to(self.home)): self.found_in(p.read_bytes()) for p in files}
        return {path: places for path, places in found.items() if places}


def shapes(key: str) -> list[bytes]:
    """The key as it is, and the part of it that is the same wherever it stands in base64."""
    coded = [base64.b64encode(b"x" * shift + key.encode())[4:-4] for shift in range(3)]
    return [key.encode(), *coded]


def echo(request: Request) -> Answer:
    """Refuses in a way that most programs show, with all that it was told."""
    told = json.dumps({"path": request.path, **request.headers})
    about = {"code": 400, "status": "INVALID_ARGUMENT", "type": "invalid", "message": told}
    body = json.dumps({"error": about}).encode()
    return Answer(400, [("Content-Type", "application/json"), ("X-Echo", told[:2000])], body)


def echo_as_text(request: Request) -> Answer:
    """Succeeds, and a model says what it was told."""
    told = json.dumps({"path": request.path, **request.headers})
    content = {"parts": [{"text": told}], "role": "model"}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    answer = {
        "candidates": [{"content": content, "finishReason": "STOP"}],
        "usageMetadata": usage,
    }
    return Answer(200, [("Content-Type", "application/json")], json.dumps(answer).encode())


def with_password(url: str, password: str) -> str:
    return url.replace("://", f"://user:{quote(password)}@")


@pytest.fixture
def planted(home: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    planted = Planted(home)
    for variable in ("GEMINI_API_KEY", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, planted.key(variable))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLANTED")
    monkeypatch.setenv("PRESSRUN_BEDROCK_REGION", "us-west-2")
    return planted


@pytest.fixture
def server(home: Path) -> Iterator[None]:
    with (
        prefect_server(home / "prefect") as url,
        temporary_settings({PREFECT_API_URL: url, PREFECT_LOGGING_TO_API_ENABLED: True}),
    ):
        yield


@pytest.fixture
def echoing() -> Iterator[RawAnswers]:
    with RawAnswers(echo) as server:
        yield server


def accounts(planted: Planted, echoing: RawAnswers, gemini: GeminiServer) -> dict[str, Any]:
    """An account whose servers echo, and one that works."""
    good = planted.key("good")
    echoed = ModelAccount(
        api_key=SecretStr(planted.key("Gemini")),
        more_keys=SecretStr(planted.key("further Gemini")),
        base_url=echoing.url,
        openai_key=SecretStr(planted.key("OpenAI")),
        openai_base_url=f"{echoing.url}/v1",
        aws_region="us-west-2",
        aws_credentials="planted",
        bedrock_endpoint_url=echoing.url,
    )
    works = ModelAccount(api_key=SecretStr(good), base_url=gemini.url)
    AwsCredentials(
        aws_access_key_id="AKIAPLANTED", aws_secret_access_key=SecretStr(planted.key("AWS"))
    ).save("planted")
    for name, block in (("echoed", echoed), ("works", works)):
        block.save(name)
    return {"echoed": ModelAccount.load("echoed"), "works": ModelAccount.load("works")}


def stores(planted: Planted, echoing: RawAnswers) -> dict[str, Any]:
    ResultStore(
        destination="s3://bucket/x", aws_credentials="planted", endpoint_url=echoing.url
    ).save("s3")
    google = {
        "client_id": "id",
        "client_secret": planted.key("Google's client"),
        "refresh_token": planted.key("Google's refresh token"),
        "token_uri": f"{echoing.url}/token",
    }
    ResultStore(
        destination="drive://abc", google_credentials=google, endpoint_url=echoing.url
    ).save("drive")
    return {name: ResultStore.load(name) for name in ("s3", "drive")}


def notify(planted: Planted, echoing: RawAnswers, mail: SmtpServer) -> str:
    CustomWebhookNotificationBlock(
        name="n",
        url=f"{echoing.url}/{{{{token}}}}",
        secrets={"token": planted.key("webhook")},
        json_data={"text": "{{body}}"},
    ).save("n")
    Mail(
        host="127.0.0.1",
        port=mail.port,
        security="insecure",
        user="ana",
        password=planted.key("mail"),
        sender="a@example.com",
        to="b@example.com",
    ).save("n")
    return "custom-webhook/n, mail/n"


def run(flow: Any, given: dict[str, Any]) -> str:
    state = flow(**given, return_state=True)
    return f"{state.name}: {state.message}"


def test_no_key_is_found_after_batches_that_succeed_and_fail(
    home: Path,
    planted: Planted,
    server: None,
    echoing: RawAnswers,
    logs: Written,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = planted.key("good")
    with GeminiServer(keys={good}) as gemini, SmtpServer("ana", "another") as mail:
        account = accounts(planted, echoing, gemini)
        store = stores(planted, echoing)
        told = notify(planted, echoing, mail)
        base = with_password(echoing.url, planted.key("base URL of Gemini"))
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", base)
        monkeypatch.setenv(
            "OPENAI_BASE_URL", with_password(echoing.url, planted.key("base of env"))
        )
        monkeypatch.setenv(
            "PRESSRUN_TIKTOK_PROXY", with_password(echoing.url, planted.key("proxy"))
        )
        monkeypatch.setenv("PRESSRUN_FEWEST_ARTICLES", "1")
        settings.cache_clear()
        show = parameters(home, slides=1)
        prompts = {"prompts": "- red shoe", "retries": 0}
        link = "https://www.tiktok.com/@a/photo/7430000000000000001"
        pictures, echoed = {**GEMINI, "retries": 0}, {"account": account["echoed"]}
        said = [
            run(slideshow_batch, show | pictures | {"account": account["works"], "notify": told}),
            run(slideshow_batch, show | pictures),
            run(slideshow_batch, show | {"slides": "", "links": link}),
            run(image_batch, prompts | echoed | {"model": "gpt-image-2", "notify": told}),
            run(image_batch, prompts | {"model": "gpt-image-2"}),
            run(image_batch, prompts | echoed | {"model": "stable-image-core"}),
            run(image_batch, prompts | {"store": store["s3"]}),
            run(image_batch, prompts | {"store": store["drive"]}),
            run(
                model_comparison,
                {"prompt": "a shoe", "models": [GEMINI["model"], "gpt-image-2"]} | echoed,
            ),
        ]
        echoing.answer = echo_as_text
        article = {"items": "Tides", "text_model": GEMINI["text_model"], "retries": 0, "delay_s": 0}
        said += [
            run(article_batch, article | echoed),
            run(image_batch, prompts | echoed | {"model": GEMINI["model"]}),
        ]
        for command in (
            ["check-account", "echoed"],
            ["check-account"],
            ["check-store", "s3"],
            ["check-store", "drive"],
            ["status", "latest", "--items", "--json"],
            ["stats", "--json"],
        ):
            main(command)
        processes = [
            " ".join(process.cmdline())
            for process in psutil.Process().children(recursive=True)
            if process.is_running()
        ]
    open_ledger().close()
    printed = capfd.readouterr()
    assert said[0].startswith("Completed")
    assert sum(line.startswith("Completed") for line in said) < len(said)
    assert echoing.seen  # the keys were sent
    sent = json.dumps([[r.path, dict(r.headers)] for r in echoing.seen]).encode()
    assert {"Gemini", "OpenAI", "webhook", "proxy", "base URL of Gemini"} <= set(
        planted.found_in(sent)
    )
    everywhere = {
        "said": "\n".join(said),
        "logged": logs.text,
        "printed": printed.out + printed.err,
        "processes": "\n".join(processes),
    }
    found = {place: planted.found_in(text.encode()) for place, text in everywhere.items()}
    assert {place: keys for place, keys in found.items() if keys} | planted.found() == {}
