"""The flow ``slideshow-batch`` on a real Prefect server: states, runs, files, retries."""

import csv
import hashlib
import io
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import State, TaskRun
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry

from flows.slideshow_batch import slideshow_batch
from pressrun.blocks import ModelAccount
from pressrun.errors import InputError
from pressrun.kinds.slideshow.prompt import PROMPT_VERSION
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch
from pressrun.settings import settings
from tasks import progress
from tests.integration.conftest import Written, artifacts_by_subject, artifacts_of
from tests.servers.gemini import GeminiServer
from tests.servers.tiktok import Outcome, TikTokServer, picture, snowflake
from tests.support.batches import FAST, GEMINI, KEY, delivered, draw_picture, folder_of, parameters
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


def run(given: dict[str, Any]) -> State[Any]:
    state: State[Any] = slideshow_batch(**given, return_state=True)
    return state


def retry(flow_run_id: UUID) -> State[Any]:
    """What the UI's Retry and then a worker do."""
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(flow_run_id, AwaitingRetry(), force=True)
        flow_run = client.read_flow_run(flow_run_id)
    again = run_flow(slideshow_batch, flow_run, parameters=flow_run.parameters, return_type="state")
    assert isinstance(again, State)
    return again


def latest() -> Batch:
    return open_ledger().batches.match("latest")


def task_runs(client: SyncPrefectClient, flow_run_id: UUID) -> list[TaskRun]:
    """All of a run that is over, when the server has written down the ends of all."""
    only = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))

    def ended() -> list[TaskRun]:
        found = client.read_task_runs(flow_run_filter=only, limit=200)
        over = all(run.state and run.state.is_final() for run in found)
        reported = any(run.task_key.startswith("report") for run in found)
        return found if over and reported else []

    return until(ended)


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture(scope="module")
def gemini_running() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


@pytest.fixture
def gemini(gemini_running: GeminiServer, monkeypatch: pytest.MonkeyPatch) -> GeminiServer:
    gemini_running.reset()
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", gemini_running.url)
    return gemini_running


def account(server: GeminiServer, key: str = KEY) -> ModelAccount:
    return ModelAccount(api_key=key, base_url=server.url, limits=FAST)


@pytest.fixture(scope="module")
def tiktok_running() -> Iterator[TikTokServer]:
    with TikTokServer() as server:
        yield server


@pytest.fixture
def tiktok(
    home: Path, tiktok_running: TikTokServer, monkeypatch: pytest.MonkeyPatch
) -> TikTokServer:
    tiktok_running.forget()
    monkeypatch.setenv("PRESSRUN_TIKTOK_PROXY", tiktok_running.proxy_url)
    monkeypatch.setenv("PRESSRUN_TIKTOK_CA", str(tiktok_running.ca_file))
    settings.cache_clear()
    return tiktok_running


def test_a_batch_on_the_sketch_engine_is_made_delivered_and_reported(
    home: Path, client: SyncPrefectClient, logs: Written
) -> None:
    state = run(parameters(home, shows=2, photo_variations=2, text_variations=2))
    assert (state.name, state.message) == ("Completed", "8 of 8 completed")
    batch, files = latest(), delivered(latest())
    made = {
        f"Link_{link:03d}_@show_{link}/variation_{variation}/{name}"
        for link in (1, 2)
        for variation in range(1, 5)
        for name in ("slide_0.jpg", "slide_1.jpg", "analysis.json", "caption.txt")
    }
    assert set(files) == made | {"manifest.json", "items.csv", "gallery.html"}
    _check_manifest(batch, files, made)
    _check_csv(files)
    _check_gallery(files["gallery.html"].decode())
    _check_analysis(json.loads(files["Link_002_@show_2/variation_3/analysis.json"]), files)
    for path in made:
        if path.endswith(".jpg"):
            with Image.open(folder_of(batch) / path) as image:
                assert (image.format, image.size) == ("JPEG", (768, 1376))
    kept = [path for path in (home / "data" / "vault").rglob("*") if path.is_file()]
    assert len(kept) <= 8  # cleaned, since all is delivered, but for the answers in text
    assert all(json.loads(path.read_bytes())["slides"] for path in kept)

    names = [r.name for r in task_runs(client, UUID(batch.id)) if r.task_key[:8] == "generate"]
    assert sorted(names) == [
        f"Slideshow {link:03d} show_{link} · variation {variation}/4"
        for link in (1, 2)
        for variation in range(1, 5)
    ]
    assert {tuple(r.tags) for r in task_runs(client, UUID(batch.id))} == {()}
    assert "Slideshow 2 of 2: 2 slides of show_2" in logs.text
    assert f"8 of 8 completed. Look at {(folder_of(batch) / 'gallery.html').as_uri()}" in logs.text
    assert "Completed()" not in logs.text


