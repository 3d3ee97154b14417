"""The text of a saved web page in Markdown: headings, lists and tables, without what is the site's.

And of HTML that was made of a document, of which nothing is a site's.

The extractor of articles (:mod:`pressrun.inputs.web.page`) is no help here: of pages that list
linked titles it keeps the words, and loses that they were headings or entries of a list.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from pressrun.errors import InputError
from pressrun.inputs.hyperlinks.forms import form_of
from pressrun.inputs.markdown import DocumentText, MarkdownWriter, left_out, linked, struck
from pressrun.inputs.web.page import MOST_TAGS

#: Of lxml, which has no types.
Element = Any

_MOST_DEPTH = 200
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN = frozenset(
    ["script", "style", "template", "noscript", "title", "head", "select", "button", "svg",
     "iframe", "object", "canvas", "dialog", "map", "audio", "video", "rt", "rp"]
)  # fmt: skip
_SITE = frozenset({"nav", "aside", "footer", "menu"})
_SITE_ROLES = frozenset(
    ["navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog",
     "menu", "menubar", "toolbar"]
)  # fmt: skip
#: Names that sites give to what is not the page: words of a class or an id.
_SITE_NAME = re.compile(
    r"(?:^|\s)(?:(?:cookie[-_]?(?:banner|notice|consent|bar|popup|law|wall|message|overlay|policy)|"
    r"consent|gdpr|onetrust|cmp|cc-window|usercentrics|didomi|nav|navbar|navigation|menu|breadcrumbs?|"
    r"sidebar|footer|masthead|pagination|pager|share|sharing|social|newsletter|subscribe|comments|"
    r"related[-_](?:posts|articles)|advert|ads|popup|modal|skip-link|toc)(?:[-_]\S*)?|"
    r"\S+[-_](?:nav|navigation|menu|footer|sidebar|breadcrumbs?|banner|consent))(?=\s|$)",
    re.IGNORECASE,
)
_MARK = re.compile(r"^\s*(?:- |#+ )")
_BLOCKS = frozenset(
    ["p", "div", "section", "article", "main", "blockquote", "dd", "dt", "body", "dl", "figure",
     "figcaption", "header", "center", "fieldset", "details", "summary", "hr", "address", "html"]
)  # fmt: skip
_STRUCK = frozenset({"del", "s", "strike"})
_BOXES = {False: "- [ ]", True: "- [x]"}
_FEWEST_WORDS = 3


def readable(text: str) -> DocumentText:
    """Gives the text of a page in Markdown, and any other text as it is.

    Raises:
        InputError: As :func:`page_text`.
    """
    return page_text(text) if form_of(text) == "page" else DocumentText(text)


def page_text(text: str) -> DocumentText:
    """Gives the text of a page in Markdown.

    Args:
        text: HTML, as it is saved or copied.

    Raises:
        InputError: There are no words in it, or far too many tags.
    """
    from lxml import etree  # noqa: PLC0415 - few texts are pages

    if text.count("<") > MOST_TAGS:
        raise InputError(
            f"The page has more than {MOST_TAGS:,} tags, the most that is read. Copy what is "
            "needed of it, and give that."
        )
    try:
        root = _parsed(text)
    except (etree.LxmlError, ValueError) as error:
        raise InputError("The page cannot be read. Copy its text, and give that.") from error
    for main in (_main(root), root):
        reader = _PageReader()
        reader.read(main)
        found = reader.writer.text()
        if len(found.split()) >= _FEWEST_WORDS:
            break
    if not found:
        raise InputError(
            "The page has no text. Open it in a browser, copy its text, and give that."
        )
    said = "Read from the page's text, without navigation and the like; lines are those of it."
    return DocumentText(found, (said, *left_out("the page", reader.counts)))


def document_markdown(text: str) -> str:
    """Gives HTML that was made of a document in Markdown: all of it, with its links.

    Empty paragraphs part its texts (:class:`~pressrun.inputs.markdown.MarkdownWriter`).
    """
    reader = _PageReader(is_document=True)
    if text.strip():
        reader.read(_parsed(text))
    return reader.writer.text()


def _parsed(text: str) -> Element:
    from lxml import html  # noqa: PLC0415 - few texts are pages

    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True)
    return html.document_fromstring(text.encode("utf-8", "replace"), parser)


def _main(root: Element) -> Element:
    """Finds what the page says is its content, if it is one part."""
    for found in (
        [one for one in root.iter("main") if _is_shown(one)],
        [one for one in root.iter() if one.get("role") == "main"],
        [one for one in root.iter("article") if _is_shown(one)],
    ):
        if len(found) == 1:
            return found[0]
    return root


def _is_shown(element: Element) -> bool:
    style = re.sub(r"\s", "", element.get("style") or "").lower()
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return not hidden and "display:none" not in style


class _PageReader:
    def __init__(self, *, is_document: bool = False, in_cell: bool = False) -> None:
        self._is_document, self._in_cell = is_document, in_cell
        self.writer, self.counts = MarkdownWriter(), Counter[str]()
        self._words: list[str] = []
        self._items: list[tuple[str, int]] = []  # of open lists: the kind, and the last number
        self._mark, self._box = "", ""

    def read(self, element: Element, depth: int = 0) -> None:
        """Writes what stands in an element."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if depth > _MOST_DEPTH or not tag or tag in _UNSEEN:
            return
        if not self._is_document and self._is_of_site(element, tag):
            return
        if tag in ("img", "br", "input"):
            self._read_sign(element, tag)
        elif tag in ("ul", "ol"):
            self._read_list(element, tag, depth)
        elif tag == "li":
            self._read_item(element, depth)
        elif tag == "table":
            self._read_table(element, depth)
        elif tag in _HEADINGS or tag in _BLOCKS or tag == "pre":
            self._read_block(element, tag, depth)
        elif tag in _STRUCK or "line-through" in (element.get("style") or ""):
            self._read_marked(element, depth, struck)
        elif tag == "a" and self._is_document:
            self._read_marked(element, depth, partial(linked, address=element.get("href") or ""))
        else:
            self._inside(element, depth)

    def _read_marked(self, element: Element, depth: int, mark: Callable[[str], str]) -> None:
        before, self._words = self._words, []
        self._inside(element, depth)
        words = "".join(self._words)
        bare = words.strip(" ")
        self._words = [*before, words.replace(bare, mark(bare), 1) if bare else words]

    def _read_sign(self, element: Element, tag: str) -> None:
        if tag == "br":
            self._words.append("\n")
        elif tag == "img":
            self.counts["picture"] += bool((element.get("alt") or "").strip())
        elif (element.get("type") or "").lower() == "checkbox" and self._mark:
            self._box = _BOXES[element.get("checked") is not None]

    def _read_block(self, element: Element, tag: str, depth: int) -> None:
        self._end()
        if tag == "pre":
            self.writer.paragraph(element.text_content().strip("\n"))
            return
        self._inside(element, depth)
        if tag == "p" and self._is_document and not "".join(self._words).strip():
            self.writer.empty()
        if tag in _HEADINGS:
            self.writer.heading(_HEADINGS[tag], self._taken())
        else:
            self._end()

    def _is_of_site(self, element: Element, tag: str) -> bool:
        if tag in ("html", "body", "main"):
            return False
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        role = (element.get("role") or "").lower()
        if tag == "header" and next(element.iter("h1"), None) is None:
            return True
        is_site = tag in _SITE or role in _SITE_ROLES or bool(_SITE_NAME.search(named))
        # Themes name a whole page after a part of it; what holds its heading is no such part.
        if is_site and tag not in _SITE and role not in _SITE_ROLES:
            is_site = next(element.iter("h1", "main", "article"), None) is None
        return is_site or not _is_shown(element)

    def _inside(self, element: Element, depth: int) -> None:
        self._add(element.text)
        for one in element:
            self.read(one, depth + 1)
            self._add(one.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self._words.append(re.sub(r"\s+", " ", text))

    def _taken(self) -> str:
        lines = [" ".join(line.split()) for line in "".join(self._words).split("\n")]
        self._words = []
        return "\n".join(line for line in lines if line)

    def _end(self) -> None:
        """Ends a block: the first one of an entry is its words, another one a paragraph."""
        if not (words := self._taken()):
            return
        if self._mark:
            mark, self._mark = self._box or self._mark, ""
            self.writer.item(len(self._items) - 1, mark, words)
        else:
            self.writer.paragraph(words)

    def _read_list(self, element: Element, tag: str, depth: int) -> None:
        self._end()
        start = element.get("start") or ""
        self._items.append((tag, int(start) - 1 if start.isdecimal() and len(start) < 6 else 0))
        outer, self._mark = self._mark, ""
        self._inside(element, depth)
        self._end()
        self._items.pop()
        self._mark = outer

    def _read_item(self, element: Element, depth: int) -> None:
        self._end()
        if not self._items:  # an entry without its list
            self._items.append(("ul", 0))
        tag, number = self._items[-1]
        self._items[-1] = (tag, number + 1)
        self._mark, self._box = f"{number + 1}." if tag == "ol" else "-", ""
        self._inside(element, depth)
        self._end()
        self._mark = ""

    def _read_table(self, table: Element, depth: int) -> None:
        self._end()
        rows = [[*_cells(row)] for row in _rows(table)]
        if self._is_layout(table) or max(map(len, rows), default=0) < 2:
            for cell in chain.from_iterable(rows):
                self._inside(cell, depth + 1)
                self._end()
        else:
            self.writer.table(self._grid(rows, depth))

    def _grid(self, rows: Sequence[Sequence[Element]], depth: int) -> list[list[str]]:
        """Reads the words of cells; those merged with one above have its words."""
        grid: list[list[str]] = []
        above: dict[int, tuple[int, str]] = {}  # by column, how many rows it goes on, its words
        for row in rows:
            cells: list[str] = []
            below: dict[int, tuple[int, str]] = {}
            for cell in (*row, None):
                while len(cells) in above:
                    left, words = above[len(cells)]
                    if left > 1:
                        below[len(cells)] = (left - 1, words)
                    cells.append(words)
                if cell is not None:
                    words = self._cell(cell, depth)
                    if (down := _span(cell, "rowspan")) > 1:
                        below[len(cells)] = (down - 1, words)
                    cells += [words, *[""] * (_span(cell, "colspan") - 1)]
            grid.append(cells)
            above = below
        return grid

    def _cell(self, cell: Element, depth: int) -> str:
        reader = _PageReader(is_document=self._is_document, in_cell=True)
        reader._inside(cell, depth + 1)
        reader._end()
        self.counts += reader.counts
        return "\n".join(_MARK.sub("", line) for line in reader.writer.text().splitlines())

    def _is_layout(self, table: Element) -> bool:
        """Says whether a table only places other things: a page's with a heading or table in it."""
        if self._is_document:
            return self._in_cell
        held = table.iter("h1", "h2", "h3", "article", "table")
        return any(one is not table for one in held)


def _rows(table: Element) -> Iterator[Element]:
    for one in table:
        if one.tag == "tr":
            yield one
        elif one.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(one)


def _cells(row: Element) -> Iterator[Element]:
    return (one for one in row if one.tag in ("td", "th"))


def _span(cell: Element, name: str) -> int:
    given = (cell.get(name) or "").strip()
    return min(max(1, int(given)), 1000) if given.isdecimal() and len(given) < 6 else 1
