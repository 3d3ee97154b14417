"""Slides from folders, ZIP archives and addresses: in order, checked, or refused with reasons."""

import io
import random
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from pressrun.errors import InputError, SourceError
from pressrun.inputs.archive import list_archive
from pressrun.inputs.slides import read_folder, read_slideshow, read_zip
from pressrun.pictures.picture import Picture, read_picture


def jpeg(width: int = 8) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, 10), "teal").save(data, "JPEG")
    return data.getvalue()


def huge_png() -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + crc

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 10_000, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def pack(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def refuse_to_fetch(url: str, what: str = "") -> Picture:
    raise AssertionError(f"{url} should not be asked for")


NUMBERED = {f"slide {n}.jpg": jpeg(n) for n in (10, 2, 1)}


def test_a_folder_is_read_in_natural_order(tmp_path: Path) -> None:
    folder = fill(tmp_path / "shoes", {**NUMBERED, "Slide 3.JPG": jpeg(3)})
    show = read_folder(folder)
    assert [slide.width for slide in show.slides] == [1, 2, 3, 10]
    assert (show.caption, show.user, show.source) == ("", "", "shoes")


def test_a_caption_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    folder = fill(tmp_path / "s", {**NUMBERED, "Caption.TXT": "\ufeffHällo\n#x\n".encode()})
    assert read_folder(folder).caption == "Hällo\n#x"


def test_hidden_files_and_those_that_are_no_pictures_are_left_out(tmp_path: Path) -> None:
    noise = {".DS_Store": b"x", "._slide 1.jpg": b"x", "Thumbs.db": b"x", "notes.md": b"x"}
    folder = fill(tmp_path / "s", {**NUMBERED, **noise})
    (folder / "more.jpg").mkdir()
    assert len(read_folder(folder).slides) == 3


def test_a_picture_is_a_slide_whichever_of_its_suffixes_it_has(tmp_path: Path) -> None:
    suffixes = ("jpg", "JFIF", "jpeg", "jpe", "mpo")
    files = {f"slide_{n}.{suffix}": jpeg(n) for n, suffix in enumerate(suffixes, 1)}
    for show in (read_folder(fill(tmp_path / "s", files)), read_zip(pack(tmp_path / "z", files))):
        assert [slide.width for slide in show.slides] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("written", ['"{}"', "file://{}"])
def test_slides_are_found_however_their_path_was_copied(tmp_path: Path, written: str) -> None:
    folder = fill(tmp_path / "my shoes", NUMBERED)
    assert len(read_slideshow(written.format(folder), refuse_to_fetch).slides) == 3


def test_slides_on_another_computer_are_told_how_they_reach_this_one() -> None:
    with pytest.raises(InputError) as caught:
        read_slideshow(r"C:\Users\Me\slides", refuse_to_fetch)
    assert "slides” on the worker, the machine that runs this batch" in str(caught.value)
    assert "Give the addresses of its pictures" in str(caught.value)


def test_every_bad_file_is_named_at_once(tmp_path: Path) -> None:
    bad = {
        "a.png": b"just text",
        "b.png": huge_png(),
        "c.heic": b"x",
        "d.jpg": b"",
        "caption.txt": b"\xff\xfe\x00",
        "e.jpg": bytes(20 * 2**20 + 1),
    }
    with pytest.raises(InputError) as caught:
        read_folder(fill(tmp_path / "s", {**NUMBERED, **bad}))
    told = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 6
    assert all(name in told for name in bad)
    assert "too many pixels" in told
    assert "UTF-8" in told
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("files", [{}, {"notes.md": b"x"}, {"caption.txt": b"x"}])
def test_a_folder_without_slides_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(InputError, match=r"There are no slides in “s”. Put 1 to 35"):
        read_folder(fill(tmp_path / "s", files))


def test_thirty_five_slides_are_read_and_thirty_six_are_not(tmp_path: Path) -> None:
    folder = fill(tmp_path / "s", {f"{n}.jpg": jpeg() for n in range(35)})
    assert len(read_folder(folder).slides) == 35
    fill(folder, {"35.jpg": jpeg()})
    with pytest.raises(InputError, match=r"36 slides in “s”; a slideshow has at most 35"):
        read_folder(folder)


def test_a_long_caption_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"caption.txt has more than 16 KiB"):
        read_folder(fill(tmp_path / "s", {**NUMBERED, "caption.txt": b"x" * 20_000}))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.zip", "a\0b", "x" * 5000, "~nobody-at-all/x"])
def test_a_missing_path_is_said(tmp_path: Path, name: str) -> None:
    source = name if name.startswith("~") else f"{tmp_path}/{name}"
    with pytest.raises(InputError, match=r"There is no file or folder"):
        read_slideshow(source, refuse_to_fetch)


def test_missing_folders_and_archives_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"There is no file"):
        read_zip(tmp_path / "nowhere.zip")


def test_an_archive_is_read_in_natural_order_with_its_folders(tmp_path: Path) -> None:
    files = {f"show/part {n}/1.jpg": jpeg(n) for n in (10, 2)}
    noise = {"__MACOSX/show/._1.jpg": b"x", "show/.hidden/1.jpg": b"x", "show/readme.md": b"x"}
    captions = {"show/part 2/caption.txt": b"deep", "show/caption.txt": "Grüße".encode()}
    show = read_zip(pack(tmp_path / "show.zip", {**files, **noise, **captions, "show/": b""}))
    assert [slide.width for slide in show.slides] == [2, 10]
    assert (show.caption, show.source) == ("Grüße", "show.zip")


