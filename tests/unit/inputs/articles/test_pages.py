"""Documents with links: which pages are rewritten, what is a text of its own, what is asked."""

import pytest

from pressrun.errors import InputError
from pressrun.inputs.articles.rows import Defaults, GivenArticles, read_rows_text

SENTENCE = "The old mill by the river grinds rye twice a week, and the miller sells it at the door."

RSS = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<rss version="2.0" xmlns:a="http://www.w3.org/x">'
    "<channel><title>Hive</title><link>https://a.example</link><image><url>https://a.example/i.png"
    "</url></image><item><title>Bienen f\u00fcr alle &amp;amp; jeden</title><link>https://a.example/1"
    "</link></item><item><title>Wasps</title><link>https://a.example/2</link></item>"
    "<item><title>Without</title></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Hive</title><link href="https://a.example"/>'
    "<entry><title>Bienen f\u00fcr alle &amp; jeden</title><link href='https://a.example/1'/>"
    "</entry><entry><title>Wasps</title><link href='https://a.example/2'/></entry>"
    "<entry><title>Without</title></entry></feed>"
)


def read(text: str, mode: str = "spin") -> GivenArticles:
    return read_rows_text(text, mode, Defaults())  # type: ignore[arg-type]


def pages(text: str) -> list[tuple[int, str, str]]:
    rows = read(text).rows
    assert [row.problem for row in rows] == [""] * len(rows)
    return [(row.line, row.subject, row.title) for row in rows]


def urls(text: str) -> list[str]:
    return [url for _, url, _ in pages(text)]


def notes(text: str, mode: str = "spin") -> str:
    return " ".join(read(text, mode).notes)


