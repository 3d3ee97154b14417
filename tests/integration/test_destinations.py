"""The slideshow batch to a folder, S3 and Google Drive: the same files wherever they go."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from flows.slideshow_batch import slideshow_batch
from pressrun.blocks import ResultStore
from pressrun.errors import SettingError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from tests.servers.drive import DriveServer
from tests.servers.drive_files import Caller
from tests.servers.drive_service import PERSON
from tests.servers.s3 import S3Server
from tests.support.batches import parameters

pytestmark = pytest.mark.usefixtures("prefect_server", "home")

#: ARCHITECTURE's contract, for one show of two slides and a photo and a text variation each.
STRUCTURE = {
    "Link_001_@show_1/variation_1/analysis.json": "application/json",
    "Link_001_@show_1/variation_1/caption.txt": "text/plain",
    "Link_001_@show_1/variation_1/slide_0.jpg": "image/jpeg",
    "Link_001_@show_1/variation_1/slide_1.jpg": "image/jpeg",
    "Link_001_@show_1/variation_2/analysis.json": "application/json",
    "Link_001_@show_1/variation_2/caption.txt": "text/plain",
    "Link_001_@show_1/variation_2/slide_0.jpg": "image/jpeg",
    "Link_001_@show_1/variation_2/slide_1.jpg": "image/jpeg",
    "gallery.html": "text/html",
    "items.csv": "text/csv",
    "manifest.json": "application/json",
}


@dataclass
class There:
    """What a destination's own books say of a file."""

    data: bytes
    media_type: str
    labels: dict[str, str]


@dataclass
class Place:
    """A destination: its block, and a look into it without our code."""

    name: str
    block: ResultStore
    look: Callable[[], dict[str, There]]
    link: str


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture(scope="module")
def drive() -> Iterator[DriveServer]:
    with DriveServer() as server:
        yield server


def folder_place(home: Path, _s3: S3Server, _drive: DriveServer) -> Place:
    root = home / "delivered"
    types = {".json": "application/json", ".jpg": "image/jpeg", ".html": "text/html"}
    types |= {".txt": "text/plain"}

    def look() -> dict[str, There]:
        return {
            path.relative_to(root).as_posix(): There(
                path.read_bytes(), types.get(path.suffix, "text/csv"), {}
            )
            for path in root.rglob("*")
            if path.is_file()
        }

    return Place("a-folder", ResultStore(destination=str(root)), look, r"file://.*")


def s3_place(_home: Path, s3: S3Server, _drive: DriveServer) -> Place:
    from prefect_aws import AwsCredentials

    AwsCredentials(
        aws_access_key_id=s3.access_key,
        aws_secret_access_key=s3.secret_key,
        region_name="us-east-1",
    ).save("s3-keys", overwrite=True)
    bucket, client = s3.make_bucket(), s3.client()
    block = ResultStore(
        destination=f"s3://{bucket}/made/here",
        aws_credentials="s3-keys",
        endpoint_url=s3.url,
        presigned_hours=24,
    )

    def look() -> dict[str, There]:
        listed = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        found = {}
        for entry in listed:
            got = client.get_object(Bucket=bucket, Key=entry["Key"])
            path = entry["Key"].removeprefix("made/here/")
            found[path] = There(got["Body"].read(), got["ContentType"], got["Metadata"])
        return found

    return Place("a-bucket", block, look, r"http://.*X-Amz-Signature=.*")


def drive_place(_home: Path, _s3: S3Server, drive: DriveServer) -> Place:
    block = ResultStore(
        destination=f"drive://{drive.folder_id}",
        google_credentials={"type": "authorized_user", **drive.user_info()},
        endpoint_url=drive.url,
        share=True,
        files_per_minute=60_000,
    )

    def look() -> dict[str, There]:
        return {
            path.removeprefix("Pressrun/"): There(node.data, node.mime, dict(node.properties))
            for path, node in drive.files()
        }

    return Place("a-drive", block, look, r"https://drive\.google\.com/.*")


@pytest.fixture(params=[folder_place, s3_place, drive_place], ids=["folder", "s3", "drive"])
def place(request: pytest.FixtureRequest, home: Path, s3: S3Server, drive: DriveServer) -> Place:
    made: Place = request.param(home, s3, drive)
    made.block.save(made.name, overwrite=True)
    return made


def run(place: Place, given: dict[str, Any]) -> State[Any]:
    # As a deployment does it: by the saved document, secrets and all.
    store = ResultStore.load(place.name)
    state: State[Any] = slideshow_batch(**given, store=store, return_state=True)
    return state


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def test_a_batch_arrives_file_by_file(place: Place, home: Path) -> None:
    assert run(place, parameters(home, text_variations=2)).is_completed()
    batch, found = latest(), place.look()
    assert found.pop("index.html").media_type == "text/html"  # of the store, not of the batch
    files = {path.removeprefix(f"{batch.root}/"): there for path, there in found.items()}
    assert {path: there.media_type for path, there in files.items()} == STRUCTURE
    assert re.fullmatch(r"Test \d{4}-\d\d-\d\d \d\d-\d\d-\d\d", batch.root)

    manifest = json.loads(files["manifest.json"].data)
    told = [file for item in manifest["items"] for file in item["files"]]
    assert len(told) == 8
    for file in told:
        assert hashlib.sha256(files[file["path"]].data).hexdigest() == file["sha256"]
        assert len(files[file["path"]].data) == file["bytes"]
        assert re.fullmatch(place.link, file["url"])
    assert manifest["folder"]
    assert list(manifest["folders"]) == ["Link_001_@show_1"]


