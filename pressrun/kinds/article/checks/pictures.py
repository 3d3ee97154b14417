"""What the pictures of an article are checked for: their number, place, scene and alternative text.

No picture is there yet. What is wrong is found in the article's answer, before one is paid.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressrun.boundary import text as words
from pressrun.kinds.article.checks.language import is_in, language_of
from pressrun.kinds.article.checks.visible import parse_markdown, plain_line

if TYPE_CHECKING:
    from markdown_it.token import Token

#: Screen readers read about so many without a pause.
ALT_CHARACTERS = 125
SCENE_CHARACTERS = 600
#: Fewer words do not show a language reliably.
_LANGUAGE_WORDS = 50
#: "Image of" and the like, as which a screen reader announces every picture anyway.
_ANNOUNCES = re.compile(
    r"\W*(?:(?:an?|the|ein|eine|une?|una?|uma?|een)\s+)?(?:"
    r"(?:image|picture|photo|photograph|illustration|drawing|screenshot)s?\s+(?:of|showing)"
    r"|(?:bild|foto|abbildung|zeichnung)\s+(?:von|eines|einer|mit)"
    r"|(?:image|photo|photographie|illustration|dessin)\s+(?:d['\u2019]|de\b|du\b|des\b)"
    r"|(?:imagen|foto|fotograf\u00eda|ilustraci\u00f3n|imagem|fotografia|ilustra\u00e7\u00e3o)\s+d[aeo]s?"
    r"|(?:immagine|foto|illustrazione)\s+d(?:i|el|ella|ei|elle)"
    r"|(?:afbeelding|foto|illustratie)\s+van|(?:obraz|zdj\u0119cie|ilustracja)\s)",
    re.IGNORECASE,
)
_QUOTES = re.compile('["\u00ab\u201c\u201e][^"\u00bb\u201d]{1,200}["\u00bb\u201c\u201d]')


@dataclass(frozen=True, slots=True)
class DraftedPicture:
    """A picture as the article's model wants it; its fields are that model's."""

    heading: str
    scene: str
    alt: str


def faults_of_pictures(
    pictures: Sequence[DraftedPicture], wanted: int, body: str, language: str
) -> Iterator[str]:
    """Finds what is wrong with the pictures of an article, one sentence each.

    Args:
        pictures: In their order; the first stands above the text, whatever its heading says.
        wanted: How many were asked for.
        body: The article in markdown.
        language: ISO 639-1, of the alternative texts.
    """
    if len(pictures) != wanted:
        yield f"`pictures` lists {len(pictures)}; {wanted} are asked."
    yield from _of_places([picture.heading for picture in pictures[1:]], body)
    for number, picture in enumerate(pictures, 1):
        yield from _of_scene(number, picture.scene)
        yield from _of_alt(number, picture.alt)
    alts = [heading_key(picture.alt) for picture in pictures]
    if len(set(alts)) < len(alts):
        yield "Two pictures have the same `alt`; say what each one shows."
    said = "\n".join(picture.alt for picture in pictures)
    if words.count_words(said) >= _LANGUAGE_WORDS and not is_in(said, language):
        yield f"The `alt` of pictures is in {language_of(said)!r}; {language!r} is asked."


def heading_key(heading: str) -> str:
    """Gives what two writings of one heading have in common."""
    return _key(plain_line(heading))


def heading_ends(tokens: "Sequence[Token]") -> dict[str, int]:
    """Finds the places of pictures in a text: the token that ends each ## heading, by its key.

    Headings in a list or a quotation are none; of two alike, the first is meant.
    """
    ends: dict[str, int] = {}
    for index, token in enumerate(tokens):
        if token.type == "heading_close" and token.tag == "h2" and token.level == 0:
            # Its words are parsed already; an article may have thousands of headings.
            parts = tokens[index - 1].children or ()
            said = "".join(part.content or " " for part in parts if not part.nesting)
            ends.setdefault(_key(" ".join(said.split())), index)
    return ends


def _key(line: str) -> str:
    return " ".join(words.tokens(line)) or line


def _of_places(headings: Sequence[str], body: str) -> Iterator[str]:
    if not headings:
        return
    there, taken = heading_ends(parse_markdown(body).blocks), set[str]()
    for number, heading in enumerate(headings, 2):
        key = heading_key(heading)
        if key not in there:
            yield f'Picture {number} stands below "{heading[:80]}", no ## heading of the body.'
        elif key in taken:
            yield f'Two pictures stand below "{heading[:80]}"; give each a heading of its own.'
        taken.add(key)


def _of_scene(number: int, scene: str) -> Iterator[str]:
    size = len(scene.strip())
    if not 1 <= size <= SCENE_CHARACTERS:
        yield f"The `scene` of picture {number} has {size} letters; up to {SCENE_CHARACTERS} do."
    if _QUOTES.search(scene):
        yield f"The `scene` of picture {number} has words in quotes; show nothing to be read."


def _of_alt(number: int, alt: str) -> Iterator[str]:
    size = len(alt.strip())
    if not 1 <= size <= ALT_CHARACTERS:
        yield f"The `alt` of picture {number} has {size} letters; up to {ALT_CHARACTERS} are asked."
    if _ANNOUNCES.match(alt):
        yield f"The `alt` of picture {number} begins by saying that it is one; say what it shows."
