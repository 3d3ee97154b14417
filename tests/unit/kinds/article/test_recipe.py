"""How an article is made: outlined, written, checked, mended, and nothing of it paid twice."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pressrun.calls.admission import Admission
from pressrun.calls.caller import Caller
from pressrun.calls.endpoints import Endpoint
from pressrun.calls.routes import Route
from pressrun.engines.account import Account
from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.engines.sketch.article import write_outline
from pressrun.engines.sketch.engine import draw
from pressrun.errors import (
    BadReply,
    Blocked,
    EngineError,
    QuotaExhausted,
    Refused,
    Unavailable,
)
from pressrun.kinds.article.originality import texts_of_batch
from pressrun.kinds.article.prompt import NEAR_COPY, ArticleAnswer, IllustratedAnswer, Outline
from pressrun.kinds.article.recipe import TRIES, ArticleRecipe, texts
from pressrun.kinds.base import MISSING, Output
from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import calls
from pressrun.ledger.records import Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.pictures.provenance import read
from pressrun.reports.quote import quote
from tests.support.articles import TOPICS, answer_of, illustrated_of, settings_of, spec_of
from tests.support.pace import within

Said = ArticleAnswer | EngineError | str
SETTINGS = settings_of()


@dataclass
class Writer:
    """An engine that plans as the sketch does and writes what it is told, in turn."""

    answers: list[Said] = field(default_factory=list)
    asked: list[TextRequest] = field(default_factory=list)
    #: What drawing a picture of that seed fails with, once.
    refusals: dict[int, EngineError] = field(default_factory=dict)
    drawn: list[ImageRequest] = field(default_factory=list)
    name: str = "told"

    def text(self, request: TextRequest) -> TextReply:
        self.asked.append(request)
        if request.schema is Outline:
            return TextReply(json.dumps(write_outline(request)), Usage(10, 10))
        answer = self.answers.pop(0)
        if isinstance(answer, EngineError):
            raise answer
        said = answer if isinstance(answer, str) else answer.model_dump_json()
        return TextReply(said, Usage(10, 10))

    def image(self, request: ImageRequest) -> ImageReply:
        self.drawn.append(request)
        if error := self.refusals.pop(request.seed, None):
            raise error
        return ImageReply(draw(request, (2048, 1152)))

    def close(self) -> None:
        pass


@dataclass
class Desk:
    """One batch's ledger, vault and engine, and the making of its items."""

    ledger: Ledger
    vault: Vault
    writer: Writer = field(default_factory=Writer)
    rests: list[float] = field(default_factory=list)

    def make(self, spec: dict[str, Any] | None = None, **settings: Any) -> list[Output]:
        spec = spec or spec_of()
        key = f"article_{spec['order']:02d}"
        account = Account()
        route = Route(
            catalogue()["sketch"],
            (Endpoint("free", self.writer),),
            lambda: account,
            Admission(),
            ledger=self.ledger,
        )
        caller = _Caller(self.rests, self.ledger, self.vault, {"sketch": route}, "b1", key)
        item = Item(key, spec["order"], key, "processing", 1, spec)
        return ArticleRecipe().make("b1", item, SETTINGS | settings, caller, self.vault)

    def slots(self) -> list[tuple[str, str]]:
        """Every call's slot and status, in order."""
        with self.ledger.database.read() as connection:
            query = select(calls.c.slot, calls.c.status).order_by(calls.c.send_at)
            return [(slot, status) for slot, status in connection.execute(query)]

    def restart(self) -> None:
        """As a new process: what only memory knew is gone."""
        texts_of_batch.cache_clear()


class _Caller(Caller):
    """A caller that notes its rests and takes none."""

    def __init__(self, rests: list[float], *args: Any):
        super().__init__(*args)
        self._rests = rests

    def sleep(self, seconds: float) -> None:
        self._rests.append(seconds)


@pytest.fixture
def desk(tmp_path: Path, home: Path) -> Iterator[Desk]:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield Desk(ledger, Vault(tmp_path / "vault"))
    ledger.close()


