"""A run's parameters as a draft again, whoever started it, asked of a real server of Prefect's."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL
from prefect.variables import Variable

from flows.article_batch import article_batch
from flows.image_batch import image_batch
from flows.model_comparison import model_comparison
from pressrun.batches.templates import variable_name
from pressrun.blocks import ModelAccount
from pressrun.desk.kept import Kept
from pressrun.desk.new.articles.face import ArticleFace
from pressrun.desk.new.articles.web import KeptPages
from pressrun.desk.new.comparison import ComparisonFace
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.drafts import Drafts
from pressrun.desk.new.faces import Face
from pressrun.desk.new.images.face import ImageFace
from pressrun.desk.new.prompts.readings import KeptReadings
from pressrun.desk.server import PrefectServer
from pressrun.inputs.web.fetch import Fetcher
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger

pytestmark = pytest.mark.usefixtures("prefect_server")

FLOWS: dict[str, Any] = {flow.name: flow for flow in (image_batch, article_batch, model_comparison)}
UPLOAD = f"upload:{'ab' * 32}/prompts.xlsx"


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def new(home: Any) -> Iterator[NewBatches]:
    server = PrefectServer(PREFECT_API_URL.value() or os.environ["PREFECT_API_URL"])
    readings, kept = KeptReadings(), Kept("It is still read.")
    pages = KeptPages(Fetcher().fetch_document)
    faces: list[Face] = [ImageFace(readings), ArticleFace(pages), ComparisonFace(readings)]
    yield NewBatches(open_ledger, server, Drafts(home / "drafts"), faces, kept, kept)
    for closing in (kept, pages, server):
        closing.close()


def begin(client: SyncPrefectClient, flow: str, **parameters: Any) -> str:
    """Starts a run as Prefect's form does."""
    flow_id = client.create_flow_from_name(flow)
    deployment = client.create_deployment(
        flow_id, find_flow(flow).makes, parameter_openapi_schema=FLOWS[flow].parameters.model_dump()
    )
    return str(client.create_flow_run_from_deployment(deployment, parameters=parameters).id)


@pytest.mark.parametrize(
    ("flow", "given"),
    [
        ("image-batch", {"prompts": "1. a mug\n2. a cup", "images": 3, "review": True}),
        ("image-batch", {"file": UPLOAD, "skip_invalid": False, "quality": 70}),
        ("article-batch", {"mode": "trends", "items": "https://a.example/feed", "count": 12}),
        (
            "article-batch",
            {"mode": "spin", "rights": "mine", "file": UPLOAD, "delay_s": 0.0, "docx": True},
        ),
        ("model-comparison", {"prompt": "a mug\nin the snow", "models": ["sketch"]}),
        ("model-comparison", {"prompts": "- a mug\n- a cup", "read_as": "list items", "seed": 5}),
    ],
)
def test_a_draft_of_a_run_starts_the_same(
    client: SyncPrefectClient, new: NewBatches, flow: str, given: dict[str, Any]
) -> None:
    draft = new.again(begin(client, flow, **given, title="Once"))
    asked = {name: said for name, said in new.given(draft).items() if name in given}
    assert asked == given
    assert new.given(draft)["title"] == "Once"
    assert set(new.given(draft)) <= set(FLOWS[flow].parameters.properties)


def test_accounts_and_templates_of_a_run_come_along(
    client: SyncPrefectClient, new: NewBatches
) -> None:
    block = ModelAccount(api_key="AIza-a-key").save("again", overwrite=True)
    Variable.set(
        variable_name("Big ones"),
        {"flow": "image-batch", "settings": {"size": "2K", "images": 4}},
        overwrite=True,
    )
    run_id = begin(
        client,
        "image-batch",
        prompts="1. a mug\n2. a cup",
        images=2,
        template="Big ones",
        account={"$ref": {"block_document_id": str(block)}},
    )
    draft = new.again(run_id)
    assert draft.values["account"] == str(block)
    given = new.given(draft)
    assert (given["size"], given["images"]) == ("2K", 2)
    started = new.start(draft, "run")
    told = client.read_flow_run(UUID(started)).parameters
    assert told["account"]["$ref"]["block_document_id"] == str(block)
    assert "template" not in told
    assert told["review"] is False  # whatever the deployment has: its tasks were seen
    assert new.again(started).values == draft.values  # of the draft itself
