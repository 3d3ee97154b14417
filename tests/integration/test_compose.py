"""What compose.yaml starts, started: two API servers, services apart, proxy, workers, desk, S3."""

import json
import signal
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx
import pytest

from tests.servers.postgresql import postgresql
from tests.servers.s3 import S3Server, find_weed
from tests.support.composed import (
    DATABASE_PASSWORD,
    HTTPS,
    SERVER_PASSWORD,
    Composed,
    composed,
    lacking,
    read_compose,
)

PASSWORD = "a-password-of-alice"


def test_no_secret_and_no_port_but_the_proxys_stands_in_the_file() -> None:
    services = read_compose({})["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    text = json.dumps(services)
    assert "change-me" not in text
    assert "PASSWORD" not in text
    assert services["worker"]["stop_grace_period"] == "90s"  # runs have 30 s to pause themselves
    assert services["worker"]["deploy"]["replicas"] >= 2


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    if missing := lacking():
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("compose")
    with postgresql() as database, S3Server(real=find_weed() is not None) as s3:
        about = {"url": s3.url, "access_key": s3.access_key, "secret_key": s3.secret_key}
        with composed(folder, database, about, PASSWORD) as running:
            running.begin()
            running.start("worker")
            running.start("desk")
            running.await_healthy("worker", "desk")
            yield running


def _ask(
    running: Composed, name: str, path: str, login: str = "", json: object = None, **headers: str
) -> httpx.Response:
    """Asks the proxy with TLS as a person's browser does: posts JSON, or gets a page."""
    root = next(running.folder.rglob("root.crt"))
    with httpx.Client(verify=ssl.create_default_context(cafile=str(root)), timeout=60) as client:
        asked = client.build_request(
            "GET" if json is None else "POST",
            f"https://{running.addresses['proxy']}:{HTTPS}{path}",
            headers={"Host": name, **headers},
            json=json,
            extensions={"sni_hostname": name},
        )
        if login:
            asked.headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
        return client.send(asked)


def _prefect(running: Composed, path: str, json: object = None) -> httpx.Response:
    login = running.environment("api-1")["PREFECT_SERVER_API_AUTH_STRING"]
    return _ask(running, "prefect.localhost", f"/api/{path}", login, json)


@pytest.mark.fleet
@pytest.mark.timeout(900)
def test_a_batch_is_made_and_delivered_while_an_api_server_dies(stack: Composed) -> None:
    deployed = _prefect(stack, "deployments/name/image-batch/images").json()
    assert deployed["parameters"]["store"]  # where compose.yaml has set it
    prompts = "\n".join(f"- A harbour at dusk, number {n}" for n in range(40))
    given = {"prompts": prompts, "review": False, "title": "Composed", "concurrency": 2}
    start = f"deployments/{deployed['id']}/create_flow_run"
    run = _prefect(stack, start, {"parameters": given}).json()

    def state() -> str:
        seen = _prefect(stack, f"flow_runs/{run['id']}")
        return str(seen.json()["state_type"]) if seen.is_success else "unknown"

    stack.until(lambda: state() == "RUNNING", "the run is at work")
    stack.kill("api-1-1")
    under_way = ("RUNNING", "PENDING", "SCHEDULED", "unknown")
    stack.until(lambda: state() not in under_way, "the run has ended")
    assert state() == "COMPLETED", stack.said()
    told = stack.environment("worker")
    client = boto3.client(
        "s3",
        endpoint_url=told["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
    )
    there = client.list_objects_v2(Bucket="pressrun", Prefix="results/")["Contents"]
    (manifest,) = [one["Key"] for one in there if one["Key"].endswith("manifest.json")]
    read = json.load(client.get_object(Bucket="pressrun", Key=manifest)["Body"])
    assert read["totals"]["completed"] == 40
    # Nothing that waited is left over in the vault.
    assert "Contents" not in client.list_objects_v2(Bucket="pressrun", Prefix="vault/")


@pytest.mark.fleet
@pytest.mark.timeout(900)
def test_the_check_finds_nothing_but_the_inner_network_without_tls(stack: Composed) -> None:
    told = json.loads(stack.run("worker", ["pressrun", "setup", "--check", "--json"]))
    assert told["ok"]
    assert {one["about"] for one in told["findings"]} <= {"encryption"}


@pytest.mark.fleet
@pytest.mark.timeout(900)
def test_people_reach_the_desk_by_tls_and_their_own_password(stack: Composed) -> None:
    desk = "desk.localhost"
    assert _ask(stack, desk, "/").status_code == 401
    assert _ask(stack, desk, "/", "alice:wrong").status_code == 401
    page = _ask(stack, desk, "/", f"alice:{PASSWORD}", **{"X-Forwarded-User": "bob"})
    assert page.status_code == 200
    assert "alice" in page.text
    assert "bob" not in page.text
    assert _ask(stack, "prefect.localhost", "/api/admin/version").status_code == 401


@pytest.mark.fleet
@pytest.mark.timeout(900)
def test_a_worker_that_is_stopped_ends_within_its_time(stack: Composed) -> None:
    worker = stack.processes["worker-1"]
    begun = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(90)
    assert time.monotonic() - begun < 90


@pytest.mark.fleet
def test_the_logs_hold_no_secret(stack: Composed) -> None:
    said = "".join(log.read_text(errors="replace") for log in Path(stack.folder).glob("*.log"))
    for secret in (DATABASE_PASSWORD, SERVER_PASSWORD, PASSWORD):
        assert secret not in said
