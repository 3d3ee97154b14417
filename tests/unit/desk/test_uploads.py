"""Files that a page of a new batch sends: kept by reference, or refused in a sentence."""

from typing import Any
from urllib.parse import quote

import anyio
import pytest
from starlette.types import Message, Scope

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


def test_a_hundred_files_that_arrive_slowly_keep_nobody_from_a_page(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    cookies = "; ".join(f"{name}={value}" for name, value in desk.client.cookies.items())
    headers = [
        (b"host", b"127.0.0.1:4300"), (b"origin", ADDRESS.encode()), (b"x-desk", b"1"),
        (b"cookie", cookies.encode()), (b"x-name", b"a.jpg"),
    ]  # fmt: skip
    waiting = list[int]()

    async def ask(method: str, path: str) -> int:
        gave, statuses = False, list[int]()

        async def receive() -> Message:
            nonlocal gave
            if gave:
                waiting.append(1)
                await anyio.sleep_forever()
            gave = True
            return {
                "type": "http.request",
                "body": b"\xff\xd8\xff\xe0",
                "more_body": method == "POST",
            }

        async def send(message: Message) -> None:
            if "status" in message:
                statuses.append(message["status"])

        scope: Scope = {"type": "http", "method": method, "path": path, "query_string": b"",
                 "headers": headers, "client": ("127.0.0.1", 1)}  # fmt: skip
        await desk.client.app(scope, receive, send)
        return statuses[0]

    async def crowd() -> int:
        async with anyio.create_task_group() as group:
            for _ in range(80):
                group.start_soon(ask, "POST", f"{place}/uploads")
            with anyio.fail_after(60):
                while len(waiting) < 80:
                    await anyio.sleep(0.02)
                status = await ask("GET", place)
            group.cancel_scope.cancel()
        return status

    assert anyio.run(crowd) == 200


def test_a_file_that_is_broken_off_is_a_sentence_and_no_failure(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    said = list[Message]()
    broken: list[Message] = [
        {"type": "http.request", "body": b"no picture", "more_body": True},
        {"type": "http.disconnect"},
    ]  # fmt: skip

    async def receive() -> Message:
        return broken.pop(0)

    async def send(message: Message) -> None:
        said.append(message)

    cookies = "; ".join(f"{name}={value}" for name, value in desk.client.cookies.items())
    headers = {"host": "127.0.0.1:4300", "origin": ADDRESS, "cookie": cookies, "x-desk": "1",
               "x-name": "a.jpg"}  # fmt: skip
    scope: Scope = {
        "type": "http", "method": "POST", "path": f"{place}/uploads", "query_string": b"",
        "headers": [(n.encode(), v.encode()) for n, v in headers.items()], "client": ("1", 1),
    }  # fmt: skip
    anyio.run(desk.client.app, scope, receive, send)
    assert said[0]["status"] == 400
