"""Drafts: kept at every change, by two tabs, over a restart, and none overwrites another unseen."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from pressrun.desk.kept import Kept
from pressrun.desk.new.drafts import BatchDraft, ChangedElsewhere, Drafts
from pressrun.desk.new.estimates import DraftEstimate
from pressrun.desk.new.faces import SeenDraft
from pressrun.desk.new.seen import SeenDrafts
from pressrun.desk.server import PrefectServer, SavedBlock
from pressrun.errors import InputError, StoreError
from tests.unit.desk.conftest import ADDRESS, Asked
from tests.unit.desk.drafts import new_draft


def test_each_change_is_kept_and_another_process_reads_it(tmp_path: Path) -> None:
    draft = Drafts(tmp_path).new("image-batch")
    Drafts(tmp_path).change(draft.id, {"prompts": "a red mug", "size": "2K"}, 0)
    Drafts(tmp_path).change(draft.id, {"size": None}, 1)
    now = Drafts(tmp_path).read(draft.id)
    assert (now.values, now.version) == ({"prompts": "a red mug"}, 2)
    assert [found.id for found in Drafts(tmp_path).all()] == [draft.id]


def test_two_tabs_keep_each_others_values_and_are_told_where_they_meet(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    draft = drafts.new("image-batch")
    drafts.change(draft.id, {"prompts": "one"}, 0)
    drafts.change(draft.id, {"title": "Mugs"}, 0)  # another value: both stand
    drafts.change(draft.id, {"prompts": "one"}, 0)  # the same: nothing to say
    with pytest.raises(ChangedElsewhere) as told:
        drafts.change(draft.id, {"prompts": "two", "size": "2K"}, 0)
    assert told.value.names == ["prompts"]
    assert drafts.read(draft.id).values == {"prompts": "one", "title": "Mugs"}


def test_what_a_tab_has_not_drawn_is_not_overwritten_by_it_after_it_saved_another_value(
    tmp_path: Path,
) -> None:
    drafts = Drafts(tmp_path)
    draft = drafts.new("image-batch")
    drafts.change(draft.id, {"title": "Mugs"}, {"title": 0})
    own = drafts.change(draft.id, {"size": "2K"}, {"size": 0})
    with pytest.raises(ChangedElsewhere) as told:
        drafts.change(draft.id, {"title": "Cups", "size": "4K"}, {"title": 0, "size": own.version})
    assert told.value.names == ["title"]
    drafts.change(draft.id, {"title": "Cups"}, {"title": own.version})
    assert drafts.read(draft.id).values == {"title": "Cups", "size": "2K"}


def test_a_tab_is_told_the_other_tabs_value_and_which_fields_changed(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    change(desk, place, size="2K", title="Mugs", **{"row:1": {"off": True}})
    headers = {"Origin": ADDRESS, "X-Desk": "1"}
    body = {"values": {"size": "4K", "title": "Cups"}, "seen": {"size": 0, "title": 1}}
    refused = desk.client.post(f"{place}/values", json=body, headers=headers)
    assert (refused.status_code, refused.json()) == (409, {"theirs": {"size": "2K"}, "version": 1})
    change(desk, place, size=None)  # as by default again: that, too, is a value
    default = desk.client.post(f"{place}/values", json=body, headers=headers).json()
    assert default["theirs"] == {"size": "1K"}
    assert 'data-changed="{&#34;size&#34;: 2, &#34;title&#34;: 1}"' in desk.page(f"{place}/live")


def test_a_draft_of_before_has_the_names_of_today(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    draft = drafts.new("article-batch", {"word_count": "900", "items": "Tides"})
    assert drafts.read(draft.id).values == {"words": "900", "items": "Tides"}
    assert drafts.change(draft.id, {"words": "800-1200"}, 0).values["words"] == "800-1200"


def test_what_was_started_stands_and_is_kept_for_a_month_and_an_empty_one_for_a_day(
    tmp_path: Path,
) -> None:
    now = [1e9]
    drafts = Drafts(tmp_path, lambda: now[0])
    started, empty = drafts.new("image-batch", {"prompts": "a"}), drafts.new("image-batch")
    drafts.started(started, "run-1")
    with pytest.raises(InputError, match="was started"):
        drafts.change(started.id, {"prompts": "b"})
    found = drafts.of_run("run-1")
    assert found is not None
    assert found.id == started.id
    now[0] += 25 * 3600
    typed = drafts.new("image-batch", {"prompts": "c"})
    assert {file.stem for file in tmp_path.glob("*.json")} == {started.id, typed.id}
    assert empty.id not in {draft.id for draft in drafts.all()}
    now[0] += 31 * 24 * 3600
    drafts.new("image-batch")
    assert [draft.id for draft in drafts.all()] == [typed.id]


@pytest.mark.parametrize("name", ["../login", "", "0" * 32, "..%2f", "a" * 5000])
def test_a_draft_that_is_not_there_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such draft"):
        Drafts(tmp_path).read(name)


def test_a_damaged_file_and_one_that_is_too_large_end_no_page(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    draft = drafts.new("image-batch", {"prompts": "a"})
    (tmp_path / f"{draft.id}.json").write_text('{"id":')
    with pytest.raises(InputError, match="damaged"):
        drafts.read(draft.id)
    assert drafts.all() == []
    other = drafts.new("image-batch")
    with pytest.raises(InputError, match="too much"):
        drafts.change(other.id, {"prompts": "x" * 9_000_000})
    assert drafts.read(other.id).version == 0


def change(desk: Asked, place: str, **values: object) -> int:
    """Sends changes as the page's script does."""
    sent = desk.client.post(
        f"{place}/values", json={"values": values}, headers={"Origin": ADDRESS, "X-Desk": "1"}
    )
    return sent.status_code


