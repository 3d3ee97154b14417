"""A proxy that knows the user: believed from its own address alone, and batches are theirs."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from pressrun.desk.app import Desk, create_app
from pressrun.desk.doors import Door
from pressrun.desk.guard import Names
from pressrun.desk.server import PrefectServer
from pressrun.desk.sign_in import SignIns
from pressrun.desk.who import Proxy
from pressrun.errors import SettingError
from pressrun.ledger import open_ledger
from pressrun.settings import Settings, settings
from tests.unit.desk.conftest import ADDRESS, LOGIN

HEADER = "X-Forwarded-User"


def behind_proxy(address: str) -> TestClient:
    """The desk behind a proxy at 10.0.0.5, asked from an address."""
    desk = Desk(
        open_ledger,
        PrefectServer("http://127.0.0.1:1/api", LOGIN),
        Door(SignIns(LOGIN), proxy=Proxy(HEADER, frozenset({"10.0.0.5"}))),
        Names.of("", ADDRESS),
    )
    return TestClient(create_app(desk), base_url=ADDRESS, client=(address, 40000))


@pytest.fixture
def proxy(home: object) -> Iterator[TestClient]:
    with behind_proxy("10.0.0.5") as client:
        yield client


def test_whom_the_proxy_names_is_in_and_shown_and_nobody_else(proxy: TestClient) -> None:
    page = proxy.get("/", headers=[(HEADER.encode(), "Zoë <b>".encode())])
    assert page.status_code == 200
    assert "Zoë &lt;b&gt;" in page.text
    assert "Sign out" not in page.text
    for headers in ({}, {HEADER: ""}, {HEADER: "  "}, [(HEADER, "ana"), (HEADER, "bo")]):
        assert "Sign in" in proxy.get("/", headers=headers).text
    with behind_proxy("10.0.0.6") as client:
        assert "Sign in" in client.get("/", headers={HEADER: "ana"}).text


def test_a_foreign_page_sends_nothing_although_the_proxy_names_the_user(proxy: TestClient) -> None:
    sent = proxy.post("/batches/x/do/cancel", headers={HEADER: "ana", "Origin": "https://evil"})
    assert sent.status_code == 403


def test_a_draft_of_a_known_user_is_theirs_whatever_was_typed(
    proxy: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, str]] = []

    def start(_: object, deployment: str, parameters: dict[str, str], key: str) -> str:
        started.append(parameters)
        return "a-run"

    monkeypatch.setattr(PrefectServer, "start", start)
    monkeypatch.setattr(PrefectServer, "variable", lambda _, name: None)
    ana = {HEADER: "ana", "Origin": ADDRESS, "X-Desk": "1"}
    place = proxy.get("/new/image-batch", headers=ana, follow_redirects=False).headers["location"]
    values = {"prompts": "1. a red mug\n2. a blue mug", "owner": "bo", "requested_by": "bo"}
    assert proxy.post(f"{place}/values", json={"values": values}, headers=ana).is_success
    assert 'name="owner"' not in proxy.get(place, headers=ana).text
    while "Reading and pricing" in proxy.get(f"{place}/live", headers=ana).text:
        pass
    sent = proxy.post(f"{place}/start", data={"action": "run"}, headers=ana, follow_redirects=False)
    assert sent.headers["location"] == "/batches/a-run"
    (given,) = started
    assert (given["owner"], given["requested_by"]) == ("ana", "ana")


@pytest.mark.parametrize(
    ("header", "address", "why"),
    [
        (HEADER, "", "need each other"),
        ("", "10.0.0.5", "need each other"),
        ("X Forwarded", "10.0.0.5", "no header"),
        (HEADER, "proxy.example", "does not appear to be"),
    ],
)
def test_half_a_configuration_is_refused(
    monkeypatch: pytest.MonkeyPatch, header: str, address: str, why: str
) -> None:
    monkeypatch.setenv("PRESSRUN_DESK_USER_HEADER", header)
    monkeypatch.setenv("PRESSRUN_DESK_PROXY", address)
    settings.cache_clear()
    with pytest.raises(SettingError, match=why):
        settings()
    monkeypatch.undo()
    settings.cache_clear()
    assert Settings().desk_proxies == frozenset()


def test_a_draft_of_another_user_names_them_and_ones_own_comes_first(proxy: TestClient) -> None:
    for name, title in (("bo", "Own"), ("ana", "Hers")):
        said = {HEADER: name, "Origin": ADDRESS, "X-Desk": "1"}
        made = proxy.get("/new/image-batch", headers=said, follow_redirects=False)
        place = made.headers["location"]
        proxy.post(f"{place}/values", json={"values": {"title": title}}, headers=said)
    listed = proxy.get("/", headers={HEADER: "bo"}).text
    assert listed.index(">Own<") < listed.index(">Hers<")
    assert listed.count(" of ana") == 1
    assert " of bo" not in listed
    assert "<b>ana</b> began it" in proxy.get(f"{place}/delete", headers={HEADER: "bo"}).text
    assert "began it" not in proxy.get(f"{place}/delete", headers={HEADER: "ana"}).text
