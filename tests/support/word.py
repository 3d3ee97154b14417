"""Word documents for tests, of XML as the programs of several makers write it."""

import io
import zipfile
from pathlib import Path

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_NAMES = (
    f'xmlns:w="{_W}" xmlns:r="{_R}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def part(tag: str, content: str) -> str:
    """Writes a part of a document, such as ``numbering``."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{tag} {_NAMES}>{content}</w:{tag}>'


def paragraph(words: str, style: str = "", properties: str = "") -> str:
    """Writes a paragraph; words that begin with a tag stand as they are."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = words if words.startswith("<") else run(words)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def run(words: str, properties: str = "") -> str:
    """Writes a run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def listed(num_id: int, level: int = 0) -> str:
    """Writes the properties of an entry of a list, as Google Docs does: without a style."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num_id}"/></w:numPr>'


def cell(words: str, properties: str = "") -> str:
    """Writes a cell with a paragraph."""
    inside = words if words.startswith("<") else paragraph(words)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def table(*rows: str) -> str:
    """Writes a table of rows, each its cells."""
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def word_bytes(
    body: str,
    *,
    styles: str = "",
    numbering: str = "",
    targets: dict[str, str] | None = None,
    others: dict[str, str | bytes] | None = None,
    before: str = "",
    place: str = "word/document.xml",
) -> bytes:
    """Packs a document."""
    links = "".join(
        f'<Relationship Id="{key}" Type="{_R}/hyperlink" Target="{target}" TargetMode="External"/>'
        for key, target in (targets or {}).items()
    )
    inner = "".join(
        f'<Relationship Id="p{kind}" Type="{_R}/{kind}" Target="{kind}.xml"/>'
        for kind in ("styles", "numbering", "header")
    )
    document = part("document", f"<w:body>{body}</w:body>")
    head, end, rest = document.partition("?>")
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" '
        f'Type="{_R}/officeDocument" Target="{place}"/></Relationships>',
        place: head + end + before + rest,
        place.replace("word/", "word/_rels/") + ".rels": f'<Relationships xmlns="{_PACKAGE}">'
        f"{links}{inner}</Relationships>",
        **(others or {}),
    }
    if styles:
        parts["word/styles.xml"] = part("styles", styles)
    if numbering:
        parts["word/numbering.xml"] = part("numbering", numbering)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def word_file(folder: Path, body: str, **given: object) -> Path:
    """Writes a document; gives its path."""
    path = folder / "plan.docx"
    path.write_bytes(word_bytes(body, **given))  # type: ignore[arg-type]
    return path
