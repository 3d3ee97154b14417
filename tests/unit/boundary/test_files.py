"""The door through which files of this machine are opened."""

import os
import socket
from pathlib import Path

import pytest

from pressrun.boundary.files import open_file, read_file, read_text
from pressrun.errors import InputError


def test_no_more_than_one_byte_above_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 100)
    assert read_file(tmp_path / "a.txt", 100) == b"x" * 100
    assert len(read_file(tmp_path / "a.txt", 50)) == 51


def test_a_text_loses_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfw\xc3\xb6rter")
    assert read_text(tmp_path / "a.txt", 100) == "wörter"


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"x" * (2**20 + 1), "larger than 1 MiB"), (b"\xff\xfe\xfa", "not UTF-8 text")],
)
def test_a_text_that_is_none_or_too_long_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(InputError, match=said):
        read_text(tmp_path / "a.txt", 2**20)


def test_a_text_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt cannot be read: No such file"):
        read_text(tmp_path / "nowhere.txt", 2**20)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name, kind in [("fifo", "a FIFO"), ("folder", "a folder"), ("socket", "a socket")]:
            with pytest.raises(InputError, match=f"“{name}” is {kind}, not a file"):
                open_file(tmp_path / name)
    with pytest.raises(InputError, match="“zero” is a device"):
        open_file("/dev/zero")


def test_a_link_is_followed_within_its_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_text("s3cret")
    (folder / "words").write_text("words")
    (folder / "inside").symlink_to(folder / "words")
    (folder / "outside").symlink_to(tmp_path / "secret")
    assert read_file(folder / "inside", 100, folder) == b"words"
    with pytest.raises(InputError, match="“outside” is a link that leads out of its folder"):
        open_file(folder / "outside", folder)
