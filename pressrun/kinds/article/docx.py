"""An article as a Word document: headings, paragraphs, lists, bold, pictures; links as text."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pressrun.kinds.article.html import tokens_of
from pressrun.kinds.article.pictures.placing import PICTURE, Illustration
from pressrun.pictures.picture import decode

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from markdown_it.token import Token

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_INDENT_CM = 0.75
_MOST_LEVEL = 6
#: Of a picture: as wide as the text, unless it would fill the page.
_WIDEST_CM, _TALLEST_CM = 15.0, 18.0
#: How the JPEG files begin that Word documents are made with, behind the first six bytes.
_KNOWN_JPEG = (b"JFIF", b"Exif")
#: The earliest moment that a ZIP can state. With the true one, the same article would be other
#: bytes whenever it is made.
_THEN = (1980, 1, 1, 0, 0, 0)


def docx_of(
    title: str,
    summary: str,
    keywords: str,
    markdown: str,
    byline: str = "",
    closing: str = "",
    pictures: Sequence[Illustration] = (),
) -> bytes:
    """Builds the document; the same words give the same bytes.

    Args:
        title: Of the article.
        summary: Below it.
        keywords: For its properties.
        markdown: What stands in it.
        byline: Below the title: who answers for it, or that it is a draft; nothing if empty.
        closing: Its last line, as who wrote and read it; nothing if empty.
        pictures: Of the article, with their data.
    """
    from docx import Document  # noqa: PLC0415 - takes a seventh of a second, and few ask for it

    document = Document()
    properties = document.core_properties
    properties.title, properties.subject = title[:255], summary[:255]
    properties.keywords, properties.author = keywords[:255], "AI, with Pressrun"
    properties.comments = "Written by AI"
    document.add_heading(title, 0)
    if byline:
        document.add_paragraph(byline)
    document.add_paragraph(summary, "Subtitle")
    _DocxWriter(document).write(tokens_of(markdown, pictures))
    if closing:
        document.add_paragraph(closing)
    out = io.BytesIO()
    document.save(out)
    return _timeless(out.getvalue())


class _DocxWriter:
    """Follows the tokens of a markdown text and writes each block as a paragraph."""

    def __init__(self, document: "Document"):
        self._document = document
        self._lists: list[int | None] = []  # of each open list the next number; None for bullets
        self._at_item = False
        self._quotes = 0
        self._heading = 0
        self._row: list[str] | None = None

    def write(self, tokens: "list[Token]") -> None:
        """Writes all tokens."""
        for token in tokens:
            if act := _ACTS.get(token.type):
                act(self, token)

    def begin_heading(self, token: "Token") -> None:
        """Notes that the next words are a heading."""
        self._heading = min(int(token.tag[1:]), _MOST_LEVEL)

    def begin_list(self, token: "Token") -> None:
        """Begins a list: items follow, one level deeper."""
        ordered = token.type == "ordered_list_open"
        self._lists.append(int(token.attrGet("start") or 1) if ordered else None)

    def end_list(self, _token: "Token") -> None:
        """Ends a list; items are of the level before again."""
        self._lists.pop()

    def begin_item(self, _token: "Token") -> None:
        """Notes that the next words begin an item."""
        self._at_item = True

    def quote(self, token: "Token") -> None:
        """Notes that a quotation begins or ends."""
        self._quotes += token.nesting

    def begin_row(self, _token: "Token") -> None:
        """Begins a row of a table: its cells follow."""
        self._row = []

    def end_row(self, _token: "Token") -> None:
        """Writes a row of a table as one line."""
        self._document.add_paragraph(" | ".join(self._row or ()))
        self._row = None

    def code(self, token: "Token") -> None:
        """Writes lines of code as they are."""
        run = self._document.add_paragraph().add_run(token.content.rstrip("\n"))
        run.font.name = "Courier New"

    def inline(self, token: "Token") -> None:
        """Writes the words of a block."""
        if self._row is not None:
            self._row.append(_words(token))
            return
        _write_runs(self._paragraph(), token.children or [])

    def picture(self, token: "Token") -> None:
        """Writes a picture with its alternative text."""
        from docx.shared import Cm  # noqa: PLC0415 - loaded with the document

        shown: Illustration = token.meta[PICTURE]
        width = min(_WIDEST_CM, _TALLEST_CM * shown.width / shown.height)
        shape = self._document.add_picture(io.BytesIO(_known(shown.data)), width=Cm(width))
        properties = shape._inline.docPr
        properties.set("descr", shown.alt)

    def _paragraph(self) -> "Paragraph":
        if self._heading:
            level, self._heading = self._heading, 0
            heading: Paragraph = self._document.add_heading("", level)
            return heading
        if self._lists:
            return self._list_paragraph()
        return self._document.add_paragraph("", "Quote" if self._quotes else None)

    def _list_paragraph(self) -> "Paragraph":
        from docx.shared import Cm  # noqa: PLC0415 - loaded with the document

        # Word's own numbers would go on from one list to the next, so they are written out.
        paragraph = self._document.add_paragraph("", "List Paragraph")
        paragraph.paragraph_format.left_indent = Cm(_INDENT_CM * len(self._lists))
        if self._at_item:
            paragraph.paragraph_format.first_line_indent = Cm(-_INDENT_CM)
            number = self._lists[-1]
            paragraph.add_run("•\t" if number is None else f"{number}.\t")
            self._lists[-1] = None if number is None else number + 1
        self._at_item = False
        return paragraph


_ACTS: "Mapping[str, Callable[[_DocxWriter, Token], None]]" = {
    "heading_open": _DocxWriter.begin_heading,
    "bullet_list_open": _DocxWriter.begin_list,
    "ordered_list_open": _DocxWriter.begin_list,
    "bullet_list_close": _DocxWriter.end_list,
    "ordered_list_close": _DocxWriter.end_list,
    "list_item_open": _DocxWriter.begin_item,
    "blockquote_open": _DocxWriter.quote,
    "blockquote_close": _DocxWriter.quote,
    "tr_open": _DocxWriter.begin_row,
    "tr_close": _DocxWriter.end_row,
    "fence": _DocxWriter.code,
    "code_block": _DocxWriter.code,
    "inline": _DocxWriter.inline,
    PICTURE: _DocxWriter.picture,
}


def _write_runs(paragraph: "Paragraph", tokens: "list[Token]") -> None:
    strong = slanted = 0
    address = ""
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "em_open" | "em_close":
                slanted += token.nesting
            case "link_open":
                address = str(token.attrGet("href") or "")
            case "link_close":
                if not paragraph.text.endswith(address):
                    paragraph.add_run(f" ({address})")
            case "softbreak":
                paragraph.add_run(" ")
            case "hardbreak":
                paragraph.add_run().add_break()
            case _:
                run = paragraph.add_run(token.content)
                run.bold, run.italic = strong > 0 or None, slanted > 0 or None


def _words(token: "Token") -> str:
    return "".join(" " if c.type == "softbreak" else c.content for c in token.children or ())


def _known(jpeg: bytes) -> bytes:
    """Gives a JPEG file that begins in a way that Word documents can be made with."""
    if jpeg[6:10] in _KNOWN_JPEG:
        return jpeg
    out = io.BytesIO()
    decode(jpeg).save(out, "JPEG", quality=90)
    return out.getvalue()


def _timeless(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w") as timeless:
        for entry in made.infolist():
            info = zipfile.ZipInfo(entry.filename, _THEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            timeless.writestr(info, made.read(entry))
    return out.getvalue()
