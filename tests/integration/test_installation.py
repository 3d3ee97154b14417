"""`pressrun setup --check`: what would lose results or cannot work is named, and how to mend it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL
from prefect.variables import Variable

from pressrun.blocks import ModelAccount, ResultStore
from pressrun.cli import main
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.servers.collector import Collector
from tests.servers.postgresql import PostgreSQL, postgresql, programs
from tests.servers.s3 import S3Server
from tests.support.other_server import asked

pytestmark = pytest.mark.usefixtures("home", "server")


@pytest.fixture(scope="module")
def server(prefect_server: None) -> str:
    """The API of the session's server."""
    return str(PREFECT_API_URL.value())


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed.")
    with postgresql() as server:
        yield server


@pytest.fixture
def ledger(database: PostgreSQL) -> str:
    """A database without tables."""
    name = f"ledger_{uuid4().hex[:8]}"
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return database.url.rpartition("/")[0] + f"/{name}"


class Check:
    """One machine, whose check is run here with other settings."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def use(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        settings.cache_clear()
        if open_ledger.cache_info().currsize:
            open_ledger().close()
        open_ledger.cache_clear()

    def found(self) -> dict[str, str]:
        """What is found, by level and matter."""
        code = main(["setup", "--check", "--json"])
        told = json.loads(self._capsys.readouterr().out)
        by = {f"{one['level']} {one['about']}": one["says"] for one in told["findings"]}
        assert code == (0 if told["ok"] else 1)
        assert told["ok"] is not any(name.startswith("error") for name in by)
        return by

    def setup(self) -> None:
        assert main(["setup"]) == 0
        self._capsys.readouterr()


@pytest.fixture
def check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: str
) -> Iterator[Check]:
    _forget_what_others_left()
    check = Check(capsys, monkeypatch)
    yield check
    check.use()  # closes its ledger


def _forget_what_others_left() -> None:
    with get_client(sync_client=True) as client:
        for note in client.read_variables():
            client.delete_variable_by_name(note.name)
        for slug in ("model-account", "result-store"):
            with suppress(ObjectNotFound):  # nobody has registered the type yet
                for one in client.read_block_documents_by_type(slug):
                    client.delete_block_document(one.id)


def _sql(url: str, query: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(query)


def test_one_machine_that_is_set_up_is_sound_and_a_check_makes_nothing(
    check: Check, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.found() == {}
    assert not (home / "data/ledger.db").exists()
    check.setup()
    assert main(["setup", "--check"]) == 0
    assert capsys.readouterr().out == "ok  Nothing was found that would lose results.\n"


def test_several_machines_on_sqlite_are_refused(check: Check, home: Path) -> None:
    check.use(PRESSRUN_MACHINES="several")
    found = check.found()
    assert "one PostgreSQL database" in found["error ledger"]
    assert "paid again" in found["warning vault"]
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" in found["error server"]
    assert f"delivered into {home}/output" in found["error destination"]
    check.use(PRESSRUN_SHARED_FOLDERS=str(home))
    assert "error destination" not in check.found()


def test_tables_that_are_missing_older_or_newer_are_named(check: Check, ledger: str) -> None:
    check.use(PRESSRUN_LEDGER_URL=ledger, PRESSRUN_MACHINES="one")
    assert "no tables yet: run `pressrun setup`" in check.found()["error ledger"]
    check.setup()
    assert check.found() == {}
    _sql(ledger, "UPDATE alembic_version SET version_num = '0001'")
    assert "are older (revision 0001)" in check.found()["error ledger"]
    _sql(ledger, "UPDATE alembic_version SET version_num = '9999'")
    assert "written by a newer Pressrun" in check.found()["error ledger"]
    check.use(PRESSRUN_LEDGER_URL=ledger.replace("127.0.0.1:", "127.0.0.1:1"))
    assert set(check.found()) == {"error ledger"}


def test_a_vault_that_takes_no_files_is_refused(check: Check, ledger: str) -> None:
    with S3Server() as s3:
        check.use(
            PRESSRUN_LEDGER_URL=ledger,
            PRESSRUN_VAULT="s3://no-such-bucket/vault",
            PRESSRUN_VAULT_ENDPOINT_URL=s3.url,
            AWS_ACCESS_KEY_ID=s3.access_key,
            AWS_SECRET_ACCESS_KEY=s3.secret_key,
        )
        check.setup()
        assert "(s3://no-such-bucket/vault) does not take files" in check.found()["error vault"]
        bucket = s3.make_bucket()
        check.use(PRESSRUN_VAULT=f"s3://{bucket}/vault")
        assert not {"error vault", "warning vault"} & set(check.found())


def test_a_collector_that_takes_no_traces_is_named(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Collector() as collector:
        check.use(PRESSRUN_TRACES_URL=collector.url)
        assert check.found() == {}
        check.use(PRESSRUN_TRACES_URL=collector.url.replace("/v1/traces", ""))
        assert "it answers 404" in check.found()["warning traces"]
    assert "nothing answers (ConnectError)" in check.found()["warning traces"]
    monkeypatch.setitem(sys.modules, "pressrun.boundary.telemetry.otlp", None)
    assert "pip install 'pressrun[tracing]'" in check.found()["warning traces"]


def test_machines_that_differ_are_told_of_each_other(
    check: Check, ledger: str, tmp_path: Path
) -> None:
    check.use(PRESSRUN_LEDGER_URL=ledger, PRESSRUN_VAULT=str(tmp_path / "vault"))
    (tmp_path / "vault").mkdir()
    check.setup()
    assert not {"error vault", "error ledger"} & set(check.found())
    check.use(PRESSRUN_DATA=str(tmp_path / "other"), PRESSRUN_VAULT=str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    said = check.found()["error peer vault"]
    assert f"has PRESSRUN_VAULT {tmp_path}/vault and this one {tmp_path}/elsewhere" in said
    _set_version_of_the_other("0.0.9")
    assert "has Pressrun 0.0.9 and this one" in check.found()["error peer version"]
    with get_client(sync_client=True) as client:
        notes = [one for one in client.read_variables() if "machine" in one.name]
        assert "postgres@" not in json.dumps([note.value for note in notes])  # no login
        for note in notes:  # two days pass
            Variable.set(note.name, {**note.value, "at": time.time() - 2 * 86400}, overwrite=True)  # type: ignore[dict-item]
        check.found()
        assert len([one for one in client.read_variables() if "machine" in one.name]) == 1


def _set_version_of_the_other(version: str) -> None:
    with get_client(sync_client=True) as client:
        for note in client.read_variables():
            if "machine" in note.name and str(note.value["vault"]).endswith("/vault"):  # type: ignore[index,call-overload]
                Variable.set(note.name, {**note.value, "version": version}, overwrite=True)  # type: ignore[dict-item]


def test_blocks_that_cannot_be_used_are_named(check: Check, tmp_path: Path) -> None:
    check.setup()
    taken = tmp_path / "taken"
    taken.touch()
    ModelAccount(api_key="AIza-a-key").save("sound")
    ModelAccount(api_key="AIza-a-key").save("keyless")
    ResultStore(destination=str(taken / "folder")).save("broken")
    with get_client(sync_client=True) as client:
        document = client.read_block_document_by_name("keyless", "model-account")
        from prefect.client.schemas.actions import BlockDocumentUpdate

        emptied = BlockDocumentUpdate(data={"api_key": None}, merge_existing_data=True)
        client.update_block_document(document.id, emptied)
        found = check.found()
    _forget_what_others_left()
    assert "Model account keyless cannot be used" in found["error account"]
    assert "Result store broken" in found["error store"]


def test_a_server_that_others_reach_without_a_password_is_refused(
    check: Check, server: str
) -> None:
    # Another name of this machine, as from elsewhere.
    check.setup()
    with asked(server.replace("127.0.0.1", "127.1")):
        found = check.found()
    assert "asks for no password" in found["error password"]
    assert "unencrypted" in found["warning encryption"]


def test_clocks_apart_are_refused(
    check: Check, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check.use(PRESSRUN_LEDGER_URL=ledger, PRESSRUN_MACHINES="one")
    check.setup()
    late = time.time
    monkeypatch.setattr(time, "time", lambda: late() - 60)  # this machine's clock
    said = check.found()["error clock"]
    assert re.search(r"(5|6)\d s ahead of this machine's", said)


def test_packages_of_the_same_names_are_refused(tmp_path: Path) -> None:
    names = ("flows", "tasks", "deployments")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    ran = subprocess.run(
        [sys.executable, "-m", "pressrun.cli", "setup", "--check"],
        cwd=tmp_path,
        env=os.environ | {"PREFECT_API_URL": "http://127.0.0.1:9/api"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    for name in names:
        assert f"The package {name} of Pressrun is found in {tmp_path}/{name}" in ran.stdout
    assert "The Prefect server cannot be asked." in ran.stdout
