"""What a hostile file, page or path tries, one attack a test, and what is said in answer."""

import os
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from prefect.runtime import flow_run

from deployments.up import open_home
from pressrun.batches.planning import crashes_counted
from pressrun.cli import main
from pressrun.errors import InputError, SourceError
from pressrun.inputs import confined
from pressrun.inputs.confined import caller
from pressrun.inputs.places import existing
from pressrun.inputs.products import ProductError, ProductSource, WantedProduct
from pressrun.inputs.prompts.documents import parse_file
from pressrun.inputs.slides import read_slideshow
from pressrun.inputs.tables.rows import read_manifest
from pressrun.inputs.web.feeds import read_feed
from pressrun.inputs.web.fetch import STRICT, Fetcher, FetchLimits
from pressrun.inputs.web.page import read_page
from pressrun.ledger import open_ledger
from pressrun.ledger.database import engine
from pressrun.ledger.listing import read_batches
from pressrun.pictures.picture import Picture, read_picture
from pressrun.settings import settings
from tasks import crashes as crashes_module
from tasks.notify import Ended
from tasks.request import find_target
from tests.support.batches import parameters, plan
from tests.support.pace import within
from tests.support.waiting import until

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


# --- files that ask a parser for memory or time -------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_STRINGS = "sharedStrings.xml"
#: The reading process and what it may take above that.
_MOST_MEMORY = 300 * 2**20


def workbook(
    path: Path, rows: str, strings: str = "", sheet: str = "worksheets/sheet1.xml"
) -> Path:
    """A workbook of one sheet whose XML is as written here."""
    relations = f'<Relationship Id="r1" Type="{_REL}/worksheet" Target="{sheet}"/>'
    if strings:
        relations += f'<Relationship Id="r2" Type="{_REL}/sharedStrings" Target="{_STRINGS}"/>'
    root = f'<Relationship Id="r1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{_PACKAGE}">{root}</Relationships>')
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
            '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>',
        )
        archive.writestr(
            f"xl/{sheet}", f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
        if strings:
            archive.writestr(f"xl/{_STRINGS}", strings)
    return path


_FIRST = '<row r="1"><c r="A1" t="inlineStr"><is><t>link</t></is></c></row>'
_CORNER = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_WORKBOOKS: dict[str, dict[str, str]] = {
    "a cell in the far corner": {"rows": _FIRST + _CORNER},
    "the same with spaces around =": {"rows": _FIRST + _CORNER.replace("r=", "r = ")},
    "the same in a sheet among the pictures": {
        "rows": _FIRST + _CORNER,
        "sheet": "media/sheet1.xml",
    },
    "four billion shared strings": {
        "rows": _FIRST,
        "strings": f'<sst xmlns="{_MAIN}" count="4000000000" uniqueCount="4000000000">'
        "<si><t>a</t></si></sst>",
    },
    "a megabyte of text in 9,000 cells": {
        "rows": "".join(
            f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 9001)
        ),
        "strings": f'<sst xmlns="{_MAIN}"><si><t>{"a" * 2**20}</t></si></sst>',
    },
    "a cell without an address in the last row": {
        "rows": _FIRST + '<row r="1048576">' + "<c><v>1</v></c>" * 16_384 + "</row>"
    },
}


@pytest.mark.parametrize("attack", _WORKBOOKS)
def test_a_workbook_that_asks_for_all_memory_is_one_sentence(tmp_path: Path, attack: str) -> None:
    path = workbook(tmp_path / "rows.xlsx", **_WORKBOOKS[attack])
    with pytest.raises(InputError) as caught:
        read_manifest(path)
    said = str(caught.value)
    assert said.startswith("rows.xlsx ")
    assert "\n" not in said
    assert "no XLSX" not in said  # it was opened


def test_a_workbook_that_asks_for_all_memory_gets_little_of_it(tmp_path: Path) -> None:
    paths = [
        str(workbook(tmp_path / f"{number}.xlsx", **parts))
        for number, parts in enumerate(_WORKBOOKS.values())
    ]
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from pressrun.errors import InputError; from pressrun.inputs import confined\n"
        "from pressrun.inputs.tables.rows import read_manifest\n"
        "for path in sys.argv[1:]:\n"
        "    try: read_manifest(Path(path))\n"
        "    except InputError: pass\n"
        "    else: raise SystemExit(path)\n"
        "confined.close()\n"
        # Its own from /proc: what getrusage says of a process, its parent had before it began.
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(status.partition('VmHWM:')[2].split()[0]) * 1024)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)"
    )
    ran = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, check=True)
    assert all(0 < int(peak) < _MOST_MEMORY for peak in ran.stdout.split())


