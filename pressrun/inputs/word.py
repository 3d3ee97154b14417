"""Word documents (DOCX) as text in Markdown. Runs in the reading process.

mammoth makes simple HTML of a document. It is given the parts that it needs, without what it would
show and should not (hidden words, a table of contents) and with what it would lose in a form that
it knows, so that what is left out can be said.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

from pressrun.errors import InputError
from pressrun.inputs.markdown import left_out
from pressrun.inputs.web.markdown import document_markdown

#: Of lxml and of mammoth, which have no types.
Element = Any

_MOST_ENTRIES = 5_000
_MOST_PART_BYTES = 64 * 2**20
_MOST_CHARACTERS = 8 * 2**20
#: What mammoth reads, beside the text itself.
_NEEDED = re.compile(r"_rels/\.rels|\w+/(?:_rels/\w+\.xml\.rels|(?:styles|numbering)\d*\.xml)")
_MARGIN = re.compile(r"\w+/(header|footer)\d*\.xml")
_WORDS = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>[^<>]*\w")
_LEFT_OUT = {
    "del": "tracked deletion",
    "moveFrom": "tracked deletion",
    "footnoteReference": "footnote",
    "endnoteReference": "footnote",
    "commentReference": "comment",
    "drawing": "picture",
    "object": "picture",
    "pict": "picture",
    "oMath": "formula",
    "altChunk": "embedded document",
}
#: What mammoth would leave out with the words in it.
_WRAPPERS = [
    f"{{*}}{name}"
    for name in (
        "AlternateContent",
        "Choice",
        "Fallback",
        "fldSimple",
        "ruby",
        "rubyBase",
        "dir",
        "bdo",
    )
]
_NO_WORDS = ("{*}rt", "{*}bookmarkStart", "{*}bookmarkEnd", "{*}proofErr", "{*}softHyphen")
#: Of properties, what says more than how something looks: the rest would take most of the time.
_PROPERTIES = frozenset({"rPr", "pPr", "trPr", "tcPr", "tblPr"})
_KEPT = frozenset({"strike", "del", "pStyle", "numPr", "rPr", "gridSpan", "vMerge", "tblHeader"})
_KNOWN_STYLE = re.compile(r"(heading|toc) ?([1-9]|heading)|(title|heading)")
_BOX = re.compile(r"\s*([\u2610\u2611\u2612\u25a1\U0001f78e\U0001f78f\U0001f5f7\U0001f5f9])\s*")
_EMPTY_BOXES = "\u2610\u25a1\U0001f78e\U0001f78f"
_MOST_BASES = 12


def _entry(kind: str, depth: int) -> str:
    return f"{'ul|ol > li > ' * (depth - 1)}{kind} > li:fresh"


_LISTS = (("unordered", "ul", "Bullet"), ("ordered", "ol", "Number"))
#: mammoth's own rules know lists of five levels, and no title.
_RULES = "\n".join(
    [
        "strike => s",
        *(f"p.{title} => h1:fresh" for title in ("title", "heading")),
        *(f"p.heading{level} => h{min(level, 6)}:fresh" for level in range(1, 10)),
        # Those of "List Bullet 2" stand at the first level of a list of their own.
        *(
            f"p[style-name='List {named} {depth}']:{kind}-list(1) => {_entry(tag, depth)}"
            for kind, tag, named in _LISTS
            for depth in range(2, 6)
        ),
        *(
            f"p:{kind}-list({depth}) => {_entry(tag, depth)}"
            for kind, tag, _ in _LISTS
            for depth in range(1, 10)
        ),
        *(f"p[style-name^='List {named}'] => {_entry(tag, 1)}" for _, tag, named in _LISTS),
    ]
)

Part = tuple[tuple[str, tuple[str, ...]], bytes]


def read_word(data: bytes, name: str) -> Iterator[Part]:
    """Yields the text of a document in Markdown, and what is left out of it in sentences.

    Raises:
        InputError: It is no Word document, is damaged, has no text or far too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            text, counts = _read(archive, name)
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            f"{name} is damaged or no Word document. Open it, save it anew as DOCX, and try again."
        ) from error
    if not text:
        raise InputError(
            f"{name} has no text. Pictures are not read: type or paste the words into the document "
            "itself."
        )
    yield (text, left_out("the document", counts)), b""


