"""Keys in every documented place, servers that echo them, and a search for them everywhere.

Batches succeed and fail, here and in a worker's process; afterwards no key stands in plain text in
Prefect's database, the ledgers, logs, artifacts, results or the command line of a process.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from prefect.blocks.notifications import (
    CustomWebhookNotificationBlock,
    DiscordWebhook,
    SlackWebhook,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_TO_API_ENABLED
from prefect_aws import AwsCredentials, MinIOCredentials
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
from tests.servers.postgresql import postgresql, programs
from tests.servers.prefect_server import prefect_server
from tests.servers.raw_answers import Answer, RawAnswers, Request
from tests.servers.smtp import SmtpServer
from tests.support.batches import GEMINI, parameters
from tests.support.other_server import asked

CHECKOUT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.timeout(600),
    # Apprise's mail looks for a module that Python 3.13 lacks.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]


_COMMON = "plantedbythistest"


@dataclass
class Planted:
    """The keys, each of another place, and where they are looked for.

    Attributes:
        keys: By the place that they are planted in.
    """

    places: list[Path]
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, place: str, prefix: str = "") -> str:
        """A new key for that place, of letters that URLs and JSON leave alone."""
        new = f"{prefix}{_COMMON}{len(self.keys)}{os.urandom(9).hex()}"
        return self.keys.setdefault(place, new)

    def found_in(self, text: bytes) -> list[str]:
        # A database has megabytes; what the keys have in common is looked for once.
        marks = {key for key in self.keys.values() if _COMMON not in key} | {_COMMON}
        if not any(shape in text for mark in marks for shape in shapes(mark)):
            return []
        return [place for place, key in self.keys.items() if any(s in text for s in shapes(key))]

    def found(self) -> dict[str, list[str]]:
        """Every file below the places with the keys that stand in it."""
        files = (path for place in self.places for path in place.rglob("*") if path.is_file())
        found = {str(path): self.found_in(path.read_bytes()) for path in files}
        return {path: places for path, places in found.items() if places}


def shapes(key: str) -> list[bytes]:
    """The key as it is, and the part of it that is the same wherever it stands in base64."""
    coded = [base64.b64encode(b"x" * shift + key.encode())[4:-4] for shift in range(3)]
    return [key.encode(), *coded]


def echo(request: Request, token: str = "") -> Answer:
    """Refuses in a way that most programs show, with all that it was told.

    Who signs in for Vertex AI gets the token, if there is one.
    """
    if token and request.path == _SIGN_IN:
        given = json.dumps({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
        return Answer(200, [("Content-Type", "application/json")], given.encode())
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


_SIGN_IN = "/sign-in"


def with_password(url: str, password: str) -> str:
    return url.replace("://", f"://user:{quote(password)}@")


@pytest.fixture
def planted(home: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    planted = Planted([home])
    for variable in ("GEMINI_API_KEY", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, planted.key(variable))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLANTED")
    monkeypatch.setenv("PRESSRUN_BEDROCK_REGION", "us-west-2")
    return planted


@pytest.fixture
def server(home: Path) -> Iterator[None]:
    with (
        prefect_server(home / "prefect") as url,
        asked(url, {PREFECT_LOGGING_TO_API_ENABLED: True}),
    ):
        yield


@pytest.fixture
def echoing(planted: Planted) -> Iterator[RawAnswers]:
    token = planted.key("Vertex AI's token")
    with RawAnswers(partial(echo, token=token)) as server:
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
    vertex = ModelAccount(vertex_project="ours", base_url=echoing.url)
    AwsCredentials(
        aws_access_key_id="AKIAPLANTED", aws_secret_access_key=SecretStr(planted.key("AWS"))
    ).save("planted")
    blocks = {"echoed": echoed, "works": works, "vertex": vertex}
    for name, block in blocks.items():
        block.save(name)
    return {name: ModelAccount.load(name) for name in blocks}


def service_account(planted: Planted, gemini: GeminiServer, url: str) -> str:
    """The file of a service account, outside of all that is searched."""
    key = gemini.service_key() | {"token_uri": url + _SIGN_IN}
    # One line of many: all that the key is worth, and of letters as the others.
    planted.keys["Vertex AI's service account"] = key["private_key"].splitlines()[7]
    return json.dumps(key)


def stores(planted: Planted, echoing: RawAnswers) -> dict[str, Any]:
    MinIOCredentials(
        minio_root_user="root", minio_root_password=SecretStr(planted.key("MinIO"))
    ).save("planted")
    google = {
        "client_id": "id",
        "client_secret": planted.key("Google's client"),
        "refresh_token": planted.key("Google's refresh token"),
        "token_uri": f"{echoing.url}/token",
    }
    blocks: dict[str, dict[str, Any]] = {
        "s3": {"destination": "s3://bucket/x", "aws_credentials": "planted"},
        "minio": {"destination": "s3://bucket/x", "aws_credentials": "minio-credentials/planted"},
        "drive": {"destination": "drive://abc", "google_credentials": google},
    }
    for name, told in blocks.items():
        ResultStore(**told, endpoint_url=echoing.url).save(name)
    return {name: ResultStore.load(name) for name in blocks}


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
    slack = planted.keys["Slack"] = os.urandom(12).hex()  # as long as those are
    url = f"https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/{slack}"
    SlackWebhook(url=SecretStr(url)).save("n")
    DiscordWebhook(webhook_id="1", webhook_token=SecretStr(planted.key("Discord"))).save("n")
    return "custom-webhook/n, mail/n, slack-webhook/n, discord-webhook/n"


def run(flow: Any, given: dict[str, Any]) -> str:
    state = flow(**given, return_state=True)
    return f"{state.name}: {state.message}"


def run_in_worker(planted: Planted, ledger: str, given: dict[str, Any]) -> str:
    """Runs one batch as deployments do; returns its last state, and the command lines seen."""
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="planted", type="process"))
        flow = client.create_flow_from_name("image-batch")
        deployment = client.create_deployment(
            flow,
            "planted",
            work_pool_name="planted",
            path=str(CHECKOUT),
            entrypoint="flows/image_batch.py:image_batch",
        )
        made = client.create_flow_run_from_deployment(deployment, parameters=given)
        arguments = "worker start --pool planted --type process --run-once"
        with (planted.places[0] / "worker.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "prefect", *arguments.split()],
                cwd=CHECKOUT,
                env=os.environ
                | {"PREFECT_API_URL": str(PREFECT_API_URL.value()), "PRESSRUN_LEDGER_URL": ledger},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        seen = set()
        while worker.poll() is None:
            seen |= command_lines()
            time.sleep(0.2)
        state = client.read_flow_run(made.id).state
    assert any("prefect" in line and "worker" not in line for line in seen)  # the flow's own
    return "\n".join([f"{state.name}: {state.message}" if state else "", *seen])


def command_lines() -> set[str]:
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            found.add(" ".join(process.cmdline()))
    return found


@pytest.mark.long
@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
def test_no_key_is_found_after_batches_that_succeed_and_fail(
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    planted: Planted,
    server: None,
    echoing: RawAnswers,
    logs: Written,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = planted.key("good")
    with (
        GeminiServer(keys={good}) as gemini,
        SmtpServer("ana", "another") as mail,
        postgresql() as database,
    ):
        planted.places.append(database.folder)
        file = tmp_path_factory.mktemp("outside") / "service-account.json"
        file.write_text(service_account(planted, gemini, echoing.url))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        account = accounts(planted, echoing, gemini)
        store = stores(planted, echoing)
        told = notify(planted, echoing, mail)
        for variable, place in (
            ("GOOGLE_GEMINI_BASE_URL", "base URL of Gemini"),
            ("OPENAI_BASE_URL", "base URL of OpenAI"),
            ("PRESSRUN_TIKTOK_PROXY", "proxy"),
        ):
            monkeypatch.setenv(variable, with_password(echoing.url, planted.key(place)))
        settings.cache_clear()
        show = parameters(home, slides=1) | GEMINI | {"retries": 0}
        prompts = {"prompts": "- red shoe", "retries": 0}
        models = {"prompt": "a shoe", "models": [GEMINI["model"], "gpt-image-2"]}
        more = models | {"models": [*models["models"], "stable-image-core"]}
        link = "https://www.tiktok.com/@a/photo/7430000000000000001"
        article = {"items": "Tides", "text_model": GEMINI["text_model"], "retries": 0, "delay_s": 0}
        article |= {"read_as": "form"}
        echoed = {"account": account["echoed"]}
        ledger = database.url.replace("postgres@", f"postgres:{planted.key('PostgreSQL')}@")
        said = [
            run(slideshow_batch, show | {"account": account["works"], "notify": told}),
            run(slideshow_batch, show | {"slides": "", "links": link}),
            run(model_comparison, models),
            run(model_comparison, more | echoed),
            run(image_batch, prompts | {"account": account["vertex"], "model": GEMINI["model"]}),
            run_in_worker(
                planted,
                ledger,
                prompts | {"store": {"$ref": str(store["minio"]._block_document_id)}},
            ),
        ]
        echoing.answer = echo_as_text
        said.append(run(article_batch, article | echoed))
        for command in (
            ["check-account", "echoed"],
            ["check-account"],
            ["check-store", "s3"],
            ["check-store", "minio"],
            ["check-store", "drive"],
            ["status", "latest", "--items", "--json"],
            ["stats", "--json"],
        ):
            main(command)
        processes = command_lines()
        open_ledger().close()
        found = planted.found()
    printed = capfd.readouterr()
    assert said[0].startswith("Completed")
    assert sum(line.startswith("Completed") for line in said) < len(said)
    # The keys were sent.
    sent = json.dumps([[r.path, dict(r.headers)] for r in echoing.seen]).encode()
    assert set(planted.found_in(sent)) >= {
        "Gemini",
        "OpenAI",
        "webhook",
        "proxy",
        "base URL of Gemini",
        "Vertex AI's token",
    }
    everywhere = {
        "said": "\n".join(said),
        "logged": logs.text,
        "printed": printed.out + printed.err,
        "processes": "\n".join(processes),
    }
    told_keys = {place: planted.found_in(text.encode()) for place, text in everywhere.items()}
    assert {place: keys for place, keys in told_keys.items() if keys} | found == {}
