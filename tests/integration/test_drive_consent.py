"""A person connects Google Drive at Google's own sign-in; what they, or Google, refuse is said."""

import json
import logging
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from pressrun.errors import InputError, StoreError
from pressrun.stores.drive.consent import (
    Consent,
    ConsentRefused,
    GoogleAddresses,
    GoogleClient,
    make_folder,
)
from tests.servers.drive import DriveServer

HERE = "http://127.0.0.1:4300/settings/drive/return"


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Iterator[DriveServer]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the local server speaks http
    with DriveServer() as server:
        yield server


def addresses(drive: DriveServer) -> GoogleAddresses:
    return GoogleAddresses(f"{drive.url}/o/oauth2/v2/auth", drive.token_uri, drive.url)


def begun(drive: DriveServer, *redirect_uris: str, secret: str = "") -> Consent:
    client = drive.consent.client(*redirect_uris) | ({"client_secret": secret} if secret else {})
    return Consent(GoogleClient.of(**client), HERE, addresses=addresses(drive))


def answered(consent: Consent) -> dict[str, str]:
    """What Google sends the person back with."""
    answer = httpx.get(consent.url)
    assert answer.status_code == 302, answer.text
    where = answer.headers["location"]
    assert where.startswith(f"{HERE}?")
    return dict(parse_qsl(urlsplit(where).query))


def test_a_person_allows_files_of_ours_and_a_folder_is_made(
    drive: DriveServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    consent = begun(drive)
    info = consent.finish(answered(consent))
    (asked,) = drive.consent.asked
    assert asked["scope"] == "https://www.googleapis.com/auth/drive.file"
    assert (asked["code_challenge_method"], asked["access_type"]) == ("S256", "offline")
    assert info["type"] == "authorized_user"
    folder_id = make_folder(info, "Shop\n2026", addresses(drive))
    assert [(path, node.id) for path, node in drive.folders() if node.id == folder_id] == [
        ("Shop 2026", folder_id)
    ]
    for secret in (info["refresh_token"], info["client_secret"]):
        assert secret not in caplog.text
        assert secret not in repr(consent)


def test_an_existing_folder_takes_the_right_to_all_files(drive: DriveServer) -> None:
    client = GoogleClient.of(**drive.consent.client())
    consent = Consent(client, HERE, all_files=True, addresses=addresses(drive))
    assert consent.finish(answered(consent))["refresh_token"]
    assert drive.consent.asked[0]["scope"] == "https://www.googleapis.com/auth/drive"


@pytest.mark.parametrize(
    ("decision", "words"),
    [("deny", "You did not allow it"), ("fewer", "other rights than were asked for")],
)
def test_what_the_person_refuses_is_said(drive: DriveServer, decision: str, words: str) -> None:
    consent = begun(drive)
    drive.consent.decision = decision
    with pytest.raises(ConsentRefused, match=words):
        consent.finish(answered(consent))


def test_a_code_is_good_once_and_for_one_sign_in_only(drive: DriveServer) -> None:
    consent, other = begun(drive), begun(drive)
    answer = answered(consent)
    with pytest.raises(ConsentRefused, match="another sign-in"):
        other.finish(answer)
    with pytest.raises(ConsentRefused, match="another sign-in"):
        consent.finish({"code": answer["code"]})
    with pytest.raises(ConsentRefused, match="does not take the code"):  # of another's PKCE
        other.finish(answer | {"state": other.state})
    with pytest.raises(ConsentRefused, match="does not take the code"):
        consent.finish(answer)  # the other one has used it up
    with pytest.raises(ConsentRefused, match="no code"):
        consent.finish({"state": consent.state})


def test_a_wrong_secret_and_a_wrong_address_are_said(drive: DriveServer) -> None:
    consent = begun(drive, secret="GOCSPX-another")
    with pytest.raises(ConsentRefused, match="its secret is another"):
        consent.finish(answered(consent))
    web = begun(drive, "https://desk.example.org/settings/drive/return")
    page = httpx.get(web.url)  # Google says so itself, and sends nobody back
    assert (page.status_code, "redirect_uri_mismatch" in page.text) == (400, True)


def test_a_right_that_does_not_last_is_none(drive: DriveServer) -> None:
    client = drive.consent.client()
    consent = Consent(GoogleClient.of(**client), HERE, addresses=addresses(drive))
    consent.finish(answered(consent))
    again = Consent(GoogleClient.of(**client), HERE, addresses=addresses(drive))
    again.url = again.url.replace("prompt=consent", "prompt=none")
    with pytest.raises(ConsentRefused, match="no refresh token"):
        again.finish(answered(again))


def test_a_sign_in_that_is_away_is_said(drive: DriveServer) -> None:
    consent = begun(drive)
    answer = answered(consent)
    drive.stop()
    with pytest.raises(ConsentRefused, match="cannot be reached"):
        consent.finish(answer)


def test_drives_refusal_of_a_folder_is_said(drive: DriveServer) -> None:
    consent = begun(drive)
    info = consent.finish(answered(consent))
    drive.fail("500", operation="ids")
    with pytest.raises(StoreError, match="You allowed it, but Drive takes no folder"):
        make_folder(info, "Shop", addresses(drive))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not the file of an OAuth client"),
        ("[]", "not the file of an OAuth client"),
        ('{"installed": 5}', "not the file of an OAuth client"),
        ('{"type": "service_account", "private_key": "planted"}', "the file of a service account"),
        ('{"web": {"client_id": "planted key"}}', "no client id"),
        ('{"installed": {"client_id": "1-a.apps.googleusercontent.com"}}', "client secret too"),
    ],
)
def test_another_file_is_refused_without_its_content(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        GoogleClient.of_file(text)
    assert "planted" not in str(refused.value)


def test_the_file_of_a_client_is_read() -> None:
    client = {"client_id": "1-a.apps.googleusercontent.com", "client_secret": "GOCSPX-x"}
    for kind in ("installed", "web"):
        told = json.dumps({kind: client | {"token_uri": "https://evil.example/token"}})
        assert GoogleClient.of_file(told) == GoogleClient(**client)