def test_after_an_attack_the_next_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_manifest(workbook(tmp_path / "bad.xlsx", _FIRST + _CORNER))
    link = "https://www.tiktok.com/@a/photo/7000000000000000001"
    cells = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{link}</t></is></c></row>'
    assert [row.link for row in read_manifest(workbook(tmp_path / "good.xlsx", cells)).rows] == [
        link
    ]


def test_the_reading_process_knows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    confined.close()
    monkeypatch.setenv("GEMINI_API_KEY", SECRET)
    with pytest.raises(InputError):
        read_page(b"<p>short</p>", "https://a.example")
    (process,) = caller._processes
    environment = Path(f"/proc/{process._process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert SECRET.encode() not in environment


def test_a_reading_process_that_was_killed_is_replaced() -> None:
    for _ in range(2):
        with pytest.raises(InputError, match="words of main text"):
            read_page(b"<p>short</p>", "https://a.example")
        (process,) = caller._processes
        process._process.kill()
        process._process.wait()


@pytest.mark.parametrize(
    "data",
    [
        b"<rss version='2.0'><channel><item " + b"a='' " * 100_000 + b"/></channel></rss>",
        b"<rss version='2.0'><channel>" + b"<item/>" * 180_000 + b"</channel></rss>",
    ],
    ids=["100,000 attributes", "180,000 items"],
)
def test_a_feed_that_takes_long_is_ended_in_time(data: bytes) -> None:
    with pytest.raises(InputError, match=r"takes more than 2 s|is a feed without|no RSS, Atom"):
        read_feed(data, "https://a.example/feed")


def test_a_page_of_149_000_paragraphs_is_ended_in_time() -> None:
    with pytest.raises(InputError, match=r"takes more than 2 s|words of main text"):
        read_page(b"<html><body>" + b"<p>" * 149_000, "https://a.example")


def test_a_process_that_dies_while_planning_is_counted(home: Path) -> None:
    code = (
        "import os; from pressrun.batches.planning import crashes_counted\n"
        "with crashes_counted('a-run') as crashes: os._exit(crashes)"
    )
    died = [subprocess.run([sys.executable, "-c", code], check=False).returncode for _ in range(3)]
    assert died == [0, 1, 2]
    with crashes_counted("a-run") as crashes:
        assert crashes == 3
    with crashes_counted("a-run") as crashes:
        assert crashes == 0


def test_a_run_that_died_too_often_while_planning_waits_for_a_person(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_run, "id", "a-run", raising=False)
    planning = home / "data" / "planning"
    planning.mkdir(parents=True)
    (planning / "a-run").write_bytes(b"." * (crashes_module.MOST_CRASHES + 1))
    with (
        pytest.raises(Ended, match="The process died 6 times in a row"),
        crashes_module.planning_watched(),
    ):
        raise AssertionError("planned once more")
    with crashes_module.planning_watched():
        pass  # a person has retried it


# --- paths ---------------------------------------------------------------------------------------


@pytest.fixture
def machine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worker with the default roots, and a key beside them."""
    for variable in ("PRESSRUN_INPUT_ROOTS", "PRESSRUN_OUTPUT_ROOTS"):
        monkeypatch.delenv(variable)
    settings.cache_clear()
    for folder in ("output", "data/vault", "data/mine/.hidden"):
        (home / folder).mkdir(parents=True)
    for file in ("key", "output/good", "data/login", "data/vault/a", "data/mine/.hidden/a"):
        (home / file).write_text(SECRET)
    (home / "output" / "link").symlink_to(home / "key")
    return home


@pytest.mark.parametrize(
    "place",
    [
        "key",
        "output/../key",
        "output/link",
        "data/login",
        "data/vault/a",
        "data/mine/.hidden/a",
        "",
    ],
)
def test_a_path_outside_the_roots_is_refused_and_the_roots_are_said(
    machine: Path, place: str
) -> None:
    with pytest.raises(InputError, match="Runs may read only from") as caught:
        existing(str(machine / place), "Paste it.")
    assert str(machine / "output") in str(caught.value)
    assert "PRESSRUN_INPUT_ROOTS" in str(caught.value)


def test_the_samples_the_data_and_the_output_folder_are_read(machine: Path) -> None:
    assert existing(str(machine / "output" / "good"), "")
    assert existing("samples", "")
    assert existing(str(machine / "data" / "mine"), "")


def test_the_operator_names_other_roots(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_INPUT_ROOTS", f"/nowhere:{machine}")
    settings.cache_clear()
    assert existing(str(machine / "key"), "")


@pytest.mark.parametrize("place", ["elsewhere", "output/../elsewhere", "data/vault"])
def test_a_destination_outside_the_roots_is_refused_and_the_roots_are_said(
    machine: Path, place: str
) -> None:
    with pytest.raises(InputError, match="Runs may deliver only into") as caught:
        find_target(None, str(machine / place))
    assert str(machine / "output") in str(caught.value)
    assert find_target(None, "").address == str(machine / "output")


def test_make_up_adds_the_home_folder_without_its_hidden_folders(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(machine))
    monkeypatch.setenv("PRESSRUN_INPUT_ROOTS", "")
    monkeypatch.setenv("PRESSRUN_OUTPUT_ROOTS", "")
    (machine / ".ssh").mkdir()
    (machine / ".ssh" / "id").write_text(SECRET)
    open_home()
    settings.cache_clear()
    assert existing("~/key", "")
    assert find_target(None, str(machine / "elsewhere"))
    with pytest.raises(InputError, match="Runs may read only from"):
        existing("~/.ssh/id", "")


# --- pictures ------------------------------------------------------------------------------------


def test_a_picture_of_one_pixel_by_forty_million_is_refused_by_its_side() -> None:
    head = struct.pack(">IIBBBBB", 1, 40_000_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    data += struct.pack(">I", zlib.crc32(chunk)) + b"\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e"
    with pytest.raises(InputError, match="a side has at most 20,000"):
        read_picture(data, "tall.png")


def test_a_picture_whose_animation_and_exif_are_broken_is_read_without_a_word(
    tmp_path: Path,
) -> None:
    """Pillow's warnings would stand in the log of every run, with paths of the worker."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    whole = picture()
    lost = struct.pack(">HHHII", 1, 0x010E, 2, 2**31 - 1, 26)  # a text that is not in the file
    odd = chunk(b"acTL", struct.pack(">II", 2**32 - 1, 0)) + chunk(
        b"eXIf", b"MM\0*\0\0\0\x08" + lost
    )
    (tmp_path / "odd.png").write_bytes(whole[:33] + odd + whole[33:])
    code = (
        "import sys; from pathlib import Path; from pressrun.pictures.picture import read_picture\n"
        "read_picture(Path(sys.argv[1]).read_bytes(), 'odd.png')"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "odd.png")]
    ran = subprocess.run(command, capture_output=True, check=True)
    assert ran.stderr == b""


