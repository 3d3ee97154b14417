"""What a hostile file, page or path tries, one attack a test, and what is said in answer."""

import os
import socket
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pressrun.errors import InputError
from pressrun.inputs.products import ProductError, ProductSource, WantedProduct
from pressrun.inputs.prompts.documents import parse_file
from pressrun.inputs.slides import read_slideshow
from pressrun.inputs.tables.rows import read_manifest
from pressrun.pictures.picture import Picture

SECRET = "the-key-of-the-machine"


def no_fetch(url: str, what: str = "") -> Picture:
    raise AssertionError(f"{url} ({what}) must not be fetched")


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (400, 400), "teal").save(out, "PNG")
    return out.getvalue()


def read_photo(path: Path) -> None:
    source = ProductSource(no_fetch, description="x", photo=str(path))
    (found,) = source.match([WantedProduct()])
    if isinstance(found, ProductError):
        raise found


def read_slides(path: Path) -> None:
    read_slideshow(str(path), no_fetch)


# --- devices, FIFOs, sockets, folders ----------------------------------------------------------


@pytest.fixture
def odd_files(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Everything that has a path and is no file."""
    os.mkfifo(tmp_path / "fifo.zip")
    (tmp_path / "folder.zip").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.zip"))
        (tmp_path / "zero.zip").symlink_to("/dev/zero")
        yield {
            "a device": tmp_path / "zero.zip",
            "a FIFO": tmp_path / "fifo.zip",
            "a socket": tmp_path / "socket.zip",
            "a folder": tmp_path / "folder.zip",
        }


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        (kind, read)
        for kind in ("a device", "a FIFO", "a socket", "a folder")
        for read in (read_photo, read_manifest, parse_file, read_slides)
        if (kind, read) != ("a folder", read_slides)  # slides may be a folder
    ],
)
def test_what_is_no_file_is_refused_by_name(
    odd_files: dict[str, Path], kind: str, read: Callable[[Path], object]
) -> None:
    path = odd_files[kind]
    with pytest.raises(InputError, match=f"{path.name}.* is {kind}, not a file"):
        read(path)


def test_a_folder_of_photos_with_a_link_to_a_device_names_it(tmp_path: Path) -> None:
    (tmp_path / "1.png").symlink_to("/dev/zero")
    (tmp_path / "2.png").write_bytes(picture())
    source = ProductSource(no_fetch, description="x", photos=str(tmp_path))
    bad, good = source.match([WantedProduct(), WantedProduct()])
    assert "“1.png” is a link that leads out of its folder" in str(bad)
    assert not isinstance(good, ProductError)


def test_a_folder_of_slides_with_links_out_of_it_names_each(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET)
    slides = tmp_path / "slides"
    slides.mkdir()
    (slides / "1.png").write_bytes(picture())
    (slides / "2.png").symlink_to("/dev/zero")
    (slides / "caption.txt").symlink_to(tmp_path / "key")
    with pytest.raises(InputError) as caught:
        read_slides(slides)
    said = str(caught.value)
    assert "“2.png” is a link that leads out" in said
    assert "“caption.txt” is a link that leads out" in said
    assert SECRET not in said


def test_a_folder_of_slides_with_a_fifo_as_caption_does_not_wait_for_it(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(picture())
    os.mkfifo(tmp_path / "caption.txt")
    with pytest.raises(InputError, match=r"“caption\.txt” is a FIFO"):
        read_slides(tmp_path)
