"""Where the command line takes the server's password from."""

import os
from pathlib import Path

import httpx
import pytest

from pressrun.cli.server import answering_server, use_kept_login
from pressrun.errors import SettingError
from pressrun.settings import settings

LOGIN = "PREFECT_API_AUTH_STRING"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_DATA", str(tmp_path))
    monkeypatch.setenv(LOGIN, "")
    monkeypatch.delenv(LOGIN)
    settings.cache_clear()
    (tmp_path / "login").write_text("pressrun:kept\n")


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("http://127.0.0.1:4200/api", "pressrun:kept"),
        ("http://localhost:4200/api", "pressrun:kept"),
        ("http://127.0.0.1.example.org/api", None),
        ("https://prefect.example.org/api", None),
        ("http://[127.0.0.1", None),
        ("", None),
    ],
)
def test_the_kept_password_is_only_for_a_server_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, login: str | None
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    use_kept_login()
    assert os.environ.get(LOGIN) == login


def test_a_password_that_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    monkeypatch.setenv(LOGIN, "me:mine")
    use_kept_login()
    assert os.environ[LOGIN] == "me:mine"


def test_a_server_that_refuses_the_password_is_a_sentence_that_says_where_it_is(
    tmp_path: Path,
) -> None:
    request = httpx.Request("POST", "http://127.0.0.1:4200/api")
    with pytest.raises(SettingError, match="refuses the password") as caught, answering_server():
        httpx.Response(401, request=request).raise_for_status()
    assert str(tmp_path / "login") in str(caught.value)