def _check_manifest(batch: Batch, files: dict[str, bytes], made: set[str]) -> None:
    manifest = json.loads(files["manifest.json"])
    assert (manifest["batch"], manifest["kind"]) == (batch.id, "slideshow")
    assert manifest["parameters"]["photo_variations"] == 2
    assert manifest["parameters"]["description"] == "A mug that keeps coffee warm."
    assert "account" not in manifest["parameters"]
    totals = manifest["totals"]
    assert totals.pop("seconds") > 0
    assert totals.pop("calls_made_anew") == 0
    # The sketch engine is called as any other, and costs nothing.
    assert totals == {
        "items": 8,
        "completed": 8,
        "failed": 0,
        "cancelled": 0,
        "calls": 24,
        "cost_usd": 0,
    }
    listed = {f["path"]: f for item in manifest["items"] for f in item["files"]}
    assert set(listed) == made
    for path, entry in listed.items():
        assert entry["sha256"] == hashlib.sha256(files[path]).hexdigest()
        assert entry["bytes"] == len(files[path])
        assert entry["url"] == (folder_of(batch) / path).as_uri()
    assert {i["status"] for i in manifest["items"]} == {"completed"}
    assert {i["attempts"] for i in manifest["items"]} == {1}
    assert [i["error"] for i in manifest["items"]] == [None] * 8


def _check_csv(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["items.csv"].decode("utf-8-sig"), newline="")))
    for row in rows:
        caption = files[f"{row['folder']}/caption.txt"].decode()
        assert caption == json.loads(files[f"{row['folder']}/analysis.json"])["caption"]
        assert "#" in caption
        assert (row["caption"], row["product"]) == (caption, "A mug that keeps coffee warm.")
        assert row["link"].startswith("show_")
    assert [row["key"] for row in rows[:2]] == ["link_001/variation_1", "link_001/variation_2"]
    assert rows[4]["folder"] == "Link_002_@show_2/variation_1"
    assert {row["status"] for row in rows} == {"completed"}


def _check_gallery(page: str) -> None:
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert not re.findall(r"url\(|@import|<script[^>]|<link", page)
    assert page.count('src="data:image/jpeg;base64,') == 16
    assert page.count("variation_") >= 16


def _check_analysis(words: dict[str, Any], files: dict[str, bytes]) -> None:
    assert words["item"] == "link_002/variation_3"
    assert (words["photo_variation"], words["text_variation"]) == (2, 1)
    assert words["product"]["description"] == "A mug that keeps coffee warm."
    assert words["ai_generated"] is True
    assert words["prompt_version"] == PROMPT_VERSION
    assert words["source"] == "show_2"
    assert [s["file"] for s in words["slides"]] == ["slide_0.jpg", "slide_1.jpg"]
    for slide in words["slides"]:
        data = files[f"Link_002_@show_2/variation_3/{slide['file']}"]
        assert slide["sha256"] == hashlib.sha256(data).hexdigest()
        assert f"“{slide['new_text']}”" in slide["prompt"]
        assert (slide["model"], slide["width"], slide["height"]) == ("sketch", 768, 1376)


def test_task_runs_carry_a_tag_only_where_it_is_asked_for(
    home: Path, client: SyncPrefectClient
) -> None:
    assert run(parameters(home, slides=1, tag_task_runs=True)).is_completed()
    tags = {r.name: r.tags for r in task_runs(client, UUID(latest().id))}
    assert tags["Slideshow 001 show_1 · variation 1/1"] == ["pressrun"]


