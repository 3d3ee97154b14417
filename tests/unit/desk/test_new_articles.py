"""A new article batch: its modes, its rows as they were understood, feeds and pages behind it."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pressrun.desk import app
from pressrun.desk.new.articles.web import KeptPages, PagesOfDraft
from pressrun.errors import InputError, SourceError
from pressrun.inputs.web.page import Document
from tests.unit.desk.conftest import Asked
from tests.unit.desk.drafts import change, new_draft, priced
from tests.unit.kinds.article.test_planner import PAGE, feed

TOPICS = "\n".join(f"How to brew the coffee number {n} at home" for n in range(12))


class Web:
    """Addresses and what is there; nothing is answered before ``open``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = threading.Event()

    def __call__(self, url: str) -> Document:
        self.asked.append(url)
        assert self.open.wait(60)
        if "gone" in url:
            raise SourceError(f"{url} could not be reached.", kind="unreachable")
        if "feed" in url:
            text = feed(*(f"News of the day about subject {n}{url[-1]}" for n in range(15)))
            return Document(text.encode(), "application/rss+xml", url)
        return Document(PAGE.encode(), "text/html", url)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, home: object) -> Iterator[Web]:
    web = Web()

    class Fetches:
        fetch_document = staticmethod(web)

    monkeypatch.setattr(app, "Fetcher", Fetches)
    yield web
    web.open.set()


def test_rows_are_shown_as_understood_with_price_and_bounds(desk: Asked) -> None:
    table = "keyword;secondary;word_count;remark\n" + "\n".join(
        f"coffee grinder {n};burr grinder;{9 if n == 3 else 1000};mine" for n in range(12)
    )
    place = new_draft(desk, "article-batch", mode="keywords", items=table)
    change(desk, place, text_model="gemini-3.8-flash")
    page = priced(desk, place)
    assert "12 rows" in page
    assert "a batch takes up to 50" in page
    assert "burr grinder" in page
    assert "Left out: “remark”" in page
    assert "The word count &#39;9&#39; is out of range" in page
    assert "11 articles, 1 cannot be made" in page
    assert "an article" in page
    assert "This machine has no key for" in page


def test_the_rows_of_a_text_are_made_as_shown_unless_a_model_shall_read_it(desk: Asked) -> None:
    place = new_draft(desk, "article-batch", items=TOPICS)
    begins = desk.page(place)
    assert '<details class="more-settings"><summary>' in begins  # nobody changed anything there
    change(desk, place, text_model="gemini-3.8-flash")
    by_form = priced(desk, place)
    assert "reads the text first" not in by_form
    change(desk, place, read_as="auto")
    page = priced(desk, place)
    assert "When the batch runs, gemini-3.8-flash reads the text first" in page
    assert "12 rows" in page


def test_pictures_are_counted_and_priced_before_the_start(desk: Asked) -> None:
    place = new_draft(desk, "article-batch", items=TOPICS)
    assert "pictures</b>" not in priced(desk, place)
    change(desk, place, pictures="2", model="stable-image-core")
    page = priced(desk, place)
    assert "12 articles, 24 pictures" in page
    assert "Start for $0.96" in page
    change(desk, place, size="2K")
    page = priced(desk, place)
    assert 'data-wrong="size"' in page
    assert "stable-image-core makes 1K, not 2K" in page


def test_too_many_items_are_said_and_stay_seen(desk: Asked) -> None:
    more = "".join(f"\nThe topic of number {n}" for n in range(49))
    place = new_draft(desk, "article-batch", items=f"The one\nMilk & honey{more}")
    page = priced(desk, place)
    assert "takes at most 50" in page
    assert "The one" in page
    assert "Milk &amp; honey" in page
    assert desk.post(f"{place}/start", action="run") == 400


def test_feeds_are_read_behind_once_and_the_batch_can_start_meanwhile(
    web: Web, desk: Asked
) -> None:
    feeds = "https://a.example/feed1\nhttps://b.example/feed2\nhttps://gone.example/feed3"
    place = new_draft(desk, "article-batch", mode="trends", items=feeds)
    page = desk.page(f"{place}/live")
    while "Reading 3 feeds" not in page:
        page = desk.page(f"{place}/live")
    assert "10 articles" in page
    web.open.set()
    page = priced(desk, place)
    assert "News of the day about subject" in page
    assert "gone.example/feed3 could not be reached" in page
    change(desk, place, text_model="gemini-3.8-flash", title="Another")
    assert "Start for $" in priced(desk, place)
    assert sorted(web.asked) == feeds.split("\n")  # each once


def test_pages_that_are_rewritten_are_shown_by_their_titles(web: Web, desk: Asked) -> None:
    web.open.set()
    pages = "\n".join(f"https://page.example/{n}" for n in range(11)) + "\nhttps://gone.example/"
    place = new_draft(desk, "article-batch", mode="spin", items=pages, rights="mine")
    page = priced(desk, place)
    assert page.count("The old mill") == 11
    assert "11 articles, 1 cannot be made" in page
    change(desk, place, mode="topic", items=TOPICS)
    assert "12 articles" in priced(desk, place)


