"""The things that a sketch of a prompt can draw, and how they are found among its words.

How things look stands in ``things.toml``. What a prompt says beyond that is set as words.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from math import cos, pi, sin

from PIL import ImageColor, ImageDraw

from pressrun.engines.sketch.look import Colour, mixed

_WORD = re.compile(r"[a-z]+")
_PALE: Colour = (242, 227, 196)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A thing of the prompt: how often it stands there, and in which colour."""

    name: str
    colour: str
    accent: Colour
    count: int


@dataclass(slots=True)
class Scenery:
    """What of a prompt can be drawn."""

    colours: list[Colour]
    things: list[Drawn] = field(default_factory=list)
    strewn: str = ""
    below: tuple[str, Colour] | None = None
    sky: Sequence[str] = ()
    behind: bool = False


_DATA = tomllib.loads((files(__package__) / "things.toml").read_text("utf-8"))
_THINGS: Mapping[str, Mapping[str, str]] = _DATA["things"]
#: Those that belong above the others.
SKY = frozenset(_DATA["in_sky"].split())
_NUMBERS = {word: number for number, word in enumerate(_DATA["numbers"].split(), 1)}
#: CSS's names of colours, some with a colour that goes better with the others.
_COLOURS: Mapping[str, str] = {name: name for name in ImageColor.colormap} | _DATA["colours"]


def _by_word(rows: Iterable[Sequence[str]]) -> Mapping[str, Sequence[str]]:
    return {_singular(word): said for words, *said in rows for word in words.split()}


def _singular(word: str) -> str:
    return word.removesuffix("s")


_NAMES = _by_word((thing["words"], name) for name, thing in _THINGS.items())
#: What lies below and its colour; two colours from the top down; and small things strewn over all.
_BELOW, _SKIES, _STREWN = (_by_word(_DATA[name]) for name in ("below", "skies", "strewn"))


def colour_named(name: str) -> Colour:
    """Gives the colour of a name or of ``#rrggbb``."""
    return ImageColor.getrgb(name)[:3]


#: Of posters: a dark, a light, an accent and a second colour.
PALETTES = [[colour_named(f"#{name}") for name in names.split()] for names in _DATA["palettes"]]


def read_scenery(prompt: str) -> Scenery:
    """Finds the things, colours and places that a prompt names."""
    words = _WORD.findall(prompt.lower())[:80]
    found = Scenery([colour_named(_COLOURS[word]) for word in words if word in _COLOURS])
    # The last colour, behind the thing, is often of a part of it: red laces.
    accent = found.colours[-1] if found.colours else _PALE
    colour, count = "", 1
    for word in words:
        one = _singular(word)
        colour = _COLOURS.get(word, colour)
        count = _NUMBERS.get(word, count)
        if word in ("with", "and", "on", "in"):
            colour, count = "", 1
        found.strewn = found.strewn or _STREWN.get(one, [""])[0]
        found.sky = found.sky or _SKIES.get(one, ())
        found.behind = found.behind or word == "behind"
        if one in _BELOW and not found.below:
            kind, usual = _BELOW[one]
            found.below = (kind, colour_named(colour or usual))
        name = _NAMES.get(one, [""])[0]
        if name and all(name != thing.name for thing in found.things[:4]):
            own = colour or _THINGS[name]["colour"]
            found.things.append(Drawn(name, own, accent, count))
            colour, count = "", 1
    del found.things[4:]
    return found


def draw_thing(draw: ImageDraw.ImageDraw, thing: Drawn, at: tuple[float, float, float]) -> None:
    """Draws a thing into a square: left, top and side in pixels."""
    left, top, side = at
    unit = side / 100
    own = colour_named(thing.colour)
    inks = {"m": own, "k": mixed(own, (0, 0, 0), 0.3), "a": thing.accent}
    for shape in _THINGS[thing.name]["shapes"].split(";"):
        kind, *parts, named = shape.split()
        ink = inks.get(named) or colour_named(named)
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
