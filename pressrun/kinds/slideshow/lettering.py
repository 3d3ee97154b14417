"""Words of a slide, set by Pressrun: what the model is asked for instead, and the files that come.

Batches that were planned before there was a choice have no such setting: there the model letters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from pressrun.errors import BadReply
from pressrun.kinds.base import Output
from pressrun.ledger.deliveries import WITHOUT_WORDS
from pressrun.pictures.lettering.faces import missing
from pressrun.pictures.lettering.options import LetteringOptions
from pressrun.pictures.lettering.slide import Lettered, letter, problem_of
from pressrun.pictures.metadata import carries_credentials
from pressrun.pictures.picture import Picture
from pressrun.pictures.provenance import Finisher, Provenance, encode

#: What an image model is asked for in place of words.
BARE = (
    "Put no letters or words on it but those of the product itself. Keep its upper third plain, "
    "evenly lit and free of things: words are set there afterwards."
)
#: Where they stand by what a slide does, if the model sets them itself.
_PLACES = {"hook": "in the middle", "call_to_action": "in the middle"}
#: Of a description's letters, so many without a typeface mean that slides would be without too.
_FOREIGN = 0.5


def painted(words: str, role: str) -> str:
    """Asks an image model to set words itself.

    Args:
        words: Without straight quotes.
        role: What the slide does.
    """
    if not words:
        return "Put no letters or words on it but those of the product itself."
    place = _PLACES.get(role, "in the upper third")
    words = words.replace("\u201c", "\u2018").replace("\u201d", "\u2019")  # within quotation marks
    return (
        f"Letter it {place}, in a bold sans serif, white with a thin black outline, each word once "
        f"and exactly as it stands here: \u201c{words}\u201d. No other words but those of the "
        "product's label."
    )


def is_ours(settings: Mapping[str, Any]) -> bool:
    """Says whether Pressrun sets the words of a batch with these parameters."""
    return bool(settings.get("lettering", "model") == "Pressrun")


def options_of(settings: Mapping[str, Any]) -> LetteringOptions:
    """Reads how words stand from a batch's parameters."""
    return LetteringOptions(
        settings.get("lettering_style", "outline"), settings.get("lettering_margins", "organic")
    )


def check_words(words: Sequence[str], settings: Mapping[str, Any]) -> None:
    """Makes sure that words that a model wrote can be set.

    Raises:
        BadReply: Some cannot, and the model should write others.
    """
    for number, text in enumerate(words, 1):
        if problem := problem_of(text, options_of(settings)):
            raise BadReply(f"The words for slide {number} cannot be set: {problem}")


def no_typeface(description: str) -> str:
    """Says what a row has whose slides can hardly be lettered; empty if they can."""
    letters = [char for char in dict.fromkeys(description) if char.isalpha()]
    lacking = missing("".join(letters))
    if len(lacking) <= _FOREIGN * len(letters):
        return ""
    return (
        f"has a description whose letters no typeface of Pressrun's has ({' '.join(lacking[:5])}): "
        "describe the product in another script, or choose the lettering “model”"
    )


@dataclass(frozen=True, slots=True)
class SetSlide:
    """A finished slide: its files, the slide itself first, and what is said of its words."""

    outputs: tuple[Output, ...]
    picture: Picture
    said: Mapping[str, Any]


def finished(
    made: Picture, sha256: str, words: str, path: str, settings: Mapping[str, Any], by: Finisher
) -> SetSlide:
    """Finishes a slide: sets its words, unless the model has painted them.

    Args:
        made: The picture that the model made, in its format and with its provenance.
        sha256: Its digest in the vault.
        words: Of the slide.
        path: Of the slide, without its ending.
        settings: Of the batch.
        by: Finishes pictures of the same prompt.
    """
    as_made = Output(
        f"{path}.{made.extension}", made.media_type, made.data, sha256, by.beside(made)
    )
    if not is_ours(settings):
        return SetSlide((as_made,), made, {})
    lettered = letter_slide(made, words, settings)
    final = by.changed(lettered.picture, made)
    slide = Output(as_made.path, final.media_type, final.data, provenance=by.beside(final))
    place = PurePosixPath(as_made.path)
    bare = replace(as_made, path=str(place.parent / WITHOUT_WORDS / place.name))
    return SetSlide((slide, bare), final, {"lettering": said_of(lettered)})


def reletter(
    ground: Picture, words: str, settings: Mapping[str, Any], origin: Provenance
) -> tuple[Picture, dict[str, Any]]:
    """Sets other words on the picture of a slide; gives the slide, and what is said of its words.

    Raises:
        InputError: They cannot be set.
        PictureError: The picture is damaged.
    """
    lettered = letter_slide(ground, words, settings)
    signed = carries_credentials(ground.data, ground.media_type)
    quality = settings["quality"]
    final = encode(lettered.picture, ground.media_type, quality, origin, lost=signed)
    return final, said_of(lettered)


def letter_slide(ground: Picture, words: str, settings: Mapping[str, Any]) -> Lettered:
    """Sets words on a ground as a batch's parameters say; raises as :func:`letter` does."""
    return letter(
        ground,
        words,
        options_of(settings),
        settings["aspect_ratio"],
        ground.media_type,
        settings["quality"],
    )


def notes_of(slides: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Says in the manifest what a person should know of the words on an item's slides."""
    notes = [
        f"slide {number}: {note}"
        for number, slide in enumerate(slides)
        if (note := slide.get("lettering", {}).get("note"))
    ]
    return {"lettering": " ".join(notes)} if notes else {}


def said_of(lettered: Lettered) -> dict[str, Any]:
    """Says in ``analysis.json`` how words stand on a slide."""
    said = {"style": lettered.style, "size": lettered.size, "lines": [*lettered.lines]}
    return said | ({"note": lettered.note} if lettered.note else {})
