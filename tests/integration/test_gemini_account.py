"""``pressrun check-account``, and accounts that change on the Prefect server, with real parts."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import BlockDocumentCreate, BlockSchemaCreate
from prefect.client.schemas.objects import State

from flows.image_batch import image_batch
from pressrun.blocks import ModelAccount, account_reader
from pressrun.cli import main
from pressrun.engines.account import Access, Account
from pressrun.engines.account_check import AccountCheck, check_account
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from tests.integration.conftest import Written
from tests.servers.gemini import GeminiServer
from tests.servers.gemini_books import MODELS
from tests.support.waiting import until

GOOD, WRONG, BLOCKED = "AIza-good-key", "AIza-wrong-key", "AIza-blocked-key"
MISSING, DRAWS = "gemini-3-pro-image", "gemini-nano-banana-2.1"
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
    assert (wrong.error_kind, blocked.error_kind) == ("bad_key", "bad_key")
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
    assert "API key 2: Gemini does not accept the API key" in shown
    assert "1,000,000 requests a minute, 4 at once (as set)" in shown
    assert "Cap a day: $5.00" in shown

    assert main(["check-account", "checked", "--json"]) == 1
    told = capsys.readouterr().out
    assert json.loads(told)["accesses"][1]["error_kind"] == "bad_key"
    assert not [key for key in (GOOD, WRONG) if key in shown + told]

    assert main(["check-account", "never-saved"]) == 2
    assert "no usable Model account block" in capsys.readouterr().err


#: As the schema of blocks had it until the default became v1beta.
OLD_VERSION = {
    "title": "Gemini: API version",
    "description": "v1, or v1beta for preview features.",
    "default": "v1",
    "type": "string",
}


def save_as_before(name: str, **data: Any) -> UUID:
    """Saves a block as code or a form of then did: under a schema whose default is v1."""
    ModelAccount.register_type_and_schema()
    with get_client(sync_client=True) as client:
        kind = client.read_block_type_by_slug("model-account")
        fields = deepcopy(ModelAccount._to_block_schema(kind.id).fields)
        fields["properties"]["api_version"] = OLD_VERSION
        schema = client.create_block_schema(
            BlockSchemaCreate(fields=fields, block_type_id=kind.id, capabilities=[])
        )
        document = BlockDocumentCreate(
            name=name, data=data, block_schema_id=schema.id, block_type_id=kind.id
        )
        return client.create_block_document(document).id


def loaded(name: str) -> ModelAccount:
    block = ModelAccount.load(name)
    assert isinstance(block, ModelAccount)
    return block


def versions_of(block: ModelAccount) -> list[str]:
    return [access.version for access in block.account().accesses]


@pytest.mark.parametrize(
    ("saved", "version"),
    [
        ({"api_version": "v1"}, "v1beta"),  # the default: whether it was chosen, nothing tells
        ({}, "v1beta"),
        ({"api_version": "v1beta"}, "v1beta"),
        ({"api_version": "v1alpha"}, "v1alpha"),
    ],
)
def test_an_account_saved_with_the_default_of_its_time_goes_over_to_today_s(
    prefect_server: None, saved: dict[str, str], version: str
) -> None:
    name = f"before-{saved.get('api_version', 'none')}"
    identity = save_as_before(name, api_key=GOOD, vertex_location="global", **saved)

    by_name = loaded(name)
    by_reference = ModelAccount.load_from_ref(identity)

    assert isinstance(by_reference, ModelAccount)
    assert versions_of(by_name) == versions_of(by_reference) == [version]
    # Nor does it turn into a choice when it is saved anew.
    by_name.save(name, overwrite=True)
    assert versions_of(loaded(name)) == [version]


def test_vertex_ai_goes_over_to_what_google_s_library_takes(prefect_server: None) -> None:
    save_as_before("before-vertex", vertex_project="ours", api_version="v1")
    assert versions_of(loaded("before-vertex")) == [""]


def test_who_chooses_v1_keeps_it(prefect_server: None) -> None:
    ModelAccount(api_key=GOOD, api_version="v1").save("chose-v1", overwrite=True)
    block = loaded("chose-v1")
    assert versions_of(block) == ["v1"]
    block.save("chose-v1", overwrite=True)
    assert versions_of(loaded("chose-v1")) == ["v1"]


def test_the_command_says_which_version_is_asked_and_what_v1_lacks(
    prefect_server: None, server: GeminiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, chosen in (("asks-v1", "v1"), ("asks-beta", "")):
        ModelAccount(api_key=GOOD, base_url=server.url, api_version=chosen).save(name)
    save_as_before("moved", api_key=GOOD, base_url=server.url, api_version="v1")

    said = {}
    for name in ("asks-v1", "asks-beta", "moved"):
        assert main(["check-account", name]) == 0
        said[name] = capsys.readouterr().out
    assert "s, at v1):" in said["asks-v1"]
    assert "v1 has no systemInstruction, responseSchema, responseModalities or" in said["asks-v1"]
    assert "s, at v1beta):" in said["asks-beta"]
    assert "v1 has no" not in said["asks-beta"]
    assert "saved when v1 was the default" in said["moved"]

    main(["check-account", "asks-v1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["accesses"][0]["version"] == "v1"
    assert "v1beta is asked" in told["notes"][0]


def test_a_run_s_log_says_once_what_v1_lacks_and_the_run_goes_over_to_what_does_not(
    prefect_server: None, home: Path, server: GeminiServer, logs: Written
) -> None:
    server.reset()
    given: dict[str, Any] = {
        "prompts": "- a cup\n- a mug",
        "text_model": "",
        "return_state": True,
    }

    def run(version: str, model: str, action: str = "run") -> tuple[State[Any], int]:
        """The run's end, and how often its log says that v1 was chosen."""
        logs.lines.clear()
        account = ModelAccount(api_key=GOOD, base_url=server.url, api_version=version)
        state = image_batch(**given, account=account, model=model, action=action)
        return state, logs.text.count("at the API version v1, as was chosen")

    assert run("v1", DRAWS, "quote")[1] == 1
    made, said = run("v1", DRAWS)
    assert (made.message, said) == ("2 of 2 completed", 1)
    assert logs.text.count("Version v1beta is asked from now on.") == 1
    server.reset()

    assert run("v1", "sketch", "quote")[1] == 0
    made, said = run("", DRAWS)
    assert (made.message, said) == ("2 of 2 completed", 0)
    assert [call.version for call in server.bill] == ["v1beta", "v1beta"]


@pytest.mark.parametrize(
    "command",
    [
        ["enhance", "cat", "--model", "gemini-3.8-flash"],
        ["parse", "{file}", "--read-as", "model", "--model", "gemini-3.8-flash"],
        ["quote", "image-batch", "--params", "{parameters}"],
    ],
)
def test_commands_that_ask_at_v1_say_so_too(
    home: Path,
    server: GeminiServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    monkeypatch.setenv("GEMINI_API_KEY", GOOD)
    monkeypatch.setenv("PRESSRUN_GEMINI_API_VERSION", "v1")
    files = {"file": home / "prompts.md", "parameters": home / "parameters.json"}
    files["file"].write_text("- a cup\n")
    files["parameters"].write_text('{"prompts": "- a cup", "model": "gemini-nano-banana-2.1"}')

    main([word.format(**files) for word in command])

    assert "This account asks Gemini at the API version v1" in capsys.readouterr().err


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
