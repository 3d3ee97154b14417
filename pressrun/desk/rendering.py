"""From what a page shows to HTML: the templates, and how figures are written in them.

Words of users and models reach a page only through a template, which escapes them.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from pressrun.boundary.text import counted, usd
from pressrun.boundary.uploads import UploadReference
from pressrun.desk.batches.status import of_ledger
from pressrun.desk.who import user
from pressrun.errors import InputError
from pressrun.reports.gallery.cards import size_in_words
from pressrun.reports.gallery.page import page_part

#: From so many minutes on seconds tell nobody anything.
_FEW_MINUTES = 10
#: What pages load from ``/static``: the file's type, and what it is made of.
STATIC = {
    "settings.css": ("text/css", (), ("settings.css",)),
    "settings.js": ("text/javascript", (), ("settings.js",)),
    "desk.css": (
        "text/css",
        ("base.css",),
        ("desk.css", "new.css", "rows.css", "kinds.css", "review.css", "words.css"),
    ),
    "desk.js": (
        "text/javascript",
        ("gallery_theme.js",),
        (
            *("desk.js", "new.js", "uploads.js", "rows.js", "document.js", "tasks.js"),
            *("review.js", "mend.js", "words.js", "sign_in.js"),
        ),
    ),
}


@lru_cache
def static(name: str) -> bytes:
    """Reads a stylesheet or script, with what galleries have in common with it first."""
    _, shared, own = STATIC[name]
    folder = files(__package__).joinpath("static")
    parts = [page_part(part) for part in shared]
    return "\n".join([*parts, *(folder.joinpath(part).read_text("utf-8") for part in own)]).encode()


def render(template: str, **values: Any) -> str:
    """Renders a template."""
    return _environment().get_template(template).render(values)


def fragment(request: Request, content: str) -> Response:
    """Answers with a part of a page, or only that it is as it was."""
    tag = f'"{hashlib.sha256(content.encode()).hexdigest()[:20]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return HTMLResponse(content, headers={"ETag": tag})


def offer(act: str, amount: float) -> str:
    """Says on a button what an act costs: ``Start for $12.35``, ``Start, free``."""
    return f"{act} for {usd(amount)}" if amount else f"{act}, free"


def duration(seconds: float | None) -> str:
    """Writes seconds with their unit: ``49 s``, ``8 min 38 s``, ``38 min``, ``1 h 5 min``."""
    whole = round(seconds or 0)
    if whole < 60:
        return f"{whole} s"
    minutes, second = divmod(whole, 60)
    if minutes < _FEW_MINUTES:
        return f"{minutes} min {second} s" if second else f"{minutes} min"
    hours, minute = divmod(round(whole / 60), 60)
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minute, "min")) if n)


def file_name(place: str) -> str:
    """Gives the name of an upload; any other place as it is."""
    try:
        return UploadReference.parse(place).name
    except InputError:
        return place


def unquoted(words: str | None) -> str:
    """Takes off the marks that a terminal's reader knows, and a page's does not: backticks."""
    return (words or "").replace("`", "")


def shown_as(path: str) -> str:
    """Says in words which picture a delivered file is, for who cannot see it.

    ``Link_001_@Tips/variation_3/slide_0.jpg`` is ``Link 001 @Tips, variation 3, slide 1``: files
    count slides from 0, people from 1.
    """
    *folders, last = path.rpartition(".")[0].split("/")
    name, _, number = last.rpartition("_")
    last = f"slide {int(number) + 1}" if name == "slide" and number.isdecimal() else last
    return ", ".join([*folders, last]).replace("_", " ")


def listed(names: Sequence[str]) -> str:
    """Writes ``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def moment(at: float, form: str = "%Y-%m-%d %H:%M") -> Markup:
    """Writes a moment (Unix seconds) in the desk's time zone; a script writes the reader's."""
    there = datetime.fromtimestamp(at, UTC)
    kind = "time" if form == "%H:%M:%S" else "minute"
    local = f"{there.astimezone():{form}}"
    return Markup('<time datetime="{}" data-as="{}">{}</time>').format(
        there.isoformat(timespec="seconds"), kind, local
    )


def meter(total: float, parts: dict[str, float], label: str) -> Markup:
    """Draws a bar of parts; a picture, since the page's policy allows no style of its own."""
    drawn, at = [], 0.0
    for name, size in parts.items():
        width = 100 * size / total if total else 0.0
        drawn.append(f'<rect class="{escape(name)}" x="{at:.3f}" width="{width:.3f}" height="1"/>')
        at += width
    return Markup(  # noqa: S704 - numbers, and our own names
        f'<svg class="meter" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">{"".join(drawn)}</svg>'
    )


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("pressrun.desk", "templates"),
                PackageLoader("pressrun.reports.gallery", "templates"),  # what both have in common
            ]
        ),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "usd": usd,
        "moment": moment,
        "duration": duration,
        "stands": of_ledger,
        "size": size_in_words,
        "path": quote,
        "count": lambda number: f"{number:,}",
        "counted": counted,
        "file_name": file_name,
        "unquoted": unquoted,
        "shown_as": shown_as,
    }
    environment.globals |= {"meter": meter, "static": _addressed, "user": user}
    return environment


@lru_cache
def _addressed(name: str) -> str:
    # An address for each content: browsers keep it, and see a new one at once.
    return f"/static/{name}?v={hashlib.sha256(static(name)).hexdigest()[:12]}"
