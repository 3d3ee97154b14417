"""Attacks on the server that `make up` runs, and on what lies on its machine: each is refused."""

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from deployments.access import keep_login, new_login
from tests.servers.prefect_server import prefect_server

pytestmark = pytest.mark.timeout(300)

SECRETS = ("block_documents/filter", {"include_secrets": True})
COMMAND = (
    "deployments/5c0f3b6e-0000-4000-8000-000000000000/create_flow_run",
    {"job_variables": {"command": "touch /tmp/of-a-page"}},
)


@dataclass(frozen=True, slots=True)
class Guarded:
    """A server as that of ``make up``, and what its user knows."""

    api: str
    login: str

    def ask(
        self, path: str, body: dict[str, Any], headers: dict[str, str], login: str = ""
    ) -> httpx.Response:
        name, _, password = login.partition(":")
        auth = (name, password) if login else None
        url = f"{self.api}/{path}"
        return httpx.post(url, json=body, headers=headers, auth=auth, timeout=30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    login = new_login()
    with prefect_server(tmp_path_factory.mktemp("server"), login) as api:
        yield Guarded(api, login)


@pytest.mark.parametrize(("path", "body"), [SECRETS, COMMAND], ids=["secrets", "command"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://other.example"},
        {"Origin": "null"},
        {"Host": "rebound.example"},
        {"Host": "rebound.example", "Origin": "http://rebound.example"},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer pressrun"},
        {"Authorization": "Basic cHJlc3NydW46"},  # the name, and no password
    ],
    ids=lambda headers: " ".join(f"{k}={v}" for k, v in headers.items()) or "nothing",
)
def test_nobody_without_the_password_is_answered(
    server: Guarded, headers: dict[str, str], path: str, body: dict[str, Any]
) -> None:
    refused = server.ask(path, body, headers)
    assert (refused.status_code, refused.json()) == (401, {"exception_message": "Unauthorized"})
    known = server.ask(path, body, {}, server.login)
    assert known.status_code in (200, 404)  # 404: there is no such deployment


@pytest.mark.parametrize("origin", ["http://other.example", "http://localhost:4200", "null"])
def test_a_browser_lets_no_page_of_another_address_ask(server: Guarded, origin: str) -> None:
    wanted = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    asked = httpx.options(f"{server.api}/{SECRETS[0]}", headers=wanted | {"Origin": origin})
    assert (asked.status_code, asked.text) == (400, "Disallowed CORS origin")
    answered = server.ask(*SECRETS, {"Origin": origin}, server.login)
    assert "access-control-allow-origin" not in answered.headers
    own = {"Origin": server.api.removesuffix("/api")}
    answered = server.ask(*SECRETS, own, server.login)
    assert answered.headers["access-control-allow-origin"] == own["Origin"]


@pytest.mark.parametrize("path", ["events/out", "logs/out", "events/in"])
def test_a_page_that_opens_a_socket_hears_and_says_nothing(server: Guarded, path: str) -> None:
    """Browsers let every page open a socket, whatever CORS says."""

    async def said(token: str | None) -> str:
        url = f"{server.api.replace('http', 'ws')}/{path}"
        try:
            async with connect(url, subprotocols=["prefect"], proxy=None) as socket:  # type: ignore[list-item]
                await socket.send(json.dumps({"type": "auth", "token": token}))
                return str(json.loads(await asyncio.wait_for(socket.recv(), 30))["type"])
        except ConnectionClosed as closed:
            return closed.rcvd.reason if closed.rcvd else ""

    assert "Auth required" in asyncio.run(said(None))
    assert asyncio.run(said("pressrun:guess")) == "Invalid token"
    assert asyncio.run(said(server.login)) == "auth_success"


def test_other_users_of_the_machine_cannot_read_the_login(
    tmp_path: Path, usual_umask: None
) -> None:
    file = tmp_path / "data" / "login"
    login = keep_login(file)
    assert keep_login(file) == login != keep_login(tmp_path / "other" / "login")
    assert [p.stat().st_mode & 0o777 for p in (file.parent, file)] == [0o700, 0o600]
    assert [p.name for p in file.parent.iterdir()] == ["login"]


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"created_by": {"type": "USER", "display_value": "ana"}},
        {"created_by": {"id": "5c0f3b6e-0000-4000-8000-000000000000", "type": "USER"}},
    ],
)
def test_nobody_can_say_that_a_run_is_another_users(server: Guarded, claim: dict[str, Any]) -> None:
    """Prefect's open-source server knows no users: one it names would count before requested_by."""
    with httpx.Client(auth=tuple(server.login.split(":", 1)), timeout=30) as client:  # type: ignore[arg-type]
        flow = client.post(f"{server.api}/flows/", json={"name": "image-batch"}).json()
        headers = {
            "Prefect-Automation-Id": "5c0f3b6e-0000-4000-8000-000000000000",
            "Prefect-Automation-Name": base64.b64encode(b"ana").decode(),
        }
        asked = {"flow_id": flow["id"], "state": {"type": "PENDING"}} | claim
        made = client.post(f"{server.api}/flow_runs/", json=asked, headers=headers)
        if claim:
            assert made.status_code == 422  # the field is not taken
            return
        run = client.get(f"{server.api}/flow_runs/{made.json()['id']}").json()
        assert (run["created_by"] or {}).get("type") != "USER"