def test_a_wrong_setting_is_said_beside_it(desk: Asked) -> None:
    place = new_draft(desk, "article-batch", items=TOPICS, country="USA", words="9")
    page = priced(desk, place)
    assert 'data-wrong="country"' in page
    assert 'data-wrong="words"' in page
    assert "How to brew the coffee number 3" in page


def test_what_was_fetched_is_asked_for_again_only_when_it_is_old(home: object) -> None:
    now, asked = [0.0], list[str]()

    def fetch(url: str) -> Document:
        asked.append(url)
        if "bad" in url:
            raise SourceError("It is gone.")
        return Document(b"words", "text/html", url)

    pages = KeptPages(fetch, lambda: now[0])

    def read(url: str) -> Document:
        while (found := pages.get(url)) is None:
            pass
        return found

    assert [read("https://a.example").data for _ in range(3)] == [b"words"] * 3
    for _ in range(2):
        with pytest.raises(SourceError, match="gone"):
            read("https://bad.example")
    assert asked == ["https://a.example", "https://bad.example"]
    now[0] = 100.0
    with pytest.raises(SourceError):
        read("https://bad.example")
    read("https://a.example")
    assert asked[2:] == ["https://bad.example"]
    now[0] = 2000.0
    read("https://a.example")
    assert asked[3:] == ["https://a.example"]
    pages.close()


def test_a_draft_reads_a_hundred_addresses_at_most(home: object) -> None:
    pages = KeptPages(lambda url: Document(b"", "text/html", url))
    of_draft = PagesOfDraft(pages)
    for n in range(100):
        with suppress(InputError):  # it is still read
            of_draft.fetch(f"https://a.example/{n}")
    with pytest.raises(InputError, match="Only 100"):
        of_draft.fetch("https://a.example/100")
    pages.close()


def test_a_draft_is_listed_by_its_items_or_its_file(desk: Asked) -> None:
    new_draft(desk, "article-batch", mode="keywords", items="coffee grinder; burr")
    new_draft(desk, "article-batch", mode="topic", file=f"upload:{'ab' * 32}/my%20topics.csv")
    page = desk.page("/")
    assert "coffee grinder; burr" in page
    assert ">my topics.csv<" in page or ">my_topics.csv<" in page
    assert "upload:" not in page


def test_sources_are_read_behind_the_page_and_said_where_they_cannot_be(
    web: Web, desk: Asked
) -> None:
    sources = "https://page.example/1\nhttps://page.example/2"
    place = new_draft(desk, "article-batch", items=TOPICS, sources=sources)
    page = desk.page(f"{place}/live")
    while "Reading 2 pages" not in page:
        page = desk.page(f"{place}/live")
    web.open.set()
    page = priced(desk, place)
    assert "without sources" not in page
    assert sorted(web.asked) == sources.split("\n")  # each once
    change(desk, place, sources="https://gone.example/1")
    page = priced(desk, place)
    assert "Sources cannot be used; nothing was made or paid." in page
    assert "gone.example" in page
    change(desk, place, sources="")
    assert "without sources: written from what the model remembers" in priced(desk, place)


def test_a_rewriting_asks_for_the_right_to_it(web: Web, desk: Asked) -> None:
    web.open.set()
    place = new_draft(desk, "article-batch", mode="spin", items="https://page.example/1")
    assert "set rights to mine, licensed or open" in priced(desk, place)


def test_topics_in_another_language_are_offered_to_be_written_in_it(desk: Asked) -> None:
    topics = "\n".join(f"Wie man Plätzchen Nummer {n} mit Kindern backt" for n in range(12))
    place = new_draft(desk, "article-batch", mode="topic", items=topics)
    page = priced(desk, place)
    assert "These topics look German; the articles are written in English." in page
    assert "data-put=" not in page  # the sketch engine writes English only
    change(desk, place, text_model="gemini-3.8-flash")
    page = priced(desk, place)
    assert 'data-put="language" data-value="de">Write them in German</button>' in page
    change(desk, place, language="de")
    page = priced(desk, place)
    assert "look German" not in page
    assert "data-put=" not in page


def test_a_language_that_the_model_does_not_write_is_said_once_beside_its_field(
    desk: Asked,
) -> None:
    place = new_draft(desk, "article-batch", mode="topic", items=TOPICS)
    assert "time not known yet" in priced(desk, place)  # no call was ever timed here
    change(desk, place, language="de")
    page = priced(desk, place)
    assert (
        page.count("the sketch engine writes English only") == 2
    )  # in the foot, and for the field
    assert 'data-wrong="language"' in page
