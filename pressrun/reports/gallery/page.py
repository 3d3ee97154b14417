"""Pages that stand alone: style and script inside, and a policy that lets nothing else run.

Words of users and models reach a page only through its template, which escapes them.
"""

import hashlib
from base64 import b64encode
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from pressrun.boundary.text import usd


def standing_alone(
    template: str, scripts: tuple[str, ...], *, style: str = "", **values: Any
) -> bytes:
    """Renders a page.

    Args:
        template: Its name; it puts ``style`` and ``script`` into elements of their own, and
            ``policy`` into a meta element.
        scripts: Names of its scripts, in order.
        style: CSS for this page alone, behind the common one; nothing of a user's may be in it.
        values: What else the template shows.
    """
    css = page_part("base.css") + page_part("gallery.css") + style
    script = "".join(map(page_part, scripts))
    page = _environment().get_template(template)
    return page.render(
        # Ours, and the policy allows exactly these bytes; nothing of a user's is in them.
        style=Markup(css),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=policy(css, script),
        **values,
    ).encode()


def policy(style: str, script: str) -> str:
    """Builds the content security policy of a page with just this style and script.

    Pictures come from the page itself or from beside it: ``'self'`` on a server, ``file:`` where
    the page is opened from a disk.
    """
    return (
        f"default-src 'none'; img-src data: 'self' file:; style-src '{source_hash(style)}'; "
        f"script-src '{source_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def source_hash(text: str) -> str:
    """Writes what a policy allows a style or script by."""
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache
def page_part(name: str) -> str:
    """Reads a stylesheet or script of ours, for pages elsewhere that look the same."""
    return files(__package__).joinpath("templates", name).read_text("utf-8")


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pressrun.reports.gallery", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["usd"] = usd
    return environment