def content(outputs: list[Output]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(next(o.data for o in outputs if o.path.endswith(".json")))
    return read


def good(attempt: int = 1, order: int = 1) -> ArticleAnswer:
    return answer_of(spec_of(order=order), attempt)


def short() -> ArticleAnswer:
    return good().model_copy(
        update={"body": "## One\n\nToo short.\n\n## Two\n\nMuch.", "headings": ["One", "Two"]}
    )


def test_a_good_article_takes_two_calls_and_says_so_beforehand(desk: Desk) -> None:
    desk.writer.answers = [good()]
    outputs = desk.make()
    assert [o.path.rpartition(".")[2] for o in outputs] == ["md", "html", "json"]
    assert desk.slots() == [("outline", "settled"), ("article_1", "settled")]
    expected = ArticleRecipe().expect(spec_of(), SETTINGS)
    assert [call.slot for call in expected] == ["outline", "article_1"]
    for call, asked in zip(expected, desk.writer.asked, strict=True):
        length = len(asked.system) + len(asked.prompt)
        assert 0.5 * length <= call.characters <= 2 * length


def test_a_miss_is_asked_again_with_what_was_wrong(desk: Desk) -> None:
    desk.writer.answers = [short(), good()]
    made = content(desk.make())
    assert desk.slots()[1:] == [("article_1", "settled"), ("article_2", "settled")]
    second = desk.writer.asked[2].prompt
    (wrong,) = made["faults_of_earlier_answers"]
    assert wrong == ["The article has 5 words; 270 to 330 are asked."]
    assert wrong[0] in second
    assert "Too short." in second


def test_after_three_misses_it_fails_for_good_with_its_reasons(desk: Desk) -> None:
    desk.writer.answers = [short(), short(), short()]
    with pytest.raises(BadReply, match=r"written 3 times .* 270 to 330 are asked") as failed:
        desk.make()
    assert (failed.value.kind, failed.value.retryable) == ("faulty_article", False)
    assert [slot for slot, _ in desk.slots()] == ["outline", "article_1", "article_2", "article_3"]


def test_a_retry_of_a_failed_article_pays_for_one_more_answer_only(desk: Desk) -> None:
    desk.writer.answers = [short(), short(), short(), good()]
    with pytest.raises(BadReply):
        desk.make()
    made = content(desk.make())
    assert len(desk.writer.asked) == 1 + TRIES + 1
    assert len(made["faults_of_earlier_answers"]) == 2


@pytest.mark.parametrize("answered", [1, 2, 3])
def test_an_item_that_is_made_again_asks_for_nothing_that_was_answered(
    desk: Desk, answered: int
) -> None:
    answers: list[Said] = [short(), short(), good()]
    desk.writer.answers = [*answers[:answered], Unavailable("away"), *answers[answered:]]
    if answered < 3:
        with pytest.raises(Unavailable):
            desk.make()
        desk.restart()
        asked = len(desk.writer.asked)
        desk.make()
        assert len(desk.writer.asked) - asked == 3 - answered
    else:
        first = desk.make()
        desk.restart()
        assert desk.make() == first
    settled = [slot for slot, status in desk.slots() if status == "settled"]
    assert settled == ["outline", "article_1", "article_2", "article_3"]


@pytest.mark.parametrize("said", ["Here is your article!", '{"title": "x"}', "[]"])
def test_an_answer_in_prose_or_of_another_shape_is_no_article(desk: Desk, said: str) -> None:
    desk.writer.answers = [said, good()]
    with pytest.raises(BadReply, match="not of the asked shape") as failed:
        desk.make()
    assert failed.value.retryable
    desk.make()
    assert [slot for slot, status in desk.slots() if status == "settled"] == [
        "outline",
        "article_1",
    ]


def test_a_near_copy_of_another_article_is_asked_for_anew(desk: Desk) -> None:
    desk.writer.answers = [good(), good(), good(attempt=2, order=2)]
    desk.make()
    made = content(desk.make(spec_of(order=2)))
    assert NEAR_COPY in desk.writer.asked[-1].prompt
    assert "article_01" in made["faults_of_earlier_answers"][0][0]


def test_what_was_finished_before_a_crash_is_known_after_it(desk: Desk) -> None:
    desk.writer.answers = [good(), good(), good(attempt=2, order=2)]
    for output in desk.make():
        desk.vault.put(output.data)
    desk.restart()
    desk.make(spec_of(order=2))
    assert NEAR_COPY in desk.writer.asked[-1].prompt


def test_an_answer_that_stopped_being_a_copy_is_taken_and_none_is_paid_again(desk: Desk) -> None:
    # The other item's text was in memory only, and is written anew after the crash.
    desk.writer.answers = [good(), good(), Unavailable("away")]
    desk.make()
    with pytest.raises(Unavailable):
        desk.make(spec_of(order=2))
    desk.restart()
    asked = len(desk.writer.asked)
    desk.make(spec_of(order=2))
    assert len(desk.writer.asked) == asked


def test_an_article_is_no_copy_of_its_own_earlier_making(desk: Desk) -> None:
    desk.writer.answers = [good()]
    first = desk.make()
    assert desk.make() == first


def test_a_rewritten_text_is_held_against_its_source(desk: Desk) -> None:
    source = good().body
    spec = spec_of(
        mode="spin",
        source={"title": "S", "url": "https://a.example"},
        source_sha256=desk.vault.put(source.encode()),
        source_characters=len(source),
    )
    desk.writer.answers = [good(), good(attempt=2)]
    made = content(desk.make(spec))
    assert "of the wording is that of the source" in made["faults_of_earlier_answers"][0][0]
    assert source[:80] in desk.writer.asked[0].prompt


def test_the_delay_comes_before_every_item_but_the_first(desk: Desk) -> None:
    desk.writer.answers = [good(), good(order=2)]
    desk.make(spec_of(order=1), delay_s=5.0)
    desk.make(spec_of(order=2), delay_s=5.0)
    assert desk.rests == [5.0]


def test_all_that_a_person_or_a_feed_wrote_is_held_against_the_rules() -> None:
    source = {"title": "A title", "url": "https://a.example", "summary": "A summary"}
    spec = spec_of(keywords=["k"], tone="t", audience="a", instructions="i", source=source)
    given = {TOPICS[0], "k", "t", "a", "i", "A title", "A summary"}
    assert set(texts(spec, {})) == given
    assert set(texts(spec, settings_of(picture_style="s"))) == given
    assert set(texts(spec, settings_of(picture_style="s", pictures=1))) == given | {"s"}


def test_a_word_document_comes_if_it_is_asked_for(desk: Desk) -> None:
    desk.writer.answers = [good()]
    assert [o.path.rpartition(".")[2] for o in desk.make(docx=True)][-1] == "docx"


def pictured(count: int = 2) -> IllustratedAnswer:
    return illustrated_of(spec_of(), count)


def test_pictures_are_drawn_after_the_text_and_said_beforehand(desk: Desk) -> None:
    desk.writer.answers = [pictured()]
    settings = settings_of(pictures=2, picture_style="ink", docx=True)
    outputs = desk.make(**settings)
    stem = "01-repairing-a-bicycle-puncture"
    assert [o.path for o in outputs] == [
        *(f"{stem}.{kind}" for kind in ("md", "html", "json", "docx")),
        f"{stem}-1.jpg",
        f"{stem}-2.jpg",
    ]
    slots = ["outline", "article_1", "picture_1", "picture_2"]
    assert desk.slots() == [(slot, "settled") for slot in slots]
    expected = ArticleRecipe().expect(spec_of(), settings)
    assert [call.slot for call in expected] == slots
    for call, asked in zip(expected[2:], desk.writer.drawn, strict=True):
        assert (call.kind, call.size, asked.aspect_ratio) == ("image", "1K", "16:9")
        assert 0.3 * len(asked.prompt) <= call.characters <= 3 * len(asked.prompt)
        assert "Style: ink." in asked.prompt
    first, second = content(outputs)["pictures"]
    # Scaled down to what web pages show, and with its provenance inside.
    assert (first["width"], first["height"]) == (1600, 900)
    origin = read(outputs[4].data)
    assert origin
    assert (origin.model, origin.batch, origin.item) == ("sketch", "b1", "article_01")
    assert len(outputs[4].data) < 200_000
    assert (first["heading"], second["heading"]) == ("", pictured().headings[1])
    assert first["alt"] == pictured().pictures[0].alt
    assert ArticleRecipe().models(settings) == ["sketch", "sketch"]
    assert ArticleRecipe().models(SETTINGS) == ["sketch"]


def test_pictures_that_are_not_as_asked_are_mended_like_other_faults(desk: Desk) -> None:
    wrong = pictured().model_copy(update={"pictures": []})
    desk.writer.answers = [wrong, pictured()]
    made = content(desk.make(pictures=2))
    assert made["faults_of_earlier_answers"] == [["`pictures` lists 0; 2 are asked."]]


def test_a_refused_picture_is_left_out_and_said_and_the_article_stays(desk: Desk) -> None:
    desk.writer.answers = [pictured()]
    desk.writer.refusals = {1101: Blocked("The safety rules refused it.")}
    outputs = desk.make(pictures=2)
    assert [o.path[-6:] for o in outputs if o.media_type == "image/jpeg"] == ["-2.jpg"]
    made = content(outputs)
    assert made["warnings"][-1] == "Picture 1 is missing: The safety rules refused it."
    assert made["pictures"][0]["missing"] == "The safety rules refused it."
    told = next(o.provenance for o in outputs if o.path.endswith(".json")) or {}
    assert told[MISSING] == "1"
    page = next(o.data for o in outputs if o.path.endswith(".html"))
    assert page.count(b"<img ") == 1


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("away"),
        Refused("Your key is wrong.", kind="bad_key"),
        QuotaExhausted("Nothing more today."),
    ],
)
def test_what_may_pass_or_stops_others_keeps_the_article_waiting_and_pays_nothing_twice(
    desk: Desk, error: EngineError
) -> None:
    desk.writer.answers = [pictured()]
    desk.writer.refusals = {1102: error}
    with pytest.raises(type(error)):
        desk.make(pictures=2)
    desk.restart()
    outputs = desk.make(pictures=2)
    assert sum(o.media_type == "image/jpeg" for o in outputs) == 2
    assert len(desk.writer.asked) == 2
    assert [one.seed for one in desk.writer.drawn] == [1101, 1102, 1102]