# --- names of files, folders and ledgers that are none -----------------------------------------

_LONG, _DEEP = "/tmp/" + "a" * 5000, "/tmp" + "/a" * 2000


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": "half \ud83d"}, "title: it has half of a character"),
        ({"owner": "\udc00"}, "owner: it has half of a character"),
        ({"photo": "~nobodyx/a"}, "no file or folder “~nobodyx/a”"),
        ({"photo": _LONG}, "no file or folder “/tmp/aaa"),
        ({"photo": _DEEP}, "no file or folder “/tmp/a/a"),
        ({"photo": "/tmp/a\0b"}, "no file or folder “/tmp/a b”"),
        ({"photo": "http://[::1/a.png"}, "is not a web address"),
        ({"photos": "~nobodyx/a"}, "no file or folder “~nobodyx/a”"),
        ({"manifest": _LONG, "slides": ""}, "no file or folder “/tmp/aaa"),
        ({"slides": "~nobodyx/a"}, "no file or folder “~nobodyx/a”"),
        ({"slides": "file:///tmp/%00"}, "no file or folder “file:///tmp/%00”"),
        ({"output": "~nobodyx/a"}, "it begins with ~ and the name of nobody on this machine"),
        ({"output": _LONG}, "it is too long"),
        ({"output": "/tmp" + "/a" * 500}, "it has 502 folders in it"),
        ({"output": "/tmp/a\0b"}, "it has a NUL in it"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value[:30],
)
def test_a_name_that_nothing_can_have_is_one_sentence(
    home: Path, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said) as refused:
        plan(parameters(home) | given)
    assert len(str(refused.value)) < 1000


