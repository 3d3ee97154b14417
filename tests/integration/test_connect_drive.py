"""``pressrun connect-drive``: the address is printed, and the answer comes to this machine."""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pressrun.blocks import ResultStore
from pressrun.cli import main
from pressrun.stores.drive import consent
from pressrun.stores.drive.consent import ConsentRefused, GoogleAddresses
from pressrun.stores.drive.loopback import Loopback
from tests.servers.drive import DriveServer

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Iterator[DriveServer]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with DriveServer() as server:
        there = GoogleAddresses(f"{server.url}/o/oauth2/v2/auth", server.token_uri, server.url)
        monkeypatch.setattr(consent, "GOOGLE", there)
        yield server


@pytest.fixture
def client_file(drive: DriveServer, tmp_path: Path) -> Path:
    file = tmp_path / "client_secret.json"
    file.write_text(json.dumps({"installed": drive.consent.client()}))
    return file


def answering(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A person whose browser opens what is printed, and who answers there; the addresses."""
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        port = parse_qs(urlsplit(url).query)["redirect_uri"][0]

        def answer() -> None:
            # A page that tries ports ends nothing.
            assert httpx.get(f"{port}/?state=guess&code=x").status_code == 404
            assert httpx.get(f"{port}/favicon.ico").status_code == 404
            assert "close this page" in httpx.get(url, follow_redirects=True).text

        threading.Thread(target=answer).start()
        return True

    monkeypatch.setattr("webbrowser.open", browse)
    return opened


def test_a_new_store_is_connected_and_gets_new_credentials_later(
    drive: DriveServer,
    client_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    opened = answering(monkeypatch)
    arguments = ["connect-drive", "by-command", "--client", str(client_file)]
    assert main([*arguments, "--folder", "Pictures", "--json"]) == 0
    said = capsys.readouterr()
    assert opened[0] in said.err  # for whoever has no browser that programs can open
    told = json.loads(said.out)
    block: Any = ResultStore.load("by-command")
    assert told["destination"] == block.destination
    assert "Pictures" in [path for path, _ in drive.folders()]
    first = block.google_credentials.get_secret_value()
    assert main(arguments) == 0
    again: Any = ResultStore.load("by-command")
    second = again.google_credentials.get_secret_value()
    assert (again.destination, again.endpoint_url) == (block.destination, block.endpoint_url)
    assert first["refresh_token"] != second["refresh_token"]
    everything = capsys.readouterr()
    for secret in (first["refresh_token"], second["refresh_token"], first["client_secret"]):
        for text in (said.out, said.err, everything.out, everything.err, caplog.text):
            assert secret not in text


def test_what_cannot_be_connected_is_said(
    drive: DriveServer,
    client_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answering(monkeypatch)
    ResultStore(destination=str(tmp_path)).save("a-folder", overwrite=True)
    assert main(["connect-drive", "a-folder", "--client", str(client_file)]) == 2
    assert "The store a-folder is not in Google Drive" in capsys.readouterr().err
    drive.consent.decision = "deny"
    assert main(["connect-drive", "denied", "--client", str(client_file)]) == 2
    assert "You did not allow it" in capsys.readouterr().err
    client_file.write_text("{}")
    assert main(["connect-drive", "other", "--client", str(client_file)]) == 2
    assert "not the file of an OAuth client" in capsys.readouterr().err


def test_nobody_is_waited_for_without_an_end() -> None:
    began = time.monotonic()
    with Loopback() as loopback, pytest.raises(ConsentRefused, match="Nobody answered"):
        loopback.wait("a-state", 0.1)
    assert time.monotonic() - began < 20


def test_only_this_machine_is_listened_to() -> None:
    with Loopback() as loopback:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", loopback.address)
        # An answer without a state, before anybody waits.
        assert httpx.get(f"{loopback.address}/?code=x").status_code == 404
