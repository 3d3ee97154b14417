"""How foreign text (file names, URLs, what a server said) is quoted in a sentence.

Such text may hold control characters, secrets or a novel; none of these belongs in an error.
"""

from urllib.parse import urlsplit


def one_line(text: str, longest: int = 200) -> str:
    """Foreign text on one printable line, shortened with an ellipsis."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def short_url(url: str) -> str:
    """A URL without credentials and (signed) query, on one short line."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2] if parts.hostname else None
    except ValueError:
        host = None
    if not host:
        return one_line(url.partition("?")[0], 80)
    return one_line(f"{parts.scheme}://{host}{parts.path}", 120)