class TestMarkdown:
    def test_links_by_reference_are_the_rows_with_their_titles(self) -> None:
        text = (
            "# To read\n\n* [How bees see][2] by Ann\n* [Wasps][1]\n* Ask Bo\n\n"
            "[1]: https://a.example/wasps\n[2]: https://b.example/~bo/bees.html\n"
        )
        assert pages(text) == [
            (3, "https://b.example/~bo/bees.html", "How bees see"),
            (4, "https://a.example/wasps", "Wasps"),
        ]
        said = notes(text)
        assert "Read as 2 pages to rewrite" in said
        assert "2 words of text beside the links" in said
        assert "2 words of descriptions" in said

    def test_links_of_comments_code_pictures_and_sentences_are_none(self) -> None:
        text = (
            "Title: The news\nDate: 2026-05-01\n\nThis is the news of [the club](https://c.example)"
            ", for its friends. [Subscribe](https://c.example/mail) at any time.\n\n## Read\n"
            "<!-- * [Title of the page](https://sample.example/page) -->\n"
            "* [How bees see the world](https://a.example/1)\n"
            "* [film] [Why wasps sting](https://a.example/2) ([talk](https://a.example/talk))\n"
            "* ![a bee in May](https://a.example/bee.png)\n* [above](#read)\n"
            "```\nhttps://code.example/x\n```\n"
        )
        assert urls(text) == ["https://a.example/1", "https://a.example/2"]
        said = notes(text)
        assert "2 links in other text (line 4 “the club”, line 4 “Subscribe”)" in said
        assert "1 further link of the same entries (line 9 “talk”)" in said
        assert "2 links to pictures, within the document" in said

    def test_what_stands_below_a_linked_heading_describes_it(self) -> None:
        parts = [
            f"### [Story number {n} of the mill](https://a.example/{n})\n\n{SENTENCE}\n"
            for n in range(3)
        ]
        assert urls("\n".join(parts)) == [f"https://a.example/{n}" for n in range(3)]

    def test_rows_of_a_table_have_one_page_each(self) -> None:
        text = (
            "| No | Podcast | What it is about | Link |\n|---|---|---|---|\n"
            "| 1 | Hive | Bees in the city | [hive.example](https://hive.example/) |\n"
            "| 2 | Wax | Candles | [wax.example](https://wax.example/) |\n"
        )
        assert urls(text) == ["https://hive.example/", "https://wax.example/"]

    def test_addresses_of_lines_have_the_words_beside_or_above_them(self) -> None:
        text = (
            "To rewrite:\n\nHow bees see - https://a.example/1\n"
            "Why wasps sting: https://a.example/2.\n\nWhere ants live\nhttps://a.example/3\n"
        )
        assert pages(text) == [
            (3, "https://a.example/1", "How bees see"),
            (4, "https://a.example/2", "Why wasps sting"),
            (7, "https://a.example/3", "Where ants live"),
        ]

    def test_links_of_chats_and_org_are_read(self) -> None:
        text = "- <https://a.example/1|How bees see>\n- [[https://a.example/2][Why wasps sting]]\n"
        assert [title for _, _, title in pages(text)] == ["How bees see", "Why wasps sting"]

    def test_a_page_that_is_linked_twice_is_one_row(self) -> None:
        one = "- [How bees see](https://a.example/1)\n- [Again](https://a.example/1)\n"
        text = one + "- [B](https://b.example)\n"
        assert urls(text) == ["https://a.example/1", "https://b.example"]
        assert "1 link to a page that is listed before" in notes(text)

    def test_an_essay_with_links_is_one_text(self) -> None:
        linked = SENTENCE.replace("the river", "[the river](https://r.example)")
        text = (
            f"# Mills\n\n{linked} {SENTENCE}\n\n{linked}\n\n- [More of mills](https://m.example)\n"
        )
        text += f"\n{SENTENCE * 12}\n"
        assert pages(text)[0][1].startswith("# Mills")
        assert len(pages(text)) == 1

    def test_settings_before_a_text_are_left_out_and_said(self) -> None:
        text = f"---\ntitle: Mills\n# lead:\ntags:\n  - rye\n---\n\n{SENTENCE}\n"
        assert pages(text) == [(8, SENTENCE, "")]
        assert "5 lines of settings at the beginning" not in notes(text)
        assert "6 lines of settings at the beginning" in notes(text)

    def test_a_text_that_may_be_either_is_asked_about_with_both_counts(self) -> None:
        links = "- [How bees see](https://a.example/1)\n- [Wasps](https://a.example/2)\n"
        text = f"{SENTENCE * 6}\n\n{links}"
        with pytest.raises(InputError, match=r"2 pages that the text leads to .*its 1\d\d words"):
            read(text)
        assert len(read(text + "\n---\n").rows) == 1

    def test_several_texts_with_a_few_links_each_are_texts(self) -> None:
        one = f"# A mill\n\n{SENTENCE * 5}\n\n- [The mill of Ann](https://a.example/{{n}})\n"
        parts = [one.format(n=n) for n in range(4)]
        found = read("\n---\n".join(parts)).rows
        assert [row.subject for row in found] == [part.strip() for part in parts]

    def test_a_program_is_a_part_of_its_text(self) -> None:
        program = "```python\n" + "print('the old mill grinds rye')\n" * 60 + "```\n"
        text = f"{SENTENCE}\n\n{program}\n- [More of mills](https://a.example/1)\n- [B](https://b.example)\n"
        assert len(read(text).rows) == 1
        assert "print" in read(text).rows[0].subject

    def test_one_address_with_a_request_is_a_page(self) -> None:
        assert urls("Please rewrite https://a.example/1") == ["https://a.example/1"]


