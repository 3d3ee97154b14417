"""Words changed at the desk where the slides lie in S3, and where it refuses meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pressrun.batches.audit import audit, repair
from pressrun.desk import results
from pressrun.settings import settings
from pressrun.stores.factory import Target
from tests.servers.s3 import S3Server
from tests.support.batches import opened, parameters, plan, work
from tests.support.targets import target_at
from tests.support.waiting import until
from tests.unit.desk.test_who import HEADER, behind_proxy

ITEM = "link_001/variation_1"
SENT = {"Origin": "http://127.0.0.1:4300"}


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def target(s3: S3Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A bucket, and what a block says of it; no picture is left on this machine."""
    monkeypatch.setattr("pressrun.stores.retry.PAUSES_S", (0.0,))
    monkeypatch.setenv("PRESSRUN_KEEP_VAULT", "false")
    settings.cache_clear()
    keys = {"access_key": s3.access_key, "secret_key": s3.secret_key}
    target = target_at("s3", {"url": s3.url, "bucket": s3.make_bucket(), **keys})
    monkeypatch.setattr(results, "target_of", lambda _: target)
    return target


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    with behind_proxy("10.0.0.5") as client:
        client.headers[HEADER] = "zoe"
        yield client


def test_slides_in_a_bucket_get_other_words_and_a_refusal_loses_none(
    s3: S3Server, target: Target, home: Path, client: TestClient
) -> None:
    batch = plan(parameters(home, lettering="Pressrun"), target=target)
    assert work(batch, target=target).whole
    here = f"/batches/{batch.id}/words"

    def press() -> str:
        answer = client.post(here, data={"item": ITEM}, headers=SENT)
        assert answer.status_code == 200, answer.text
        until(lambda: client.get(f"{here}/live").status_code == 205)
        return client.get(here).text

    for slide, words in ((0, "Erste"), (1, "Zweite")):
        typed = {"item": ITEM, "slide": slide, "words": words}
        told = client.post(f"{here}/keep", json=typed, headers=SENT).json()
        assert told["picture"].startswith("data:image/jpeg"), told["note"]
    refused = s3.fail("AccessDenied", method="PUT", every=1)
    page = press()
    assert "not authorized" in page
    assert "What is not written yet stands in its fields" in page
    assert "Zweite" in page
    refused.times = 0
    found = audit(opened(batch, target))
    assert not found.in_order
    repair(opened(batch, target), found)  # what was refused is not lost
    assert audit(opened(batch, target)).in_order
    page = press()
    assert "changed, delivered and noted in the manifest" in page
    assert audit(opened(batch, target)).in_order
    assert "get other words" not in page

    s3.fail("AccessDenied", method="GET", every=1)
    answer = client.get(f"{here}/table.csv")
    assert answer.status_code == 502
    assert "Back to the batch" in answer.text
