"""What `make up` closes to other users of the machine."""

from pathlib import Path

import pytest

from deployments.access import close_to_others


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
