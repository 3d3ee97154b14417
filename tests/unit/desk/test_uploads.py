"""Files that a page of a new batch sends: kept by reference, or refused in a sentence."""

from typing import Any
from urllib.parse import quote

import pytest

from pressrun.batches.uploads import open_uploads
from tests.servers.tiktok import picture
from tests.unit.desk.conftest import ADDRESS, Asked


def send(desk: Asked, data: bytes, name: str, to: str = "", flow: str = "image-batch") -> Any:
    """Sends a file as the page's script does; gives the answer."""
    place = desk.client.get(f"/new/{flow}", follow_redirects=False).headers["location"]
    headers = {"Origin": ADDRESS, "X-Desk": "1", "X-Name": quote(name)}
    return desk.client.post(f"{place}/uploads?to={to}", content=data, headers=headers)


def test_a_file_is_kept_by_a_reference_and_named_in_its_draft(desk: Asked) -> None:
    data = picture(1200, 900)
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    headers = {"Origin": ADDRESS, "X-Desk": "1", "X-Name": quote("a b/Müg.jpg")}
    answer = desk.client.post(f"{place}/uploads?to=file", content=data, headers=headers)
    said = answer.json()
    assert (answer.status_code, said["media_type"], said["bytes"]) == (200, "image/jpeg", len(data))
    assert open_uploads().read(said["reference"], len(data)) == data
    assert said["name"] in ("Müg.jpg", "Mug.jpg")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("photo.jpg", b"MZ\x90\x00" + b"\0" * 200, "program"),
        ("photo.jpg", b"", "empty"),
        ("photo.jpg", picture(1200, 900)[:-900], "cut off"),
        ("large.jpg", picture(90, 160) + b"\0" * (30 * 2**20), "20 MiB"),
        ("bomb.zip", b"PK\x03\x04" + b"\0" * 4000, "bomb.zip"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    desk: Asked, name: str, data: bytes, words: str
) -> None:
    answer = send(desk, data, name)
    assert (answer.status_code, words in answer.text) == (400, True), answer.text
    assert "<" not in answer.text


def test_another_page_can_send_nothing_and_nobody_who_is_signed_out(
    desk: Asked, outside: Asked
) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    for origin in ("https://evil.example", "null"):
        sent = desk.client.post(
            f"{place}/uploads", content=picture(), headers={"Origin": origin, "X-Name": "a.jpg"}
        )
        assert sent.status_code == 403
    outside.client.cookies.clear()
    sent = outside.client.post(
        f"{place}/uploads", content=picture(), headers={"Origin": ADDRESS, "Sec-Fetch-Mode": "cors"}
    )
    assert sent.status_code == 401
