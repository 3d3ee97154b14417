"""Foreign text made plain: no markup, no control characters, nothing that breaks an encoding.

What the words say stays as it is: they are data, whatever they ask for.
"""

import html
import re

# Each runs to the text's end if nothing closes it, so that no text is searched twice.
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# Controls but for tab and newline, and surrogates.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def plain_text(text: str) -> str:
    """The text with its lines, without control characters and halves of characters."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain_line(text: str, longest: int | None = None) -> str:
    """The text on one line; shortened with an ellipsis to so many characters."""
    line = " ".join(plain_text(text).split())
    if longest is None or len(line) <= longest:
        return line
    return line[: longest - 1].rstrip() + "\u2026"


def without_tags(text: str) -> str:
    """The words of a piece of HTML, and of a text that only looks a little like it."""
    return html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))
