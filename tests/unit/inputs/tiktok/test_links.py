import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.inputs.tables.rows import SlideshowRow, read_rows
from pressrun.inputs.tiktok.links import REASONS, LinkVerdict, TikTokLink, check_link, check_links

ID = "7240568259186019630"
OTHER = "7106594312292453675"
POST = f"https://www.tiktok.com/@chillezy/photo/{ID}"

LINES = (Path(__file__).parent / "cases" / "links.tsv").read_text(encoding="utf-8").split("\n")
CASES = [(line.split("\t")[0], line.split("\t")[1]) for line in LINES[1:] if line]
HIDDEN_CHARACTERS = [
    ("   ", "empty"),
    ("\u00a0\u200b\ufeff", "empty"),
    (f"\u200b{POST}\ufeff", "ok"),
    (f"\u2068{POST}\u2069", "ok"),
    (f"\u00a0 {POST}\u3000", "ok"),
    (f"{POST[:40]}\u200b{POST[40:]}", "ok"),
    (f"https://www.tik\x00tok.com/@a/photo/{ID}", "not_a_url"),
    (f"{POST}\x07", "not_a_url"),
    (f"https://www.tik\ntok.com/@a/photo/{ID}", "not_a_url"),
    (f"{POST} https://www.tiktok.com/@b/photo/{OTHER}", "not_a_url"),
    ("https://www.tiktok.com/@user/photo/" + "7" * 3000, "malformed_id"),
    ("https://vm.tiktok.com/" + "Z" * 2000, "malformed_short"),
    (f"{POST}?x=" + "y" * 10_000, "not_a_url"),
    (f"https://www.tiktok.com/@a/photo/{ID}\ud800", "not_a_url"),
]


@pytest.mark.parametrize(("text", "verdict"), CASES + HIDDEN_CHARACTERS)
def test_a_pasted_text_gets_its_verdict(text: str, verdict: str) -> None:
    link = check_link(text, line=7)

    assert (link.verdict, link.line, link.link) == (verdict, 7, text)
    assert link.good == (verdict in ("ok", "needs_resolving"))
    assert (link.canonical is not None) == link.good
    assert link.reason.endswith(".")


@pytest.mark.parametrize(("text", "verdict"), CASES)
def test_the_verdict_is_the_same_through_the_text_field(text: str, verdict: str) -> None:
    assert [link.verdict for link in check_links(read_rows(f"\n{text}\n").rows)] == [verdict]


@pytest.mark.parametrize("verdict", LinkVerdict)
def test_every_verdict_has_a_reason_in_plain_words(verdict: LinkVerdict) -> None:
    assert REASONS[verdict][0].isupper()
    assert REASONS[verdict].endswith(".")


def test_the_canonical_link_is_built_from_handle_and_id() -> None:
    link = check_link(f"HTTP://m.TikTok.com/@Chill.Ezy_9/VIDEO/{ID}?lang=en#top")

    assert link.canonical == f"https://www.tiktok.com/@chill.ezy_9/photo/{ID}"
    assert (link.user, link.post_id, link.short_code) == ("chill.ezy_9", ID, "")


@pytest.mark.parametrize(
    "text",
    [
        f"https://www.tiktok.com/embed/v2/{ID}",
        f"https://www.tiktok.com/@/photo/{ID}",
        f"https://www.tiktok.com/@../photo/{ID}",
        f"https://www.tiktok.com/@a%0d%0ab/photo/{ID}",
        f"https://www.tiktok.com/@<script>/photo/{ID}",
        f"https://www.tiktok.com/@{'a' * 100}/photo/{ID}",
    ],
)
def test_a_missing_or_strange_handle_never_reaches_the_canonical_link(text: str) -> None:
    link = check_link(text)

    assert (link.canonical, link.user) == (f"https://www.tiktok.com/@_/photo/{ID}", "")


def test_gallery_dl_takes_every_canonical_link_for_a_post() -> None:
    source = Path(pytest.importorskip("gallery_dl").__file__).parent / "extractor" / "tiktok.py"
    text = source.read_text(encoding="utf-8")
    base = re.search(r'^BASE_PATTERN = r"(.+)"$', text, re.MULTILINE)
    post = re.search(r'pattern = BASE_PATTERN \+ r"(.+vide.+)"$', text, re.MULTILINE)
    assert base
    assert post
    pattern = base[1] + post[1]

    for text in (POST, f"https://www.tiktok.com/embed/{ID}", f"tiktok.com/@.a-b_/video/{ID}"):
        match = re.match(pattern, check_link(text).canonical or "")
        assert match
        assert match[2] == ID


