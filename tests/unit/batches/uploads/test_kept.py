"""Uploads: put, read, unpacked, cleaned; in a folder and in a bucket."""

import hashlib
import io
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.uploads import KEPT_S, Upload, Uploads, open_uploads
from pressrun.errors import InputError, SettingError, StoreError
from pressrun.pictures.picture import MAX_BYTES
from pressrun.settings import settings
from pressrun.stores.factory import Target
from pressrun.stores.uploads.places import open_upload_place
from tests.servers.s3 import S3Server
from tests.support.uploads import packed, picture
from tests.support.waiting import until

NOW = time.time()


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def uploads(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Uploads:
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3")
        server.script.reset()
        monkeypatch.setenv("PRESSRUN_UPLOADS", f"s3://{server.make_bucket()}/team/uploads")
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        settings.cache_clear()
    return open_uploads()


def put(uploads: Uploads, name: str = "mug.jpg", data: bytes | None = None) -> Upload:
    return uploads.put(name, io.BytesIO(picture() if data is None else data))


def kept(uploads: Uploads) -> list[str]:
    found = uploads.survey([], NOW)
    return [one.sha256 for one in (*found.waiting, *found.removed)]


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_by_its_digest_and_read_by_its_reference(uploads: Uploads) -> None:
    data = picture()
    found = put(uploads, r"C:\Users\Me\My mug.jpg", data)
    digest = hashlib.sha256(data).hexdigest()
    assert found == Upload(digest, "My mug.jpg", len(data), "image/jpeg")
    assert found.reference == f"upload:{digest}/My%20mug.jpg"
    assert uploads.read(found.reference, MAX_BYTES) == data
    with uploads.open(found.reference) as stream:
        assert stream.read(3) + stream.read() == data
    with uploads.copied(found.reference) as path:
        assert (path.name, path.read_bytes()) == ("My mug.jpg", data)
    assert not path.exists()


def test_the_same_bytes_are_kept_once_whatever_they_are_called(uploads: Uploads) -> None:
    first, second = put(uploads, "a.jpg"), put(uploads, "b.png")
    assert (first.name, second.name) == ("a.jpg", "b.jpg")
    assert kept(uploads) == [first.sha256]
    other = put(uploads, "c.jpg", picture(colour=(1, 2, 3)))
    assert uploads.total([first.reference, second.reference, other.sha256, "x"]) == (
        first.size + other.size
    )


def test_the_same_bytes_put_by_many_at_once_are_whole(uploads: Uploads) -> None:
    data = picture("PNG") + bytes(10)
    with ThreadPoolExecutor(8) as pool:
        found = {*pool.map(lambda n: put(uploads, "a.png", data).sha256, range(16))}
    assert kept(uploads) == [*found]
    assert uploads.read(f"upload:{found.pop()}/a.png", MAX_BYTES) == data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ\x90\0" + b"\0" * 500, "is a program for Windows"),
        (picture()[:-200], "is cut off or damaged"),
        (picture() + bytes(MAX_BYTES), "has more than 20 MiB. Scale it down."),
        (b"", "is empty"),
    ],
)
def test_nothing_stays_of_a_file_that_is_refused(
    uploads: Uploads, home: Path, data: bytes, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        put(uploads, "mug.jpg", data)
    assert kept(uploads) == []
    assert files(home / "data" / "uploads") == []


def test_a_stream_that_breaks_off_leaves_nothing(uploads: Uploads, home: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise ConnectionResetError("The browser is gone.")
            return super().read(100)

    with pytest.raises((ConnectionResetError, StoreError)):
        uploads.put("mug.jpg", Broken(picture()))
    assert kept(uploads) == []
    assert files(home / "data" / "uploads") == []


def test_a_long_file_is_refused_before_all_of_it_is_read(uploads: Uploads) -> None:
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return b"a line of text\n" * (size // 15)

    stream = Endless()
    with pytest.raises(InputError, match=r"“list.txt” has more than 10 MiB. Split it."):
        uploads.put("list.txt", stream)
    assert stream.given < 13 * 2**20


def test_what_is_not_kept_is_one_sentence_that_says_what_to_do(uploads: Uploads) -> None:
    put(uploads)
    with pytest.raises(InputError, match=r"“My mug.jpg” was uploaded and is no longer kept") as no:
        uploads.read(f"upload:{'a' * 64}/My%20mug.jpg", 10)
    assert no.value.kind == "upload_gone"
    assert "drop it at the desk" in str(no.value)
    with pytest.raises(InputError, match="names no upload"):
        uploads.read("upload:mug.jpg", 10)
    with pytest.raises(InputError, match=r"“mug.jpg” is over 0 MiB"):
        uploads.read(put(uploads).reference, 10)


def test_photos_of_an_archive_are_kept_and_what_else_is_in_it_is_named(uploads: Uploads) -> None:
    phone = picture("AVIF")
    archive = put(
        uploads,
        "photos.zip",
        packed(
            {
                "03_mug.jpg": picture(),
                "more/tee.jpg": phone,
                "notes.txt": b"hello",
                "inner.zip": packed({"a.jpg": picture()}),
                "cut.jpg": picture()[:-200],
                "__MACOSX/._03_mug.jpg": b"x",
            }
        ),
    )
    found = uploads.unpack(archive)
    assert [one.name for one in found.photos] == ["03_mug.jpg", "tee.avif"]
    assert uploads.read(found.photos[1].reference, MAX_BYTES) == phone
    assert found.left_out == [
        "Left out: “cut.jpg” is cut off or damaged. Save it again, or send it again.",
        "Left out: “inner.zip” is no picture that is read.",
        "Left out: “notes.txt” is no picture that is read.",
    ]


def test_a_damaged_photo_in_an_archive_is_left_out_by_its_name(home: Path) -> None:
    photo = random.Random(1).randbytes(3000)
    data = bytearray(packed({"1.jpg": picture(), "2.jpg": photo, "3.jpg": picture("PNG")}))
    at = data.index(b"2.jpg") + 100
    data[at : at + 20] = bytes(20)
    uploads = open_uploads()
    found = uploads.unpack(put(uploads, "photos.zip", bytes(data)))
    assert [one.name for one in found.photos] == ["1.jpg", "3.png"]
    (said,) = found.left_out
    assert said.startswith("Left out: “2.jpg” cannot be unpacked (")


def test_what_is_named_is_kept_for_ever_and_30_days_after(uploads: Uploads) -> None:
    mug, tee = put(uploads), put(uploads, "tee.jpg", picture(colour=(1, 2, 3)))
    day = 24 * 3600.0
    first = uploads.clean({mug.reference}, NOW + 29 * day)
    assert (len(first.named), len(first.waiting), len(first.removed)) == (1, 1, 0)
    later = uploads.clean({mug.sha256}, NOW + 31 * day)
    assert [one.sha256 for one in later.removed] == [tee.sha256]
    assert uploads.read(mug.reference, MAX_BYTES)
    # Named until then, it stays for its 30 days from then, not from its upload.
    assert not uploads.clean([], NOW + 60 * day).removed
    survey = uploads.survey([], NOW + 62 * day)
    assert [one.sha256 for one in survey.removed] == [mug.sha256]
    assert uploads.read(mug.reference, MAX_BYTES)
    assert uploads.clean([], NOW + 62 * day).removed
    with pytest.raises(InputError, match="no longer kept"):
        uploads.read(mug.reference, MAX_BYTES)


def test_what_is_uploaded_again_while_it_is_cleaned_stays(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = put(uploads)
    remember, first = uploads._place.remember, uploads._place.find(mug.sha256)
    assert first

    def meanwhile(times: Any) -> None:
        remember(times)
        until(later)

    def later() -> bool:
        """S3 counts in seconds."""
        put(uploads)
        now = uploads._place.find(mug.sha256)
        return now is not None and now.at > first.at

    monkeypatch.setattr(uploads._place, "remember", meanwhile)
    assert uploads.clean([], NOW + KEPT_S + 60).removed == []
    assert uploads.read(mug.reference, MAX_BYTES)


def test_a_batch_has_a_most_of_uploads(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    from pressrun.batches.uploads import kept as module

    mug = put(uploads)
    assert uploads.require_fit([mug.reference] * 3) == mug.size
    monkeypatch.setattr(module, "MOST_BATCH_BYTES", mug.size - 1)
    with pytest.raises(InputError, match="The uploads of this batch have 0 MiB together; at most"):
        uploads.require_fit([mug.reference])


# --- A folder ----------------------------------------------------------------------------------


def test_bytes_that_were_damaged_are_never_given_as_whole(home: Path) -> None:
    uploads = open_uploads()
    mug = put(uploads)
    place = home / "data" / "uploads" / mug.sha256[:2] / mug.sha256
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match=r"“mug.jpg” was damaged where uploads are kept"):
        uploads.read(mug.reference, MAX_BYTES)
    put(uploads)
    assert uploads.read(mug.reference, MAX_BYTES) == picture()


def test_others_of_this_machine_cannot_read_uploads(home: Path, usual_umask: None) -> None:
    put(open_uploads())
    assert (home / "data" / "uploads").stat().st_mode & 0o077 == 0


def test_a_machine_without_uploads_says_how_it_gets_them(home: Path) -> None:
    with pytest.raises(InputError, match=r"uploaded on another machine.*PRESSRUN_UPLOADS"):
        open_uploads().read(f"upload:{'a' * 64}/mug.jpg", 10)


def test_a_process_killed_while_it_uploads_leaves_nothing_that_counts(home: Path) -> None:
    program = """
import os, sys
from pressrun.batches.uploads import open_uploads
class Slow:
    def __init__(self): self.parts = [sys.stdin.buffer.read()]
    def read(self, size):
        if self.parts: return self.parts.pop()[:size]
        print("written", flush=True)
        os.kill(os.getpid(), 9)
open_uploads().put("list.txt", Slow())
"""
    died = subprocess.run(
        [sys.executable, "-c", program], input=b"words " * 2000, check=False, capture_output=True
    )
    assert (died.returncode, died.stdout) == (-9, b"written\n")
    uploads = open_uploads()
    assert kept(uploads) == []
    (part,) = (home / "data" / "uploads" / ".parts").iterdir()
    os.utime(part, (NOW - 90_000, NOW - 90_000))
    uploads.clean([], NOW)
    assert files(home / "data" / "uploads") == []


def test_a_part_in_work_is_not_taken_for_a_dead_processs(home: Path) -> None:
    uploads, cleaned, go_on = open_uploads(), threading.Event(), threading.Event()

    class Waiting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                go_on.set()
                cleaned.wait(20)
            return super().read(size)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(uploads.put, "a.txt", Waiting(b"words " * 5000))
        assert go_on.wait(20)
        uploads.clean([], NOW)
        cleaned.set()
        assert uploads.read(future.result().reference, MAX_BYTES) == b"words " * 5000


def test_a_run_does_not_read_the_place_of_uploads_by_path(home: Path) -> None:
    from pressrun.boundary.files import why_no_input

    assert why_no_input(home / "data" / "uploads" / "aa" / "b") is not None


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("drive://abc", "Uploads cannot be kept in drive://abc"),
        ("s3://", "names no bucket"),
        ("ftp://x/y", "ftp://"),
    ],
)
def test_a_place_that_cannot_be_used_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str, words: str
) -> None:
    monkeypatch.setenv("PRESSRUN_UPLOADS", place)
    settings.cache_clear()
    with pytest.raises(SettingError, match=words):
        open_uploads()


# --- A bucket ----------------------------------------------------------------------------------


def test_another_machine_reads_what_was_uploaded_to_a_bucket(home: Path, s3: S3Server) -> None:
    bucket = s3.make_bucket()
    target = Target(
        f"s3://{bucket}/u", s3_client=lambda config: s3.client({**config}), endpoint_url=s3.url
    )
    here = Uploads(open_upload_place(target, home / "a"))
    there = Uploads(open_upload_place(target, home / "b"))
    mug = put(here)
    assert there.read(mug.reference, MAX_BYTES) == picture()
    stored = s3.client({}).list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Key"] for one in stored] == [f"u/files/{mug.sha256}"]