def test_an_image_model_is_priced_by_the_picture() -> None:
    settings = settings_of(pictures=3, model="stable-image-core")
    item = PlannedItem("article_01", 1, "A", spec_of())
    asked: dict[str, Any] = {
        "limits": {"sketch": Limits(), "stable-image-core": Limits()},
        "recent": {},
        "concurrency": 1,
    }
    quoted = quote([item], ArticleRecipe(), settings, **asked)
    assert [(one.model, one.calls, one.images) for one in quoted.models] == [
        ("sketch", 2, 0),
        ("stable-image-core", 3, 3),
    ]
    assert quoted.cost_usd.expected == pytest.approx(3 * 0.04)


def test_html_and_links_are_mended_like_other_faults(desk: Desk) -> None:
    evil = good().model_copy(update={"body": good().body + "\n\n<img src=x onerror=alert(1)>"})
    linked = good().model_copy(update={"body": good().body + " <https://other.example>"})
    desk.writer.answers = [evil, linked, good()]
    html, link = content(desk.make())["faults_of_earlier_answers"]
    assert html == [
        'The body has raw HTML: "<img src=x onerror=alert(1)>". Write markdown, and tags as code.'
    ]
    assert link == ['The body leads to "https://other.example"; give no addresses.']


@pytest.mark.parametrize("shape", ["![", "a\n", "<", "`` ` "])
def test_an_answer_of_a_megabyte_is_refused_before_anything_reads_it(
    desk: Desk, shape: str
) -> None:
    desk.writer.answers = [good().model_copy(update={"body": shape * (1_000_000 // len(shape))})]
    with (
        within(5),
        pytest.raises(BadReply, match=r"characters; 330 words need 13,960 at most") as refused,
    ):
        desk.make()
    assert refused.value.retryable
