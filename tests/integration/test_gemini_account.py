"""``pressrun check-account``, and accounts that change on the Prefect server, with real parts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pressrun.account import Access, Account
from pressrun.blocks import ModelAccount, account_reader
from pressrun.cli import main
from pressrun.engines.catalogue import catalogue
from pressrun.ledger.limits import Limits
from pressrun.upkeep.account_check import AccountCheck, check_account
from tests.servers.gemini import GeminiServer
from tests.servers.gemini_books import MODELS
from tests.waiting import until

GOOD, WRONG, BLOCKED = "AIza-good-key", "AIza-wrong-key", "AIza-blocked-key"
MISSING = "gemini-3-pro-image"
GEMINIS = [name for name, model in catalogue().items() if model.engine == "gemini"]


@pytest.fixture(scope="module")
def server() -> Iterator[GeminiServer]:
    served = {name: model for name, model in MODELS.items() if name != MISSING}
    with GeminiServer(
        keys={GOOD, BLOCKED}, suspended_keys={BLOCKED}, vertex_projects={"ours"}, models=served
    ) as server:
        yield server


def checked(server: GeminiServer, *ways: Any, path: str = "") -> AccountCheck:
    accesses = [
        Access(way, base_url=server.url + path)
        if isinstance(way, str)
        else Access(**{"base_url": server.url} | way)
        for way in ways
    ]
    return check_account(Account(tuple(accesses)))


def test_every_key_is_asked_for_itself(server: GeminiServer) -> None:
    check = checked(server, GOOD, WRONG, BLOCKED)

    good, wrong, blocked = check.accesses
    assert good.reached == [name for name in GEMINIS if name != MISSING]
    assert [(model.model, model.error_kind) for model in good.models if model.error] == [
        (MISSING, "unknown_model")
    ]
    assert (wrong.error_kind, blocked.error_kind) == ("bad_key", "no_permission")
    assert "suspended" in (blocked.error or "")
    assert not check.ok
    assert checked(server, GOOD).ok
    assert not [key for key in (GOOD, WRONG, BLOCKED) if key in repr(check)]


def test_nothing_that_is_asked_costs_anything(
    server: GeminiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(server.service_key()))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))

    check = checked(server, GOOD, {"project": "ours"}, {"project": "theirs"})

    key, ours, theirs = check.accesses
    assert key.reached == ours.reached != []
    assert theirs.error_kind == "no_permission"
    assert "project theirs in global" in theirs.way
    assert server.bill == []


def test_a_machine_that_is_not_signed_in_is_told_how(
    server: GeminiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))

    (access,) = checked(server, {"project": "ours"}).accesses

    assert "gcloud auth application-default login" in (access.error or "")


@pytest.mark.parametrize("path", ["/_control/bill?", "/elsewhere"])
def test_an_address_that_is_not_gemini_s_is_said_to_be_wrong(
    server: GeminiServer, path: str
) -> None:
    (access,) = checked(server, GOOD, path=path).accesses

    assert access.error_kind == "bad_address"
    assert "base URL" in (access.error or "")


def test_no_network_is_no_wrong_key() -> None:
    with GeminiServer() as gone:
        pass

    (access,) = checked(gone, GOOD).accesses

    assert access.error_kind == "connection"
    assert "Check the network" in (access.error or "")


def test_limits_say_whether_they_are_set_or_the_catalogue_s() -> None:
    with GeminiServer() as server:
        told = {"gemini-3.8-flash": Limits(requests_per_minute=300), "typo": Limits()}
        check = check_account(Account((Access("k", base_url=server.url),), told))

    assert [pace.model for pace in check.paces if pace.told] == ["gemini-3.8-flash"]
    assert all(pace.told or pace.limits.start_per_minute for pace in check.paces)
    assert check.needless == ("typo",)


def test_the_command_checks_a_saved_block(
    prefect_server: None, server: GeminiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    block = ModelAccount(
        api_key=GOOD,
        more_keys=[WRONG],
        base_url=server.url,
        limits={"gemini-3.8-flash": {"requests_per_minute": 1_000_000, "burst": 4}},
        daily_usd=5,
    )
    block.save("checked", overwrite=True)

    assert main(["check-account", "checked"]) == 1
    shown = capsys.readouterr().out
    assert f"API key 1 works, and reaches {len(GEMINIS) - 1} of {len(GEMINIS)} models" in shown
    assert "API key 2: Gemini does not accept the API key." in shown
    assert "1,000,000 requests a minute, 4 at once (as set)" in shown
    assert "Cap a day: $5.00" in shown

    assert main(["check-account", "checked", "--json"]) == 1
    told = capsys.readouterr().out
    assert json.loads(told)["accesses"][1]["error_kind"] == "bad_key"
    assert not [key for key in (GOOD, WRONG) if key in shown + told]

    assert main(["check-account", "never-saved"]) == 2
    assert "no usable Model account block" in capsys.readouterr().err


def test_without_a_name_the_environment_s_key_is_checked(
    home: Path,
    server: GeminiServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    monkeypatch.setenv("GEMINI_API_KEY", GOOD)
    assert main(["check-account"]) == 0
    assert "works" in capsys.readouterr().out

    monkeypatch.delenv("GEMINI_API_KEY")
    assert main(["check-account"]) == 2
    assert "There is no key to check" in capsys.readouterr().err


def test_limits_changed_on_the_server_hold_in_a_running_batch(
    prefect_server: None, caplog: pytest.LogCaptureFixture
) -> None:
    def save(per_minute: float) -> None:
        limits = {"gemini-3.8-flash": per_minute}
        ModelAccount(api_key=GOOD, limits=limits).save("changing", overwrite=True)

    def pace() -> float | None:
        return read().limits["gemini-3.8-flash"].requests_per_minute

    save(300)
    block = ModelAccount.load("changing")
    assert isinstance(block, ModelAccount)
    read = account_reader(block, every_s=0.1)
    assert (pace(), read().name) == (300, "changing")

    save(20)
    until(lambda: pace() == 20)
    ModelAccount.delete("changing")
    until(lambda: pace() == 20 and "'changing' cannot be read" in caplog.text)
    assert pace() == 20