def _read(archive: zipfile.ZipFile, name: str) -> tuple[str, Counter[str]]:
    import mammoth  # noqa: PLC0415 - few files need it

    if len(names := archive.namelist()) > _MOST_ENTRIES:
        raise _too_much(name)
    targets = {
        one.get("Type", "").rpartition("/")[2]: one.get("Target", "").lstrip("/")
        for one in _parsed(_bytes(archive, "_rels/.rels", name))
    }
    place = targets.get("officeDocument", "word/document.xml")
    needed = sorted({*filter(_NEEDED.fullmatch, names), place})
    parts = {one: _bytes(archive, one, name) for one in needed}
    styles = next((_parsed(parts[one]) for one in needed if "/styles" in one), ())
    counts = Counter[str]()
    parts[place] = _prepared(_parsed(parts[place]), *_inherited(styles), counts)
    for one in names:
        if margin := _MARGIN.fullmatch(one):
            counts[margin[1]] += bool(_WORDS.search(_bytes(archive, one, name)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for one, content in parts.items():
            packed.writestr(one, content)
    html = mammoth.convert_to_html(
        file,
        style_map=_RULES,
        include_default_style_map=False,
        include_embedded_style_map=False,
        ignore_empty_paragraphs=False,
        transform_document=mammoth.transforms.paragraph(_with_box),
        convert_image=lambda _: [],
    ).value
    if len(html) > _MOST_CHARACTERS:
        raise _too_much(name)
    return document_markdown(html), counts


def _bytes(archive: zipfile.ZipFile, path: str, name: str) -> bytes:
    if archive.getinfo(path).file_size > _MOST_PART_BYTES:
        raise _too_much(name)
    content = archive.read(path)
    if b"<!DOCTYPE" in content:
        raise InputError(
            f"{name} has XML entities in it, as no Word document has. Open it, save it anew as "
            "DOCX, and try again."
        )
    return content


def _too_much(name: str) -> InputError:
    return InputError(
        f"{name} has too much in it. Copy its text into a new document, save that as DOCX and try "
        "again; split it if it is long."
    )


def _inherited(styles: Iterable[Element]) -> tuple[dict[str, str], dict[str, Element]]:
    """Finds, by style, which one of Word's it is or is based on, and in what list it stands."""
    by_key = {_value(one, "styleId"): one for one in styles if _local(one) == "style"}
    known, listed = dict[str, str](), dict[str, Element]()
    for key, style in by_key.items():
        for _ in range(_MOST_BASES):
            name = (_value_at(style, "{*}name") or "").lower()
            outline = _value_at(style, "{*}pPr/{*}outlineLvl") or ""
            if _KNOWN_STYLE.fullmatch(name):
                known.setdefault(key, name)
            elif outline.isdecimal():
                known.setdefault(key, f"heading {int(outline) + 1}")
            if (numbering := style.find("{*}pPr/{*}numPr")) is not None:
                listed.setdefault(key, numbering)
            if (style := by_key.get(_value_at(style, "{*}basedOn") or "")) is None:
                break
    return known, listed


def _prepared(
    root: Element, known: Mapping[str, str], listed: Mapping[str, Element], counts: Counter[str]
) -> bytes:
    """Writes the part with the text anew: without what is left out, which is counted."""
    from lxml import etree  # noqa: PLC0415 - few files need it

    etree.strip_elements(root, *_NO_WORDS)
    for one in [*root.iter("{*}Choice")]:
        if one.getparent().find("{*}Fallback") is not None:  # what every program reads
            one.getparent().remove(one)
    etree.strip_tags(root, *_WRAPPERS)
    for one in root.iter("{*}cr"):
        one.tag = one.tag.replace("}cr", "}br")
    for one in root.iter("{*}pStyle"):
        _restyle(one, known, listed)
    for one in [*root.iterdescendants("*")]:
        if noun := _noun(one):
            counts[noun] += 1
        above = one.getparent()
        if noun or (_local(above) in _PROPERTIES and _local(one) not in _KEPT):
            above.remove(one)
    counts["table of contents"] = min(counts["table of contents"], 1)
    written: bytes = etree.tostring(root)
    return written


def _restyle(style: Element, known: Mapping[str, str], listed: Mapping[str, Element]) -> None:
    """Gives a paragraph the style of Word's that its own is based on, and the place in a list."""
    above, key = style.getparent(), _value(style)
    if key in listed and above.find("{*}numPr") is None:
        above.append(deepcopy(listed[key]))
    if found := _KNOWN_STYLE.fullmatch(known.get(key, key).lower()):
        style.attrib.update(dict.fromkeys(style.attrib, "".join(filter(None, found.groups()))))


def _noun(one: Element) -> str:
    """Says what an element is that is left out; empty for others."""
    name, within = _local(one), partial(_value_at, one)
    if name == "r":
        hidden = within("{*}rPr/{*}vanish")
        return "" if hidden in (None, "0", "false") else "run of hidden text"
    if name in ("p", "sdt"):
        style = within("{*}pPr/{*}pStyle") or ""
        gallery = within("{*}sdtPr/{*}docPartObj/{*}docPartGallery")
        is_contents = style.startswith("toc") or gallery == "Table of Contents"
        return "table of contents" if is_contents else ""
    if name == "tr":
        return "" if within("{*}trPr/{*}del") is None else "tracked deletion"
    if name in ("drawing", "pict") and one.find(".//{*}txbxContent") is not None:
        return "text box" if name == "drawing" else ""  # the words of the older form are read
    is_mark = name == "del" and _local(one.getparent()) == "rPr"  # of a paragraph, not its words
    return "" if is_mark else _LEFT_OUT.get(name, "")


def _with_box(paragraph: Any) -> Any:
    """Makes a paragraph that begins with a box to tick the entry of a list."""
    from mammoth import documents, transforms  # noqa: PLC0415 - few files need it

    held = transforms.get_descendants(paragraph)
    signs = (one for one in held if isinstance(one, documents.Text | documents.Checkbox))
    first = next((one for one in signs if getattr(one, "value", "x").strip()), None)
    if isinstance(first, documents.Text) and (box := _BOX.match(first.value)):
        first.value = first.value[box.end() :]
        ticked = documents.checkbox(checked=box[1] not in _EMPTY_BOXES)
        paragraph = paragraph.copy(children=[ticked, *paragraph.children])
    elif not isinstance(first, documents.Checkbox):
        return paragraph
    entry = paragraph.numbering or documents.numbering_level("0", is_ordered=False)
    return paragraph.copy(numbering=entry)


def _parsed(data: bytes) -> Element:
    from lxml import etree  # noqa: PLC0415 - few files need it

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(data, parser)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _value_at(element: Element, path: str) -> str | None:
    """Gives the value of an element within; None if there is none."""
    found = element.find(path)
    return None if found is None else _value(found)


def _value(element: Element, name: str = "val") -> str:
    """Gives an attribute, in whatever namespace; empty without."""
    found = (text for key, text in element.attrib.items() if key.rpartition("}")[2] == name)
    return next(found, "")
