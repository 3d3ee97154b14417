"""Where the pictures of an article stand: the first above the text, the others below headings.

One rule for HTML, Word and markdown: :func:`placed` puts them among the tokens of the text,
:func:`with_pictures` among its lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from pressrun.boundary.text import one_line
from pressrun.kinds.article.checks.pictures import heading_ends, heading_key
from pressrun.kinds.base import Output

if TYPE_CHECKING:
    from markdown_it.token import Token

#: The type of the token that stands for a picture of ours. No markdown gives one.
PICTURE = "placed_picture"
_ALT_LETTERS = 1000


@dataclass(frozen=True, slots=True)
class Illustration:
    """A picture as a file of the article shows it.

    Attributes:
        heading: Below which it stands; the first one stands above the text.
        alt: What it shows, for who does not see it.
        source: Where a page loads it from.
        width: In pixels, as ``height``.
        link: Where it leads; nowhere if empty.
        data: The picture itself, for a file that holds it.
    """

    heading: str
    alt: str
    source: str
    width: int
    height: int
    link: str = ""
    data: bytes = field(default=b"", repr=False)

    @property
    def html(self) -> Markup:
        """The picture as an element of a page."""
        image = Markup('<img src="{}" alt="{}" width="{}" height="{}">').format(
            self.source, self.alt, self.width, self.height
        )
        image = Markup('<a href="{}">{}</a>').format(self.link, image) if self.link else image
        return Markup("<figure>{}</figure>\n").format(image)


@dataclass(frozen=True, slots=True)
class ArticlePictures:
    """What became of an article's pictures.

    Attributes:
        records: One for each in its order, as the article's JSON has it: ``heading``, ``scene``,
            ``alt``, then what is known of its file, or ``missing``: why there is none.
        files: Those that were made.
    """

    records: tuple[Mapping[str, Any], ...] = ()
    files: tuple[Output, ...] = ()

    @property
    def made(self) -> list[Mapping[str, Any]]:
        """The records of those that have a file."""
        there = {name_of(output.path) for output in self.files}
        return [record for record in self.records if record.get("file") in there]

    @property
    def missing(self) -> list[str]:
        """Why some were not made, a sentence each."""
        return [
            f"Picture {number} is missing: {record['missing']}"
            for number, record in enumerate(self.records, 1)
            if record.get("missing")
        ]

    @property
    def cost_usd(self) -> float:
        """Of those that were made."""
        return sum(float(record["cost_usd"]) for record in self.made)

    @property
    def shown(self) -> list[Illustration]:
        """The pictures as files beside them show them."""
        data = {name_of(output.path): output.data for output in self.files}
        return [
            illustration(record, quote(record["file"]), data=data[record["file"]])
            for record in self.made
        ]


#: Of an article that has none.
NO_PICTURES = ArticlePictures()


def illustration(
    record: Mapping[str, Any], source: str, link: str = "", data: bytes = b""
) -> Illustration:
    """Makes what is shown of a picture's record."""
    return Illustration(
        heading=str(record["heading"]),
        alt=one_line(str(record["alt"]), _ALT_LETTERS),
        source=source,
        width=int(record["width"]),
        height=int(record["height"]),
        link=link,
        data=data,
    )


def name_of(path: str) -> str:
    """Gives a file's name: the same wherever it is delivered."""
    return path.rpartition("/")[2]


def placed(tokens: "list[Token]", pictures: Sequence[Illustration]) -> "list[Token]":
    """Puts pictures among the tokens of a text."""
    if not pictures:
        return tokens
    from markdown_it.token import Token  # noqa: PLC0415 - loaded with the reader

    found: list[Token] = []
    after = _after(tokens, pictures)
    for index in range(-1, len(tokens)):
        found += tokens[index : index + 1] if index >= 0 else []
        for picture in after.get(index, ()):
            found.append(Token(PICTURE, "", 0, block=True, meta={PICTURE: picture}))
    return found


def with_pictures(
    markdown: str, tokens: "Sequence[Token]", pictures: Sequence[Illustration]
) -> str:
    """Puts pictures among the lines of a text.

    Args:
        markdown: The text.
        tokens: Of the text.
        pictures: What is put there.
    """
    lines = markdown.split("\n")
    for index, here in sorted(_after(tokens, pictures).items(), reverse=True):
        # The token of a heading's end has no lines: those of its beginning say where it ends.
        _, line = (tokens[index - 2].map if index >= 0 else None) or (0, 0)
        block = [part for one in here for part in ("", _markdown(one))]
        lines[line:line] = block if line < len(lines) and not lines[line] else [*block, ""]
    return "\n".join(lines).strip("\n") if pictures else markdown


def _after(
    tokens: "Sequence[Token]", pictures: Sequence[Illustration]
) -> dict[int, list[Illustration]]:
    """Finds the token behind which each picture stands; -1 is before the first."""
    ends = heading_ends(tokens)
    found: dict[int, list[Illustration]] = {}
    for picture in pictures:
        index = ends.get(heading_key(picture.heading), -1) if picture.heading else -1
        found.setdefault(index, []).append(picture)
    return found


def _markdown(picture: Illustration) -> str:
    alt = picture.alt
    for mark in "\\[]<`*_&!":
        alt = alt.replace(mark, f"\\{mark}")
    return f"![{alt}]({picture.source})"
