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
from itertools import chain, repeat
from typing import Any

from pressrun.engines.base import TextRequest
from pressrun.engines.sketch.look import colours_of, hex_of
from pressrun.engines.sketch.phrases import (
    ANGLES,
    BARE,
    BETWEEN,
    COMMON,
    NEUTRAL,
    NEUTRAL_BARE,
    PHOTOGRAPHIC,
)

MOST_LETTERS = 90
_NAME_LETTERS = 40
_DETAIL_LETTERS = 60
_READ_LETTERS = 2000  # of a description: enough for every slide, and bounds the work
_HASHTAGS = 4

_CLAUSE = re.compile(r"[:;,\u2013\u2014\n|\u2022]+|(?<=\w)[.!?]+(?=\s|$)|\s-\s")
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
    brief = request.brief
    description = str(brief.get("product", ""))
    count = int(str(brief.get("slides", 0)))
    variation = max(1, int(str(brief.get("variation", 1)))) - 1
    seen = [colours_of(picture) for picture in request.pictures[:count]]
    # The first of each slide, then the second, so that no slide is left out.
    palette = [one for rank in (0, 1) for colours in seen for one in colours[rank : rank + 1]]
    pitch = read_pitch(description)
    roles = roles_for(count)
    return {
        "style": _SEEN,
        "audience": f"People who look for: {pitch.name}"[:MOST_LETTERS],
        "palette": [hex_of(colour) for colour in dict.fromkeys(palette)][:6],
        "product_facts": [pitch.name, *pitch.details][:8],
        "look": _SEEN,
        "slides": [
            {
                "position": position,
                "role": role,
                "on_slide_text": "",
                "word_boxes": [],
                "composition": f"Colours {', '.join(map(hex_of, colours[:3]))}",
                "scene": "",
                "shows_product": True,
                "new_text": line(pitch, role, position, variation),
            }
            for position, (role, colours) in enumerate(
                zip(roles, chain(seen, repeat(())), strict=False)
            )
        ],
        "caption": caption(pitch, description, variation),
    }


def repeat_answer(request: TextRequest) -> dict[str, Any]:
    """Returns the answer that the brief has: what needs no model, the caller has read already."""
    answer = request.brief["answer"]
    return dict(answer) if isinstance(answer, Mapping) else {}


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
    letters = sum(char.isalpha() for char in text)
    return Pitch(
        name=_capital(clip(name, _NAME_LETTERS)),
        details=tuple(dict.fromkeys(detail for detail in kept if len(detail) > 2)),
        latin=len(_LATIN.findall(text)) * 2 >= letters,
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
    if not pitch.latin:
        templates = NEUTRAL if pitch.details else NEUTRAL_BARE
        template = templates[(angle + position) % len(templates)]
    else:
        template = (ANGLES if pitch.details else BARE)[angle][role]
    turn = position + variation // len(ANGLES) + angle
    detail = pitch.details[turn % len(pitch.details)] if pitch.details else ""
    return clip(template.format(name=pitch.name, detail=detail, Detail=_capital(detail)))


def caption(pitch: Pitch, description: str, variation: int) -> str:
    """Writes a caption: the product, a detail, two to four hashtags of the description's words."""
    words = line(pitch, "hook", 0, variation)
    if pitch.details:
        detail = pitch.details[(variation + 1) % len(pitch.details)]
        if detail.casefold() not in words.casefold():
            stop = "" if words.endswith((".", "!", "?", "…")) else "."
            words = f"{words}{stop} {_capital(detail)}."
    return f"{words} {' '.join(_hashtags(pitch, description))}"


def clip(text: str, most: int = MOST_LETTERS) -> str:
    """Cuts a text to at most so many characters, between words where there are any."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return cut[: at if (at := cut.rfind(" ")) > most // 2 else None].rstrip(" ,;:.-") + "…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _hashtags(pitch: Pitch, description: str) -> list[str]:
    joined = "".join(_capital(word) for word in re.findall(r"[^\W_]+", pitch.name))
    words = [word.casefold() for word in _TAG.findall(description[:_READ_LETTERS])]
    own = [word for word in words if word not in COMMON and not word.isdigit()]
    tags = {tag.casefold(): tag for tag in (*[joined][: len(joined) <= 24], *own, "sketch") if tag}
    return [f"#{tag}" for tag in [*tags.values()][:_HASHTAGS]]


def write_enhanced(request: TextRequest) -> dict[str, Any]:
    """Adds further words to the prompt of the brief, as many as it asks for at least."""
    prompt = " ".join(str(request.brief.get("prompt", "")).split()).rstrip(".,;")
    asked = request.brief.get("words")
    least = int(str(asked.get("least", 0))) if isinstance(asked, Mapping) else 0
    first = hashlib.sha256(prompt.encode()).digest()[0] % len(PHOTOGRAPHIC)
    parts, count = [prompt], len(prompt.split()) + len(LABEL.split())
    for phrase in (*PHOTOGRAPHIC[first:], *PHOTOGRAPHIC[:first]):
        if count >= least:
            break
        parts.append(phrase)
        count += len(phrase.split())
    return {"prompt": f"{', '.join(parts)} {LABEL}"}