def test_files_are_labelled_with_batch_and_item_where_the_destination_can(
    place: Place, home: Path
) -> None:
    run(place, parameters(home))
    batch = latest()
    labels = place.look()[f"{batch.root}/Link_001_@show_1/variation_1/slide_0.jpg"].labels
    if place.name != "a-folder":
        assert labels["batch"] == batch.id
        assert labels["item"] == "link_001/variation_1"


def test_the_path_template_decides_where_files_lie(place: Place, home: Path) -> None:
    place.block.path_template = "{kind}/{date}/{title} {batch}/files/{item}/final_{file}"
    place.block.save(place.name, overwrite=True)
    assert run(place, parameters(home, title="Söndag / 夏")).is_completed()
    batch = latest()
    assert re.fullmatch(rf"slideshow/\d{{4}}-\d\d-\d\d/Söndag - 夏 {batch.id}", batch.root)
    assert f"{batch.root}/files/Link_001_@show_1/variation_1/final_slide_0.jpg" in place.look()


def add_file(drive: DriveServer, file: Path, folder: str) -> str:
    """What a person puts into Drive; gives its id."""
    body, person = {"name": file.name, "parents": [folder]}, drive.library.accounts[PERSON]
    caller = Caller(person, all_drives=True)
    return drive.library.create(caller, body, file.read_bytes(), "image/jpeg").id


def test_what_is_read_may_lie_in_the_same_store(
    home: Path, s3: S3Server, drive: DriveServer
) -> None:
    given = parameters(home)
    photo, show = Path(given["photo"]), home / "show_1"
    place = s3_place(home, s3, drive)
    place.block.save("reads", overwrite=True)
    bucket = s3.make_bucket()
    for file in (photo, *show.iterdir()):
        s3.client().put_object(Bucket=bucket, Key=f"in/{file.name}", Body=file.read_bytes())
    s3.client().delete_object(Bucket=bucket, Key="in/mug.png")
    s3.client().put_object(Bucket=bucket, Key="mug.png", Body=photo.read_bytes())
    changes = {"photo": f"s3://{bucket}/mug.png", "slides": f"s3://{bucket}/in"}
    assert run(Place("reads", place.block, place.look, ""), given | changes).is_completed()
    assert any(path.endswith("variation_1/slide_1.jpg") for path in place.look())


@pytest.mark.parametrize(
    ("photo_at", "show_at"),
    [
        ("drive://{}", "drive://{}"),
        (
            "https://drive.google.com/file/d/{}/view?usp=sharing",
            "https://drive.google.com/drive/u/0/folders/{}?usp=drive_link",
        ),
        ("https://drive.google.com/open?id={}&usp=drive_fs", '"drive://{}"'),
    ],
)
def test_slides_in_drive_are_read_by_their_id_or_the_link_that_drive_shares(
    home: Path, s3: S3Server, drive: DriveServer, photo_at: str, show_at: str
) -> None:
    given = parameters(home)
    place = drive_place(home, s3, drive)
    place.block.save("reads-drive", overwrite=True)
    show = drive.library.add_folder("my show", drive.folder_id, {})
    for file in (home / "show_1").iterdir():
        add_file(drive, file, show)
    photo = add_file(drive, Path(given["photo"]), drive.folder_id)
    changes = {"photo": photo_at.format(photo), "slides": show_at.format(show)}
    assert run(Place("reads-drive", place.block, place.look, ""), given | changes).is_completed()
    assert any(path.endswith("@my_show/variation_1/slide_1.jpg") for path in place.look())


def test_a_wrong_key_is_said_before_anything_is_made(home: Path, s3: S3Server) -> None:
    ResultStore(
        destination=f"s3://{s3.make_bucket()}", aws_credentials="nobody", endpoint_url=s3.url
    ).save("keyless", overwrite=True)
    state = run(Place("keyless", ResultStore(destination="/x"), dict, ""), parameters(home))
    assert state.is_failed()
    assert "There is no usable AWS Credentials block called 'nobody'" in (state.message or "")


def test_a_store_and_a_folder_contradict_each_other(home: Path) -> None:
    with pytest.raises(SettingError, match="Leave one of them empty"):
        slideshow_batch(
            **parameters(home, output=str(home)), store=ResultStore(destination=str(home))
        )


def test_a_batch_to_a_folder_loads_no_sdk_of_a_cloud() -> None:
    code = (
        "import sys, flows.slideshow_batch; from pressrun.blocks import ResultStore as R; "
        "from pressrun.stores.factory import open_store; "
        "open_store(R(destination='/tmp').target(), lambda _: None); "
        "print([m for m in ('prefect_aws', 'boto3', 'botocore', 'googleapiclient', 'google.genai')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
