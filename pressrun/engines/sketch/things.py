"""The things that a sketch of a prompt can draw, and how they are found among its words.

How things look stands in ``things.toml``. What a prompt says beyond that is set as words.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from math import cos, pi, sin

from PIL import ImageColor, ImageDraw

from pressrun.engines.sketch.look import Colour, hex_of

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A thing of the prompt: how often it stands there, and in which colour."""

    name: str
    colour: str
    accent: str
    count: int = 1

    @property
    def in_sky(self) -> bool:
        """Whether it belongs above the others."""
        return self.name in _SKY


@dataclass(slots=True)
class Scenery:
    """What of a prompt can be drawn."""

    things: list[Drawn] = field(default_factory=list)
    strewn: str = ""
    below: tuple[str, str] | None = None
    sky: tuple[str, str] | None = None
    colours: list[Colour] = field(default_factory=list)


_DATA = tomllib.loads((files(__package__) / "things.toml").read_text("utf-8"))
_THINGS: Mapping[str, Mapping[str, str]] = _DATA["things"]
_NAMES = {word: name for name, thing in _THINGS.items() for word in thing["words"].split()}
_SKY = frozenset(_DATA["in_sky"].split())
_MATERIALS: Mapping[str, str] = _DATA["materials"]
_NUMBERS: Mapping[str, int] = _DATA["numbers"]


def _by_word(name: str) -> Mapping[str, tuple[str, str]]:
    return {word: (a, b) for words, a, b in _DATA[name] for word in words.split()}


#: What lies below and its colour; two colours from the top down; and small things strewn over all.
_BELOW, _SKIES, _STREWN = map(_by_word, ("below", "skies", "strewn"))


def read_scenery(prompt: str) -> Scenery:
    """Finds the things, colours and places that a prompt names."""
    found, colour, count = Scenery(), "", 1
    for word in _WORD.findall(prompt.lower())[:80]:
        if named := _colour_of(word):
            found.colours.append(ImageColor.getrgb(named)[:3])
            colour = named
        if word in ("with", "and", "on", "in"):
            colour, count = "", 1
        count = _NUMBERS.get(word, count)
        found.strewn = found.strewn or _STREWN.get(word, ("", ""))[1]
        found.sky = found.sky or _SKIES.get(word)
        if word in _BELOW:
            kind, usual = _BELOW[word]
            found.below = found.below or (kind, colour or usual)
        name = _NAMES.get(word) or _NAMES.get(word.removesuffix("s"))
        if name and all(name != thing.name for thing in found.things):
            found.things.append(Drawn(name, colour or _THINGS[name]["colour"], "", count))
            colour, count = "", 1
    # A colour behind the thing is of a part of it: red laces.
    last = hex_of(found.colours[-1]) if found.colours else "#f2e3c4"
    found.things = [Drawn(one.name, one.colour, last, one.count) for one in found.things[:4]]
    return found


def _colour_of(word: str) -> str:
    return _MATERIALS.get(word) or (word if word in ImageColor.colormap else "")


def draw_thing(draw: ImageDraw.ImageDraw, thing: Drawn, at: tuple[float, float, float]) -> None:
    """Draws a thing into a square: left, top and side in pixels."""
    left, top, side = at
    unit = side / 100
    red, green, blue = ImageColor.getrgb(thing.colour)[:3]
    darker = f"rgb({red * 7 // 10}, {green * 7 // 10}, {blue * 7 // 10})"
    inks = {"m": thing.colour, "k": darker, "a": thing.accent}
    for shape in _THINGS[thing.name]["shapes"].split(";"):
        kind, *parts, named = shape.split()
        ink = inks.get(named, named)
        x, y, *more = numbers = [float(part) * unit for part in parts]
        x, y = left + x, top + y
        if kind == "c":
            draw.circle((x, y), more[0], fill=ink)
        elif kind == "o":
            draw.circle((x, y), more[0], outline=ink, width=round(more[1]))
        elif kind == "h":
            box = (x - more[0], y - more[0], x + more[0], y + more[0])
            draw.chord(box, 0, 180, fill=ink)
        elif kind == "e":
            draw.ellipse((x, y, left + more[0], top + more[1]), fill=ink)
        elif kind == "r":
            draw.rounded_rectangle((x, y, left + more[0], top + more[1]), more[2], fill=ink)
        elif kind == "s":
            draw.polygon(_star(x, y, more[0], more[1], int(parts[-1])), fill=ink)
        elif kind == "p":
            draw.polygon(_points(numbers, left, top), fill=ink)
        else:
            draw.line(
                _points(numbers[1:], left, top), fill=ink, width=round(numbers[0]), joint="curve"
            )


def _points(numbers: Sequence[float], left: float, top: float) -> list[tuple[float, float]]:
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return [(left + x, top + y) for x, y in pairs]


def _star(x: float, y: float, outer: float, inner: float, points: int) -> list[tuple[float, float]]:
    turns = [(at * pi / points, outer if at % 2 == 0 else inner) for at in range(2 * points)]
    return [(x + radius * sin(turn), y - radius * cos(turn)) for turn, radius in turns]
