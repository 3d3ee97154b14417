"""The Drive store through Google's own client against the local Drive."""

import hashlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel
from pressrun.stores.drive.store import DriveStore
from tests.servers.drive import DriveServer
from tests.servers.drive_files import Caller
from tests.servers.drive_service import PERSON, Settings
from tests.servers.drive_tokens import FILE_SCOPE

BATCH = "Spring 2026-03-01"
SLIDE = f"{BATCH}/Link_001_@user/variation_1/slide_0.jpg"


class Remembered:
    """Remote ids in memory, shared by the stores of a test as by processes."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self._lock = threading.Lock()

    def find(self, path: str) -> str | None:
        with self._lock:
            return self.ids.get(path)

    def claim(self, path: str, remote_id: str) -> str:
        with self._lock:
            return self.ids.setdefault(path, remote_id)

    def drop(self, path: str, remote_id: str) -> None:
        with self._lock:
            if self.ids.get(path) == remote_id:
                del self.ids[path]


class Bench:
    """A local Drive, remembered ids, and parcels to send."""

    def __init__(self, server: DriveServer, folder: Path):
        self.server, self.folder, self.remote_ids = server, folder, Remembered()
        self._stores: list[DriveStore] = []

    def store(self, credentials: Any = None, folder_id: str = "", **settings: Any) -> DriveStore:
        """Another store on the same remote ids, as another process would have it."""
        settings = {"api_url": self.server.url, "timeout_s": 5.0, **settings}
        credentials = credentials or self.server.user()
        folder_id = folder_id or self.server.folder_id
        store = DriveStore(folder_id, credentials, self.remote_ids, **settings)
        self._stores.append(store)
        return store

    def parcel(self, path: str = SLIDE, data: bytes = b"slide", **labels: str) -> Parcel:
        digest = hashlib.sha256(data).hexdigest()
        source = self.folder / digest
        source.write_bytes(data)
        return Parcel(path, source, "image/jpeg", digest, labels)

    def paths(self) -> list[str]:
        return sorted(path.removeprefix("Pressrun/") for path, _ in self.server.files())

    def close(self) -> None:
        for store in self._stores:
            store.close()


@pytest.fixture
def server() -> Iterator[DriveServer]:
    with DriveServer() as server:
        yield server


@pytest.fixture
def bench(server: DriveServer, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(server, tmp_path)
    yield bench
    bench.close()


def _refusal(store: DriveStore, parcel: Parcel | None = None) -> StoreError:
    with pytest.raises(StoreError) as caught:
        store.put(parcel) if parcel else store.check()
    return caught.value


# What arrives.


def test_a_file_arrives_in_its_folders_with_type_labels_and_link(bench: Bench) -> None:
    store = bench.store()
    link = store.put(bench.parcel(data=b"\xff\xd8 slide\r\n\x00", batch="b1", item="i" * 300))
    assert bench.paths() == [SLIDE]
    node = bench.server.files()[0][1]
    assert node.data == b"\xff\xd8 slide\r\n\x00"
    assert node.mime == "image/jpeg"
    assert node.properties["batch"] == "b1"
    assert len(node.properties["item"]) == 124 - len("item")
    assert (
        link == store.link(SLIDE) == f"https://drive.google.com/file/d/{node.id}/view?usp=drivesdk"
    )
    assert "/drive/folders/" in store.link(BATCH)


def test_delivering_twice_leaves_one_file(bench: Bench) -> None:
    first, second = bench.store(), bench.store()
    links = {store.put(bench.parcel()) for store in (first, first, second)}
    assert len(links) == 1
    assert bench.paths() == [SLIDE]
    assert bench.server.requests["upload"] == 1


def test_each_file_and_each_folder_that_is_made_waits_its_turn(bench: Bench) -> None:
    store, turns = bench.store(), []

    def throttle() -> None:
        turns.append(sum(bench.server.requests[made] for made in ("create", "upload")))

    store.put(bench.parcel(), throttle=throttle)
    assert turns == [0, 1, 2, 3]  # three folders and the file, each right before it is made
    store.put(bench.parcel(), throttle=throttle)
    assert len(turns) == 4


def test_sixteen_threads_make_each_folder_once(bench: Bench) -> None:
    stores = [bench.store() for _ in range(4)]
    paths = [f"{BATCH}/Link_00{n % 3}/variation_{n % 2}/slide_{n}.jpg" for n in range(48)]
    parcels = [bench.parcel(path, path.encode()) for path in paths]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: stores[n % 4].put(parcels[n]), range(48)))
    assert bench.paths() == sorted(paths)
    folders = Counter(path for path, _ in bench.server.folders())
    assert len(folders) == 1 + 1 + 3 + 6
    assert set(folders.values()) == {1}


def test_sixteen_threads_with_one_file_leave_one(bench: Bench) -> None:
    stores = [bench.store() for _ in range(4)]
    parcel = bench.parcel()
    with ThreadPoolExecutor(16) as pool:
        links = set(pool.map(lambda n: stores[n % 4].put(parcel), range(16)))
    assert bench.paths() == [SLIDE]
    assert len(links) == 1


@pytest.mark.parametrize(
    "name", ["Zoë's café 東京 🎞.jpg", r"back\slash 'quoted\'.jpg", "a=b&c#d.jpg"]
)
def test_any_name_survives_and_is_found_again_without_its_id(bench: Bench, name: str) -> None:
    path = f"{BATCH} 'q' \\/{name}"
    bench.store().put(bench.parcel(path))
    bench.remote_ids.ids.clear()
    store = bench.store()
    assert store.link(path).startswith("https://drive.google.com/file/d/")
    assert [stored.path for stored in store.list(f"{BATCH} 'q' \\")] == [path]


def test_a_big_file_goes_in_chunks(bench: Bench) -> None:
    data = random.Random(0).randbytes(17 * 2**20 + 3)
    store = bench.store()
    store.put(bench.parcel(data=data))
    assert bench.server.files()[0][1].data == data
    assert bench.server.requests["chunk"] == 3
    with store.open(SLIDE) as file:
        assert b"".join(iter(lambda: file.read(100_000), b"")) == data


def test_an_empty_file_arrives(bench: Bench) -> None:
    store = bench.store()
    store.put(bench.parcel(data=b""))
    with store.open(SLIDE) as file:
        assert file.read() == b""


def test_the_batch_folder_is_shared_once_and_nothing_below_it(bench: Bench) -> None:
    store = bench.store(share_with="anyone")
    for number in range(3):
        store.put(bench.parcel(f"{BATCH}/a/slide_{number}.jpg"))
    shared = [path for path, node in bench.server.folders() if node.permissions]
    assert shared == ["Pressrun", f"Pressrun/{BATCH}"]
    assert bench.server.requests["share"] == 1


def test_one_token_serves_all_threads(bench: Bench) -> None:
    store = bench.store()
    parcels = [bench.parcel(f"{BATCH}/{number}.jpg") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store.put, parcels))
    assert bench.server.tokens.issued == 1


# Trouble on the way.


@pytest.mark.parametrize("kind", ["lost_reply", "503_after", "hang_after", "garbage"])
@pytest.mark.parametrize("operation", ["upload", "create"])
def test_a_lost_answer_leaves_one_file_after_the_retry(
    bench: Bench, kind: str, operation: str
) -> None:
    store = bench.store(timeout_s=2.0)
    # httplib2 itself sends once more after a hang-up: two lost replies reach the store.
    bench.server.fail(kind, operation=operation, times=2 if kind == "lost_reply" else 1)
    error = _refusal(store, bench.parcel())
    assert (error.kind, error.retryable) == ("unavailable", True)
    store.put(bench.parcel())
    assert bench.paths() == [SLIDE]
    assert len(bench.server.folders()) == 4


def test_an_answer_lost_once_is_not_even_noticed(bench: Bench) -> None:
    bench.server.fail("lost_reply", operation="upload")
    bench.store().put(bench.parcel())
    assert bench.paths() == [SLIDE]
    assert bench.server.refusals["fileIdInUse"] == 1


@pytest.mark.parametrize("kind", ["500", "502", "503", "reset", "hang"])
@pytest.mark.parametrize("data", [b"slide", b"s" * (6 * 2**20)])
def test_a_failing_drive_is_worth_a_retry(bench: Bench, kind: str, data: bytes) -> None:
    store = bench.store(timeout_s=2.0)
    bench.server.fail(kind, operation="upload,chunk")
    error = _refusal(store, bench.parcel(data=data))
    assert (error.kind, error.retryable) == ("unavailable", True)
    store.put(bench.parcel(data=data))
    assert [node.data for _, node in bench.server.files()] == [data]


def test_a_lost_end_of_a_big_upload_leaves_one_file(bench: Bench) -> None:
    data = b"s" * (6 * 2**20)
    bench.server.fail("500_after", operation="chunk")
    store = bench.store()
    assert _refusal(store, bench.parcel(data=data)).retryable
    store.put(bench.parcel(data=data))
    assert bench.paths() == [SLIDE]
    assert bench.server.requests["start"] == 1


def test_a_truncated_upload_is_seen_removed_and_sent_again(bench: Bench) -> None:
    store = bench.store()
    bench.server.fail("truncate")
    error = _refusal(store, bench.parcel())
    assert (error.kind, error.retryable) == ("mismatch", True)
    assert bench.paths() == []
    store.put(bench.parcel())
    assert [node.data for _, node in bench.server.files()] == [b"slide"]


def test_a_truncated_upload_of_a_killed_process_is_mended_in_place(bench: Bench) -> None:
    bench.server.fail("truncate", times=2)
    bench.server.fail("500", operation="delete")
    for _ in range(2):  # the mending is cut short too
        assert _refusal(bench.store(), bench.parcel()).kind == "mismatch"
        assert [node.data for _, node in bench.server.files()] == [b"sli"]
    bench.store().put(bench.parcel())
    assert [node.data for _, node in bench.server.files()] == [b"slide"]


def test_other_bytes_are_replaced_only_when_asked(bench: Bench) -> None:
    store = bench.store()
    link = store.put(bench.parcel(data=b"old"))
    error = _refusal(store, bench.parcel(data=b"new"))
    assert (error.kind, error.retryable) == ("conflict", False)
    assert store.put(bench.parcel(data=b"new"), replace=True) == link
    assert [node.data for _, node in bench.server.files()] == [b"new"]


def test_what_a_process_that_lost_the_batch_wrote_for_the_item_gives_way(bench: Bench) -> None:
    store = bench.store()
    store.put(bench.parcel(data=b"theirs", batch="b1", item="i1"))
    store.put(bench.parcel(data=b"ours", batch="b1", item="i1"))
    assert [node.data for _, node in bench.server.files()] == [b"ours"]
    other = bench.parcel(data=b"other", batch="b1", item="i2")
    assert _refusal(store, other).kind == "conflict"


def test_bytes_that_a_person_changed_are_not_overwritten(bench: Bench) -> None:
    store = bench.store()
    store.put(bench.parcel())
    node = bench.server.files()[0][1]
    node.keep(b"a person's own version")
    node.modified = "2030-01-01T00:00:00.000Z"
    assert _refusal(store, bench.parcel()).kind == "conflict"


@pytest.mark.parametrize("reason", ["userRateLimitExceeded", "rateLimitExceeded", "429"])
def test_a_rate_refusal_says_throttled_and_is_not_retried_here(tmp_path: Path, reason: str) -> None:
    settings = Settings(creates_per_second=4, rate_reason=reason, retry_after_s=2.0)
    with DriveServer(settings) as server:
        bench = Bench(server, tmp_path)
        store = bench.store()
        store.put(bench.parcel())  # three folders and a file
        error = _refusal(store, bench.parcel(f"{BATCH}/b.jpg"))
        assert (error.kind, error.retryable, error.retry_after_s) == ("throttled", True, 2.0)
        assert sum(server.refusals.values()) == 1
        bench.close()


# What people do to their files.


@pytest.mark.parametrize("for_good", [True, False])
@pytest.mark.parametrize("below", [BATCH, SLIDE.rpartition("/")[0], SLIDE])
def test_what_a_person_deleted_is_made_again_when_it_is_sent_again(
    bench: Bench, below: str, for_good: bool
) -> None:
    store = bench.store()
    store.put(bench.parcel())
    other = f"{SLIDE}.json"
    node_id = bench.remote_ids.ids[below]
    library = bench.server.library
    if for_good:
        library.drop(library.nodes[node_id])
    else:
        library.nodes[node_id].trashed = True
    for sender in (store, bench.store()):  # one that has seen the folders, and one that has not
        sender.put(bench.parcel())
        sender.put(bench.parcel(other))
    assert bench.paths() == [SLIDE, other]


def test_a_file_that_was_moved_or_renamed_is_put_back(bench: Bench) -> None:
    store = bench.store()
    link = store.put(bench.parcel())
    node = bench.server.files()[0][1]
    node.name, node.parent = "best.jpg", bench.server.folder_id
    assert store.put(bench.parcel()) == link
    assert bench.paths() == [SLIDE]


def test_copies_by_people_do_not_confuse_the_list(bench: Bench) -> None:
    store = bench.store()
    for number in range(3):
        store.put(bench.parcel(f"{BATCH}/a/slide_{number}.jpg", bytes([number])))
    library = bench.server.library
    ours = next(node for path, node in bench.server.files() if path.endswith("slide_1.jpg"))
    person = library.accounts[PERSON]
    body = {"name": "slide_1.jpg", "parents": [ours.parent]}
    copy = library.create(Caller(person), body, b"copy", "image/jpeg")
    copy.created = ours.created = "2026-01-01T00:00:00.000Z"
    listed = {stored.path: stored for stored in store.list(BATCH)}
    assert len(listed) == 4
    assert listed[f"{BATCH}/a/slide_1.jpg"].digests == {"md5": ours.md5}
    assert listed[f"{BATCH}/a/slide_1.jpg [{copy.id}]"].digests == {"md5": copy.md5}


def test_names_that_people_gave_lead_nowhere_else(bench: Bench) -> None:
    store = bench.store()
    store.put(bench.parcel())
    node = bench.server.files()[0][1]
    node.name = "../../etc/passwd"
    folder = SLIDE.rpartition("/")[0]
    assert [stored.path for stored in store.list(BATCH)] == [f"{folder}/.._.._etc_passwd"]


# Listing, reading, removing.


def test_a_list_has_every_file_over_many_pages_and_folders(tmp_path: Path) -> None:
    with DriveServer(page_size=7) as server:
        bench = Bench(server, tmp_path)
        store = bench.store()
        paths = [f"{BATCH}/Link_{n % 60:03}/{n}.jpg" for n in range(120)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda path: store.put(bench.parcel(path, path.encode())), paths))
        listed = list(store.list(BATCH))
        assert sorted(stored.path for stored in listed) == sorted(paths)
        first = next(stored for stored in listed if stored.path == paths[0])
        data = paths[0].encode()
        assert (first.bytes, first.digests) == (len(data), {"md5": hashlib.md5(data).hexdigest()})
        assert list(store.list("no such batch")) == []
        bench.close()


def test_removing_files_empties_their_folders_and_leaves_other_batches(bench: Bench) -> None:
    store = bench.store()
    store.put(bench.parcel(SLIDE))
    store.put(bench.parcel("Other/slide.jpg"))
    for _ in range(2):  # absent is fine
        store.remove(SLIDE)
    assert bench.paths() == ["Other/slide.jpg"]
    assert [path for path, _ in bench.server.folders()] == ["Pressrun", "Pressrun/Other"]
    assert set(bench.remote_ids.ids) == {"Other", "Other/slide.jpg"}
    store.put(bench.parcel(SLIDE))
    assert bench.paths() == ["Other/slide.jpg", SLIDE]


def test_a_folder_with_a_persons_file_stays(bench: Bench) -> None:
    store = bench.store()
    store.put(bench.parcel(f"{BATCH}/a/slide.jpg"))
    store.put(bench.parcel(f"{BATCH}/notes.txt"))
    store.remove(f"{BATCH}/a/slide.jpg")
    assert [path for path, _ in bench.server.folders()] == ["Pressrun", f"Pressrun/{BATCH}"]


def test_a_file_that_is_not_there_cannot_be_opened(bench: Bench) -> None:
    with pytest.raises(StoreError, match="not in Google Drive"), bench.store().open("a/b.jpg"):
        pass


@pytest.mark.parametrize("path", ["", "/a", "a//b", "../a", "a/.", "a/"])
def test_a_path_that_leads_elsewhere_is_refused(bench: Bench, path: str) -> None:
    assert _refusal(bench.store(), bench.parcel(path)).kind == "bad_path"


def test_a_damaged_or_missing_source_is_not_sent(bench: Bench) -> None:
    parcel = bench.parcel()
    parcel.source.write_bytes(b"rotten")
    assert _refusal(bench.store(), parcel).kind == "damaged_source"
    parcel.source.unlink()
    assert _refusal(bench.store(), parcel).kind == "no_source"
    assert bench.paths() == []


# Shared drives and the usual refusals.


@pytest.mark.parametrize("role", ["writer", "fileOrganizer", "organizer"])
def test_a_service_account_delivers_into_a_shared_drive(bench: Bench, role: str) -> None:
    robot = bench.server.service_account()
    drive_id = bench.server.library.add_shared_drive("Team", {robot.service_account_email: role})
    folder_id = bench.server.library.add_folder("Out", drive_id, {})
    store = bench.store(robot, folder_id, shared_drive_id=drive_id)
    store.put(bench.parcel())
    assert [stored.path for stored in store.list(BATCH)] == [SLIDE]
    assert [path for path, _ in bench.server.files()] == [f"Out/{SLIDE}"]
    if role != "writer":  # who may only add can remove nothing
        store.check()
        store.remove(SLIDE)
        assert bench.paths() == []


def test_a_service_account_may_act_for_a_person(bench: Bench) -> None:
    credentials = bench.server.service_account(delegated=True, subject=PERSON)
    store = bench.store(credentials)
    store.check()
    store.put(bench.parcel())
    assert bench.paths() == [SLIDE]


def test_a_good_folder_passes_the_check_and_keeps_nothing(bench: Bench) -> None:
    bench.store().check()
    assert bench.server.files(bin_too=True) == []


def test_a_service_account_without_storage_hears_what_to_do(bench: Bench) -> None:
    store = bench.store(bench.server.service_account())
    for error in (_refusal(store), _refusal(store, bench.parcel())):
        assert (error.kind, error.retryable) == ("no_storage", False)
        assert "shared drive" in str(error)


def test_a_full_drive_is_said_to_be_full(tmp_path: Path) -> None:
    with DriveServer(storage_bytes=10) as server:
        bench = Bench(server, tmp_path)
        error = _refusal(bench.store(), bench.parcel(data=b"x" * 11))
        assert (error.kind, error.retryable) == ("no_storage", False)
        assert "Free some space" in str(error)
        bench.close()


def test_a_full_folder_is_said_to_be_full(tmp_path: Path) -> None:
    with DriveServer(max_children=2) as server:
        bench = Bench(server, tmp_path)
        store = bench.store()
        for number in range(2):
            store.put(bench.parcel(f"{BATCH}/{number}.jpg"))
        assert _refusal(store, bench.parcel(f"{BATCH}/2.jpg")).kind == "folder_full"
        bench.close()


def test_every_wrong_folder_has_its_sentence(bench: Bench) -> None:
    library = bench.server.library
    private = library.add_folder("Private", library.accounts[PERSON].root_id, {})
    robot = bench.server.service_account()
    assert _refusal(bench.store(folder_id="1nosuchfolder")).kind == "no_folder"
    assert _refusal(bench.store(folder_id="1nosuchfolder"), bench.parcel()).kind == "no_folder"
    unshared = _refusal(bench.store(robot, private))
    assert unshared.kind == "no_folder"
    assert "share the folder" in str(unshared)
    scope = _refusal(bench.store(bench.server.user([FILE_SCOPE])))
    assert "drive.file" in str(scope)
    bench.store().put(bench.parcel())
    assert _refusal(bench.store(folder_id=bench.remote_ids.ids[SLIDE])).kind == "wrong_folder"
    library.nodes[bench.server.folder_id].trashed = True
    assert "bin" in str(_refusal(bench.store()))
    assert "bin" in str(_refusal(bench.store(), bench.parcel()))


def test_a_folder_that_may_only_be_read_is_named(bench: Bench) -> None:
    library = bench.server.library
    robot = bench.server.service_account()
    root = library.accounts[PERSON].root_id
    folder = library.add_folder("Look", root, {robot.service_account_email: "reader"})
    assert _refusal(bench.store(robot, folder)).kind == "no_permission"
    assert _refusal(bench.store(robot, folder), bench.parcel()).kind == "no_permission"


def test_every_wrong_sign_in_has_its_sentence(bench: Bench) -> None:
    assert _refusal(bench.store(bench.server.user(["openid"]))).kind == "missing_scope"
    undelegated = bench.server.service_account(subject=PERSON)
    assert _refusal(bench.store(undelegated)).kind == "not_delegated"
    store = bench.store()
    store.check()
    bench.server.tokens.revoke()
    error = _refusal(store)
    assert (error.kind, error.retryable) == ("bad_credentials", False)


def test_a_wrong_clock_is_named(tmp_path: Path) -> None:
    with DriveServer(clock_ahead_s=3600) as server:
        bench = Bench(server, tmp_path)
        assert _refusal(bench.store(server.service_account())).kind == "clock_skew"


def test_an_expired_token_is_renewed_unseen(tmp_path: Path) -> None:
    with DriveServer(token_s=0.05) as server:
        bench = Bench(server, tmp_path)
        store = bench.store()
        store.put(bench.parcel())
        store.put(bench.parcel(f"{BATCH}/b.jpg"))
        assert len(bench.paths()) == 2
        assert server.tokens.issued >= 2
        bench.close()


def test_a_drive_that_is_down_is_worth_a_retry(tmp_path: Path) -> None:
    with DriveServer() as server:
        bench = Bench(server, tmp_path)
        store = bench.store()
    error = _refusal(store, bench.parcel())
    assert (error.kind, error.retryable) == ("unavailable", True)
