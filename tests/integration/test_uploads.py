"""A batch whose inputs were uploaded, in a flow on a worker with a disk of its own."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from prefect_aws import AwsCredentials

from flows.slideshow_batch import slideshow_batch
from pressrun.batches.uploads import open_uploads
from pressrun.blocks import ResultStore
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.servers.s3 import S3Server
from tests.support.batches import parameters
from tests.support.uploads import packed, picture

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


def test_a_worker_elsewhere_reads_what_was_uploaded_here(
    home: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    AwsCredentials(
        aws_access_key_id=s3.access_key,
        aws_secret_access_key=s3.secret_key,
        region_name="us-east-1",
    ).save("upload-keys", overwrite=True)
    ResultStore(
        destination=f"s3://{s3.make_bucket()}/results",
        aws_credentials="upload-keys",
        endpoint_url=s3.url,
    ).save("for-uploads", overwrite=True)
    monkeypatch.setenv("PRESSRUN_UPLOADS", "result-store/for-uploads")
    settings.cache_clear()
    uploads = open_uploads()
    assert uploads.place.endswith("/results/uploads")
    red, blue = picture(colour=(200, 0, 0)), picture(colour=(0, 0, 200))
    slides = uploads.put("anna.zip", io.BytesIO(packed({"1.jpg": red, "2.jpg": blue})))
    photos = uploads.put("photos.zip", io.BytesIO(packed({"1_mug.jpg": blue})))
    # Another machine: its data folder has nothing of it.
    shutil.rmtree(home / "data" / "uploads")
    given = parameters(home) | {"slides": slides.reference, "photo": "", "photos": photos.reference}
    state: State[Any] = slideshow_batch(**given, return_state=True)
    assert state.is_completed(), state.message
    batch = open_ledger().batches.match("latest")
    (item,) = open_ledger().batches.items(batch.id)
    assert (item.status, len(item.spec["slides"]), item.spec["user"]) == ("completed", 2, "anna")
    assert batch.parameters["photos"] == photos.reference