def test_a_short_link_keeps_the_case_of_its_code() -> None:
    link = check_link("HTTPS://WWW.TIKTOK.COM/T/ZGdhVtER2/?k=1")

    assert (link.short_code, link.canonical) == ("ZGdhVtER2", "https://vm.tiktok.com/ZGdhVtER2/")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://www.tiktok.com/@user/photo/72405682591860196", "17 digits instead of 19"),
        ("https://www.tiktok.com/@user/photo/", "missing at the end"),
        ("https://www.tiktok.com/@user/photo/9999999999999999999", "no possible date"),
        (ID[:10], "only a number"),
        (f"{ID[:15]}0000", "A spreadsheet has rounded"),
        ("@chillezy", "a name, not a link"),
        (f"https://www.tiktok.com/@us er/photo/{ID}", "a space inside"),
        (f"https://https://www.tiktok.com/@user/photo/{ID}", "twice"),
        (f"https://www.tiktok.com.evil.io/@a/photo/{ID}", "only resembles"),
        (f"{POST} {POST.replace(ID, OTHER)}", "Several links"),
    ],
)
def test_the_reason_is_specific_where_that_helps(text: str, words: str) -> None:
    assert words in check_link(text).reason


@pytest.mark.parametrize(
    "digits",
    ["5963683176638054399", str((int(time.time()) + 3 * 86_400) << 32)],
    # Workers of one run collect at different seconds, and must agree on the tests' names.
    ids=["before 2014", "after tomorrow"],
)
def test_an_id_from_before_2014_or_after_tomorrow_is_malformed(digits: str) -> None:
    assert check_link(f"https://www.tiktok.com/@a/photo/{digits}").verdict == "malformed_id"


def test_an_id_of_this_minute_is_fine() -> None:
    assert check_link(f"https://www.tiktok.com/@a/photo/{int(time.time()) << 32}").good


SPELLINGS = [
    POST,
    f"tiktok.com/@CHILLEZY/Video/{ID}/",
    f"//m.tiktok.com/@renamed/photo/{ID}?lang=de#x",
    f"<https://www.tiktok.com/player/v1/{ID}>,",
    f"https://m.tiktok.com/v/{ID}.html",
    f"https://www.tiktok.com/foryou?item_id={ID}",
    f"https://www.tiktok.com/%40chillezy/photo/{ID}",
    f"2. {POST}",
]


def test_spellings_of_one_post_are_duplicates_of_the_first_line() -> None:
    links = check_links(SlideshowRow(line, text) for line, text in enumerate(SPELLINGS, start=3))

    assert [link.verdict for link in links] == ["ok"] + ["duplicate"] * (len(SPELLINGS) - 1)
    assert {link.duplicate_of for link in links[1:]} == {3}
    assert all("line 3" in link.reason for link in links[1:])


def test_a_short_code_on_three_hosts_is_one_link_but_another_case_is_another() -> None:
    texts = ["vm.tiktok.com/ZGdhVtER2", "https://vt.tiktok.com/ZGdhVtER2/?k=1"]
    texts += ["https://www.tiktok.com/t/ZGdhVtER2/", "https://vm.tiktok.com/ZGDHVTER2"]

    links = check_links(SlideshowRow(1, text) for text in texts)

    resolving, duplicate = LinkVerdict.NEEDS_RESOLVING, LinkVerdict.DUPLICATE
    assert [link.verdict for link in links] == [resolving, duplicate, duplicate, resolving]


def test_one_post_for_two_products_is_no_repetition() -> None:
    rows = [
        SlideshowRow(1, POST, "mug.png", "A mug"),
        SlideshowRow(2, POST, "cup.png", "A mug"),
        SlideshowRow(3, POST, "mug.png", "Another mug"),
        SlideshowRow(4, SPELLINGS[2], "mug.png", "A mug"),
    ]

    links = check_links(rows)

    assert [link.verdict for link in links] == ["ok", "ok", "ok", "duplicate"]
    assert links[3].reason == "The same post as in line 1, for the same product. It is made once."


def test_every_product_of_a_post_counts_towards_the_limit() -> None:
    links = check_links([SlideshowRow(n, POST, f"{n % 3}.png") for n in range(1, 6)], limit=2)

    assert [link.verdict for link in links] == [
        "ok", "ok", "over_limit", "duplicate", "duplicate",
    ]  # fmt: skip


