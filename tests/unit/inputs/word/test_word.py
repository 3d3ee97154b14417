"""Word documents read as Markdown, as Word, Google Docs and LibreOffice write them."""

import io
import re
from pathlib import Path

import docx
import pytest

from pressrun.errors import InputError
from pressrun.inputs.articles.document import read_document_file
from pressrun.inputs.articles.rows import Defaults
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.prompts.bounded import read_prompt_file
from pressrun.inputs.tables.files import read_sheets
from pressrun.inputs.word import read_word
from tests.support.word import cell, listed, paragraph, run, table, word_bytes, word_file

BULLETS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="bullet"/>'
    f'<w:lvlText w:val="●"/></w:lvl>'
    for level in range(3)
)
NUMBERS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
    f'<w:lvlText w:val="{text}"/></w:lvl>'
    for level, (kind, text) in enumerate([("decimal", "%1."), ("lowerLetter", "%2)")])
)
BOXES = '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="☐"/></w:lvl>'
NONE = '<w:lvl w:ilvl="0"><w:numFmt w:val="none"/><w:lvlText w:val=""/></w:lvl>'
NUMBERING = "".join(
    f'<w:abstractNum w:abstractNumId="{n}">{levels}</w:abstractNum>'
    for n, levels in enumerate([BULLETS, NUMBERS, BOXES, NONE])
) + "".join(
    f'<w:num w:numId="{n}"><w:abstractNumId w:val="{abstract}"/>{override}</w:num>'
    for n, abstract, override in [
        (1, 0, ""),
        (2, 1, ""),
        (3, 1, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'),
        (4, 2, ""),
        (5, 3, ""),
    ]
)


def text_of(body: str, **given: object) -> str:
    return read(body, **given)[0]


def read(body: str, **given: object) -> tuple[str, tuple[str, ...]]:
    ((found, _),) = read_word(word_bytes(body, **given), "plan.docx")  # type: ignore[arg-type]
    return found


def style(key: str, name: str, inside: str = "", base: str = "") -> str:
    based = f'<w:basedOn w:val="{base}"/>' if base else ""
    named = f'<w:name w:val="{name}"/>{based}{inside}'
    return f'<w:style w:type="paragraph" w:styleId="{key}">{named}</w:style>'


def test_a_document_of_python_docx_is_markdown(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Content plan", 0)
    document.add_heading("Topics", 2)
    for words, kind in [
        ("How bees sleep", "List Bullet"),
        ("In winter", "List Bullet 2"),
        ("First", "List Number"),
        ("Second", "List Number"),
    ]:
        document.add_paragraph(words, kind)
    document.add_paragraph("", "List Bullet").add_run("Why soap cleans").font.strike = True
    rows = document.add_table(2, 2)
    for (row, column), words in {
        (0, 0): "Topic",
        (0, 1): "Keywords",
        (1, 0): "a|b",
        (1, 1): "bee\nhive",
    }.items():
        rows.cell(row, column).text = words
    path = tmp_path / "plan.docx"
    document.save(str(path))
    found = read_sheets(path, 100)
    assert isinstance(found, DocumentText)
    assert found.text == (
        "# Content plan\n\n## Topics\n\n- How bees sleep\n    - In winter\n1. First\n2. Second\n"
        "- ~~Why soap cleans~~\n\n| Topic | Keywords |\n| --- | --- |\n| a\\|b | bee<br>hive |"
    )
    assert found.notes == ()


def test_lists_without_styles_are_known_by_their_numbering() -> None:
    body = "".join(
        paragraph(words, properties=listed(num, level))
        for words, num, level in [
            ("Bees", 1, 0),
            ("Wild bees", 1, 1),
            ("One", 2, 0),
            ("Two", 2, 0),
            ("Part", 2, 1),
            ("Three", 2, 0),
            ("To do", 4, 0),
        ]
    )
    assert text_of(body, numbering=NUMBERING) == (
        "- Bees\n    - Wild bees\n1. One\n2. Two\n    1. Part\n3. Three\n- To do"
    )


@pytest.mark.parametrize(
    ("styles", "used", "level"),
    [
        (style("berschrift2", "heading 2"), "berschrift2", 2),
        (style("Mine", "Our chapter", base="Heading2") + style("Heading2", "heading 2"), "Mine", 2),
        (style("Own", "Own", '<w:pPr><w:outlineLvl w:val="3"/></w:pPr>'), "Own", 4),
        (style("Heading8", "heading 8"), "Heading8", 6),
        (style("Titel", "Title"), "Titel", 1),
        (style("Heading", "Heading"), "Heading", 1),
        ("", "Heading1", 1),
        (style("Heading1", "heading 1"), "Normal", 0),
        (
            style("Plain", "Plain", '<w:pPr><w:outlineLvl w:val="9"/></w:pPr>', "Heading1")
            + style("Heading1", "heading 1"),
            "Plain",
            0,
        ),
    ],
)
def test_headings_are_known_by_style_base_or_outline(styles: str, used: str, level: int) -> None:
    assert text_of(paragraph("Bees", used), styles=styles) == f"{'#' * level} Bees".strip()


def test_links_fields_and_wrappers_keep_their_words() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK '
        '"https://b.example/x (1)" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>'
        f'</w:r>{run("field")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    inside = (
        f'{run("See ")}<w:hyperlink r:id="r1">{run("the [best] hive")}</w:hyperlink>{run(", ")}'
        f"{field}<w:sdt><w:sdtContent>{run(', control')}</w:sdtContent></w:sdt>"
        f"<w:smartTag>{run(', tag')}</w:smartTag><w:bdo>{run(', bidi')}</w:bdo>"
        f"<w:fldSimple w:instr='DATE'>{run(', simple')}</w:fldSimple><w:r><w:ruby><w:rt>"
        f"{run('reading')}</w:rt><w:rubyBase>{run(', ruby')}</w:rubyBase></w:ruby></w:r>"
        f'<w:hyperlink w:anchor="x">{run(", anchor")}</w:hyperlink>'
    )
    block = f"<w:sdt><w:sdtContent>{paragraph('Block')}</w:sdtContent></w:sdt>"
    assert text_of(paragraph(inside) + block, targets={"r1": "https://a.example/"}) == (
        "See [the (best) hive](https://a.example/), [field](https://b.example/x%20%281%29), "
        "control, tag, bidi, simple, ruby, anchor\n\nBlock"
    )


def test_tracked_changes_struck_words_and_what_is_left_out() -> None:
    off = '<w:strike w:val="0"/>'
    body = (
        paragraph(
            f"{run('Keep ')}<w:del>{run('old')}</w:del><w:ins>{run('new')}</w:ins>"
            f"{run(' done ', '<w:strike/>')}{run('plain', off)}{run('secret', '<w:vanish/>')}"
            '<w:r><w:br/></w:r><w:r><w:t>line</w:t><w:br w:type="page"/></w:r>'
            '<w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:commentReference w:id="1"/></w:r>'
            "<w:r><w:drawing><pic/></w:drawing></w:r>"
        )
        + paragraph("Half ", properties="<w:rPr><w:del/></w:rPr>")
        + paragraph("joined")
        + paragraph(
            "<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>"
            f"{paragraph('boxed')}</w:txbxContent></w:drawing></mc:Choice></mc:AlternateContent><mc:AlternateContent><mc:Choice/><mc:Fallback>"
            "<w:t>😀</w:t></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    header = '<w:hdr xmlns:w="x"><w:p><w:r><w:t>Secret plan</w:t></w:r></w:p></w:hdr>'
    text, notes = read(body, others={"word/header.xml": header})
    assert text == "Keep new ~~done~~ plain\nline\n\nHalf joined\n\n😀"
    assert notes == (
        (
            "Left out of the document: 1 tracked deletion, 1 run of hidden text, 1 footnote, "
            "1 comment, 1 picture, 1 text box and 1 header."
        ),
    )


def test_check_boxes_are_those_of_a_list() -> None:
    box = "<w:sdt><w:sdtPr><w14:checkbox/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    body = paragraph(box.format(run("☐")) + run(" Bees")) + paragraph("☒ Wasps")
    old = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
    assert text_of(body + paragraph(old + run(" Ants"))) == "- [ ] Bees\n- [x] Wasps\n- [x] Ants"


def test_tables_have_merged_cells_filled_and_nested_ones_flattened() -> None:
    span = '<w:gridSpan w:val="2"/>'
    nested = f"{paragraph('in')}{table(cell('a') + cell('b'), cell('c') + cell('d'))}"
    found = text_of(
        table(
            cell("Plan of March", span),
            cell("Group") + cell("Topic"),
            cell("Bees", '<w:vMerge w:val="restart"/>') + cell("Sleep"),
            cell("<w:p/>", "<w:vMerge/>") + cell(nested),
            cell("<w:p/>") + cell("<w:p/>"),
        )
        + table(cell(paragraph("Framed") + paragraph("text")))
    )
    assert found == (
        "Plan of March\n\n| Group | Topic |\n| --- | --- |\n| Bees | Sleep |\n"
        "| Bees | in<br>a<br>b<br>c<br>d |\n\nFramed\n\ntext"
    )


def test_a_table_of_contents_is_left_out() -> None:
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    body = (
        f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{paragraph('Bees 1')}</w:sdtContent>"
        "</w:sdt>"
        + paragraph("Wasps 2", "TOC1")
        + paragraph("Ants 3", "Verzeichnis1")
        + paragraph("Bees", "Heading1")
    )
    assert read(body, styles=style("Verzeichnis1", "toc 1")) == (
        "# Bees",
        ("Left out of the document: 1 table of contents.",),
    )


def test_lists_are_known_by_the_style_that_a_style_is_based_on() -> None:
    numbered = f"<w:pPr>{listed(2)}</w:pPr>"
    styles = (
        style("Base", "Base", numbered)
        + style("Ours", "Our list", base="Base")
        + style("Bullet", "List Bullet")
    )
    body = paragraph("One", "Ours") + paragraph("Two", "Ours") + paragraph("Bees", "Bullet")
    assert text_of(body, styles=styles, numbering=NUMBERING) == "1. One\n2. Two\n- Bees"


def test_words_of_a_text_box_are_read_in_the_form_of_old_programs() -> None:
    box = f"<v:textbox><w:txbxContent>{paragraph('boxed')}</w:txbxContent></v:textbox>"
    forms = (
        "<mc:AlternateContent><mc:Choice><w:drawing/></mc:Choice><mc:Fallback><w:pict>"
        f"{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert read(paragraph(f"{run('Bees')}<w:r>{forms}</w:r>")) == ("Bees\n\nboxed", ())


def test_entries_of_a_list_go_on_below_their_texts(tmp_path: Path) -> None:
    kinds = ("fox", "bear", "heron")
    body = "".join(
        paragraph(f"A watercolor painting of a {kind} in soft light", properties=listed(2))
        + paragraph("")
        for kind in kinds
    )
    path = word_file(tmp_path, body, numbering=NUMBERING)
    assert [task.specific_prompt.split()[5] for task in read_prompt_file(path).tasks] == [*kinds]


def test_empty_paragraphs_part_texts_where_a_document_has_them() -> None:
    lines = [*map(paragraph, ("Prompt: a fox", "Style: ink", "", "Prompt: a bear", "Style: oil"))]
    assert text_of("".join(lines)) == ("Prompt: a fox\nStyle: ink\n\nPrompt: a bear\nStyle: oil")
    assert text_of(paragraph("One.") + paragraph("Two.")) == "One.\n\nTwo."


def test_the_strict_form_and_other_places_of_the_text_are_read() -> None:
    data = word_bytes(paragraph("Bees", "Heading1"), place="word/document2.xml")
    assert next(read_word(data, "a"))[0][0] == "# Bees"


# --- What is refused --------------------------------------------------------------------------


LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    + "".join(f'<!ENTITY {c} "{f"&{b};" * 10}">' for b, c in ("bc", "cd", "de", "ef", "fg", "gh"))
    + "]>"
)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.docx", word_bytes(paragraph("&h;"), before=LAUGHS), "XML entities|damaged"),
        (
            "a.docx",
            word_bytes(paragraph("&x;"), before='<!DOCTYPE w [<!ENTITY x SYSTEM "/etc/passwd">]>'),
            "XML entities",
        ),
        ("a.docx", word_bytes(paragraph("x" * (65 * 2**20))), "has too much in it. Copy its"),
        ("a.docx", word_bytes(paragraph("a"))[:300], "damaged"),
        ("a.docx", b"no archive", "damaged or no Word document. Open it"),
        ("a.docx", word_bytes("<w:p/>"), "has no text. Pictures are not read"),
        ("a.docx", word_bytes("<w:p>" * 400 + "</w:p>" * 400), "damaged"),
        ("a.docx", word_bytes("<w:p>"), "damaged"),
        (
            "a.doc",
            b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"),
            "an old Word document. Save it as DOCX",
        ),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password. Save it without",
        ),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3", "a PDF. .*copy its text"),
        ("a.rtf", b"{\\rtf1 bees}", "an RTF document. Save it as DOCX"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for read_file in (
        read_prompt_file,
        lambda path: read_document_file(path, "topic", Defaults()),
    ):
        with pytest.raises(InputError, match=said) as raised:
            read_file(path)
        assert re.match(r"a\.\w+ ", str(raised.value))
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("mimetype", "an OpenDocument file or an e-book. Save it as DOCX"),
        ("Index/Document.iwa", "Apple's Pages, Numbers or Keynote. Export it as DOCX"),
    ],
)
def test_documents_of_other_programs_say_what_to_do(tmp_path: Path, inside: str, said: str) -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(inside, "x")
    path = tmp_path / "a.odt"
    path.write_bytes(file.getvalue())
    with pytest.raises(InputError, match=said):
        read_prompt_file(path)


def test_a_long_document_is_read_or_refused_within_its_bounds(tmp_path: Path) -> None:
    bees = [paragraph(f"How bee {n} sleeps", properties=listed(1)) for n in range(20_000)]
    others: dict[str, str | bytes] = {"word/media/a.png": b"x" * 9**7}
    path = word_file(tmp_path, "".join(bees[:2_000]), numbering=NUMBERING, others=others)
    found = read_sheets(path, 100)
    assert isinstance(found, DocumentText)
    assert found.text.count("\n- How") == 1_999
    path = word_file(tmp_path, "".join(bees), numbering=NUMBERING)
    with pytest.raises(InputError, match=r"takes more than 8 s|more than 15,000 lines"):
        read_prompt_file(path)


# --- What batches make of it --------------------------------------------------------------------


def test_topics_of_a_document_are_its_list(tmp_path: Path) -> None:
    path = word_file(
        tmp_path,
        paragraph("Blog topics for spring", "Title")
        + "".join(
            paragraph(f"How to help {kind} in a small garden", properties=listed(1))
            for kind in ("bees", "wasps", "ants")
        )
        + paragraph(run("How to keep hens", "<w:strike/>"), properties=listed(1))
        + paragraph("<w:r><w:drawing/></w:r>"),
        numbering=NUMBERING,
    )
    given = read_document_file(path, "topic", Defaults())
    assert [row.subject for row in given.rows] == [
        f"How to help {kind} in a small garden" for kind in ("bees", "wasps", "ants")
    ]
    assert given.text.startswith("# Blog topics")
    assert given.notes[0] == "Left out of the document: 1 picture."
    assert any("checked off or struck out" in note for note in given.notes)


def test_a_document_is_rewritten_itself_or_by_its_links(tmp_path: Path) -> None:
    path = word_file(tmp_path, paragraph("Bees", "Heading1") + paragraph("They sleep. " * 40))
    (row,) = read_document_file(path, "spin", Defaults()).rows
    assert row.subject.startswith("# Bees\n\nThey sleep.")
    links = "".join(
        paragraph(f'<w:hyperlink r:id="r{n}">{run(f"Page {n}")}</w:hyperlink>', "", listed(1))
        for n in range(4)
    )
    targets = {f"r{n}": f"https://a.example/{n}" for n in range(4)}
    path = word_file(tmp_path, links, numbering=NUMBERING, targets=targets)
    rows = read_document_file(path, "spin", Defaults()).rows
    assert [row.subject for row in rows] == [*targets.values()]


def test_keywords_stand_in_a_cell_a_line(tmp_path: Path) -> None:
    words = paragraph("bee hotel") + paragraph("wild bees")
    path = word_file(
        tmp_path,
        table(
            cell("Topic") + cell("Keywords"),
            cell("How bees sleep") + cell(words),
            cell("How wasps build") + cell("wasp nest"),
        ),
    )
    given = read_document_file(path, "topic", Defaults())
    assert [row.keywords for row in given.rows] == [("bee hotel", "wild bees"), ("wasp nest",)]


def test_prompts_of_a_document_say_what_is_left_out(tmp_path: Path) -> None:
    path = word_file(
        tmp_path,
        paragraph("Prompts", "Heading1")
        + "".join(
            paragraph(f"A watercolor painting of a {kind} in soft light", properties=listed(2))
            for kind in ("fox", "bear", "heron")
        )
        + paragraph('<w:r><w:commentReference w:id="1"/></w:r>'),
        numbering=NUMBERING,
    )
    parsed = read_prompt_file(path)
    assert [task.specific_prompt[:24] for task in parsed.tasks] == ["A watercolor painting of"] * 3
    assert parsed.warnings[0] == "Left out of the document: 1 comment."
