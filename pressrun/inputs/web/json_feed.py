"""JSON Feed (https://www.jsonfeed.org/version/1.1/), with its fields named as those of RSS."""

import json
from typing import Any

_NAMES = {"title": "title", "date_published": "published", "date_modified": "updated"}
_TEXTS = ("summary", "content_text", "content_html")


def json_feed(data: bytes) -> dict[str, Any] | None:
    """Reads a JSON feed; None if it is none.

    Returns:
        ``version``, ``feed`` with title and link, and ``entries`` with title, link, summary,
        published and updated, as feedparser names them.
    """
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    items = value.get("items")
    if "jsonfeed.org" not in str(value.get("version")) or not isinstance(items, list):
        return None
    channel = {"title": _text(value, "title"), "link": _text(value, "home_page_url")}
    entries = [_entry(item) for item in items if isinstance(item, dict)]
    return {"version": "json", "feed": channel, "entries": entries}


def _entry(item: dict[str, Any]) -> dict[str, str]:
    found = {name: text for key, name in _NAMES.items() if (text := _text(item, key))}
    link = _text(item, "url") or _text(item, "external_url")
    summary = next(filter(None, (_text(item, key) for key in _TEXTS)), "")
    return found | {"link": link, "summary": summary}


def _text(value: dict[str, Any], key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""
