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

Colour = tuple[int, int, int]

#: Things that belong into the sky, and small ones that are strewn over it.
_SKY = frozenset(["sun", "moon", "star", "cloud", "drop", "lightning", "bird", "balloon", "rocket"])
_STREWN: Mapping[str, str] = {
    "firefly": "#ffe27a", "fireflies": "#ffe27a", "spark": "#ffc24a", "sparks": "#ffc24a",
    "snow": "#ffffff", "snowflakes": "#ffffff", "confetti": "#ff7aa8", "starry": "#fff3c4",
    "galaxy": "#fff3c4", "space": "#fff3c4", "bubbles": "#d5f0ff", "petals": "#ffb3c7",
}  # fmt: skip


def _by_word(*rows: tuple[str, tuple[str, str]]) -> Mapping[str, tuple[str, str]]:
    return {word: value for words, value in rows for word in words.split()}


#: What lies below, as waves, hills, or a plane.
_BELOW = _by_word(
    ("sea ocean wave waves water lake river stream waterfall harbour beach", ("waves", "#2f7fa8")),
    ("hill hills mountain mountains field meadow garden grass forest park", ("hills", "#4f9a62")),
    ("desert dune sand", ("hills", "#e0b066")),
    ("table counter desk shelf floor road street path wall", ("plane", "#b98a5e")),
)
#: Two colours, from the top down.
_SKIES = _by_word(
    ("dusk sunset evening", ("#3a2a62", "#f08a5d")),
    ("dawn sunrise morning", ("#7fa8d8", "#ffd9b0")),
    ("night midnight moon stars starry space galaxy fireflies", ("#0f1838", "#2d3a72")),
    ("storm thunderstorm rain", ("#323b4f", "#71809a")),
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "pair": 2}
_MATERIALS = {
    "wooden": "#9a6a3c", "brass": "#c99a3b", "golden": "#e0b040", "tin": "#a9b1ba",
    "copper": "#b8703f", "steel": "#9aa5b1", "whitewashed": "#f3efe6", "grey": "#9aa0aa",
    "brown": "#8a5a35", "red": "#d23b33", "green": "#3f9a5c", "blue": "#3f78c9",
    "yellow": "#f5c02e", "black": "#2a2b33", "white": "#f7f5f0", "old": "#d8c294",
}  # fmt: skip
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


def _things() -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "things.toml").read_text("utf-8"))


_THINGS = _things()
_NAMES = {word: name for name, thing in _THINGS.items() for word in thing["words"].split()}


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
        found.strewn = found.strewn or _STREWN.get(word, "")
        found.sky = found.sky or _SKIES.get(word)
        if word in _BELOW:
            kind, usual = _BELOW[word]
            found.below = found.below or (kind, colour or usual)
        name = _NAMES.get(word)
        if name and all(name != thing.name for thing in found.things):
            found.things.append(Drawn(name, colour or _THINGS[name]["colour"], "", count))
            colour, count = "", 1
    # A colour behind the thing is of a part of it: red laces.
    last = "#{:02x}{:02x}{:02x}".format(*found.colours[-1]) if found.colours else "#f2e3c4"
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