def test_a_pasted_document_is_shown_priced_and_its_words_are_escaped(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    assert change(desk, place, prompts="1. a red mug <script>\n2. a blue mug\n") == 200
    assert change(desk, place, model="gemini-3-pro-image") == 200
    page = desk.page(place)
    while "Reading and pricing" in page:
        page = desk.page(f"{place}/live")
    assert "Start for $0.2" in page
    assert "a red mug &lt;script&gt;" in desk.page(place)
    assert "a red mug" in desk.page("/")  # among the drafts


def test_nothing_is_started_while_prefects_server_is_away_and_the_draft_stays(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    change(desk, place, prompts="1. a red mug\n2. a blue mug\n")
    while "Reading and pricing" in desk.page(f"{place}/live"):
        pass
    sent = desk.client.post(f"{place}/start", data={"action": "run"}, headers={"Origin": ADDRESS})
    assert sent.status_code == 503
    # The draft's own page says it, with all that was typed and its buttons.
    assert "Nothing was started, as far as is known, and this draft is kept." in sent.text
    assert f'data-draft="{place}"' in sent.text
    assert "a red mug" in sent.text
    assert "a red mug" in desk.page(place)


def test_what_is_refused_at_the_start_leads_back_to_the_draft(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    _priced(desk, place)
    sent = desk.client.post(f"{place}/start", data={"action": "run"}, headers={"Origin": ADDRESS})
    assert sent.status_code == 400
    assert f'<a href="{place}">Back to the draft</a>' in sent.text


def test_a_model_without_a_key_here_is_asked_about_before_it_starts(
    desk: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("variable", "saved"):
        monkeypatch.setattr(
            PrefectServer, name, lambda *_: {} if _[1] == "pressrun-defaults" else []
        )
    monkeypatch.setattr(PrefectServer, "start", lambda *_, **__: "a-run")
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    change(desk, place, prompts="1. a red mug\n2. a blue mug\n", model="gemini-3-pro-image")
    page = _priced(desk, place)
    assert "This machine has no key for gemini-3-pro-image." in page
    assert 'href="/settings/accounts/new"' in page
    for action in ("run", "preview"):
        sent = {"action": action}
        asked = desk.client.post(f"{place}/start", data=sent, headers={"Origin": ADDRESS})
        assert (
            "If batches are made on another machine that has a key of its own, start." in asked.text
        )
        assert "Models: gemini-3-pro-image." in asked.text
    assert desk.post(f"{place}/start", action="run", sure="1") == 303


def test_saved_blocks_stay_known_while_the_server_does_not_answer(
    desk: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    unknown = desk.page(place)
    assert "does not answer (nothing is there). What is saved there is not known yet," in unknown
    monkeypatch.setattr("pressrun.desk.new.desk._LISTED_S", 0.0)

    def slow(*_: object) -> list[SavedBlock]:
        time.sleep(0.5)  # longer than a price is waited for
        return [SavedBlock("an-id", "shelf")]

    with monkeypatch.context() as there:
        there.setattr(PrefectServer, "saved", slow)
        assert ">shelf</option>" in desk.page(place)
    before = desk.page(place)
    assert ">shelf</option>" in before
    assert "These are the ones that were there before." in before


def test_what_cannot_be_used_is_said_where_the_price_stands(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    assert "Nothing is given yet." in _priced(desk, place)
    change(desk, place, prompts="1. a red mug\n2. a mug\n", quality="many")
    page = _priced(desk, place)
    assert "Some settings cannot be used:" in page
    assert "Quality: that is no whole number." in page.partition("Some settings")[2]
    assert change(desk, place, prompts="x" * 9_000_000) in (400, 413)
    assert desk.post(f"{place}/start", action="run") == 400


def _priced(desk: Asked, place: str) -> str:
    page = desk.page(f"{place}/live")
    while "Reading and pricing" in page:
        page = desk.page(f"{place}/live")
    return page


def test_only_the_latest_version_of_few_drafts_is_kept_in_memory() -> None:
    kept = Kept("It is still read.")
    drafts = SeenDrafts(kept)
    made = BatchDraft("a" * 32, "image-batch", 0.0, 0.0)
    asked: list[int] = []

    def see(draft: BatchDraft) -> SeenDraft | None:
        def read() -> SeenDraft:
            asked.append(draft.version)
            return SeenDraft(DraftEstimate())

        return drafts.get(draft, read)

    for version in range(5):
        see(replace(made, version=version))
        see(replace(made, version=version))
    assert asked == [0, 1, 2, 3, 4]
    assert len(kept) == 1
    for n in range(30):
        see(replace(made, id=f"{n:032d}"))
    assert len(kept) == 20
    assert drafts.last(made.id) is None
    kept.close()


def test_a_new_draft_begins_with_the_defaults_and_asks_over_their_sum(
    desk: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"model": "gemini-3-pro-image", "store": "shelf", "ask_over_usd": 0.2, "owner": "Ana"}
    monkeypatch.setattr(PrefectServer, "variable", lambda _, name: held)
    monkeypatch.setattr(PrefectServer, "saved", lambda _, kind: [SavedBlock("an-id", "shelf")])
    started: list[dict[str, object]] = []

    def start(_: object, deployment: str, parameters: dict[str, object], key: str) -> str:
        started.append(parameters)
        return "a-run"

    monkeypatch.setattr(PrefectServer, "start", start)
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    assert "Drafts" not in desk.page("/")  # nobody typed anything
    change(desk, place, prompts="1. a red mug\n2. a blue mug\n")
    assert "Start for $0.2" in _priced(desk, place)
    asked = desk.client.post(f"{place}/start", data={"action": "run"}, headers={"Origin": ADDRESS})
    assert "It costs more than $0.2" in asked.text
    assert "Price: about $0.2" in asked.text
    assert "2 prompts." in asked.text
    assert "No cap: nothing holds it back at a sum." in asked.text
    assert started == []
    assert desk.post(f"{place}/start", action="run", sure="1") == 303
    (given,) = started
    assert given["store"] == {"$ref": {"block_document_id": "an-id"}}
    assert (given["model"], given["owner"]) == ("gemini-3-pro-image", "Ana")


def test_the_run_of_a_draft_that_was_deleted_while_it_started_is_known(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    draft = drafts.new("image-batch", {"prompts": "a"})
    drafts.delete(draft.id)
    drafts.started(draft, "run-1")
    found = drafts.of_run("run-1")
    assert found is not None
    assert found.values == {"prompts": "a"}


def test_a_disk_that_is_full_loses_nothing_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = Drafts(tmp_path)
    draft = drafts.new("image-batch", {"prompts": "a"})

    def full(place: Path, data: bytes) -> int:
        place.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match="No space left on device"):
        drafts.change(draft.id, {"prompts": "b"})
    assert drafts.read(draft.id).values == {"prompts": "a"}
    assert [file.name for file in tmp_path.iterdir()] == [f"{draft.id}.json"]


@pytest.mark.parametrize("typed", ["1,5", "1.5", "$1.50", "\uff11.5"])
def test_a_cap_is_what_its_writer_meant(
    desk: Asked, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    started: list[dict[str, object]] = []

    def start(_: object, deployment: str, parameters: dict[str, object], key: str) -> str:
        started.append(parameters)
        return "a-run"

    monkeypatch.setattr(PrefectServer, "start", start)
    monkeypatch.setattr(PrefectServer, "variable", lambda _, name: None)
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    change(desk, place, prompts="a red mug", budget_usd=typed)
    _priced(desk, place)
    assert desk.post(f"{place}/start", action="run") == 303
    assert started[0]["budget_usd"] == 1.5


def test_a_price_above_the_budget_is_said_at_once(
    desk: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PrefectServer, "variable", lambda _, name: None)
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    prompts = "- a red mug\n- a blue mug\n- a green mug"
    given = {"prompts": prompts, "text_model": "", "budget_usd": "0,08"}
    change(desk, place, model="gemini-nano-banana-2.1", **given)
    assert "The price is more than the cap: about 2 of 3 items will be made." in _priced(
        desk, place
    )
    assert "Start, at most $0.08</button>" in _priced(desk, place)
    asked = desk.client.post(f"{place}/start", data={"action": "run"}, headers={"Origin": ADDRESS})
    assert '<h1 id="question">Start, at most $0.08?</h1>' in asked.text
    page = desk.page(place)
    assert page.index('class="bar foot"') < page.index('name="budget_usd"')  # beside the price
    change(desk, place, budget_usd="2")
    page = _priced(desk, place)
    assert ("more than the cap" in page, "Start for $0.1" in page) == (False, True)
    change(desk, place, budget_usd="")
    assert 'placeholder="no cap"' in desk.page(place)


@pytest.mark.parametrize("typed", ["inf", "1e", "nan", "5 or so"])
@pytest.mark.parametrize(
    ("flow", "name"), [("image-batch", "budget_usd"), ("slideshow-batch", "photo_variations")]
)
def test_what_is_no_number_is_said_beside_it_and_starts_nothing(
    desk: Asked, flow: str, name: str, typed: object
) -> None:
    place = desk.client.get(f"/new/{flow}", follow_redirects=False).headers["location"]
    change(desk, place, **{name: typed, "prompts": "a red mug"})
    headers = {"Origin": ADDRESS, "X-Desk": "1"}
    link = "https://www.tiktok.com/@ana/photo/7240568259186019630\t\tA wide cup"
    desk.client.post(f"{place}/rows", json={"act": "paste", "text": link}, headers=headers)
    desk.client.post(f"{place}/values", json={"values": {"photo": "/a.jpg"}}, headers=headers)
    page = _priced(desk, place)
    assert f'data-wrong="{name}"' in page
    assert desk.post(f"{place}/start", action="run") == 400


def test_a_default_account_that_was_deleted_is_said_and_nobody_else_pays(
    desk: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PrefectServer, "variable", lambda _, name: {"account": "shop"})
    monkeypatch.setattr(PrefectServer, "saved", lambda _, kind: [])
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    change(desk, place, prompts="a red mug")
    assert "The model account “shop” of this draft was deleted." in _priced(desk, place)
    assert desk.post(f"{place}/start", action="run") == 400
    change(desk, place, account="")  # the worker's own key, chosen by a person
    assert "was deleted" not in _priced(desk, place)
    started: list[dict[str, object]] = []

    def start(_: object, deployment: str, parameters: dict[str, object], key: str) -> str:
        started.append(parameters)
        return "a-run"

    monkeypatch.setattr(PrefectServer, "start", start)
    assert desk.post(f"{place}/start", action="run") == 303
    assert started[0]["account"] is None  # not what the deployment has as its default


def test_a_draft_that_begins_without_the_defaults_says_so(desk: Asked) -> None:
    place = desk.client.get("/new/image-batch", follow_redirects=False).headers["location"]
    assert "do not hold here" in desk.page(place)


@pytest.mark.parametrize(
    ("flow", "wrong"),
    [
        ("image-batch", {"prompts": "\n\n- [x] done\n"}),
        ("article-batch", {"items": "---\n"}),
        ("model-comparison", {"prompts": "a cat", "models": [f"none-{n}" for n in range(12)]}),
        ("slideshow-batch", {"manifest": "rows.csv"}),
    ],
)
def test_nothing_is_red_before_something_was_given(
    desk: Asked, flow: str, wrong: dict[str, object]
) -> None:
    place = new_draft(desk, flow, title="Spring")
    page = _priced(desk, place)
    assert '<p class="small">Nothing is given yet.</p>' in page
    assert '<p class="error"' not in page
    assert "data-wrong=" not in page
    assert 'id="start" class="main" disabled' in page
    change(desk, place, **wrong)
    page = _priced(desk, place)
    assert "Nothing is given yet." not in page
    assert '<p class="error"' in page
    assert 'id="start" class="main" disabled' in page