def test_bad_links_are_not_duplicates_of_each_other() -> None:
    links = check_links(
        [SlideshowRow(1, "my slideshow"), SlideshowRow(2, "my slideshow"), SlideshowRow(3, "")]
    )

    assert [link.verdict for link in links] == ["not_a_url", "not_a_url", "empty"]


def test_only_good_and_different_links_count_towards_the_limit() -> None:
    posts = [f"https://www.tiktok.com/@a/photo/{int(ID) + n}" for n in range(4)]
    texts = [posts[0], "junk", posts[0], posts[1], posts[2], posts[3], posts[3]]

    links = check_links([SlideshowRow(n, text) for n, text in enumerate(texts, start=1)], limit=2)

    assert [link.verdict for link in links] == [
        "ok", "not_a_url", "duplicate", "ok", "over_limit", "over_limit", "duplicate",
    ]  # fmt: skip
    assert "Only 2 links" in links[4].reason
    assert not links[4].good


def test_a_hundred_and_first_link_is_over_the_limit() -> None:
    rows = [
        SlideshowRow(n, f"https://www.tiktok.com/@a/photo/{int(ID) + n}") for n in range(1, 102)
    ]

    links = check_links(rows)

    assert [link.line for link in links if link.verdict == "over_limit"] == [101]


@pytest.mark.parametrize(
    "text",
    [
        "https://" * 1500,
        "((((" * 3000,
        "[" * 10_000,
        "[a](" * 3000,
        "a." * 5000,
        "https://www.tiktok.com/" + "@a/" * 1300,
        "https://www.tiktok.com/" + "%2f" * 1300,
        "https://www.tiktok.com/?" + "item_id=&" * 450,
        "1. " * 3000,
        "\u200b" * 10_000,
        f"{POST} " * 200,
        ".jpg?" * 2000,
    ],
)
@pytest.mark.timeout(60)  # milliseconds; a pattern that goes back and forth takes for ever
def test_long_and_nasty_texts_are_judged(text: str) -> None:
    assert not check_link(text).good or ID in text
    read_rows(text)


PIECES = st.one_of(
    st.sampled_from(["https://", "http://", "//", "www.", "tiktok.com", "vm.tiktok.com", ID]),
    st.sampled_from(["@", "t/", "photo/", "video/", "?item_id=", "%2f", "%00", "1. ", ".."]),
    st.sampled_from('/#:[]%\\ \t\n<>()",;|\u200b\u212a\u0660\ud800\uff0e'),
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))


@given(TEXTS)
def test_no_text_makes_it_raise_and_no_input_leaks_into_the_canonical_link(text: str) -> None:
    link = check_link(text)

    assert isinstance(link, TikTokLink)
    assert link.link == text
    assert re.fullmatch(
        r"https://(www\.tiktok\.com/@[a-z0-9_.-]+/photo/[0-9]{19}|vm\.tiktok\.com/[A-Za-z0-9]+/)",
        link.canonical or POST,
        re.ASCII,
    )


@given(st.lists(TEXTS, max_size=20), st.integers(0, 5))
def test_order_and_length_are_those_of_the_rows(texts: list[str], limit: int) -> None:
    rows = [SlideshowRow(line, text) for line, text in enumerate(texts, start=1)]

    links = check_links(rows, limit)

    assert [(link.line, link.link) for link in links] == [(row.line, row.link) for row in rows]
    assert sum(link.good for link in links) <= limit


@given(
    scheme=st.sampled_from(["https://", "http://", "HTTPS://", "//", ""]),
    host=st.sampled_from(["www.tiktok.com", "tiktok.com", "m.tiktok.com", "WWW.TIKTOK.COM:443"]),
    path=st.sampled_from(
        ["@x/photo/", "@X.y/Video/", "embed/v2/", "v/", "share/video/", "@/photo/"]
    ),
    end=st.sampled_from(["", "/", "//", "?a=1&b=2", "#c", ".", ",", ")", "\u2026", " ", "\u200b"]),
    before=st.sampled_from(["", " ", "- ", "1. ", "<", '"', "\u201c", "(", "\ufeff"]),
)
def test_every_spelling_of_a_post_is_the_same_post(
    scheme: str, host: str, path: str, end: str, before: str
) -> None:
    rows = [SlideshowRow(1, POST), SlideshowRow(2, f"{before}{scheme}{host}/{path}{ID}{end}")]

    assert check_links(rows)[1].duplicate_of == 1
