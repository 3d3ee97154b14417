"""What `make up` closes to other users of the machine, and what its server asks for."""

from pathlib import Path

import pytest

from deployments.access import close_to_others, guarded, keep_login


def test_what_exists_is_closed_to_others_and_named_once(tmp_path: Path, usual_umask: None) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "prefect.db").write_bytes(b"keys")
    (home / "program").write_bytes(b"")
    (home / "program").chmod(0o755)
    (home / "link").symlink_to(tmp_path / "elsewhere")
    opened = close_to_others(home)
    assert sorted(opened) == [home, home / "prefect.db", home / "program"]
    modes = [place.stat().st_mode & 0o777 for place in sorted(opened)]
    assert modes == [0o700, 0o600, 0o700]
    assert close_to_others(home) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert close_to_others(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(SystemExit, match="belongs to another user of this machine"):
        close_to_others(tmp_path)


@pytest.mark.parametrize("text", ["", "password\n", ":password\n", "name:\n", "a:b\nc:d\n"])
def test_a_login_that_cannot_be_used_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "login").write_text(text)
    with pytest.raises(SystemExit, match="holds no name and password"):
        keep_login(tmp_path / "login")


def test_what_a_person_has_set_for_the_server_stays() -> None:
    mine = {"PREFECT_SERVER_API_AUTH_STRING": "a:b", "HOME": "/home/a"}
    assert guarded(mine, "http://127.0.0.1:4200", "pressrun:made") == {
        **mine,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "http://127.0.0.1:4200",
    }
