"""The local Drive answers as Drive does, seen through HTTP and through Google's own client."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers.drive import ROBOT, DriveServer
from tests.servers.drive_files import FOLDER
from tests.servers.drive_service import PERSON
from tests.servers.drive_tokens import DRIVE_SCOPE, FILE_SCOPE

FILES = "/drive/v3/files"
UPLOAD = "/upload/drive/v3/files"


class Caller(httpx.Client):
    """HTTP with a token of one account."""

    def __init__(self, server: DriveServer, email: str = PERSON, scope: str = DRIVE_SCOPE):
        token = server.tokens.access_token(email, frozenset({scope}), 60.0)
        headers = {"Authorization": f"Bearer {token}"}
        super().__init__(base_url=server.url, headers=headers, trust_env=False)

    def new_id(self) -> str:
        ids: list[str] = self.get(f"{FILES}/generateIds", params={"count": 1}).json()["ids"]
        return ids[0]

    def make(self, name: str, parent: str, **body: Any) -> Any:
        body = {"name": name, "parents": [parent], **body}
        return self.post(FILES, json=body, params={"fields": "*"})

    def names(self, query: str, **params: Any) -> list[str]:
        reply = self.get(FILES, params={"q": query, **params})
        assert reply.status_code == 200, reply.text
        return [file["name"] for file in reply.json()["files"]]


def _reason(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["errors"][0]["reason"]


@pytest.fixture
def server() -> Iterator[DriveServer]:
    with DriveServer() as server:
        yield server


@pytest.fixture
def caller(server: DriveServer) -> Iterator[Caller]:
    with Caller(server) as caller:
        yield caller


def test_an_id_makes_one_file_and_no_second_even_when_that_is_gone(
    server: DriveServer, caller: Caller
) -> None:
    new_id = caller.new_id()
    assert caller.make("a", server.folder_id, id=new_id).json()["id"] == new_id
    assert _reason(caller.make("a", server.folder_id, id=new_id)) == (409, "fileIdInUse")
    assert caller.delete(f"{FILES}/{new_id}").status_code == 204
    assert _reason(caller.get(f"{FILES}/{new_id}")) == (404, "notFound")
    assert _reason(caller.make("a", server.folder_id, id=new_id)) == (409, "fileIdInUse")
    assert _reason(caller.make("a", server.folder_id, id="made-up")) == (400, "invalid")


def test_a_name_may_stand_twice_in_a_folder(server: DriveServer, caller: Caller) -> None:
    ids = {caller.make("same", server.folder_id).json()["id"] for _ in range(2)}
    assert len(ids) == 2
    assert caller.names("name = 'same'") == ["same", "same"]


def test_an_answer_shows_little_unless_asked(server: DriveServer, caller: Caller) -> None:
    node_id = caller.make("a", server.folder_id).json()["id"]
    shown = caller.get(f"{FILES}/{node_id}").json()
    assert set(shown) == {"kind", "id", "name", "mimeType"}
    asked = caller.get(f"{FILES}/{node_id}", params={"fields": "id,md5Checksum"}).json()
    assert set(asked) == {"id", "md5Checksum"}
    fields = {"fields": "nextPageToken,files(id,capabilities(canEdit))"}
    assert set(caller.get(FILES, params=fields).json()["files"][0]) == {"id", "capabilities"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name = 'it\\'s'", ["it's"]),
        ("name = 'back\\\\slash'", ["back\\slash"]),
        ("name contains 'SLASH'", ["back\\slash"]),
        ("name = 'bin' and trashed = true", ["bin"]),
        ("name = 'bin' and trashed = false", []),
        ("name = 'labelled' or (name = 'it\\'s' and not trashed = true)", ["it's", "labelled"]),
        ("appProperties has { key='batch' and value='b1' }", ["labelled"]),
        (f"mimeType = '{FOLDER}' and name != 'Pressrun'", ["sub"]),
        ("'root' in parents", []),
    ],
)
def test_a_search_finds_what_it_says(
    server: DriveServer, caller: Caller, query: str, found: list[str]
) -> None:
    for name in ("it's", "back\\slash", "bin"):
        caller.make(name, server.folder_id)
    caller.make("labelled", server.folder_id, appProperties={"batch": "b1"})
    caller.make("sub", server.folder_id, mimeType=FOLDER)
    bin_id = caller.get(FILES, params={"q": "name = 'bin'"}).json()["files"][0]["id"]
    caller.patch(f"{FILES}/{bin_id}", json={"trashed": True})
    assert sorted(caller.names(query)) == found


@pytest.mark.parametrize("query", ["name", "name = x", "size > 3", "name = 'open", "trashed ("])
def test_a_search_that_makes_no_sense_is_refused(caller: Caller, query: str) -> None:
    assert _reason(caller.get(FILES, params={"q": query})) == (400, "invalid")


def test_a_long_search_comes_as_a_form(server: DriveServer, caller: Caller) -> None:
    caller.make("a", server.folder_id)
    headers = {"x-http-method-override": "GET"}
    reply = caller.post(FILES, data={"q": "name = 'a'", "fields": "files(name)"}, headers=headers)
    assert reply.json() == {"files": [{"name": "a"}]}


def test_a_list_comes_in_pages(server: DriveServer, caller: Caller) -> None:
    for number in range(5):
        caller.make(str(number), server.folder_id)
    params = {"q": f"'{server.folder_id}' in parents", "pageSize": "2"}
    seen: list[str] = []
    while True:
        page = caller.get(FILES, params=params).json()
        seen += [file["name"] for file in page["files"]]
        if "nextPageToken" not in page:
            break
        params["pageToken"] = page["nextPageToken"]
    assert seen == ["0", "1", "2", "3", "4"]


def test_a_file_lies_in_the_bin_with_its_folder(server: DriveServer, caller: Caller) -> None:
    folder = caller.make("f", server.folder_id, mimeType=FOLDER).json()["id"]
    caller.patch(f"{FILES}/{folder}", json={"trashed": True})
    assert caller.make("a", folder).json()["trashed"] is True


def test_a_file_moves(server: DriveServer, caller: Caller) -> None:
    folder = caller.make("f", server.folder_id, mimeType=FOLDER).json()["id"]
    file = caller.make("a", server.folder_id).json()["id"]
    params = {"addParents": folder, "removeParents": server.folder_id, "fields": "parents"}
    assert caller.patch(f"{FILES}/{file}", params=params).json() == {"parents": [folder]}


def test_a_long_property_is_refused(server: DriveServer, caller: Caller) -> None:
    good, bad = {"key": "é" * 60 + "x"}, {"key": "é" * 61}
    assert caller.make("a", server.folder_id, appProperties=good).status_code == 200
    assert caller.make("a", server.folder_id, appProperties=bad).status_code == 400


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_multipart_body_may_end_its_lines_either_way(
    server: DriveServer, caller: Caller, end: str
) -> None:
    meta = json.dumps({"name": "a", "parents": [server.folder_id]})
    data = b"\x00\r\n--not the mark\n\n\r\n"
    head = f"--B{end}Content-Type: application/json{end}{end}{meta}{end}"
    media = f"--B{end}Content-Type: image/png{end}{end}"
    body = (head + media).encode() + data + f"{end}--B--{end}".encode()
    headers = {"Content-Type": 'multipart/related; boundary="B"'}
    params = {"uploadType": "multipart", "fields": "id,mimeType"}
    reply = caller.post(UPLOAD, content=body, headers=headers, params=params).json()
    assert reply["mimeType"] == "image/png"
    media_reply = caller.get(f"{FILES}/{reply['id']}", params={"alt": "media"})
    assert (media_reply.content, media_reply.headers["content-type"]) == (data, "image/png")


def test_a_resumable_upload_goes_on_where_it_broke_off(server: DriveServer, caller: Caller) -> None:
    data = bytes(range(256)) * 2048  # two steps of 256 KiB
    half = len(data) // 2
    body = {"name": "a", "parents": [server.folder_id]}
    headers = {"X-Upload-Content-Type": "image/png", "X-Upload-Content-Length": str(len(data))}
    started = caller.post(UPLOAD, params={"uploadType": "resumable"}, json=body, headers=headers)
    place = started.headers["location"]

    def put(content: bytes, said: str) -> httpx.Response:
        return caller.put(place, content=content, headers={"Content-Range": said})

    status = put(b"", f"bytes */{len(data)}")
    assert (status.status_code, status.headers.get("range")) == (308, None)
    assert put(data[:1000], f"bytes 0-999/{len(data)}").status_code == 400
    partly = put(data[:half], f"bytes 0-{half - 1}/{len(data)}")
    assert (partly.status_code, partly.headers["range"]) == (308, f"bytes=0-{half - 1}")
    assert put(b"", f"bytes */{len(data)}").headers["range"] == f"bytes=0-{half - 1}"
    for _ in range(2):  # said again after its end, it tells the file again
        done = put(data[half:], f"bytes {half}-{len(data) - 1}/{len(data)}")
        assert (done.status_code, done.json()["size"]) == (200, str(len(data)))
    assert [node.data for _, node in server.files()] == [data]


def test_a_download_may_ask_for_a_part(server: DriveServer, caller: Caller) -> None:
    file = caller.make("a", server.folder_id).json()["id"]
    server.library.nodes[file].keep(b"0123456789")
    params, place = {"alt": "media"}, f"{FILES}/{file}"
    part = caller.get(place, params=params, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    assert caller.get(place, params=params, headers={"Range": "bytes=10-"}).status_code == 416


def test_a_shared_drive_is_not_there_unless_asked_for(server: DriveServer, caller: Caller) -> None:
    drive = server.library.add_shared_drive("Team", {PERSON: "writer"})
    assert caller.make("a", drive).status_code == 404
    all_drives = {"supportsAllDrives": "true"}
    body = {"name": "a", "parents": [drive]}
    file = caller.post(FILES, json=body, params=all_drives).json()["id"]
    assert caller.get(f"{FILES}/{file}").status_code == 404
    assert caller.get(f"{FILES}/{file}", params=all_drives).status_code == 200
    assert caller.names("name = 'a'", **all_drives) == []
    inside = {**all_drives, "includeItemsFromAllDrives": "true"}
    assert caller.names("name = 'a'", **inside, corpora="drive", driveId=drive) == ["a"]
    alone = caller.get(FILES, params={"q": "", "corpora": "drive", "driveId": drive})
    assert alone.status_code == 400
    refused = caller.delete(f"{FILES}/{file}", params=all_drives)
    assert _reason(refused) == (403, "insufficientFilePermissions")


def test_a_service_account_makes_folders_and_no_files(server: DriveServer) -> None:
    with Caller(server, ROBOT) as robot:
        folder = robot.make("f", server.folder_id, mimeType=FOLDER)
        assert folder.status_code == 200
        params = {"uploadType": "media"}
        refused = robot.post(UPLOAD, params=params, content=b"x")
        assert _reason(refused) == (403, "storageQuotaExceeded")


def test_a_narrow_scope_sees_what_the_application_made(server: DriveServer) -> None:
    with Caller(server, scope=FILE_SCOPE) as narrow, Caller(server, scope="openid") as nothing:
        assert narrow.get(f"{FILES}/{server.folder_id}").status_code == 404
        own = narrow.make("own", "root").json()["id"]
        assert narrow.get(f"{FILES}/{own}").status_code == 200
        refused = nothing.get(f"{FILES}/{own}")
        assert _reason(refused) == (403, "insufficientPermissions")
        details = refused.json()["error"]["details"]
        assert details[0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_a_wrong_token_is_refused(server: DriveServer) -> None:
    reply = httpx.get(f"{server.url}{FILES}", headers={"Authorization": "Bearer no"})
    assert _reason(reply) == (401, "authError")


def test_storage_is_counted() -> None:
    with DriveServer(storage_bytes=3) as server, Caller(server) as caller:
        params = {"uploadType": "media"}
        assert caller.post(UPLOAD, params=params, content=b"abc").status_code == 200
        assert (
            _reason(caller.post(UPLOAD, params=params, content=b"d"))[1] == "storageQuotaExceeded"
        )
        about = caller.get("/drive/v3/about", params={"fields": "*"}).json()
        assert about["storageQuota"] == {"usage": "3", "limit": "3"}


def test_more_creations_than_allowed_in_a_second_are_refused() -> None:
    with DriveServer(creates_per_second=3) as server, Caller(server) as caller:
        replies = [caller.make(str(number), server.folder_id) for number in range(5)]
        assert [reply.status_code for reply in replies] == [200, 200, 200, 403, 403]
        assert server.refusals["userRateLimitExceeded"] == 2
        assert caller.get(f"{FILES}/{server.folder_id}").status_code == 200


def test_the_same_permission_twice_is_one(server: DriveServer, caller: Caller) -> None:
    body = {"type": "anyone", "role": "reader"}
    place = f"{FILES}/{server.folder_id}/permissions"
    assert {caller.post(place, json=body).json()["id"] for _ in range(2)} == {"anyoneWithLink"}
    with Caller(server, "stranger@example.com") as stranger:
        server.library.add_account("stranger@example.com")
        assert stranger.get(f"{FILES}/{server.folder_id}").status_code == 200


def test_faults_strike_as_scripted_over_http(server: DriveServer, caller: Caller) -> None:
    script = [{"kind": "503", "operation": "get", "times": 1}, {"kind": "500", "every": 2}]
    assert httpx.post(f"{server.url}/_control/faults", json=script).json() == {"faults": 2}
    place = f"{FILES}/{server.folder_id}"
    assert [caller.get(place).status_code for _ in range(4)] == [503, 200, 500, 200]
    httpx.post(f"{server.url}/_control/clear")
    assert [caller.get(place).status_code for _ in range(2)] == [200, 200]
    assert httpx.post(f"{server.url}/_control/faults", json={"kind": "?"}).status_code == 400
    state = httpx.get(f"{server.url}/_control/state").json()
    assert state["folders"] == [{"path": "Pressrun", "id": server.folder_id}]


def test_it_runs_by_hand() -> None:
    command = [sys.executable, "-m", "tests.servers.drive", "--json", "--latency", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        about = json.loads(process.stdout.readline())
        form = {"grant_type": "refresh_token", **about["user"]}
        token = httpx.post(about["user"]["token_uri"], data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        reply = httpx.get(f"{about['url']}{FILES}/{about['folder_id']}", headers=headers)
        assert reply.json()["name"] == "Pressrun"
        process.terminate()
        assert process.wait(10) == 0