class TestMarkup:
    def test_bookmarks_are_pages_without_folders_icons_and_places(self) -> None:
        text = (
            "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<H1>Menu</H1>\n"
            '<DL><p>\n<DT><A HREF="place:sort=8">Recent</A>\n<DT><H3>Bees</H3>\n<DL><p>\n'
            '<DT><A HREF="https://a.example/1?b=1&amp;c=2" '
            'ICON_URI="https://a.example/f.ico">Bees &amp; I</A>\n'
            '<DT><A HREF="https://b.example/">Wasps</A>\n<DD>A remark\n</DL><p>\n</DL>\n'
        )
        assert pages(text) == [
            (8, "https://a.example/1?b=1&c=2", "Bees & I"),
            (9, "https://b.example/", "Wasps"),
        ]
        assert "2 headings above the links" in notes(text)
        with pytest.raises(InputError, match=r"text of bookmarks.* rewrite the 2 pages"):
            read(text, "trends")

    def test_a_page_of_links_leaves_out_what_belongs_to_the_site(self) -> None:
        text = (
            '<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body>'
            '<nav><ul><li><a href="https://s.example/home">The home of all</a></li></ul></nav>'
            '<ul><li><p><a href="https://a.example/1">How bees see</a> by Ann</p></li>'
            '<li><a href="https://a.example/2">Why wasps sting</a></li></ul>'
            '<!-- <a href="https://c.example">c</a> --><footer><a href="https://s.example/i">I</a>'
            "</footer></body></html>"
        )
        assert urls(text) == ["https://a.example/1", "https://a.example/2"]

    def test_a_page_with_a_text_is_its_main_text(self) -> None:
        told = "".join(f"<p>{SENTENCE} That was in the year {1900 + n}.</p>" for n in range(9))
        text = (
            '<!DOCTYPE html><html><body><nav><a href="https://s.example">Our home page</a></nav>'
            f"<article><h1>Mills</h1>{told}</article></body></html>"
        )
        [row] = read(text).rows
        assert "That was in the year 1908." in row.subject
        assert "<p>" not in row.subject
        assert "Our home page" not in row.subject

    @pytest.mark.parametrize("feed", [RSS, ATOM])
    def test_the_text_of_a_feed_gives_its_entries(self, feed: str) -> None:
        assert pages(feed) == [
            (1, "https://a.example/1", "Bienen f\u00fcr alle & jeden"),
            (2, "https://a.example/2", "Wasps"),
        ]
        assert "what has no address in the feed (1 of 3)" in notes(feed)
        with pytest.raises(InputError, match=r"text of a feed.* spin to rewrite the 2 pages"):
            read(feed, "trends")

    def test_a_template_of_a_feed_is_refused(self) -> None:
        text = (
            "---\nlayout: null\n---\n<?xml version='1.0'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>"
            "{% for one in posts %}<entry><title>{{ one.title }}</title></entry>{% endfor %}</feed>"
        )
        with pytest.raises(InputError, match="no entry of it can be read"):
            read(text)
        with pytest.raises(InputError, match="text of a feed, not the address"):
            read(text, "trends")

    def test_a_list_of_feeds_is_no_list_of_pages(self) -> None:
        text = (
            '<opml><body><outline text="Hive" xmlUrl="https://a.example/rss?x=1&amp;y=2" '
            'htmlUrl="https://a.example"/></body></opml>'
        )
        with pytest.raises(InputError, match=r"1 feed \(OPML\).*“Hive”.*mode trends"):
            read(text)
        assert [row.subject for row in read(text, "trends").rows] == [
            "https://a.example/rss?x=1&y=2"
        ]

    def test_a_sitemap_lists_pages_and_one_of_sitemaps_does_not(self) -> None:
        text = (
            "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/s' xmlns:image='http://g.example'>"
            "<url><loc> https://a.example/1 </loc><image:loc>https://a.example/1.png</image:loc></url></urlset>"
        )
        assert urls(text) == ["https://a.example/1"]
        with pytest.raises(InputError, match="list of 1 sitemap, not of pages"):
            read(text.replace("urlset", "sitemapindex"))


class TestFeeds:
    def test_of_a_document_only_what_looks_like_a_feed_is_one(self) -> None:
        text = (
            "- [Hive](https://a.example/about)\n- [News of the hive](https://a.example/feed/)\n"
            "- [Its icon](https://a.example/rss.png)\n"
        )
        assert [row.subject for row in read(text, "trends").rows] == ["https://a.example/feed/"]
        assert (
            "2 links that look like no feed (https://a.example/about, https://a.example/rss.png)"
            in notes(text, "trends")
        )

    def test_links_to_pages_alone_are_refused_with_the_mode_that_takes_them(self) -> None:
        text = "- [How bees see](https://a.example/1)\n- [Why wasps sting](https://a.example/2)\n"
        with pytest.raises(InputError, match=r"None of the 2 links.*spin to rewrite the 2 pages"):
            read(text, "trends")


@pytest.mark.parametrize("mode", ["topic", "keywords"])
def test_the_log_of_a_program_is_no_list(mode: str) -> None:
    log = "\n".join(
        f"[Sun Dec 04 04:{n}:44 2005] [notice] mill init() ok {n}" for n in range(20, 32)
    )
    with pytest.raises(InputError, match="12 lines have times of day, as the log of a program"):
        read(log, mode)


def test_a_change_log_is_asked_about() -> None:
    text = "# Changelog\n\nAll that changed.\n\n## [2.1.0] - 2026-05-01\n\n### Added\n\n" + "".join(
        f"- Mills: {n} more ways to grind rye\n" for n in range(4, 14)
    )
    with pytest.raises(InputError, match="not clear which lines are the topics"):
        read(text, "topic")