@pytest.mark.parametrize(
    "name", ["../evil.jpg", "a/../../evil.jpg", "/etc/evil.jpg", "..\\evil.jpg", "C:\\evil.jpg"]
)
def test_an_archive_with_a_name_that_leaves_it_is_refused(tmp_path: Path, name: str) -> None:
    archive = pack(tmp_path / "a.zip", {"1.jpg": jpeg(), name: jpeg()})
    with pytest.raises(InputError, match=r"points to a place outside the archive"):
        read_zip(archive)
    assert [p.name for p in tmp_path.parent.rglob("evil*")] == []


def test_an_archive_with_a_link_in_it_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("2.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.jpg", jpeg())
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match=r"2.jpg is a link or a device"):
        read_zip(tmp_path / "a.zip")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"1.jpg": jpeg()})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"1.jpg is encrypted"):
        read_zip(path)


def test_unusual_compression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unusual way"):
        read_zip(pack(tmp_path / "a.zip", {"1.jpg": jpeg()}, zipfile.ZIP_LZMA))


def test_an_archive_that_unfolds_like_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"bomb.jpg unfolds to more than 100 times"):
        read_zip(pack(tmp_path / "a.zip", {"bomb.jpg": bytes(8 * 2**20)}))


def test_an_entry_that_lies_about_its_size_is_not_read_further(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"1.jpg": bytes(8 * 2**20)})
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 1000)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"1.jpg"):
        read_zip(path)


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"501 entries; at most 500"):
        read_zip(pack(tmp_path / "a.zip", {f"{n}.md": b"" for n in range(501)}))


def test_a_directory_of_entries_too_large_to_load_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lists too many entries"):
        read_zip(pack(tmp_path / "a.zip", {f"{n}-{'x' * 200}.md": b"" for n in range(5000)}))


def test_more_than_200_mib_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {f"{n}.jpg": jpeg() for n in range(30)}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 20 : at + 28] = struct.pack("<II", 10 * 2**20, 10 * 2**20)
        at = data.find(b"PK\x01\x02", at + 4)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"more than 200 MiB"):
        read_zip(path)


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x05\x06" + bytes(10)])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"“a.zip” is not a ZIP archive that can be read"):
        read_zip(tmp_path / "a.zip")


def test_a_damaged_entry_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"1.jpg": jpeg()}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"1.jpg cannot be read \(Bad CRC-32"):
        read_zip(path)


def test_an_archive_without_slides_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no slides in “a.zip”"):
        read_zip(pack(tmp_path / "a.zip", {"notes.md": b"x"}))


def test_a_source_is_dispatched_by_what_it_is(tmp_path: Path) -> None:
    folder = fill(tmp_path / "my shoes", NUMBERED)
    archive = pack(tmp_path / "my shoes.ZIP", NUMBERED)
    assert read_slideshow(f" {folder} ", refuse_to_fetch).source == "my shoes"
    assert read_slideshow(str(archive), refuse_to_fetch).source == "my shoes.ZIP"
    with pytest.raises(InputError, match=r"neither a folder nor a .zip file"):
        read_slideshow(str(folder / "slide 1.jpg"), refuse_to_fetch)
    with pytest.raises(InputError, match=r"No slides are given"):
        read_slideshow(" \n", refuse_to_fetch)


def test_addresses_are_fetched_in_the_order_given() -> None:
    asked = []

    def fetch(url: str, what: str = "") -> Picture:
        asked.append((url, what))
        return read_picture(jpeg(len(asked)), what)

    show = read_slideshow("https://a.example/1.jpg?sig=secret\nHTTPS://b.example/2.png", fetch)
    assert [slide.width for slide in show.slides] == [1, 2]
    assert show.source == "https://a.example/1.jpg"
    assert asked[0] == ("https://a.example/1.jpg?sig=secret", "slide 1 (https://a.example/1.jpg)")


def test_every_address_of_another_kind_is_named_before_any_is_fetched() -> None:
    with pytest.raises(InputError) as caught:
        read_slideshow(
            "https://a.example/1.jpg ftp://b/2 file:///etc/passwd 3.jpg", refuse_to_fetch
        )
    assert len(caught.value.problems) == 3


def test_thirty_six_addresses_are_refused() -> None:
    with pytest.raises(InputError, match=r"36 slides in the list of addresses"):
        read_slideshow(" ".join(f"https://a.example/{n}.jpg" for n in range(36)), refuse_to_fetch)


def test_a_failed_download_is_told_as_it_is() -> None:
    def fetch(url: str, what: str = "") -> Picture:
        raise SourceError(f"{what} is away.", kind="unreachable", retryable=True)

    with pytest.raises(SourceError, match=r"slide 1 .* is away") as caught:
        read_slideshow("https://a.example/1.jpg", fetch)
    assert caught.value.retryable


def test_an_archive_with_an_entry_without_a_name_is_refused(tmp_path: Path) -> None:
    archive = pack(tmp_path / "slides.zip", {"a.jpg": jpeg(), "QQQQ": jpeg()})
    archive.write_bytes(archive.read_bytes().replace(b"QQQQ", b"\0QQQ"))
    with pytest.raises(InputError, match=r"An entry has no name\."):
        read_zip(archive)


def test_large_pictures_that_an_archive_only_stores_are_read(tmp_path: Path) -> None:
    """They were refused as too many entries."""
    data = io.BytesIO()
    Image.frombytes("RGB", (900, 900), random.Random(1).randbytes(2_430_000)).save(data, "PNG")
    large = data.getvalue()
    path = pack(tmp_path / "a.zip", {"1.png": large}, zipfile.ZIP_STORED)
    assert [slide.data for slide in read_zip(path).slides] == [large]
    (entry,) = list_archive(path)
    assert entry.read(len(large)) == large
    assert len(entry.read(2**21)) == 2**21 + 1
