"""What a server is set up with, on one of its own: kept where a user changed it, and at work."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect.states import Completed, Suspended
from prefect.variables import Variable

from deployments.bootstrap import bootstrap
from flows.image_batch import image_batch
from pressrun.blocks import ResultStore
from pressrun.cli import main
from pressrun.cli.setup import set_up
from pressrun.errors import SettingError
from pressrun.kinds.registry import find_kind, kind_names
from pressrun.settings import settings
from tests.integration.test_maintenance import saved
from tests.integration.test_notify import WEBHOOK, webhook_at
from tests.servers.prefect_server import prefect_server as real_server
from tests.servers.webhook import WebhookServer
from tests.support.other_server import asked
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API of a server with all its services; the automations are one of them."""
    folder = tmp_path_factory.mktemp("server")
    with real_server(folder) as url, asked(url):
        yield url


def test_a_server_is_set_up_once_and_what_a_user_changed_stays(
    server: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def steps() -> list[dict[str, str]]:
        assert main(["setup", "--json"]) == 0
        told: list[dict[str, str]] = json.loads(capsys.readouterr().out)
        return told

    first = steps()
    # The server of an installation knows the blocks by itself; one elsewhere is told.
    assert [step["what"] for step in first[:3]] == [
        "block type model-account",
        "block type result-store",
        "block type mail",
    ]
    assert first[3:] == [
        {"what": "block result-store/local-folder", "did": "made"},
        {"what": "global concurrency limit pressrun-items", "did": "made"},
        {"what": "tables of the ledger", "did": "made"},
        {"what": "automation Pressrun: a silent run has crashed", "did": "made"},
        {"what": "automation Pressrun: a crashed run goes on", "did": "made"},
    ]
    assert saved("local-folder").destination == str(settings().output)
    ResultStore(destination="/changed").save("local-folder", overwrite=True)
    assert {step["did"] for step in steps()} == {"kept"}
    assert saved("local-folder").destination == "/changed"


def test_every_flow_is_deployed_and_what_a_user_changed_or_had_before_stays(
    server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twice only: the command that deploys takes seconds to load."""
    monkeypatch.setenv("PREFECT_API_URL", server)
    bootstrap()
    with get_client(sync_client=True) as client:
        deployed = client.read_deployments()
        named = {f"{client.read_flow(one.flow_id).name}/{one.name}" for one in deployed}
        (weekly,) = (one for one in deployed if one.name == "weekly-trends")
        (schedule,) = weekly.schedules
        assert not schedule.active
        assert weekly.parameters["mode"] == "trends"
        client.update_deployment_schedule(weekly.id, schedule.id, active=True)
        earlier = client.create_deployment(client.create_flow_from_name("image-batch"), "default")
        daily = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 8 * * *"))
        client.create_deployment_schedules(earlier, [daily])
    assert "earlier version" not in capsys.readouterr().out
    ResultStore(destination="/shelf").save("shelf", overwrite=True)
    Variable.set("pressrun_defaults", {"size": "2K", "store": "shelf", "account": "gone"})
    bootstrap()
    said = capsys.readouterr().out
    assert "image-batch/default is of an earlier version: image-batch/images" in said
    assert "its schedule goes on" in said
    with get_client(sync_client=True) as client:
        assert len(client.read_deployment(earlier).schedules) == 1
        (schedule,) = client.read_deployment(weekly.id).schedules
        assert schedule.active
        form = client.read_deployment_by_name("image-batch/images").parameters
        shelf = client.read_block_document_by_name("shelf", "result-store").id
    # What the desk has set for new batches; the file's own stays.
    assert form == {
        "review": True, "size": "2K", "store": {"$ref": {"block_document_id": str(shelf)}}
    }  # fmt: skip
    assert {find_kind(kind).deployment for kind in kind_names()} <= named


def test_an_automation_tells_of_every_run_and_is_made_once(server: str) -> None:
    with WebhookServer() as webhook:
        webhook_at(webhook).save("team")
        with pytest.raises(SettingError, match="There is no usable notification block"):
            set_up("custom-webhook/nobody")
        made = set_up(WEBHOOK)[-1]
        assert (made.what, made.did) == (f"automation Pressrun: {WEBHOOK} is told of ends", "made")
        assert {step.did for step in set_up(WEBHOOK)} == {"kept"}
        with get_client(sync_client=True) as client:
            name, message = "Cards @everyone", "1 of 1\n[completed](https://evil.example) <!here>"
            ended = client.create_flow_run(image_batch, name=name, tags=["pressrun"])
            other = client.create_flow_run(image_batch, name="no batch of ours")
            waits = client.create_flow_run(image_batch, tags=["pressrun"])
            client.set_flow_run_state(other.id, Completed(), force=True)
            client.set_flow_run_state(ended.id, Completed(message=message), force=True)
            until(lambda: webhook.received)
            client.set_flow_run_state(waits.id, Suspended(), force=True)
            until(lambda: len(webhook.received) == 2)
    first, second = webhook.received
    assert first["subject"] == "Pressrun: Cards \uff20everyone: Completed"
    assert first["text"].splitlines() == [
        "image-batch: Cards \uff20everyone is Completed.",
        "1 of 1 [completed] (https://evil.example) \u2039!here\u203a",
        f"{server.removesuffix('/api')}/runs/flow-run/{ended.id}",
    ]
    assert second["subject"].endswith(": Suspended")
    assert str(waits.id) in second["text"]