def test_good_links_run_and_bad_ones_are_failed_items_with_their_reason(
    home: Path, tiktok: TikTokServer, logs: Written
) -> None:
    slides = [picture(90, 160, colour) for colour in ("teal", "coral")]
    good = tiktok.add_slideshow("anna", snowflake(1), slides, "Two #calm colours")
    other = tiktok.add_slideshow("ben", snowflake(2), slides[:1])
    links = [
        good,
        tiktok.add_short("ZMgood234", other),
        tiktok.add_post("cleo", snowflake(3), Outcome.PRIVATE),
        tiktok.add_post("dora", snowflake(4), Outcome.GONE),
        tiktok.add_post("emil", snowflake(5), Outcome.VIDEO),
        tiktok.add_short("ZMsame234", good),
        "https://www.tiktok.com/@someone",
    ]
    given = parameters(home, text_variations=2) | {"slides": "", "links": "\n".join(links)}
    state = run(given)
    assert state.is_failed()
    assert state.name == "PartiallyFailed"
    assert (state.message or "").startswith("4 of 8 completed, 4 failed. A retry fails in the same")
    manifest = json.loads(delivered(latest())["manifest.json"])
    assert {i["key"]: i["error"] and i["error"]["kind"] for i in manifest["items"]} == {
        "link_001/variation_1": None,
        "link_001/variation_2": None,
        "link_002/variation_1": None,
        "link_002/variation_2": None,
        "link_003": "private_or_login",
        "link_004": "post_gone",
        "link_005": "not_slideshow",
        "link_007": "profile_link",
    }
    assert "Line 6 is the same as line 1 (same post, same product): made once." in logs.text
    assert {p.partition("/")[0] for p in delivered(latest()) if "/" in p} == {
        "Link_001_@anna",
        "Link_002_@ben",
    }
    assert "Traceback" not in logs.text


def test_a_post_for_two_products_is_two_rows_and_one_question(
    home: Path, tiktok: TikTokServer
) -> None:
    post = tiktok.add_slideshow("anna", snowflake(1), [picture(), picture(colour="coral")])
    short = tiktok.add_short("ZMsame234", post)
    cup = draw_picture(home / "cup.png", (1, 2, 3))
    rows = [post, f"{post}\t{cup}", f"{short}\t\tAnother mug", f"{short}\t{cup}", f"{post}?lang=de"]
    given = parameters(home, skip_invalid=False) | {"slides": "", "links": "\n".join(rows)}
    state = run(given)
    assert (state.name, state.message) == ("Completed", "3 of 3 completed")
    items = json.loads(delivered(latest())["manifest.json"])["items"]
    assert [item["key"] for item in items] == [f"link_00{n}/variation_1" for n in (1, 2, 3)]
    paths = [request.path for request in tiktok.requests]
    for part, times in (("/@anna/", 1), ("tplv-photomode", 2), ("ZMsame234", 1)):
        assert sum(part in path for path in paths) == times, paths
    pages = artifacts_by_subject(UUID(latest().id))
    for subject in ("quote", "summary"):
        page = str(pages[subject].data).replace("\\", "")
        assert "- Line 5 is the same as line 1 (same post, same product): made once." in page
        assert "- Line 4 is the same as line 2 (same post, same product): made once." in page
    assert "### Failed" not in str(pages["summary"].data)


def test_a_quote_alone_tells_what_is_made_once(
    home: Path, client: SyncPrefectClient, logs: Written
) -> None:
    given = parameters(home, action="quote")
    state = run(given | {"slides": f"{given['slides']}\n{given['slides']}"})
    assert state.name == "Quoted"
    assert (state.message or "").startswith("1 items, 3 calls")
    told = "Own slideshow 2 is the same as own slideshow 1 (same slides, same product): made once."
    assert told in logs.text
    run_id = state.state_details.flow_run_id
    assert run_id
    (page,) = client.read_artifacts(artifact_filter=artifacts_of(run_id))
    assert f"- {told}" in str(page.data).replace("\\", "")


