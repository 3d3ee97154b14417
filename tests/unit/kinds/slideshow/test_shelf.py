"""Posts that were fetched lately are found again, as they were, for some hours."""

import os
import time
from pathlib import Path

from pressrun.inputs.slides import Slideshow
from pressrun.kinds.slideshow.shelf import KEPT_S, PostShelf
from pressrun.pictures.picture import read_picture
from tests.servers.tiktok import picture


def show(colour: str = "teal") -> Slideshow:
    """A slideshow of two slides."""
    slides = (picture(90, 160, colour), picture(90, 160, "coral", "PNG"))
    return Slideshow(
        tuple(read_picture(data, "slide") for data in slides), "Ä caption\n#x", "user", "https://a"
    )


def test_a_post_is_found_as_it_was_for_some_hours(tmp_path: Path) -> None:
    shelf = PostShelf(tmp_path / "posts")
    shelf.keep("7240568259186019630", show())
    shelf.keep("7240568259186019630", show("red"))  # kept already
    assert shelf.find("7240568259186019630") == show()
    assert shelf.find("7240568259186019631") is None
    old = time.time() - KEPT_S - 60
    os.utime(tmp_path / "posts" / "7240568259186019630", (old, old))
    assert shelf.find("7240568259186019630") is None
    shelf.keep("7240568259186019631", show())
    assert [place.name for place in (tmp_path / "posts").iterdir()] == ["7240568259186019631"]


def test_what_is_damaged_or_cannot_be_kept_is_fetched_anew(tmp_path: Path) -> None:
    shelf = PostShelf(tmp_path)
    for damage in (b"", b"\xff\xd8 other bytes"):
        shelf.keep("1", show())
        first = next(file for file in (tmp_path / "1").iterdir() if file.name != "post.json")
        first.write_bytes(damage)
        assert shelf.find("1") is None
    (tmp_path / "1" / "post.json").write_text('{"slides": [{"sha256": "../../login"}]}')
    assert shelf.find("1") is None
    blocked = PostShelf(tmp_path / "1" / "post.json" / "posts")
    blocked.keep("2", show())
    assert blocked.find("2") is None
