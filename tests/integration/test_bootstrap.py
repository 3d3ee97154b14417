"""Deployments on a real server: made from prefect.yaml, and what a user changed stays."""

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings

from deployments.bootstrap import bootstrap

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


def test_every_flow_is_deployed_and_a_schedule_that_a_user_switched_on_stays_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", str(get_current_settings().api.url))
    bootstrap()
    with get_client(sync_client=True) as client:
        deployed = client.read_deployments()
        flows = {client.read_flow(one.flow_id).name for one in deployed if one.name == "default"}
        (weekly,) = (one for one in deployed if one.name == "weekly-trends")
        (schedule,) = weekly.schedules
        assert not schedule.active
        assert weekly.parameters["mode"] == "trends"
        client.update_deployment_schedule(weekly.id, schedule.id, active=True)
    bootstrap()
    with get_client(sync_client=True) as client:
        (schedule,) = client.read_deployment(weekly.id).schedules
        assert schedule.active
    assert flows >= {"slideshow-batch", "image-batch", "article-batch"}