_PASSWORD = "hunter2"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LEDGER_URL", "sqlite://", "names no file"),
        ("LEDGER_URL", "sqlite:///:memory:", "names no file"),
        ("LEDGER_URL", f"postgresql://u:{_PASSWORD}@[::1/ledger", "it is no URL"),
        ("LEDGER_URL", f"postgresql://u:{_PASSWORD}@host:x{_PASSWORD}/ledger", "it is no URL"),
        ("LEDGER_URL", "postgresql://", "names no host or no database"),
        ("LEDGER_URL", f"postgresql://u:{_PASSWORD}@host", "names no host or no database"),
        ("LEDGER_URL", "postgresql:///ledger", "names no host or no database"),
        ("LEDGER_URL", "no url", "it is no URL"),
        ("LEDGER_URL", "sqlite:////tmp", "The ledger cannot be used"),
        ("LEDGER_URL", f"sqlite:///{_LONG}", "The ledger cannot be used"),
        ("DATA", "~nobodyx/a", "the name of nobody on this machine"),
        ("DATA", _LONG, "The ledger cannot be used"),
        ("DATA", "/dev/null/a", "The ledger cannot be used"),
    ],
    ids=lambda value: value[:30],
)
def test_a_setting_that_leads_nowhere_is_one_sentence_without_its_password(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(f"PRESSRUN_{variable}", value)
    settings.cache_clear()
    assert main(["batches"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("pressrun: ")
    assert said in line
    assert _PASSWORD not in line


def test_an_error_of_the_command_line_steers_no_terminal(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "a\x1b[31m\x9b.xlsx"
    file.write_text("no workbook")
    assert main(["parse", str(file)]) == 2
    said = capsys.readouterr().err
    assert "a[31m.xlsx is damaged or no XLSX workbook" in said
    assert said.rstrip("\n").isprintable()


def test_a_ledger_that_another_process_locks_is_said_soon_and_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert engine._TOLD_S <= 5
    monkeypatch.setattr(engine, "_TOLD_S", 0.1)
    ledger = open_ledger()
    other = sqlite3.connect(home / "data" / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_batches, ledger.database, "", "", 10)
        assert reading.result(60) == []  # who only looks does not wait
        writing = pool.submit(ledger.batches.mark, "nothing", title="x")
        until(lambda: "The ledger is locked by another process." in caplog.text)
        other.execute("ROLLBACK")
        writing.result(60)
    other.close()


def large_png(side: int = 6300) -> bytes:
    """A picture of 40 megapixels in 116 kB."""
    out = BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "PNG", compress_level=9)
    return out.getvalue()


def test_large_pictures_that_come_together_are_decoded_one_after_the_other(tmp_path: Path) -> None:
    data = large_png()
    assert len(data) < 300_000
    (tmp_path / "large.png").write_bytes(data)
    code = (
        "import sys; from concurrent.futures import ThreadPoolExecutor; from pathlib import Path\n"
        "from pressrun.engines.base import Usage\n"
        "from pressrun.engines.replies import whole_picture\n"
        "from pressrun.pictures.picture import decode\n"
        "data = Path(sys.argv[1]).read_bytes()\n"
        "def look(number):\n"
        "    if number % 2: whole_picture(data, 'Somebody', Usage())\n"
        "    else: decode(data, (100, 100))\n"
        "with ThreadPoolExecutor(6) as pool: list(pool.map(look, range(6)))\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(status.partition('VmHWM:')[2].split()[0]) * 1024)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "large.png")]
    ran = subprocess.run(command, capture_output=True, check=True)
    assert int(ran.stdout) < 600 * 2**20  # six at once take over a gigabyte


# --- servers that never end ----------------------------------------------------------------------


def drip(pieces: Iterator[bytes]) -> Iterator[str]:
    """A server that says these, with a pause before each, to everybody who asks."""

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=listen, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/a"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def endless_1xx() -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 102 Processing\r\n\r\n" * 100


def byte_by_byte() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n"
    while True:
        time.sleep(0.2)
        yield b"<"


@pytest.mark.parametrize("says", [endless_1xx, byte_by_byte])
def test_a_server_that_never_ends_is_left_at_the_deadline(
    says: Callable[[], Iterator[bytes]],
) -> None:
    with contextmanager(drip)(says()) as url:
        port = frozenset({urlsplit(url).port or 0})
        policy = replace(STRICT, allowed_networks=(ip_network("127.0.0.1/32"),), allowed_ports=port)
        fetcher = Fetcher(limits=FetchLimits(total_s=2.0), policy=policy)
        began, late = time.monotonic(), r"took longer than 2 s|its answer does not begin"
        with within(1.5), pytest.raises(SourceError, match=late):
            fetcher.fetch_document(url)
        assert time.monotonic() - began < 30
