"""Writes the sketch engine's texts: what a glance at the slides tells, and copy for the product.

The copy is built from the description's own words inside neutral sentences; it claims nothing
and counts nothing that the description does not. A short prompt made long has its own words,
then generic photographic ones, and says so at its end. Knows pictures only through their
looks.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from pressrun.engines.base import TextRequest
from pressrun.engines.sketch import phrases
from pressrun.engines.sketch.look import Colour, colours_of
from pressrun.engines.sketch.phrases import ANGLES, BETWEEN, capital, clip

MOST_LETTERS = 90
_NAME_LETTERS, _DETAIL_LETTERS, _HASHTAGS = 40, 60, 4
_READ_LETTERS = 2000  # of a description: enough for every slide, and bounds the work

#: Between digits, a comma, colon or dash belongs to a number: 1,2 l, 16:9, 14-16 cm.
_CLAUSE = re.compile(
    r"[;\u2014\n|\u2022]+|(?:(?<!\d)[:,\u2013]|[:,\u2013](?!\d))+|(?<=\w)[.!?]+(?=\s|$)|\s-\s"
)
_ARTICLE = re.compile(r"^(?:an?|the|our|my)\s+", re.IGNORECASE)
_TURN = re.compile(
    r"\s+(?:that|which|who|with|for|from|made|to|in|on|is|are|has|keeps|gives|and)\s+",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:that|which|who|and|it|is|are)\s+", re.IGNORECASE)
_TAG = re.compile(r"[^\W_]{3,24}")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_SEEN = "Slides seen by the sketch engine, and not read"
LABEL = "(expanded offline by the sketch engine)"


@dataclass(frozen=True, slots=True)
class Pitch:
    """A description taken apart: the product's short name and its details, in its own words."""

    name: str
    details: tuple[str, ...]
    latin: bool


def write_slideshow(request: TextRequest) -> dict[str, Any]:
    """Writes the analysis of a slideshow and new copy, in the shape of its recipe's draft."""
    brief: Mapping[str, Any] = request.brief
    description, count, variation = brief["product"], brief["slides"], brief["variation"] - 1
    seen = [list(map(_hex, colours_of(one)[:3])) for one in request.pictures[:count]]
    seen += [[]] * (count - len(seen))
    # The first of each slide, then the second, so that no slide is left out.
    palette = [colour for rank in zip_longest(*seen) for colour in rank if colour]
    pitch = read_pitch(description)
    return {
        "style": _SEEN,
        "audience": f"People who look for: {pitch.name}"[:MOST_LETTERS],
        "palette": list(dict.fromkeys(palette))[:6],
        "product_facts": [pitch.name, *pitch.details][:8],
        "look": _SEEN,
        "slides": [
            {
                "position": position,
                "role": role,
                "on_slide_text": "",
                "word_boxes": [],
                "composition": f"Colours {', '.join(seen[position])}",
                "scene": "",
                "shows_product": True,
                "new_text": line(pitch, role, position, variation),
            }
            for position, role in enumerate(roles_for(count))
        ],
        "caption": caption(pitch, description, variation),
    }


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def repeat_answer(request: TextRequest) -> dict[str, Any]:
    """Returns the answer that the brief has: what needs no model, the caller has read already."""
    brief: Mapping[str, Any] = request.brief
    return dict(brief["answer"])


def read_pitch(description: str) -> Pitch:
    """Reads name and details of a product, however its description is written."""
    text = " ".join(description[:_READ_LETTERS].split())
    parts = [part.strip(" .!?\"'()-") for part in _CLAUSE.split(text)]
    name, *details = [part for part in parts if part] or ["This product"]
    name = _ARTICLE.sub("", name)
    if turn := _TURN.search(name):
        name, rest = name[: turn.start()], name[turn.start() :].strip()
        details.insert(0, _LEAD.sub("", rest))
    if len(words := name.split()) > 5:
        name, rest = " ".join(words[:4]), " ".join(words[4:])
        details.insert(0, rest)
    kept = [clip(_LEAD.sub("", detail), _DETAIL_LETTERS) for detail in details]
    return Pitch(
        name=capital(clip(name, _NAME_LETTERS)),
        details=tuple(dict.fromkeys(detail for detail in kept if len(detail) > 2)),
        latin=len(_LATIN.findall(text)) * 2 >= sum(map(str.isalpha, text)),
    )


def roles_for(count: int) -> list[str]:
    """Assigns each slide a role, by its place alone: a hook, those between, a call to action."""
    if count < 2:
        return ["hook"][:count]
    middle = [BETWEEN[place % len(BETWEEN)] for place in range(count - 2)]
    return ["hook", *middle, "call_to_action"]


def line(pitch: Pitch, role: str, position: int, variation: int) -> str:
    """Writes the words for one slide; another angle for each of ten variations."""
    # In a long slideshow a role comes again: then another angle is used.
    angle = (variation + position // len(BETWEEN)) % len(ANGLES)
    if pitch.latin:
        template = (ANGLES if pitch.details else phrases.BARE)[angle][role]
    else:
        neutral = phrases.NEUTRAL if pitch.details else phrases.NEUTRAL_BARE
        template = neutral[(angle + position) % len(neutral)]
    turn = position + variation // len(ANGLES) + angle
    detail = pitch.details[turn % len(pitch.details)] if pitch.details else ""
    return clip(
        template.format(name=pitch.name, detail=detail, Detail=capital(detail)), MOST_LETTERS
    )


def caption(pitch: Pitch, description: str, variation: int) -> str:
    """Writes a caption: the product, a detail, two to four hashtags of the description's words."""
    words = line(pitch, "hook", 0, variation)
    if pitch.details:
        detail = pitch.details[(variation + 1) % len(pitch.details)]
        if detail.casefold() not in words.casefold():
            stop = "" if words.endswith((".", "!", "?", "…")) else "."
            words = f"{words}{stop} {capital(detail)}."
    return f"{words} {' '.join(_hashtags(pitch, description))}"


def _hashtags(pitch: Pitch, description: str) -> list[str]:
    joined = "".join(capital(word) for word in re.findall(r"[^\W_]+", pitch.name))
    words = [word.casefold() for word in _TAG.findall(description[:_READ_LETTERS])]
    own = [word for word in words if word not in phrases.COMMON and not word.isdigit()]
    tags = {tag.casefold(): tag for tag in (*[joined][: len(joined) <= 24], *own, "sketch") if tag}
    return [f"#{tag}" for tag in [*tags.values()][:_HASHTAGS]]


def write_enhanced(request: TextRequest) -> dict[str, Any]:
    """Adds further words to the prompt of the brief, as many as it asks for at least."""
    brief: Mapping[str, Any] = request.brief
    prompt, least = " ".join(brief["prompt"].split()).rstrip(".,;"), brief["words"]["least"]
    usual = phrases.PHOTOGRAPHIC
    first, text = hashlib.sha256(prompt.encode()).digest()[0] % len(usual), prompt
    for phrase in (*usual[first:], *usual[:first]):
        if len(f"{text} {LABEL}".split()) >= least:
            break
        text += f", {phrase}"
    return {"prompt": f"{text} {LABEL}"}
