"""The parts of a DOCX file, unpacked and read within bounds. Runs in the reading process."""

import io
import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pressrun.errors import InputError
from pressrun.inputs.markdown import MarkdownWriter, left_out
from pressrun.inputs.word.body import BodyReader
from pressrun.inputs.word.elements import Element, local, value
from pressrun.inputs.word.inline import InlineReader
from pressrun.inputs.word.numbering import Lists
from pressrun.inputs.word.styles import StyleSheet

_MOST_ENTRIES = 5_000
_MOST_TEXT_BYTES = 64 * 2**20  # of the part with the text
_MOST_PART_BYTES = 8 * 2**20  # of each other one
_MOST_CHARACTERS = 8 * 2**20
_MOST_MARGINS = 20
_WORDS = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>[^<>]*\w")
_BLOCKS = tuple(
    f"{{*}}{name}"
    for name in ("p", "tbl", "sdt", "ins", "moveTo", "customXml", "AlternateContent", "altChunk")
)

Part = tuple[tuple[str, tuple[str, ...]], bytes]


@dataclass(frozen=True, slots=True)
class _Relations:
    """Where the relations of a part lead: by id to addresses, by type to paths of other parts."""

    addresses: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)

    def part(self, kind: str) -> str:
        return next(iter(self.parts.get(kind, ())), "")


def read_word(data: bytes, name: str) -> Iterator[Part]:
    """Yields the text of a document in Markdown, and what is left out of it in sentences.

    Raises:
        InputError: It is no Word document, is damaged, or has far too much in it.
    """
    from lxml.etree import LxmlError  # noqa: PLC0415 - few files need it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield _read(_Package(archive, name)), b""
    # RuntimeError: a part is encrypted; NotImplementedError: packed in a way that Word never does.
    except (
        LxmlError, zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, RuntimeError,
    ) as error:  # fmt: skip
        raise InputError(
            f"{name} is damaged or no Word document. Open it, save it anew as DOCX, and try again."
        ) from error


def _read(package: "_Package") -> tuple[str, tuple[str, ...]]:
    place = package.relations("").part("officeDocument") or "word/document.xml"
    relations = package.relations(place)
    counts, writer = Counter[str](), MarkdownWriter()
    styles = StyleSheet(package.root(relations.part("styles")))
    lists = Lists(package.root(relations.part("numbering")), styles)
    inline = InlineReader(relations.addresses, styles, counts)
    body = BodyReader(writer, styles, lists, inline, counts)
    for block in package.blocks(place):
        body.read(block)
        if writer.characters > _MOST_CHARACTERS:
            raise package.too_much()
    for kind in ("header", "footer"):
        counts[kind] = sum(map(package.has_words, relations.parts.get(kind, [])[:_MOST_MARGINS]))
    if not (text := writer.text()):
        raise InputError(
            f"{package.name} has no text. Pictures and text boxes are not read: type or paste the "
            "words into the document itself."
        )
    return text, left_out("the document", _in_words(counts))


def _in_words(counts: Mapping[str, int]) -> dict[str, int]:
    """Names the lines of a table of contents so that one or many can be said of them."""
    words = dict(counts)
    hidden, lines = words.pop("hidden text", 0), words.pop("line of a table of contents", 0)
    return {**words, "run of hidden text": hidden, "table of contents": min(lines, 1)}


class _Package:
    """The parts of one file."""

    def __init__(self, archive: zipfile.ZipFile, name: str):
        self._archive, self.name = archive, name
        if len(archive.infolist()) > _MOST_ENTRIES:
            raise self.too_much()

    def root(self, path: str) -> Element | None:
        """Reads a part as a whole; None if there is none of that path."""
        from lxml import etree  # noqa: PLC0415 - few files need it

        if not path or path not in self._archive.namelist():
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(self._bytes(path, _MOST_PART_BYTES), parser)
        self._require_plain(root)
        return root

    def blocks(self, path: str) -> Iterator[Element]:
        """Yields the blocks of the body, each of which is forgotten behind the next."""
        from lxml import etree  # noqa: PLC0415 - few files need it

        data = io.BytesIO(self._bytes(path, _MOST_TEXT_BYTES))
        # Elements are read one by one, so that a long document takes no more memory than a short.
        events = etree.iterparse(
            data, events=("end",), tag=_BLOCKS, resolve_entities=False, no_network=True,
            huge_tree=False,
        )  # fmt: skip
        checked = False
        for _, element in events:
            above = element.getparent()
            if above is None or local(above) != "body":
                continue
            if not checked:
                self._require_plain(element)
                checked = True
            yield element
            element.clear()
            while (before := element.getprevious()) is not None:
                above.remove(before)

    def relations(self, path: str) -> _Relations:
        """Reads where a part leads; the empty path is that of the file itself."""
        folder, file = posixpath.split(path)
        found = _Relations()
        root = self.root(posixpath.join(folder, "_rels", f"{file}.rels"))
        for one in () if root is None else root:
            target, kind = value(one, "Target"), value(one, "Type").rpartition("/")[2]
            if value(one, "TargetMode").lower() == "external":
                found.addresses[value(one, "Id")] = target
            else:
                full = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found.parts.setdefault(kind, []).append(full)
        return found

    def has_words(self, path: str) -> bool:
        """Says whether a part has any words in it."""
        if path not in self._archive.namelist():
            return False
        return bool(_WORDS.search(self._bytes(path, _MOST_PART_BYTES)))

    def too_much(self) -> InputError:
        """Makes the error of a file with far too much in it."""
        return InputError(
            f"{self.name} has too much in it. Copy its text into a new document, save that as "
            "DOCX and try again; split it if it is long."
        )

    def _bytes(self, path: str, most: int) -> bytes:
        info = self._archive.getinfo(path)
        if info.file_size > most:
            raise self.too_much()
        return self._archive.read(info)

    def _require_plain(self, element: Element) -> None:
        """Refuses a document type, which stands in no document of Word: entities come with it."""
        if element.getroottree().docinfo.internalDTD is not None:
            raise InputError(
                f"{self.name} has XML entities in it, as no Word document has. Open it, save it "
                "anew as DOCX, and try again."
            )
