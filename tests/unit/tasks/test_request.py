"""What a run was asked for, as the flow's first step reads it."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect._internal.schemas.fields import CreatedBy
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext

from pressrun.kinds.registry import find_flow
from tasks.request import read_parameters


@pytest.mark.parametrize(
    ("creator", "counted"),
    [
        (CreatedBy(id=uuid4(), type="USER", display_value="ana"), "ana"),
        (CreatedBy(id=uuid4(), type="USER", display_value=""), "somebody else"),
        (CreatedBy(id=uuid4(), type="AUTOMATION", display_value="ana"), "somebody else"),
        (CreatedBy(id=uuid4(), type="DEPLOYMENT", display_value="nightly"), "somebody else"),
        (None, "somebody else"),
    ],
)
def test_the_user_that_the_server_knows_is_who_asks_whatever_is_typed(
    home: Path, creator: CreatedBy | None, counted: str
) -> None:
    given = find_flow("image-batch").parse_parameters({"prompts": "- a shoe"}).model_dump()
    run: dict[str, Any] = {"flow_run": FlowRun(id=uuid4(), flow_id=uuid4(), created_by=creator)}
    with FlowRunContext.model_construct(**run):
        _, parameters, _ = read_parameters("image-batch", given | {"requested_by": "somebody else"})
    assert parameters.requested_by == counted
