"""The maintenance commands over the wire: a folder, S3 and Google Drive, by their saved blocks."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pressrun.blocks import ResultStore
from pressrun.cli import main
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from tests.servers.drive import ROBOT, DriveServer
from tests.servers.drive_files import Caller
from tests.servers.drive_service import PERSON
from tests.servers.s3 import S3Server
from tests.support.batches import parameters, plan, work

SLIDE = "Link_001_@show_1/variation_1/slide_0.jpg"
TEXT = "Link_001_@show_1/variation_1/analysis.json"
SECRET = "never-to-be-shown"
REPORTS = ["gallery.html", "items.csv", "manifest.json"]


@dataclass
class Place:
    """A destination: its block, and hands that reach into it without our code."""

    name: str
    block: ResultStore
    look: Callable[[], dict[str, bytes]]
    write: Callable[[str, bytes], None]
    remove: Callable[[str], None]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def drive() -> Iterator[DriveServer]:
    with DriveServer() as server:
        yield server


def folder_place(home: Path) -> Place:
    root = home / "delivered"

    def write(path: str, data: bytes) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)

    def look() -> dict[str, bytes]:
        files = (path for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}

    block = ResultStore(destination=str(root))
    return Place("a-folder", block, look, write, lambda path: (root / path).unlink())


def save_keys(s3: S3Server, name: str = "s3-keys", secret: str = "") -> str:
    from prefect_aws import AwsCredentials

    AwsCredentials(
        aws_access_key_id=s3.access_key,
        aws_secret_access_key=secret or s3.secret_key,
        region_name="us-east-1",
    ).save(name, overwrite=True)
    return name


def s3_place(s3: S3Server) -> Place:
    bucket, client = s3.make_bucket(), s3.client()

    def look() -> dict[str, bytes]:
        listed = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            entry["Key"].removeprefix("made/here/"): client.get_object(
                Bucket=bucket, Key=entry["Key"]
            )["Body"].read()
            for entry in listed
        }

    block = ResultStore(
        destination=f"s3://{bucket}/made/here",
        aws_credentials=save_keys(s3),
        endpoint_url=s3.url,
        presigned_hours=24,
    )
    return Place(
        "a-bucket",
        block,
        look,
        lambda path, data: client.put_object(Bucket=bucket, Key=f"made/here/{path}", Body=data),
        lambda path: client.delete_object(Bucket=bucket, Key=f"made/here/{path}"),
    )


def drive_block(drive: DriveServer, **changes: Any) -> ResultStore:
    given = {
        "destination": f"drive://{drive.folder_id}",
        "google_credentials": {"type": "authorized_user", **drive.user_info()},
        "endpoint_url": drive.url,
        "files_per_minute": 60_000,
    }
    return ResultStore(**given | changes)


def drive_place(drive: DriveServer) -> Place:
    person = Caller(drive.library.accounts[PERSON], all_drives=True)

    def below(path: str) -> str:
        return path.partition("Pressrun/")[2]

    def ids(path: str) -> list[str]:
        every = [*drive.files(), *drive.folders()]
        return [node.id for there, node in every if below(there) == path]

    def look() -> dict[str, bytes]:
        return {below(path): node.data for path, node in drive.files()}

    def write(path: str, data: bytes) -> None:
        if there := ids(path):
            drive.library.replace(person, there[0], data, "text/plain")
            return
        folder, _, name = path.rpartition("/")
        body = {"name": name, "parents": [ids(folder)[0] if folder else drive.folder_id]}
        drive.library.create(person, body, data, "text/plain")

    def remove(path: str) -> None:
        drive.library.delete(person, ids(path)[0])

    return Place("a-drive", drive_block(drive), look, write, remove)


@pytest.fixture(params=["folder", "s3", "drive"])
def place(
    request: pytest.FixtureRequest, prefect_server: None, home: Path, s3: S3Server
) -> Iterator[Place]:
    if request.param == "drive":
        with DriveServer() as server:
            made = drive_place(server)
            made.block.save(made.name, overwrite=True)
            yield made
        return
    made = s3_place(s3) if request.param == "s3" else folder_place(home)
    made.block.save(made.name, overwrite=True)
    yield made


@dataclass
class Ran:
    """What a command answered: its exit code and its JSON."""

    code: int
    told: Any
    err: str


@pytest.fixture
def pressrun(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main([*arguments, "--json"])
        out, err = capsys.readouterr()
        return Ran(code, json.loads(out) if out else None, err)

    return run


Pressrun = Callable[..., Ran]


def saved(name: str) -> ResultStore:
    block: Any = ResultStore.load(name)
    assert isinstance(block, ResultStore)
    return block


def deliver(place: Place, home: Path, monkeypatch: pytest.MonkeyPatch, *, keep: bool) -> Batch:
    """A batch of one item, delivered through the saved block."""
    monkeypatch.setenv("PRESSRUN_KEEP_VAULT", str(keep))
    settings.cache_clear()
    target = saved(place.name).target()
    batch = plan(parameters(home), target=target)
    assert work(batch, target=target).whole
    return batch


@pytest.mark.parametrize("keep", [True, False], ids=["vault kept", "vault cleaned"])
def test_an_audit_finds_what_is_missing_changed_and_extra_and_a_repair_mends_it(
    place: Place, home: Path, monkeypatch: pytest.MonkeyPatch, pressrun: Pressrun, keep: bool
) -> None:
    batch = deliver(place, home, monkeypatch, keep=keep)
    before = place.look()
    assert pressrun("audit", batch.id).code == 0

    place.remove(f"{batch.root}/{SLIDE}")
    place.remove(f"{batch.root}/items.csv")
    place.write(f"{batch.root}/{TEXT}", b"{}")
    place.write(f"{batch.root}/notes.txt", b"mine")
    ran = pressrun("audit", batch.id)
    assert ran.code == 1
    assert {name: ran.told[name] for name in ("missing", "changed", "extra", "complete")} == {
        "missing": [SLIDE, "items.csv"],
        "changed": [TEXT],
        "extra": ["notes.txt"],
        "complete": True,
    }

    told = pressrun("audit", batch.id, "--repair").told
    assert told["extra"] == ["notes.txt"]
    place.remove(f"{batch.root}/notes.txt")
    if keep:
        assert told["repaired"] == [TEXT, SLIDE, "items.csv"]
        assert place.look().keys() == before.keys()
        for path in (SLIDE, TEXT, "items.csv"):
            assert place.look()[f"{batch.root}/{path}"] == before[f"{batch.root}/{path}"]
        assert pressrun("audit", batch.id).told["in_order"]
        manifest = json.loads(place.look()[f"{batch.root}/manifest.json"])
        stands = {file.path: file.url for file in open_ledger().deliveries.all(batch.id)}
        for file in manifest["items"][0]["files"]:
            assert file["url"] == stands[file["path"]]
    else:
        assert told["repaired"] == ["items.csv"]
        assert [lost["path"] for lost in told["unmended"]] == [TEXT, SLIDE]
        assert place.look()[f"{batch.root}/{TEXT}"] == b"{}"


def test_a_deletion_removes_only_what_is_the_batchs(
    place: Place, home: Path, monkeypatch: pytest.MonkeyPatch, pressrun: Pressrun
) -> None:
    batch = deliver(place, home, monkeypatch, keep=False)
    other = deliver(place, home, monkeypatch, keep=False)
    place.write(f"{batch.root}/Link_001_@show_1/notes.txt", b"mine")
    place.write("beside.txt", b"mine")
    ran = pressrun("delete", batch.id, "--yes")
    assert (ran.code, len(ran.told["files"])) == (0, 7)
    assert ran.told["extra"] == ["Link_001_@show_1/notes.txt"]
    left = {path for path in place.look() if not path.startswith(f"{other.root}/")}
    assert left == {f"{batch.root}/Link_001_@show_1/notes.txt", "beside.txt", "index.html"}
    listed = place.look()["index.html"].decode()
    assert listed.count("<tr data-status") == 1  # what was deleted is not listed any more
    assert pressrun("audit", other.id).code == 0
    assert pressrun("status", batch.id).code == 2


def test_a_batch_alone_leaves_no_folder(
    prefect_server: None,
    drive: DriveServer,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    pressrun: Pressrun,
) -> None:
    place = drive_place(drive)
    place.block.save(place.name, overwrite=True)
    batch = deliver(place, home, monkeypatch, keep=False)
    assert pressrun("delete", batch.id, "--yes").code == 0
    assert [path for path, _ in drive.folders() if path.endswith(batch.root)] == []


def test_an_export_reads_back_whole(
    place: Place, home: Path, monkeypatch: pytest.MonkeyPatch, pressrun: Pressrun
) -> None:
    batch, file = deliver(place, home, monkeypatch, keep=False), home / "batch.zip"
    assert pressrun("export", batch.id, "--zip", str(file)).told["files"] == 7
    stated = {each.path: each.sha256 for each in open_ledger().deliveries.all(batch.id)}
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        found = {
            name.removeprefix(f"{batch.root}/"): hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
        }
    assert found == stated


def test_links_are_told_and_those_that_are_signed_are_renewed_everywhere(
    place: Place, home: Path, monkeypatch: pytest.MonkeyPatch, pressrun: Pressrun
) -> None:
    batch = deliver(place, home, monkeypatch, keep=False)
    before = place.look()
    old = {file.path: file.url or "" for file in open_ledger().deliveries.all(batch.id)}
    if place.name == "a-bucket":  # a signature of the same second is the same
        old = {path: url.replace("X-Amz-Date=20", "X-Amz-Date=19") for path, url in old.items()}
        open_ledger().deliveries.relink(batch.id, old)
    ran = pressrun("urls", batch.id)
    new = {link["path"]: link["url"] for link in ran.told["reports"] + ran.told["files"]}
    assert list(new)[:3] == REPORTS
    assert ran.told["folder"]["url"]
    stands = {file.path: file.url for file in open_ledger().deliveries.all(batch.id)}
    assert stands == new
    if place.name != "a-bucket":
        assert (ran.told["renewed"], new, place.look()) == (0, old, before)
        return
    assert ran.told["renewed"] == 7
    manifest = json.loads(place.look()[f"{batch.root}/manifest.json"])
    page = place.look()[f"{batch.root}/gallery.html"].decode()
    for file in manifest["items"][0]["files"]:
        assert file["url"] == new[file["path"]] != old[file["path"]]
    assert re.findall(r"X-Amz-Date=(\d\d)", page) == ["20"] * page.count("X-Amz-Date=")
    assert new[SLIDE].replace("&", "&amp;") in page
    assert pressrun("audit", batch.id).code == 0


def test_an_unreachable_destination_is_a_sentence_and_costs_no_record(
    prefect_server: None, home: Path, monkeypatch: pytest.MonkeyPatch, pressrun: Pressrun
) -> None:
    monkeypatch.setattr("pressrun.stores.retry.PAUSES_S", (0.0,))
    with DriveServer() as server:
        place = drive_place(server)
        place.block.save(place.name, overwrite=True)
        batch = deliver(place, home, monkeypatch, keep=False)
    ran = pressrun("delete", batch.id, "--yes", "--force")
    assert (ran.code, ran.told) == (2, None)
    assert ran.err.startswith("pressrun: ")
    assert len(open_ledger().deliveries.all(batch.id)) == 7


# check-store.


def test_a_store_that_takes_files_is_ok_and_left_as_it_was(
    place: Place, pressrun: Pressrun
) -> None:
    ran = pressrun("check-store", place.name)
    assert (ran.code, ran.told["ok"], ran.told["store"]) == (0, True, place.name)
    assert ran.told["seconds"] >= 0
    assert place.look() == {}


def wrong_bucket(s3: S3Server, _drive: DriveServer) -> ResultStore:
    keys = save_keys(s3)
    return ResultStore(destination="s3://no-such", aws_credentials=keys, endpoint_url=s3.url)


def wrong_key(s3: S3Server, _drive: DriveServer) -> ResultStore:
    bucket = s3.make_bucket()
    s3.fail("SignatureDoesNotMatch", times=10)  # moto believes every signature
    return ResultStore(
        destination=f"s3://{bucket}",
        aws_credentials=save_keys(s3, "wrong-keys", SECRET),
        endpoint_url=s3.url,
    )


def robot_without_storage(_s3: S3Server, drive: DriveServer) -> ResultStore:
    key = drive.tokens.service_key(ROBOT, drive.token_uri, delegated=False)
    return drive_block(drive, google_credentials=key)


def folder_not_shared(_s3: S3Server, drive: DriveServer) -> ResultStore:
    owner = drive.library.add_account("other@example.com", None)
    private = drive.library.add_folder("private", owner.root_id, {})
    return drive_block(drive, destination=f"drive://{private}")


def credentials_cut_short(_s3: S3Server, drive: DriveServer) -> ResultStore:
    return drive_block(drive, google_credentials={"refresh_token": SECRET})


@pytest.mark.parametrize(
    ("block", "kind", "sentence"),
    [
        (wrong_bucket, "no_bucket", "There is no bucket 'no-such'"),
        (wrong_key, "bad_key", "Enter the secret access key again"),
        (robot_without_storage, "no_storage", "shared drive"),
        (folder_not_shared, "no_folder", "share the folder with the account"),
        (credentials_cut_short, "setting", "Paste the whole JSON file"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_refusal_is_a_sentence_that_shows_no_secret(
    prefect_server: None,
    home: Path,
    s3: S3Server,
    drive: DriveServer,
    pressrun: Pressrun,
    block: Callable[[S3Server, DriveServer], ResultStore],
    kind: str,
    sentence: str,
) -> None:
    block(s3, drive).save("refused", overwrite=True)
    ran = pressrun("check-store", "refused")
    s3.script.reset()
    assert (ran.code, ran.told["error_kind"]) == (1, kind)
    assert sentence in ran.told["error"]
    assert SECRET not in str(ran.told) + ran.err


def test_a_block_that_is_not_there_is_named(
    prefect_server: None, home: Path, pressrun: Pressrun
) -> None:
    ran = pressrun("check-store", "nowhere")
    assert (ran.code, ran.told) == (2, None)
    assert "There is no usable Result store block called 'nowhere'" in ran.err


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "PREFECT_API_URL is not set."),
        ("http://127.0.0.1:9/api", "The Prefect server cannot be asked."),
    ],
    ids=["no server", "dead server"],
)
def test_a_server_that_is_not_there_is_a_sentence(home: Path, url: str, sentence: str) -> None:
    environment = {"PREFECT_HOME": str(home), "HOME": str(home)}
    ran = subprocess.run(
        [sys.executable, "-m", "pressrun.cli", "setup"],
        capture_output=True,
        text=True,
        check=False,
        env=environment | ({"PREFECT_API_URL": url} if url else {}),
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"pressrun: {sentence}")


def test_a_folder_batch_is_looked_after_without_prefect(home: Path) -> None:
    work(plan(parameters(home)))
    code = (
        "import sys; from pressrun.cli import main; code = main(['audit', 'latest']);"
        "print(code, [m for m in ('prefect', 'boto3', 'botocore', 'googleapiclient')"
        " if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("All is as it was delivered.\n0 []\n")