def test_a_retry_fetches_what_tiktok_blocked_and_makes_nothing_twice(
    home: Path, tiktok: TikTokServer
) -> None:
    good = tiktok.add_slideshow("anna", snowflake(1), [picture()])
    blocked = tiktok.add_post("ben", snowflake(2), Outcome.THROTTLED)
    short = tiktok.add_short("ZMaway234", status=503)
    links = "\n".join([good, blocked, short])
    state = run(parameters(home) | {"slides": "", "links": links})
    assert state.name == "PartiallyFailed"
    assert (state.message or "").startswith("1 of 3 completed, 2 failed. Retry makes just what")
    tiktok.add_slideshow("ben", snowflake(2), [picture(colour="coral")])
    tiktok.add_short("ZMaway234", good)
    again = retry(UUID(latest().id))
    assert (again.name, again.message) == ("Completed", "2 of 2 completed")


def test_without_skip_invalid_one_bad_link_refuses_the_whole_with_every_problem(
    home: Path, tiktok: TikTokServer, logs: Written
) -> None:
    slides = [picture()]
    links = [
        tiktok.add_slideshow("anna", snowflake(1), slides),
        tiktok.add_post("cleo", snowflake(3), Outcome.PRIVATE),
        tiktok.add_post("dora", snowflake(4), Outcome.GONE),
    ]
    given = parameters(home, skip_invalid=False) | {"slides": "", "links": " ".join(links)}
    state = run(given)
    assert state.is_failed()
    assert "2 of 3 links cannot be used; nothing was made or paid." in (state.message or "")
    assert "private" in (state.message or "")
    assert "does not exist (any more)" in (state.message or "")
    assert "Traceback" not in logs.text
    _assert_nothing_stands(home)


def test_a_batch_without_one_good_link_fails_at_once(
    home: Path, tiktok: TikTokServer, logs: Written
) -> None:
    given = parameters(home) | {"slides": "", "links": "https://example.com/a\nnonsense"}
    state = run(given)
    assert (state.name, state.is_failed()) == ("Failed", True)
    assert "No link can be used; nothing was made or paid." in (state.message or "")
    assert tiktok.requests == []
    assert "Traceback" not in logs.text
    _assert_nothing_stands(home)


def _assert_nothing_stands(home: Path) -> None:
    with pytest.raises(InputError, match="No batch"):
        latest()
    assert not [p for p in (home / "data").rglob("*") if p.is_file() and "ledger" not in p.name]
    assert list((home / "output").iterdir()) == []


@pytest.mark.parametrize("wrong", [{"photo_variations": 11}, {"model": "dall-e"}])
def test_a_wrong_parameter_is_a_sentence_too(
    home: Path, logs: Written, wrong: dict[str, Any]
) -> None:
    state = run(parameters(home, **wrong))
    assert state.is_failed()
    assert next(iter(wrong)) in (state.message or "")
    assert "Traceback" not in logs.text


@pytest.mark.usefixtures("quick_retries")
def test_prefect_retries_what_the_provider_failed_and_the_bill_is_the_ledger(
    home: Path, gemini: GeminiServer
) -> None:
    gemini.fail("503", times=1, picture_seed=1000, retry_after_s=0)
    gemini.fail("truncated_picture", times=1, picture_seed=1001)
    gemini.fail("block_answer", picture_seed=1002)
    lid = draw_picture(home / "lid.png", (9, 9, 200))
    given = parameters(home, photo_variations=3, account=account(gemini), **GEMINI)
    state = run(given | {"photo": f"{given['photo']}; {lid}"})
    assert state.name == "PartiallyFailed"
    assert (state.message or "").startswith("2 of 3 completed, 1 failed. A retry fails in the same")
    manifest = json.loads(delivered(latest())["manifest.json"])
    assert [i["attempts"] for i in manifest["items"]] == [2, 2, 1]
    assert manifest["items"][2]["error"]["kind"] == "blocked"
    assert manifest["totals"]["cost_usd"] == pytest.approx(gemini.bill_usd, abs=1e-9)
    # A slide that is asked for again is shown the source and the photos, never what was made.
    slides = [call for call in gemini.bill if call.kind == "image"]
    spoilt, *again = [call for call in slides if call.seed == 1001]
    assert spoilt.fault
    assert again
    assert (spoilt.prompt_sha256, spoilt.parts) in {(c.prompt_sha256, c.parts) for c in again}
    shown = {tuple(part.partition("/")[0] for part in call.parts) for call in slides}
    assert shown <= {("text", "image") * 3 + ("text",), ("image", "text")}


