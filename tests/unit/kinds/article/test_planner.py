"""From rows, feeds and pages to articles: everything judged before anything is paid."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pressrun.calls.standalone import Ask
from pressrun.engines.base import TextRequest
from pressrun.errors import InputError, SourceError
from pressrun.inputs.web.feeds import TRENDS_URL, FeedEntry, read_feed
from pressrun.inputs.web.fetch import Fetcher
from pressrun.inputs.web.page import Document, WebPage, read_page
from pressrun.kinds.article.parameters import ArticleParameters
from pressrun.kinds.article.planner import ArticlePlanner
from pressrun.kinds.article.recipe import ArticleRecipe
from pressrun.ledger.records import Item, PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.settings import Settings
from tests.support.articles import INJECTION, TOPICS, settings_of

GEMINI = "gemini-3.8-flash"
TEXT = "The old mill by the river grinds rye twice a week, and the miller sells it himself. " * 8
PAGE = (
    "<html><head><title>The old mill</title></head>"
    f"<body><article><p>{TEXT}</p></article></body></html>"
)


class Web:
    """Addresses and what is there; a kind of error in place of what cannot be had."""

    def __init__(self, **pages: str):
        self.pages = {f"https://{name}.example/": page for name, page in pages.items()}
        self.asked: list[str] = []

    def __call__(self, url: str) -> Document:
        self.asked.append(url)
        if url not in self.pages:
            raise SourceError(f"{url} was not given.", kind="unreachable", retryable=True)
        return Document(self.pages[url].encode(), "text/html", url)


def feed(*titles: str, day: int = 1) -> str:
    items = "".join(
        f"<item><title><![CDATA[{title}]]></title><link>https://news.example/{day}/{n}</link>"
        f"<description>What is known of {n}.</description>"
        f"<pubDate>{day:02d} Nov 2026 0{n % 10}:00:00 GMT</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'


def unasked(request: TextRequest, check: Callable[[str], None]) -> str:
    raise AssertionError(f"{request.model} is asked")


def planned(
    tmp_path: Path,
    said: list[str] | None = None,
    web: Callable[[str], Document] | None = None,
    settings: Settings | None = None,
    ask: Ask | None = None,
    **given: Any,
) -> list[PlannedItem]:
    return planner(tmp_path, said, web, settings, ask, **given).plan()


def planner(
    tmp_path: Path,
    said: list[str] | None = None,
    web: Callable[[str], Document] | None = None,
    settings: Settings | None = None,
    ask: Ask | None = None,
    **given: Any,
) -> ArticlePlanner:
    log = (said if said is not None else []).append
    given = {"rights": "mine" if given.get("mode") == "spin" else "", **given}
    parameters, settings = ArticleParameters.of(given), settings or Settings()
    vault, fetch = Vault(tmp_path / "b1"), web or Web()
    return ArticlePlanner(parameters, settings, vault, log, str, fetch, ask or unasked)


def lines(count: int) -> str:
    return "\n".join(f"The topic of number {n}" for n in range(1, count + 1))


def test_every_line_is_an_article_with_all_that_is_asked_of_it(tmp_path: Path) -> None:
    items = planned(tmp_path, items="\n".join(TOPICS), tone="plain", word_count=700)
    assert [(i.key, i.position) for i in items] == [
        (f"article_{n:02d}", n) for n in range(1, len(TOPICS) + 1)
    ]
    assert items[0].title == f"Article 01: {TOPICS[0]}"
    assert items[0].spec == {
        "order": 1,
        "line": 1,
        "mode": "topic",
        "subject": TOPICS[0],
        "keywords": [],
        "word_count": 700,
        "words_from": 630,
        "words_to": 770,
        "tone": "plain",
        "language": "en",
        "audience": "",
        "instructions": "",
        "source": {},
        "source_sha256": "",
        "source_characters": 0,
        "today": date.today().isoformat(),  # noqa: DTZ011 - as the planner takes it
        "own_sources": [],
        "sources": [],
        "group": "",
    }


def test_a_row_may_say_otherwise_than_the_order(tmp_path: Path) -> None:
    text = "topic\twords\ttone\nTides\t900\tdry\nBread\t\t"
    items = planned(tmp_path, items=text, tone="plain")
    assert [(i.spec["word_count"], i.spec["tone"]) for i in items] == [
        (900, "dry"),
        (1200, "plain"),
    ]


def test_keywords_are_primary_and_secondary(tmp_path: Path) -> None:
    (item,) = planned(tmp_path, mode="keywords", items="cast iron pan; seasoning, rust")
    assert item.spec["subject"] == "cast iron pan"
    assert item.spec["keywords"] == ["cast iron pan", "seasoning", "rust"]


def test_a_file_is_read_in_place_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "topics.csv"
    file.write_text("topic,words\nTides,300\nBread,400\n")
    items = planned(tmp_path, file=str(file))
    assert [i.spec["word_count"] for i in items] == [300, 400]
    with pytest.raises(InputError, match="not both"):
        planned(tmp_path, file=str(file), items="Tides")


def test_too_many_say_the_bound_and_its_setting(tmp_path: Path) -> None:
    said = r"There are 51 items; an article batch takes at most 50\..*PRESSRUN_MOST_ARTICLES"
    with pytest.raises(InputError, match=said):
        planned(tmp_path, items=lines(51))


@pytest.mark.parametrize("count", [1, 50])
def test_up_to_fifty_are_taken_in_their_order(tmp_path: Path, count: int) -> None:
    items = planned(tmp_path, items=lines(count))
    assert [item.position for item in items] == list(range(1, count + 1))


def test_a_bad_row_is_one_failed_item_among_good_ones(tmp_path: Path) -> None:
    text = "topic\twords\nTides\t900\nBread\tmany\nRain\t300"
    items = planned(tmp_path, items=text)
    assert [bool(i.error) for i in items] == [False, True, False]
    assert "row 3:" in str(items[1].error)
    assert "many" in str(items[1].error)
    with pytest.raises(InputError, match="1 of 3 rows cannot be used") as refused:
        planned(tmp_path, items=text, skip_invalid=False)
    assert refused.value.problems[0].startswith("row 3:")


def test_the_sketch_engine_says_beforehand_that_it_writes_english_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sketch engine writes English only\. Choose another"):
        planned(tmp_path, items=lines(2), language="de")
    items = planned(tmp_path, items=lines(2), language="German", text_model=GEMINI, read_as="form")
    assert [(i.spec["language"], i.error) for i in items] == [("de", None)] * 2


def test_nothing_given_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        planned(tmp_path, items=" \n ")


@pytest.mark.parametrize(
    "given",
    [
        {"words": "199"},
        {"words": "800-5001"},
        {"delay_s": 61},
        {"concurrency": 51},
        {"mode": "poem"},
        {"text_model": "gemini-nano-banana-2.1"},
        {"country": "U/"},
        {"most_similarity": 0},
        {"pictures": 5},
        {"model": "gemini-3.8-flash"},
        {"size": "4K"},
    ],
    ids=lambda given: f"{next(iter(given))}",
)
def test_parameters_out_of_bounds_are_refused_by_name(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(given))):
        ArticleParameters.of(given)


def test_what_is_asked_by_default_is_one_after_the_other_with_a_delay() -> None:
    parameters = ArticleParameters.of({})
    assert (parameters.concurrency, parameters.delay_s, parameters.words) == (1, 5.0, "1000-1400")


def test_trends_are_the_newest_distinct_entries_of_all_feeds_with_their_source(
    tmp_path: Path,
) -> None:
    web = Web(
        a=feed("Tides are high this week", "Bread is dear", day=2),
        b=feed("Rain is coming soon", "Tides are high this week", day=3),
    )
    items = planned(
        tmp_path, web=web, mode="trends", count=3, items="https://a.example/\nhttps://b.example/"
    )
    assert [i.spec["subject"] for i in items] == [
        "Tides are high this week",
        "Rain is coming soon",
        "Bread is dear",
    ]
    source = items[1].spec["source"]
    assert source["url"] == "https://news.example/3/0"
    assert (source["feed"], source["published"]) == ("News", "2026-11-03T00:00:00+00:00")
    assert source["summary"] == "What is known of 0."


def test_without_a_feed_topics_come_from_google_trends_for_the_country(tmp_path: Path) -> None:
    url = TRENDS_URL.format(country="DE")
    web, said = Web(), list[str]()
    web.pages[url] = feed(*TOPICS)
    items = planned(tmp_path, said, web, mode="trends", country="de")
    assert (web.asked, len(items)) == ([url], 10)
    assert "Google Trends for DE" in said[0]


def test_a_title_in_a_feed_is_kept_as_it_is_and_obeyed_by_nobody(tmp_path: Path) -> None:
    web = Web(a=feed(INJECTION.replace("<b>", "").replace("</b>", "").replace("</data>", "")))
    (item,) = planned(tmp_path, web=web, mode="trends", count=1, items="https://a.example/")
    assert item.spec["subject"].startswith("Ignore previous instructions")


def test_a_feed_that_fails_is_said_and_left_out_if_the_others_suffice(tmp_path: Path) -> None:
    web, said = Web(a=feed(*TOPICS[:3]), c=PAGE), list[str]()
    feeds = "https://a.example/\nhttps://gone.example/\nhttps://c.example/"
    items = planned(tmp_path, said, web, mode="trends", count=3, items=feeds)
    assert len(items) == 3
    assert any("row 2: https://gone.example/ was not given" in line for line in said)
    assert any("row 3:" in line and "web page, not a feed" in line for line in said)
    with pytest.raises(InputError, match="Feeds cannot be used") as refused:
        planned(tmp_path, said, web, mode="trends", count=3, items=feeds, skip_invalid=False)
    assert len(refused.value.problems) == 2


def test_fewer_topics_than_asked_are_said(tmp_path: Path) -> None:
    web, said = Web(a=feed(*TOPICS[:7])), list[str]()
    given: dict[str, Any] = {"mode": "trends", "count": 12, "items": "https://a.example/"}
    assert len(planned(tmp_path, said, web, **given)) == 7
    assert "The feeds have 7 distinct topics; 12 are asked for." in said


def test_a_page_is_fetched_and_its_text_kept_in_the_vault(tmp_path: Path) -> None:
    (item,) = planned(tmp_path, web=Web(a=PAGE), mode="spin", items="https://a.example/")
    spec = item.spec
    assert item.title == "Article 01: The old mill"
    assert spec["source"] == {"title": "The old mill", "url": "https://a.example/"}
    kept = Vault(tmp_path / "b1").get(spec["source_sha256"]).decode()
    assert kept.startswith("The old mill by the river grinds rye")
    assert spec["source_characters"] == len(kept)
    expected = ArticleRecipe().expect(spec, settings_of())
    assert all(call.characters > len(kept) for call in expected)


def test_a_link_of_a_document_is_named_as_there_until_its_page_says_more(tmp_path: Path) -> None:
    items = "- [The mill](https://a.example/) by Ann\n- [Rye](https://b.example/)"
    page = PAGE.replace("<title>The old mill</title>", "")
    gone, named = planned(tmp_path, web=Web(b=page), mode="spin", items=items, skip_invalid=True)
    assert (gone.title, gone.spec["source"]["title"]) == ("Article 01: The mill", "The mill")
    assert gone.error is not None
    assert named.title == "Article 02: Rye"


def test_words_in_place_of_pages_are_told_what_became_of_links(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a browser has lost its links: give the file itself"):
        planned(tmp_path, mode="spin", items="Bees, wasps and ants")


def test_texts_are_rewritten_as_they_are_given(tmp_path: Path) -> None:
    text = f"{TEXT}\n---\n{TEXT.replace('rye', 'oats')}"
    items = planned(tmp_path, mode="spin", items=text)
    assert len(items) == 2
    vault = Vault(tmp_path / "b1")
    assert "grinds oats" in vault.get(items[1].spec["source_sha256"]).decode()
    assert len(items[0].spec["subject"]) <= 500


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("Far too little.", "has 15 characters; 250 to 60,000"), ("x " * 40_000, "has 79,999")],
    ids=["short", "long"],
)
def test_a_text_that_is_too_short_or_too_long_is_refused(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        planned(tmp_path, mode="spin", items=text)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"]
)
def test_a_private_address_is_not_fetched(tmp_path: Path, url: str) -> None:
    fetch = Fetcher().fetch_document
    with pytest.raises(InputError, match="No row can be used") as refused:
        planned(tmp_path, web=fetch, mode="spin", items=url)
    assert "a place that is not allowed" in refused.value.problems[0]


def test_a_page_that_was_away_is_fetched_again_at_a_retry_and_nothing_else(tmp_path: Path) -> None:
    web = Web(a=PAGE)
    text = "https://a.example/\nhttps://b.example/\nhttp://"
    items = planned(tmp_path, web=web, mode="spin", items=text)
    kinds = [item.error.kind if item.error else "" for item in items]
    assert kinds[:2] == ["", "unreachable"]
    failed = [
        Item(i.key, i.position, i.title, "failed", 0, i.spec, i.error.kind, str(i.error))
        for i in items
        if i.error
    ]
    web.pages["https://b.example/"] = PAGE
    again = planner(tmp_path, web=web, mode="spin", items=text).again(failed)
    assert list(again) == ["article_02"]
    ((item,),) = again.values()
    assert (item.error, item.title) == (None, "Article 02: The old mill")


@pytest.mark.parametrize("error", [RecursionError("deep"), LookupError("no such encoding")])
def test_a_page_that_nobody_can_read_is_its_own_rows_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def stumble(data: bytes, url: str) -> WebPage:
        if "bad" in url:
            raise error
        return read_page(data, url)

    monkeypatch.setattr("pressrun.kinds.article.planner.read_page", stumble)
    rows = "https://bad.example/\n---\nhttps://mill.example/"
    bad, good = planned(tmp_path, web=Web(mill=PAGE, bad=PAGE), mode="spin", items=rows)
    assert (bad.error and bad.error.kind, good.error) == ("bug", None)
    assert str(error) in str(bad.error)


def test_a_feed_that_nobody_can_read_is_left_out_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(data: bytes, url: str) -> list[FeedEntry]:
        if "bad" in url:
            raise AttributeError("version")
        return read_feed(data, url)

    monkeypatch.setattr("pressrun.inputs.web.feeds.read_feed", stumble)
    said: list[str] = []
    web = Web(bad="?", news=feed("The mill burns", "The mill is rebuilt"))
    feeds = "https://bad.example/\nhttps://news.example/"
    assert len(planned(tmp_path, said, web, mode="trends", items=feeds, count=2)) == 2
    assert [line for line in said if "A feed is left out. row 1: This failed by a fault" in line]


def test_sources_of_all_and_of_a_row_are_read_once_and_kept(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("The mill opened in 1911.")
    web = Web(mill=PAGE)
    said: list[str] = []
    rows = "topic\tsources\nMills\thttps://mill.example/\nRivers\tMeasured by us: 7 knots."
    items = planned(
        tmp_path, said, web, items=rows, sources=f"https://mill.example/\n{notes}", facts="strict"
    )
    assert [i.error for i in items] == [None, None]
    first, second = (item.spec["sources"] for item in items)
    assert [(one["id"], one["title"]) for one in second] == [
        ("S1", "The old mill"), ("S2", "notes.txt"), ("S3", "Measured by us: 7 knots."),
    ]  # fmt: skip
    assert first == second[:2]
    vault = Vault(tmp_path / "b1")
    assert vault.get(second[1]["sha256"]) == b"The mill opened in 1911."
    assert vault.get(second[2]["sha256"]) == b"Measured by us: 7 knots."
    assert not [line for line in said if "without sources" in line]


def test_a_source_of_all_that_cannot_be_read_stops_the_batch_before_it_costs(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match="Sources cannot be used; nothing was made") as refused:
        planned(tmp_path, items="Tides", sources="https://gone.example/\n/nowhere/notes.txt")
    assert len(refused.value.problems) == 2
    assert refused.value.problems[0].startswith("https://gone.example/: ")


def test_a_source_of_a_row_that_cannot_be_read_fails_its_row_and_is_tried_again(
    tmp_path: Path,
) -> None:
    rows = "topic\tsources\nMills\thttps://mill.example/\nTides\t"
    bad, good = planned(tmp_path, items=rows)
    assert good.error is None
    assert bad.error is not None
    assert str(bad.error).startswith("row 2: The source https://mill.example/ cannot be used.")
    failed = Item(bad.key, bad.position, bad.title, "failed", 0, bad.spec, error_kind="unreachable")
    assert bad.error.kind == "unreachable"
    (again,) = planner(tmp_path, web=Web(mill=PAGE), items=rows).again([failed])["article_01"]
    assert again.error is None
    assert again.spec["sources"][0]["title"] == "The old mill"


def test_articles_without_sources_are_said(tmp_path: Path) -> None:
    said: list[str] = []
    planned(tmp_path, said, items="Tides\nBread")
    assert any(line.startswith("2 articles without sources:") for line in said)
    with pytest.raises(InputError) as refused:
        planned(tmp_path, items="Tides", facts="strict")
    assert "Strict facts need sources" in refused.value.problems[0]


def test_pictures_are_counted_beforehand_and_an_article_too_short_for_all_is_said(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    planned(tmp_path, said, items="Tides\nBread", pictures=4)
    planned(tmp_path, said, items="topic,words\nTides,300\nBread,1200", pictures=4)
    planned(tmp_path, said, items="Tides\nBread")
    told = "Too short for 4 pictures: {}. One stands above the text, and one below each heading."
    assert [line for line in said if "pictures" in line] == [
        "2 articles, 8 pictures by sketch.",
        "2 articles, 7 pictures by sketch.",
        told.format("1 article"),
    ]


def test_an_image_model_that_does_not_make_the_pictures_is_said_only_if_there_are_some() -> None:
    given = {"model": "stable-image-core", "size": "2K"}
    assert ArticleParameters.of(given).size == "2K"
    with pytest.raises(InputError, match=r"size: .*stable-image-core makes 1K, not 2K"):
        ArticleParameters.of({"pictures": 1, **given})
    with pytest.raises(InputError, match=r"aspect_ratio: .*not 3:4"):
        ArticleParameters.of({"pictures": 1, **given, "size": "1K", "aspect_ratio": "3:4"})
    called = ArticleParameters.of({"model": "stable-image-core", "text_model": GEMINI})
    assert called.called_models() == [GEMINI]
    called = called.model_copy(update={"pictures": 1})
    assert called.called_models() == [GEMINI, "stable-image-core"]


def test_texts_are_rewritten_only_by_who_says_that_they_may(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="set rights to mine, licensed or open"):
        planned(tmp_path, mode="spin", items="word " * 100, rights="")
    with pytest.raises(InputError, match="is its own source"):
        planned(tmp_path, mode="spin", items="word " * 100, sources="https://a.example")


def test_sources_of_one_article_have_a_bound_together(tmp_path: Path) -> None:
    text = "\n---\n".join(f"{n} " + "word " * 10_000 for n in range(3))
    with pytest.raises(InputError) as refused:
        planned(tmp_path, items="Tides", sources=text)
    assert "120,000 are taken" in refused.value.problems[0]


GERMAN = ("Adventskranz selber binden", "Plätzchen backen mit Kindern", "Keramik richtig pflegen")
LOOKS = "These topics look German; the articles are written in English."


def test_topics_in_another_language_than_the_articles_are_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    planned(tmp_path, said, items="\n".join(GERMAN), text_model=GEMINI, read_as="form")
    assert [s for s in said if "look" in s] == [f"{LOOKS} To change that, set the language to de."]
    said.clear()
    planned(tmp_path, said, items="\n".join(GERMAN))  # sketch
    assert [s for s in said if "look" in s] == [
        f"{LOOKS} This text model writes English only: choose another one to change that."
    ]


@pytest.mark.parametrize("given", [{"language": "de"}, {"items": lines(5)}])
def test_topics_in_the_language_of_their_articles_need_no_word(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    said: list[str] = []
    form = {"items": "\n".join(GERMAN), "text_model": GEMINI, "read_as": "form"}
    planned(tmp_path, said, **form | given)
    assert not [s for s in said if "look" in s]


def test_of_several_languages_each_is_compared_with_its_own_rows(tmp_path: Path) -> None:
    rows = [f"{topic}\t" for topic in GERMAN] + [f"{topic}\tde" for topic in GERMAN]
    said: list[str] = []
    items = "topic\tlanguage\n" + "\n".join(f"{n} {row}" for n, row in enumerate(rows))
    planned(tmp_path, said, items=items, text_model=GEMINI, read_as="form")
    assert [s.partition(";")[0] for s in said if "look" in s] == ["3 topics look German"]


def test_what_is_wrong_with_all_rows_is_said_once(tmp_path: Path) -> None:
    only = "The language is 'de', and the sketch engine writes English only."
    with pytest.raises(InputError) as refused:
        planned(tmp_path, items=lines(3), language="de")
    (problem,) = refused.value.problems
    assert problem.startswith(f"language: {only}")
    rows = "topic\tlanguage\n" + "\n".join(f"Topic {n}\t{'de' if n else 'fr'}" for n in range(3))
    with pytest.raises(InputError) as refused:
        planned(tmp_path, items=rows, text_model="sketch")
    first, others = refused.value.problems
    assert first.startswith("row 2: The language is 'fr'")
    assert others.startswith(f"2 rows, from row 3 on: {only}")
