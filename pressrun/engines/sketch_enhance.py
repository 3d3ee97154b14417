"""Makes a short prompt long for the sketch engine: its own words, then generic photographic ones.

It adds nothing to what the prompt shows, since it does not read it, and says so at the end.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from pressrun.engines.base import TextRequest

LABEL = "(expanded offline by the sketch engine)"

#: Each has at most seven words, so that a length is met within seven.
_PHRASES = (
    "soft natural light from one side",
    "gentle shadows that keep their detail",
    "a clear subject with calm surroundings",
    "balanced composition with room around it",
    "fine texture on every visible surface",
    "natural colours with quiet contrast",
    "shallow depth of field behind it",
    "sharp focus where the eye rests",
    "a simple background without distraction",
    "seen at eye level",
    "taken with a fifty millimetre lens",
    "realistic proportions and honest materials",
    "subtle highlights along the edges",
    "an even exposure from corner to corner",
    "a mood that suits the subject",
    "clean lines leading into the frame",
)


def write_enhanced(request: TextRequest) -> dict[str, Any]:
    """The prompt of the brief with further words, as many as it asks for at least."""
    prompt = " ".join(str(request.brief.get("prompt", "")).split()).rstrip(".,;")
    asked = request.brief.get("words")
    least = int(str(asked.get("least", 0))) if isinstance(asked, Mapping) else 0
    first = hashlib.sha256(prompt.encode()).digest()[0] % len(_PHRASES)
    parts, count = [prompt], len(prompt.split()) + len(LABEL.split())
    for phrase in (*_PHRASES[first:], *_PHRASES[:first]):
        if count >= least:
            break
        parts.append(phrase)
        count += len(phrase.split())
    return {"prompt": f"{', '.join(parts)} {LABEL}"}
