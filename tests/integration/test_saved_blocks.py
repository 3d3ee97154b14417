"""Blocks as parameters of flows: a saved one is taken, one that is written out is refused."""

import uuid
from typing import Any

import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools.validation import validate

from flows.article_batch import article_batch
from flows.image_batch import image_batch
from flows.model_comparison import model_comparison
from flows.slideshow_batch import slideshow_batch
from tests.integration.conftest import Written, artifacts_of

FLOWS = (article_batch, image_batch, model_comparison, slideshow_batch)
every_flow = pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
every_block = pytest.mark.parametrize("block", ["account", "store"])
SOME_ID = str(uuid.UUID(int=1))


def problems(flow: Flow[..., Any], given: dict[str, Any]) -> list[str]:
    """As the server checks what a form sends."""
    schema = parameter_schema(flow).model_dump()
    return [error.message for error in validate(given, schema)]


@every_flow
@every_block
@pytest.mark.parametrize(
    "reference",
    [
        None,
        {"$ref": {"block_document_id": SOME_ID}},
        {"$ref": {"block_document_slug": "a-type/team"}},
        {"$ref": SOME_ID},
    ],
)
def test_a_form_takes_a_saved_block_however_it_is_named(
    flow: Flow[..., Any], block: str, reference: Any
) -> None:
    assert problems(flow, {block: reference}) == []


@every_flow
@every_block
@pytest.mark.parametrize(
    "written_out",
    [
        {},
        {"api_key": "k"},
        {"api_key": "**********"},  # what Prefect makes of a block that is passed as an object
        {"destination": "/tmp/x"},
        {"$ref": "team"},
        "model-account/team",
        ["team"],
    ],
)
def test_a_form_takes_nothing_else(flow: Flow[..., Any], block: str, written_out: Any) -> None:
    assert len(problems(flow, {block: written_out})) == 1


@pytest.mark.usefixtures("prefect_server", "home")
@every_flow
@pytest.mark.parametrize(
    ("block", "fields"),
    [
        ("account", {"api_key": "AIza-written-out"}),
        # A block that pydantic would refuse: its words would show the values.
        ("account", {"api_key": "AIza-written-out", "base_url": "AIza-written-out"}),
        ("store", {"destination": "AIza-written-out"}),
    ],
)
def test_where_the_schema_is_not_enforced_the_run_refuses_and_the_key_stands_nowhere_new(
    flow: Flow[..., Any], block: str, fields: dict[str, str], logs: Written
) -> None:
    launch: Any = flow
    state: State[Any] = launch(**{block: fields}, return_state=True)
    assert state.is_failed()
    assert "has to be a saved block" in str(state.message)
    assert "change that key" in str(state.message)
    run_id = state.state_details.flow_run_id
    assert run_id
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=artifacts_of(run_id))
    assert "AIza-written-out" not in f"{state.message} {logs.text} {artifacts}"