@pytest.mark.usefixtures("quick_retries")
def test_retrying_the_flow_run_makes_only_what_failed(home: Path, gemini: GeminiServer) -> None:
    fault = gemini.fail("503", picture_seed=1001, retry_after_s=0)
    state = run(parameters(home, photo_variations=2, **GEMINI))
    assert state.name == "PartiallyFailed"
    assert (state.message or "").startswith("1 of 2 completed, 1 failed. Retry makes just what")
    batch, billed = latest(), len(gemini.bill)
    before = delivered(batch)
    assert (fault.struck, billed) == (4, 4)

    fault.times = 0
    again = retry(UUID(batch.id))
    assert (again.name, again.message) == ("Completed", "2 of 2 completed")
    assert latest().root == batch.root
    assert len(gemini.bill) == billed + 2
    after = delivered(batch)
    for path in before:
        if "/" in path:
            assert after[path] == before[path]
    manifest = json.loads(after["manifest.json"])
    assert manifest["totals"]["completed"] == 2
    assert manifest["totals"]["cost_usd"] == pytest.approx(gemini.bill_usd, abs=1e-9)


def test_a_wrong_key_fails_with_a_sentence_and_the_mended_run_completes(
    home: Path,
    gemini: GeminiServer,
    client: SyncPrefectClient,
    logs: Written,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = f"AIza-wrong-{uuid.uuid4().hex}"
    monkeypatch.setenv("GEMINI_API_KEY", wrong)
    state = run(parameters(home, text_variations=2, **GEMINI))
    assert state.name == "Failed"
    assert (state.message or "").startswith("0 of 2 completed, 2 failed. Gemini does not accept")
    assert "Traceback" not in logs.text
    flow_run = client.read_flow_run(UUID(latest().id))
    shown = [
        logs.text,
        flow_run.model_dump_json(),
        str(client.read_artifacts(artifact_filter=artifacts_of(flow_run.id))),
    ]
    shown += [r.model_dump_json() for r in task_runs(client, flow_run.id)]
    shown += [p.read_bytes().decode("latin-1") for p in home.rglob("*") if p.is_file()]
    assert not [text for text in shown if wrong in text]

    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    assert retry(flow_run.id).name == "Completed"
    assert len(gemini.bill) == 6


def test_without_a_key_the_batch_says_where_to_put_one(
    home: Path, gemini: GeminiServer, logs: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY")
    state = run(parameters(home, **GEMINI))
    assert state.is_failed()
    assert "needs a key: choose a Model account block" in (state.message or "")
    assert "Traceback" not in logs.text


def test_progress_and_summary_are_artifacts_updated_in_place(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "FIRST_S", 0.05)
    monkeypatch.setattr(progress, "PROGRESS_S", 0.05)
    assert run(parameters(home, shows=3, title="*Bold* <b>title</b>")).is_completed()
    shown = artifacts_by_subject(UUID(latest().id))
    assert set(shown) == {"stats", "quote", "progress-bar", "progress", "summary"}
    assert "| sketch | 9 | 100.0% |" in str(shown["stats"].data)
    assert "3 items, 9 calls" in str(shown["quote"].data)
    assert shown["progress-bar"].data == 100.0
    page = str(shown["progress"].data)
    assert "| 3 of 3 | 3 | 0 | 0 | 0 |" in page
    assert page.startswith(f"## {latest().name}: 100%")
    assert r"\*Bold\* &lt;b&gt;title" in str(shown["quote"].data)
    assert "data:image/jpeg;base64," in page
    assert (folder_of(latest()) / "gallery.html").as_uri() in str(shown["summary"].data)
