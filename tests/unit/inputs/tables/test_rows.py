import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.errors import InputError
from pressrun.inputs.tables import rows as reader
from pressrun.inputs.tables.rows import SlideshowRow
from pressrun.inputs.tiktok.links import check_link

A = "https://www.tiktok.com/@a/photo/7240568259186019630"
B = "https://www.tiktok.com/@b/photo/7106594312292453675"
C = "https://vm.tiktok.com/ZGdhVtER2/"
BARE = "tiktok.com/@c/photo/7240568259186019631"


def read_rows(text: str) -> list[SlideshowRow]:
    return reader.read_rows(text).rows


def read_manifest(path: Path) -> list[SlideshowRow]:
    return reader.read_manifest(path).rows


def links(text: str) -> list[tuple[int, str]]:
    return [(row.line, row.link) for row in read_rows(text)]


class TestALinkList:
    @pytest.mark.parametrize(
        "between",
        [
            "\n",
            "\r\n",
            "\r",
            ",",
            ", ",
            ";",
            "; ",
            "\t",
            " ",
            "  ",
            " | ",
            "|",
            ",\n",
            "\uff0c",
            " - ",
        ],
    )
    def test_is_cut_at_any_separator(self, between: str) -> None:
        assert [row.link for row in read_rows(between.join([A, B, C, BARE]))] == [A, B, C, BARE]

    def test_keeps_true_line_numbers_over_blank_lines_and_mixes(self) -> None:
        text = f"\ufeff\r\n{A}\r\n\r\n  \r\n{B}, {C}\t{BARE}\r\n"

        assert links(text) == [(2, A), (5, B), (5, C), (5, BARE)]

    @pytest.mark.parametrize("text", ["", "  ", "\n\n", "\ufeff", "\t\t", ",", "\r\n;\r\n"])
    def test_that_is_blank_gives_one_empty_row(self, text: str) -> None:
        assert read_rows(text) == [SlideshowRow(1, "")]

    @pytest.mark.parametrize(
        "query", ["?a=1,2", "?a=1;b=2", "?a=x|y", "?x=1&amp;lang=en", "?a=1,2,3&b=4,5"]
    )
    def test_does_not_cut_a_link_inside_its_query(self, query: str) -> None:
        assert links(f"{A}{query},{B}{query}\n{C}") == [(1, A + query), (1, B + query), (2, C)]

    def test_leaves_out_the_words_among_links_and_says_so(self) -> None:
        found = reader.read_rows(f"my slideshow, {A}, junk,{B}\nhello, world\n{C} and {BARE}")

        assert [(row.line, row.link) for row in found.rows] == [(1, A), (1, B), (3, C), (3, BARE)]
        assert found.notes == (
            "Left out: 1 line without a link (line 2 “hello, world”).",
            (
                "Left out: the words beside links, in 2 lines "
                "(line 1 “my slideshow junk”, line 3 “and”)."
            ),
        )

    def test_of_a_chat_names_what_leads_to_no_slideshow_whole_and_its_stamps_once(self) -> None:
        profile = "https://www.tiktok.com/@keramik_liebe"
        elsewhere = "https://www.instagram.com/p/C9xyzAbCdEf/?igsh=MzRlODBiNWFlZA"
        found = reader.read_rows(
            f"[25.11.26, 09:14:03] Nora (Content): {A}\n"
            f"[25.11.26, 09:15:10] Nora (Content): {profile}\n"
            f"25.11.26, 09:16 - Jan: den hier auch {elsewhere}\n"
            f"11/25/26, 9:17 PM - +49 151 12345678: {B}\n"
            "25.11.26, 09:18 - Jan: danke!\n"
            f"25.11.26, 09:18 - {C}\n"
        )

        assert [row.link for row in found.rows] == [A, B, C]
        assert found.notes[:3] == (
            (
                f"Left out: 2 links that lead to no slideshow: line 2 {profile} (a profile: open a "
                f"slideshow there, copy its link), line 3 {elsewhere} (not on TikTok)."
            ),
            "Left out: the date and the name before 5 lines of a chat.",
            "Left out: 1 line without a link (line 5 “danke!”).",
        )

    def test_keeps_what_was_meant_as_a_link(self) -> None:
        meant = ["htps:/tiktok.com/@a/photo/1", "7240568259186019630", "@chillezy"]

        assert [row.link for row in read_rows("\n".join([A, *meant]))] == [A, *meant]

    def test_without_any_link_is_a_row_a_line(self) -> None:
        assert links("my slideshow\n\nanother, please") == [
            (1, "my slideshow"),
            (3, "another, please"),
        ]

    @pytest.mark.parametrize("text", [f"1. {A}\n2. {B}", f"1.\t{A}\n2.\t{B}", f"1) {A}\n2) {B}"])
    def test_may_be_numbered(self, text: str) -> None:
        assert links(text) == [(1, A), (2, B)]

    def test_leaves_wrapping_on_the_link(self) -> None:
        assert links(f"<{A}>,\n\u201c{B}\u201d\n- {C}") == [
            (1, f"<{A}>"),
            (2, f"\u201c{B}\u201d"),
            (3, f"- {C}"),
        ]

    def test_is_cut_where_one_link_runs_into_the_next(self) -> None:
        assert links(f"{A}{B}{C}") == [(1, A), (1, B), (1, C)]

    def test_does_not_cut_an_address_inside_an_address(self) -> None:
        for text in (
            "https://example.com/?u=https://x.io/",
            f"https://web.archive.org/web/2020/{A}",
            f"{A}?u={B}",
        ):
            assert links(text) == [(1, text)]

    def test_with_several_links_in_a_quoted_cell_gives_each(self) -> None:
        assert [row.link.strip('"') for row in read_rows(f'"{A}\n{B}"\n{C}')] == [A, B, C]

    def test_with_a_foreign_link_after_a_comma_does_not_hide_it_as_a_photo(self) -> None:
        assert [row.link for row in read_rows(f"{A}, https://youtu.be/abc")] == [
            A,
            "https://youtu.be/abc",
        ]


