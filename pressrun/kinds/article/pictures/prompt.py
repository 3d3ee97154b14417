"""What models are asked for an article's pictures: the scenes with the article, then each picture.

All words about pictures that a model reads stand here, and are kept for review as those of
:mod:`pressrun.kinds.article.prompt`. The picture's prompt is made of a scene that a model wrote:
it is one line of plain words by then, whatever the answer had in it.
"""

import re
from typing import Any

from pydantic import BaseModel, Field

from pressrun.boundary.text import one_line
from pressrun.engines.base import ImageRequest
from pressrun.engines.catalogue import catalogue
from pressrun.engines.token_estimates import Estimate
from pressrun.kinds.article.checks.pictures import ALT_CHARACTERS, SCENE_CHARACTERS

PICTURE_BRIEF = "article_picture"
#: What one picture adds to an article's answer.
PICTURE_TOKENS = Estimate(60, 120, 400)
#: A scene as long as models write it, for what is not written yet.
TYPICAL_SCENE = "s" * 240
#: How pictures look for which nobody asks anything else.
USUAL_STYLE = "a realistic photograph in natural light"
#: What a model could take for markup, or paint as it stands.
_MARKS = re.compile(r"[<>{}\[\]\\`*_#|\"\u00ab\u00bb\u201c-\u201f]+")
#: Of the seeds of one article's pictures the first; those of its texts come before.
_FIRST_SEED = 100


class PlannedPicture(BaseModel):
    """One picture of an article, as the model that writes the article wants it."""

    heading: str = Field(description="The ## heading below which it stands; empty for the first")
    scene: str = Field(description="What is seen, in English")
    alt: str = Field(description="Alternative text, in the article's language")


def picture_rule(count: int) -> str:
    """Says what the article's answer has to say of its pictures; nothing if it has none."""
    if not count:
        return ""
    others = (
        "; each other one stands below another ## heading, which `heading` repeats exactly, where "
        "it shows best what is said there"
        if count > 1
        else ""
    )
    return (
        f"`pictures` has {count} {'entries' if count > 1 else 'entry'}, for pictures that are made "
        "later; none stands in the body. The first stands above the text and its `heading` is "
        f"empty{others}. `scene` describes in English, in one to three plain "
        f"sentences of up to {SCENE_CHARACTERS} letters, what is seen: one moment with its things, "
        "people, place and light. Name nobody and no brand: say what a person looks like or does. "
        "Nothing to be read is in it: no sign, screen, label, chart or document. `alt` says in the "
        f"article's language what the picture shows, in one sentence of up to {ALT_CHARACTERS} "
        "letters, for people who do not see it; it does not begin with words such as 'Image of'.\n"
    )


def image_request(
    spec: dict[str, Any], settings: dict[str, Any], number: int, planned: PlannedPicture
) -> ImageRequest:
    """Makes the request for a picture of that number, from 1.

    Args:
        spec: Of the item.
        settings: Of the batch.
        number: The lead picture is 1.
        planned: What the article's model wants.
    """
    model = settings["model"]
    return ImageRequest(
        model=model,
        prompt=picture_prompt(planned.scene, settings.get("picture_style", "")),
        aspect_ratio=settings["aspect_ratio"],
        size=settings["size"],
        seed=spec["order"] * 1000 + _FIRST_SEED + number,
        timeout_s=catalogue()[model].timeout_s,
        brief={"kind": PICTURE_BRIEF, "text": "", "scene": planned.scene},
    )


def picture_prompt(scene: str, style: str) -> str:
    """Writes the prompt of one picture: the scene as plain words, and how all of them look."""
    look = one_line(style, 300).rstrip(".") or USUAL_STYLE
    return (
        f"Make one picture: {plain_scene(scene)}\n"
        f"Style: {look}.\n"
        "There are no letters, words, numbers, logos or watermarks in it, and nobody in it is a "
        "real, known person. Answer with the finished picture only."
    )


def plain_scene(scene: str) -> str:
    """Gives a scene as one line that ends a sentence, without marks that could be painted."""
    words = " ".join(_MARKS.sub(" ", one_line(scene, SCENE_CHARACTERS)).split())
    return words if words.endswith((".", "!", "?", "\u2026")) else f"{words}."
