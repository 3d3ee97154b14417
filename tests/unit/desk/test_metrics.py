"""The metrics at the desk: for whoever has the token, and for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import SignIns
from pressrun.errors import LedgerError, SettingError
from pressrun.settings import settings
from tests.support.batches import parameters, plan, work
from tests.unit.desk.conftest import ADDRESS, LOGIN, Asked

TOKEN = "0123456789abcdef-a-token"
WITH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def watched(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """A desk that gives metrics."""
    monkeypatch.setenv("PRESSRUN_METRICS_TOKEN", TOKEN)
    settings.cache_clear()
    asked = Asked()
    server = PrefectServer("http://127.0.0.1:1/api", LOGIN)
    desk = Desk(asked.ledger, server, Door(SignIns(LOGIN)), Names.of("", ADDRESS))
    with TestClient(create_app(desk), base_url=ADDRESS) as asked.client:
        yield asked


def test_there_are_none_unless_a_token_is_set(desk: Asked) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, WITH):
        answer = desk.client.get("/metrics", headers=headers)
        assert answer.status_code == 404
        assert "PRESSRUN_METRICS_TOKEN" in answer.text
        assert "pressrun_" not in answer.text


@pytest.mark.parametrize(
    "said",
    ["", "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xe4" * 9],
    ids=ascii,
)
def test_nobody_reads_them_without_the_token_also_when_signed_in(watched: Asked, said: str) -> None:
    assert watched.post("/sign-in", password="a-long-password") == 303
    answer = watched.client.get("/metrics", headers={b"Authorization": said.encode("latin-1")})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "pressrun_" not in answer.text
    assert TOKEN not in answer.text


def test_the_token_opens_nothing_else(watched: Asked) -> None:
    for path in ("/", "/costs", "/live"):
        assert watched.client.get(path, headers=WITH, follow_redirects=False).status_code == 303
    other = {"Host": "desk:4300"}
    assert watched.client.get("/metrics", headers=WITH | other).status_code == 200
    assert watched.client.get("/", headers=WITH | other).status_code == 403


def test_a_batch_is_counted(watched: Asked, home: Path) -> None:
    work(plan(parameters(home)))
    answer = watched.client.get("/metrics", headers=WITH)
    assert answer.headers["content-type"].startswith("text/plain")
    families = {one.name: one for one in text_string_to_metric_families(answer.text)}
    answered = [one for one in families["pressrun_calls"].samples if one.value]
    assert {one.labels["outcome"] for one in answered} == {"answered"}
    assert families["pressrun_batches"].samples[0].labels == {
        "kind": "slideshow",
        "status": "completed",
    }
    assert families["pressrun_delivered_files"].samples[0].value > 2


def test_a_ledger_that_is_away_is_said_by_a_metric(watched: Asked) -> None:
    watched.trouble = LedgerError("The ledger cannot be used.", retryable=True)
    answer = watched.client.get("/metrics", headers=WITH)
    assert answer.status_code == 200
    assert "pressrun_ledger_up 0.0" in answer.text
    watched.trouble = None
    assert "pressrun_ledger_up 1.0" in watched.client.get("/metrics", headers=WITH).text


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PRESSRUN_METRICS_TOKEN", "short", "at least 16 letters"),
        ("PRESSRUN_METRICS_TOKEN", "long enough with spaces", "without spaces"),
        ("PRESSRUN_TRACES_URL", "127.0.0.1:4318", "no address such as"),
        ("PRESSRUN_TRACES_URL", "https://me:secret@collector/v1/traces", "OTEL_EXPORTER_OTLP_H"),
        ("PRESSRUN_TRACES_URL", "http://collector:99999/v1/traces", "ort"),
        ("PRESSRUN_LOG_FORMAT", "xml", "'text' or 'json'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_secret(
    monkeypatch: pytest.MonkeyPatch, home: Path, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(SettingError, match=why) as refused:
        settings()
    assert name in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "spaces" not in str(refused.value) or "long enough" not in str(refused.value)