class TestRowsFromASpreadsheet:
    def test_need_no_header(self) -> None:
        text = f'{A}\tmug.jpg\tA mug, blue; "big"\r\n{B}\thttps://cdn.example.com/p?id=3\tBag\r\n{C}\t\tHat'

        assert read_rows(text) == [
            SlideshowRow(1, A, "mug.jpg", 'A mug, blue; "big"'),
            SlideshowRow(2, B, "https://cdn.example.com/p?id=3", "Bag"),
            SlideshowRow(3, C, "", "Hat"),
        ]

    def test_with_two_cells_hold_a_photo_or_a_description(self) -> None:
        assert read_rows(f"{A}\tphotos/mug.png\n{B}\tA blue mug, large") == [
            SlideshowRow(1, A, "photos/mug.png"),
            SlideshowRow(2, B, "", "A blue mug, large"),
        ]

    def test_may_have_description_and_photo_the_other_way_round(self) -> None:
        assert read_rows(f"{A}\tMug\tmug.jpg") == [SlideshowRow(1, A, "mug.jpg", "Mug")]

    def test_may_have_quotes_and_newlines_in_a_cell(self) -> None:
        text = f'{A}\tmug.jpg\t"Says ""hi"",\n\n\tand more"\n{B}\tbag.jpg\tBag'

        assert read_rows(text) == [
            SlideshowRow(1, A, "mug.jpg", 'Says "hi",\n\n\tand more'),
            SlideshowRow(4, B, "bag.jpg", "Bag"),
        ]

    def test_survive_a_quote_that_never_closes(self) -> None:
        assert read_rows(f'{A}\tmug.jpg\t"Best mug ever\n{B}\tbag.jpg\tA 5" bag') == [
            SlideshowRow(1, A, "mug.jpg", '"Best mug ever'),
            SlideshowRow(2, B, "bag.jpg", 'A 5" bag'),
        ]

    def test_may_be_csv_with_quotes(self) -> None:
        assert read_rows(f'{A},mug.jpg,"Mug, ""blue"""\n{B},,Bag\n{C},"Hat, red"') == [
            SlideshowRow(1, A, "mug.jpg", 'Mug, "blue"'),
            SlideshowRow(2, B, "", "Bag"),
            SlideshowRow(3, C, "", "Hat, red"),
        ]

    def test_keep_a_comma_that_was_not_quoted_in_the_description(self) -> None:
        assert read_rows(f"{A},mug.jpg,Nice, big mug") == [
            SlideshowRow(1, A, "mug.jpg", "Nice, big mug")
        ]

    def test_without_a_link_are_rows_with_an_empty_link(self) -> None:
        assert read_rows(f"{A}\ta.jpg\tMug\n\tb.jpg\tBag\n") == [
            SlideshowRow(1, A, "a.jpg", "Mug"),
            SlideshowRow(2, "", "b.jpg", "Bag"),
        ]

    def test_keep_the_joiners_that_emoji_are_made_of(self) -> None:
        family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

        assert read_rows(f"{A}\ta.jpg\tFor the {family}")[0].description == f"For the {family}"

    @pytest.mark.parametrize(
        "header",
        [
            "link\tphoto\tdescription",
            "URL\tProduct Photo\tProduct Description",
            "TikTok link\tproduct_photo\tproduct",
            "Slideshow\tImage URL\tDesc.",
            "Post URL\tPicture (file name)\tText",
            "\ufeffTikTok Slideshow URL:\tPIC\tProduct name",
        ],
    )
    def test_may_have_a_header_in_the_usual_spellings(self, header: str) -> None:
        assert read_rows(f"{header}\n{A}\tmug\tMug") == [SlideshowRow(2, A, "mug", "Mug")]

    def test_take_columns_in_any_order_and_ignore_others(self) -> None:
        text = f'no,Description,sku,Photo,Link\n1,"Mug, blue",x9,mug.jpg,{A}\n2,Bag,x8,,{B}\n3,Hat'

        assert read_rows(text) == [
            SlideshowRow(2, A, "mug.jpg", "Mug, blue"),
            SlideshowRow(3, B, "", "Bag"),
            SlideshowRow(4, "", "", "Hat"),
        ]

    def test_with_a_header_skip_blank_rows_but_count_them(self) -> None:
        assert read_rows(f"link\tphoto\n\t\n{A}\ta.jpg\n\n{B}") == [
            SlideshowRow(3, A, "a.jpg"),
            SlideshowRow(5, B),
        ]

    def test_with_a_one_column_header_are_a_list(self) -> None:
        assert links(f"Links:\n{A}, {B}") == [(2, A), (2, B)]

    def test_with_excels_separator_line_are_read(self) -> None:
        assert read_rows(f"sep=;\nlink;photo\n{A};a.jpg") == [SlideshowRow(3, A, "a.jpg")]

    def test_a_lone_header_word_is_junk_not_a_header(self) -> None:
        assert read_rows("tiktok") == [SlideshowRow(1, "tiktok")]


TABLES = {
    "names in German": ("Verknüpfung;Bild;Beschreibung", "{};m.jpg;Mug", ("m.jpg", "Mug"), ""),
    "names in French": ("Lien\tImage\tDescriptif", "{}\tm.jpg\tMug", ("m.jpg", "Mug"), ""),
    "names in Spanish": ("enlace,foto,descripción", "{},m.jpg,Mug", ("m.jpg", "Mug"), ""),
    "names in Japanese": ("リンク,画像,説明", "{},m.jpg,Mug", ("m.jpg", "Mug"), ""),
    "names in Russian": ("Ссылка;Фото;Описание", "{};m.jpg;Mug", ("m.jpg", "Mug"), ""),
    "names in Vietnamese": ("Liên kết,Hình ảnh,Mô tả", "{},m.jpg,Mug", ("m.jpg", "Mug"), ""),
    "names in no known language": (
        "Hivatkozás;Kép;Leírás",
        "{};m.jpg;A wide mug",
        ("m.jpg", "A wide mug"),
        "link from “Hivatkozás”",
    ),
    "a shop's export": (
        "Handle,Title,Body (HTML),Image Src,Price,TikTok URL",
        "mug,Orbit Mug,<p>Wide &amp; warm</p>,https://cdn.example.com/m.jpg?v=1,19,{}",
        ("https://cdn.example.com/m.jpg?v=1", "Orbit Mug: Wide & warm"),
        "Left out: “Handle”, “Price”.",
    ),
    "a scraper's export": (
        "id,text,author.name,playCount,coverUrl,authorUrl,postPage",
        "1,Look!,anna,12,https://cdn.example.com/c.jpg,https://www.tiktok.com/@anna,{}",
        ("", ""),
        "link from “postPage”",
    ),
    "a markdown table": (
        "| # | Link | Product |\n|---|:--:|---|",
        "| 1 | [post]({}) | Mug |",
        ("", "Mug"),
        "Left out: “#”",
    ),
    "no names, the product first": ("", "Orbit Mug,{},m.jpg", ("m.jpg", "Orbit Mug"), "column 2"),
    "formulas of hyperlinks": (
        "Link;Foto",
        '"=HYPERLINK(""{}"";""Post"")";m.jpg',
        ("m.jpg", ""),
        "",
    ),
    "a handle beside the links": (
        "handle,link,date",
        "anna_makes_mugs,{},2026-03-04",
        ("", ""),
        "Left out: “handle”, “date”",
    ),
    "several columns of photos": (
        "link,photo,photo 2,Photo_3,photo title,description",
        "{},m.jpg,https://a.example/x,,A good photo,Mug",
        ("m.jpg; https://a.example/x", "Mug"),
        "photo from “photo” and “photo 2”",
    ),
    "several photos in a cell": (
        "link\tphoto\tdescription",
        '{}\t"m.jpg, l.jpg"\tMug',
        ("m.jpg; l.jpg", "Mug"),
        "",
    ),
    "several markdown links in a cell": (
        "Link;Bild;Text",
        "{};[a](https://a.example/1) [b](https://a.example/2);Mug",
        ("https://a.example/1; https://a.example/2", "Mug"),
        "",
    ),
    "no names, several photos": ("", "{}\tm.jpg\tl.jpg\tMug", ("m.jpg; l.jpg", "Mug"), ""),
    "a title above": ("Spring 2026;;\n;;\nLink;Foto;Info", "{};m.jpg;Mug", ("m.jpg", "Mug"), ""),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_by_its_names_and_by_what_stands_in_it(name: str) -> None:
    head, row, (photo, description), said = TABLES[name]
    found = reader.read_rows("\n".join([head, *(row.format(link) for link in (A, B))]))

    assert [check_link(row.link).post_id for row in found.rows] == [A[-19:], B[-19:]]
    assert {(row.photo, row.description) for row in found.rows} == {(photo, description)}
    assert said in " ".join(found.notes)
    assert bool(found.notes) == bool(said)


TEXTS = {
    "a chat": (
        (f"[21:14, 3/4/2026] Anna: look {A} :)\n[21:15, 3/4/2026] Ben: nice, thanks\n"
        f"12/03/2026, 21:14 - Cleo: {C}"),
        [(1, A), (3, C)],
        "1 line without a link (line 2 “nice, thanks”)",
    ),
    "texts that an app shares": (
        f"Check out Anna's post! {C}\nDownload the app: https://www.tiktok.com/tiktoklite",
        [(1, C)],
        "line 2 https://www.tiktok.com/tiktoklite (not a post)",
    ),
    "a mistyped link in a chat": (
        (f"[1.2.26, 10:00] Al: see {A} again\n[1.2.26, 10:01] Bo: oh htps:/www.tiktok.com/@t/photo/"
        "7240568259186019631\n[1.2.26, 10:02] Bo: @mia tiktok.com/@t rocks"),
        [(1, A), (2, "htps:/www.tiktok.com/@t/photo/7240568259186019631")],
        "1 line without a link (line 3 “@mia tiktok.com/@t rocks”)",
    ),
    "a word behind a link": (f"{A} again\n{C} (this one)", [(1, A), (2, C)], "line 1 “again”"),
    "a link broken by a space": (f"{A[:40]} {A[40:]}", [(1, f"{A[:40]} {A[40:]}")], ""),
    "a short and a long link of each post": (f"{C} -> {A}", [(1, A)], "the long one is taken"),
    "columns of short and long links": (
        f"{C} {A}\nhttps://vt.tiktok.com/ZGdhVtER3/ {B}",
        [(1, A), (2, B)],
        "2 lines have a short",
    ),
    "a chat in CSV, with the numbers of people": (
        f'Id,Text\n"111111111111111111","look {A}"\n"111111111111111112","{C}, and {B}"',
        [(2, A), (3, f'"{C}'), (3, B)],
        "1 line without a link (line 1 “Id",
    ),
    "addresses that lead to one in them": (
        ("https://a.example/url?q=https%3A%2F%2Fwww.tiktok.com%2F%40a%2Fphoto%2F7240568259186019630&sa=D"
        "\nhttps://a.example/?u=https%3A%2F%2Fvm.tiktok.com%2FZGdhVtER2%2F&e=1"),
        [(1, "https%3A%2F%2Fwww.tiktok.com%2F%40a%2Fphoto%2F7240568259186019630"),
         (2, "https%3A%2F%2Fvm.tiktok.com%2FZGdhVtER2%2F")],
        "",
    ),
    "a chat in JSON": (
        json.dumps({"messages": [
            {"text": ["look ", {"type": "link", "text": C}, " nice"], "from": "Ann"},
            {"text": f"and {A} too", "from": "Bo"},
        ]}),
        [(3, C), (6, A)],
        "posts among words",
    ),
    "messages in JSON that begin with a post, or not": (
        json.dumps([{"said": A, "by": "Ann"}, {"said": "that is nice", "by": "Bo"}]),
        [(1, A)],
        "posts among words",
    ),
    "links of a chat tool": (f"<{A}|the post>\nand <{B}>", [(1, f"<{A}"), (2, B)], "the post>"),
    "links with a text": (f"See [this one]({A}), or [that]({B})!", [(1, A), (1, B)], "See [this"),
    "a document with a picture": (f"![x](https://a.example/x.gif)\nSee [{C}]({C})", [(2, C)], "!"),
    "HTML": (f'<li><a href="{A}">one</a></li>\n<li><a href="{B}">', [(1, A), (2, B)], "<li>"),
    "an export in JSON": (
        json.dumps({"Likes": {"List": [{"Date": "2026", "Link": A}, {"Date": "2025", "Link": B}]}}),
        [(1, A), (2, B)],
        "Left out: “Date”",
    ),
    "two spellings of one key": (
        json.dumps({"Seen": [{"Link": A}], "Liked": [{"link": B}, {"date": "2026", "link": C}]}),
        [(1, A), (2, B), (3, C)],
        "Left out: “date”",
    ),
    "indented text beside a link": (f"\tfirst\tpart\n\tsecond\tpart\n{A}", [(3, A)], "2 lines"),
    "an export in text": (f"Date: 26\nLink: {A}\n\nDate: 25\nLink: {B}", [(2, A), (5, B)], "2 l"),
    "lines of JSON": (
        f'{{"url": "{A}", "author": {{"name": "a"}}}}\n{{"url": "{B}"}}',
        [(1, A), (2, B)],
        "“author.name”",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_links_are_found_among_words_and_the_words_are_said(name: str) -> None:
    text, wanted, said = TEXTS[name]
    found = reader.read_rows(text)

    assert [(row.line, row.link) for row in found.rows] == wanted
    assert said in " ".join(found.notes)


def test_an_object_of_a_list_in_json_without_a_link_is_a_row_that_says_so() -> None:
    text = json.dumps([{"link": A, "photo": "a.jpg"}, {"link": "", "photo": "b.jpg"}])

    assert read_rows(text) == [SlideshowRow(1, A, "a.jpg"), SlideshowRow(2, "", "b.jpg")]


def test_a_post_that_a_caption_names_takes_no_objects_apart() -> None:
    text = json.dumps([{"url": A, "photo": "a.jpg", "caption": f"the second part of {C}"}])
    [row] = read_rows(text)
    assert (row.link, row.photo) == (A, "a.jpg")


def test_json_without_a_link_to_tiktok_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match=r"The JSON has no link to TikTok in its only line"):
        read_rows(json.dumps([{"id": 7, "text": "Mug"}] * 40))


def test_a_line_with_a_post_is_no_head() -> None:
    assert links(f'  bike: "{A}", // TikTok\n  legs: "{B}", // TikTok') == [(1, A), (2, B)]


def test_objects_in_json_bring_their_product() -> None:
    entry = {"video": {"url": A}, "product": "Mug", "image": "https://cdn.example.com/m.png"}

    assert read_rows(json.dumps([entry])) == [
        SlideshowRow(1, A, "https://cdn.example.com/m.png", "Mug")
    ]


def test_more_than_ten_thousand_rows_are_refused() -> None:
    with pytest.raises(InputError, match="more than 10,000 rows"):
        read_rows("x\n" * 10_001)


@given(
    st.text(alphabet=st.sampled_from('",;\t\n\r |ab\u200b\ufeff') | st.characters(), max_size=80)
)
def test_any_text_gives_at_least_one_row_and_lines_in_order(text: str) -> None:
    lines = [row.line for row in read_rows(text)]

    assert lines
    assert lines == sorted(lines)


CELL = st.text(
    st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u3000"), max_size=20
)


@given(st.lists(CELL.map(str.strip), min_size=1, max_size=5))
def test_quoted_csv_below_a_header_gives_back_what_was_written(texts: list[str]) -> None:
    body = "".join(f'{A},p.jpg,"{text.replace(chr(34), chr(34) * 2)}"\r\n' for text in texts)

    found = read_rows("link,photo,description\r\n" + body)

    assert [row.description for row in found] == texts


# A manifest file


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def xlsx(
    *sheets: Sequence[Sequence[tuple[str, object]]],
    more: str = "",
    targets: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """A workbook with cells given as (address, value), and what stands below them."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    names = range(1, len(sheets) + 1)
    tags = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in names)
    parts = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in names
    )
    files = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        f"<sheets>{tags}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{parts}</Relationships>',
    }
    for number, rows in zip(names, sheets, strict=True):
        body = "".join(f"<row>{''.join(_cell(*cell) for cell in row)}</row>" for row in rows)
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{main}" xmlns:r="{office}"><sheetData>{body}</sheetData>'
            f"{more}</worksheet>"
        )
        relations = "".join(
            f'<Relationship Id="{name}" Type="{office}/hyperlink" TargetMode="External" '
            f'Target="{escape(target)}"/>'
            for name, target in targets.items()
        )
        files[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = (
            f'<Relationships xmlns="{package}">{relations}</Relationships>'
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _cell(address: str, value: object) -> str:
    if isinstance(value, int | float):
        return f'<c r="{address}"><v>{value}</v></c>'
    return f'<c r="{address}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


class TestAManifestFile:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_is_read_in_any_encoding_and_delimiter(
        self, tmp_path: Path, encoding: str, delimiter: str
    ) -> None:
        lines = [
            ["Photo", "Link", "Price", "Description"],
            ["m.jpg", A, "3", '"Caf\u00e9, ""big""; mug"'],
        ]
        text = "\r\n".join(delimiter.join(line) for line in lines) + "\r\n"

        found = read_manifest(write(tmp_path / "m.csv", text.encode(encoding)))

        assert found == [SlideshowRow(2, A, "m.jpg", 'Caf\u00e9, "big"; mug')]

    def test_needs_no_header_if_the_link_comes_first(self, tmp_path: Path) -> None:
        path = write(tmp_path / "m.csv", f"{A};mug.jpg;Mug\n{B};bag.jpg;Bag\n")

        assert read_manifest(path) == [
            SlideshowRow(1, A, "mug.jpg", "Mug"),
            SlideshowRow(2, B, "bag.jpg", "Bag"),
        ]

    def test_may_have_a_title_above_its_header(self, tmp_path: Path) -> None:
        path = write(tmp_path / "m.csv", f"Spring campaign,,\n\nlink,photo\n{A},mug.jpg\n")

        assert read_manifest(path) == [SlideshowRow(4, A, "mug.jpg")]

    @pytest.mark.parametrize("name", ["links.txt", "links.csv", "links"])
    def test_may_be_a_plain_list(self, tmp_path: Path, name: str) -> None:
        path = write(tmp_path / name, f"my slideshow\n{A}, {B}\n\n{C}\n")

        assert [(row.line, row.link) for row in read_manifest(path)] == [
            (2, A),
            (2, B),
            (4, C),
        ]

    @pytest.mark.parametrize("name", ["m.csv", "m.xlsx"])
    def test_without_a_link_column_names_what_it_found_and_what_it_expects(
        self, tmp_path: Path, name: str
    ) -> None:
        sheet: list[list[tuple[str, object]]] = [
            [("A1", "sku"), ("B1", "price")],
            [("A2", "x9"), ("B2", "3")],
        ]
        content = xlsx(sheet) if name == "m.xlsx" else b"sku,price\nx9,3\n"

        with pytest.raises(InputError, match=r"found 'sku', 'price', expected link, photo, descr"):
            read_manifest(write(tmp_path / name, content))

    def test_that_an_editor_has_filled_with_zeros_is_read(self, tmp_path: Path) -> None:
        content = f"link,description\n{A},Mug\n".encode() + bytes(21)
        assert len(read_manifest(write(tmp_path / "m.csv", content))) == 1

    def test_with_a_header_only_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no rows below"):
            read_manifest(write(tmp_path / "m.csv", "link,photo,description\n"))

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("m.csv", b"", "is empty"),
            ("m.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "neither text nor"),
            ("m.csv", b"\xff\xfeabc", "neither text nor"),
            ("m.txt", b"x" * (10 * 2**20 + 1), "larger than 10 MiB"),
            ("m.csv", b"x\n" * 10_001, "more than 10,000 rows"),
            ("m.html", b"<a href='https://a.example'>a</a>\n" * 21, "no link to TikTok in its 21"),
            ("m.csv", b"name,photo\nMug,https://a.example/m.jpg\n" * 9, "found 'name', 'photo'"),
            ("m.xlsx", b"link,photo", "damaged or no XLSX"),
            ("m.xlsx", b"PK\x03\x04 rubbish", "damaged or no XLSX"),
            ("m.xlsx", xlsx([[("A1", A)]])[:-200], "damaged or no XLSX"),
            ("m.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or password-protected"),
            ("m.xlsx", xlsx([]), "damaged or no XLSX|no cells"),
            ("m.xlsx", xlsx([[]]), "no cells"),
        ],
    )
    def test_that_is_no_table_is_refused_in_a_sentence(
        self, tmp_path: Path, name: str, content: bytes, message: str
    ) -> None:
        with pytest.raises(InputError, match=message):
            read_manifest(write(tmp_path / name, content))

    def test_that_is_missing_or_a_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="There is no file"):
            read_manifest(tmp_path / "none.csv")
        with pytest.raises(InputError, match="is a folder"):
            read_manifest(tmp_path)
        with pytest.raises(InputError, match="cannot be read"):
            read_manifest(Path("a\0b.csv"))


class TestAWorkbook:
    def test_is_read_from_its_first_sheet_with_data_with_true_row_numbers(
        self, tmp_path: Path
    ) -> None:
        table: list[list[tuple[str, object]]] = [
            [("B3", "Text"), ("C3", "TikTok URL"), ("D3", "Image")],
            [("B5", 2026.0), ("C5", A), ("D5", "mug.jpg")],
            [("B6", 'Bag, "red"\nsmall'), ("C6", B)],
        ]

        assert read_manifest(write(tmp_path / "m.xlsx", xlsx([[]], table))) == [
            SlideshowRow(5, A, "mug.jpg", "2026"),
            SlideshowRow(6, B, "", 'Bag, "red"\nsmall'),
        ]

    def test_needs_no_header_if_the_link_comes_first(self, tmp_path: Path) -> None:
        table: list[list[tuple[str, object]]] = [
            [("A1", A), ("B1", "mug.jpg"), ("C1", "Mug")],
            [("A2", B), ("B2", "Bag")],
            [("A3", f"{C}, {BARE}")],
        ]

        assert read_manifest(write(tmp_path / "m.xlsx", xlsx(table))) == [
            SlideshowRow(1, A, "mug.jpg", "Mug"),
            SlideshowRow(2, B, "", "Bag"),
            SlideshowRow(3, C),
            SlideshowRow(3, BARE),
        ]

    def test_is_read_from_the_sheet_that_has_links_and_the_others_are_said(
        self, tmp_path: Path
    ) -> None:
        notes: list[list[tuple[str, object]]] = [[("A1", "How to use this file")]]
        table: list[list[tuple[str, object]]] = [[("A1", "Link")], [("A2", A)]]
        found = reader.read_manifest(write(tmp_path / "m.xlsx", xlsx(notes, table)))

        assert [row.link for row in found.rows] == [A]
        assert found.notes == ("Read from the sheet “S2”; left out: “S1”.",)

    def test_gives_the_targets_of_hyperlinks_and_fills_merged_cells(self, tmp_path: Path) -> None:
        table: list[list[tuple[str, object]]] = [
            [("A1", "Link"), ("B1", "Photo"), ("C1", "Description")],
            [("A2", "Post 1"), ("B2", "m.jpg"), ("C2", "Mug")],
            [("A3", "Post 2"), ("B3", "c.jpg")],
        ]
        more = (
            '<mergeCells count="1"><mergeCell ref="C2:C3"/></mergeCells><hyperlinks>'
            '<hyperlink ref="A2" r:id="h1"/><hyperlink tooltip="x" r:id="h2" ref="A3"/>'
            "</hyperlinks>"
        )
        path = write(
            tmp_path / "m.xlsx", xlsx(table, more=more, targets={"h1": A, "h2": f"{B}?a=1&b=2"})
        )

        found = read_manifest(path)
        assert [(row.photo, row.description) for row in found] == [
            ("m.jpg", "Mug"),
            ("c.jpg", "Mug"),
        ]
        assert [check_link(row.link).post_id for row in found] == [A[-19:], B[-19:]]

    def test_under_another_name_is_read_all_the_same(self, tmp_path: Path) -> None:
        assert read_manifest(write(tmp_path / "m.csv", xlsx([[("A1", A)]]))) == [SlideshowRow(1, A)]

    def test_with_cells_in_opposite_corners_is_refused_instead_of_filling_the_memory(
        self, tmp_path: Path
    ) -> None:
        far = xlsx([[("A1", A)], [("XFD1048576", "x")]])

        with pytest.raises(InputError, match="too far apart"):
            read_manifest(write(tmp_path / "m.xlsx", far))

    def test_that_unpacks_to_a_flood_is_refused(self, tmp_path: Path) -> None:
        buffer = io.BytesIO(xlsx([[("A1", A)]]))
        with (
            zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/flood.xml", "w") as file,
        ):
            for _ in range(65):
                file.write(bytes(2**20))

        with pytest.raises(InputError, match="too many"):
            read_manifest(write(tmp_path / "m.xlsx", buffer.getvalue()))


ID_A, ID_B = A.rpartition("/")[2], B.rpartition("/")[2]


class TestTablesOfPosts:
    @pytest.mark.parametrize(
        "head",
        [
            "url,description,likes,comments",
            "url,description,Vues,Commentaires",
            "video_id,url,description",
            "url,title,video_id",
        ],
    )
    def test_have_captions_and_no_products(self, head: str) -> None:
        given = {"video_id": (ID_A, ID_B), "url": (A, B)}
        rows = [
            ",".join(given.get(name, ("so good",) * 2)[n] for name in head.split(","))
            for n in range(2)
        ]
        found = reader.read_rows("\n".join([head, *rows]))
        assert [(row.link, row.description) for row in found.rows] == [(A, ""), (B, "")]
        assert "Left out" in found.notes[0]

    def test_have_products_where_a_photo_or_the_name_of_a_column_says_so(self) -> None:
        [row] = read_rows(f"url,product,likes,views\n{A},Mug,3,4\n")
        assert row.description == "Mug"
        [row] = read_rows(f"url,photo,description,likes,views\n{A},mug.jpg,A cup,3,4\n")
        assert (row.photo, row.description) == ("mug.jpg", "A cup")

    def test_are_read_by_the_numbers_of_their_posts(self) -> None:
        files = "https://v16-webapp.tiktok.com/video/tos/a/?a=1"
        text = f"ID Vidéo,Titre,Source\n{ID_A},x,{files}\n{ID_B},y,{files}\n"
        assert [row.link for row in read_rows(text)] == [ID_A, ID_B]

    @pytest.mark.parametrize("name", ["comment_id", "id_sound", "author id", "number"])
    def test_have_other_numbers_that_look_so(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text(f"{name},text\n{ID_A},x\n{ID_B},y\n")
        with pytest.raises(InputError, match="no column with links to TikTok"):
            read_manifest(path)

    def test_without_a_head_give_no_numbers_of_people(self) -> None:
        text = f"2026-01-02,ann,910306322023591946,{A},3\n2026-01-02,bo,910306322023591947,{B},4"
        assert [row.link for row in read_rows(text)] == [A, B]

    def test_without_links_are_refused_in_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"The table has no column with links.*'Product'"):
            read_rows("Product,Photo,Description\nMug,mug.jpg,A cup\nLamp,lamp.jpg,A light")
        path = tmp_path / "a.csv"
        path.write_text("TikTok link,Name\n" + "\n".join(f"none,ann {n}" for n in range(30)))
        with pytest.raises(InputError, match=r"The column “TikTok link” has no link to TikTok"):
            read_manifest(path)

    def test_with_the_names_of_people_on_tiktok_have_no_links(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("Real name,TikTok name\nAnn,ann\nBo,bo\n")
        with pytest.raises(InputError, match="no column with links to TikTok"):
            read_manifest(path)
