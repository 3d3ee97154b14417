"""The aspect ratio that a document states for one picture: ``16:9``, ``1024x576``, ``square``.

Works on short texts alone. It must not know which ratios a model makes.
"""

import re
from math import log

#: What pictures are usually asked in; a size in pixels is of the one that it nearly has.
_USUAL = (
    *("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "9:21", "21:9"),
    *("1:2", "2:1", "1:3", "3:1", "10:16", "16:10"),
)
#: How far apart two ratios are that are one: 1344x768 is called 16:9.
_NEAR = 0.03
_LABEL = re.compile(
    r"\b(?:aspects?|aspect ?ratio|ar|ratio|sizes?|dimensions?|dimensiones|dimensionen|resolution|"
    r"formate?|formatos?|shape|orientation|gr\u00f6\u00dfen?|bildgr\u00f6\u00dfe|bildformat|ma\u00dfe|"
    r"seitenverh\u00e4ltnis|aufl\u00f6sung|taille|tama\u00f1o|tamanho|proporci\u00f3n|propor\u00e7\u00e3o|"
    r"proportions?|\u0444\u043e\u0440\u043c\u0430\u0442|\u0440\u0430\u0437\u043c\u0435\u0440)\b|"
    r"\u6bd4\u4f8b|\u5c3a\u5bf8|\u30b5\u30a4\u30ba|\ube44\uc728|\ud06c\uae30",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(?<![\d.:])(\d{1,3})\s?[:\u2236\uff1a]\s?(\d{1,3})(?![\d.:])")
_PIXELS = re.compile(
    r"(?<![\d.])(\d{2,5})\s?(?:px)?\s?[x\u00d7*]\s?(\d{2,5})(?![\d.])", re.IGNORECASE
)
_SQUARE = re.compile(
    r"\b(?:square|quadrat\w*|carr\u00e9e?|cuadrad[oa]|quadrad[oa])\b", re.IGNORECASE
)
_FLAG = re.compile(
    r"\s?(?<!\S)(?:--|\u2014|\u2013-?)(?:ar|aspect)(?:\s{1,3}|=)(\d{1,3}:\d{1,3})(?!\S)",
    re.IGNORECASE,
)
_LONGEST = 100  # letters of a label, and of what states a ratio


def is_of_shape(label: str) -> bool:
    """Says whether a label announces the shape or size of a picture."""
    return len(label) < _LONGEST and bool(_LABEL.search(label.replace("_", " ")))


def stated_ratio(words: str) -> str:
    """Finds the aspect ratio that words state, as ``16:9``; empty if they state none.

    A size in pixels whose ratio has no usual name is given as it stands, such as ``1200x630``.
    """
    words = words[:_LONGEST]
    if found := _RATIO.search(words):
        across, down = int(found[1]), int(found[2])
        return _called(across, down, 1e-6) or (f"{across}:{down}" if across and down else "")
    if found := _PIXELS.search(words):
        across, down = int(found[1]), int(found[2])
        return _called(across, down, _NEAR) or f"{found[1]}x{found[2]}"
    return "1:1" if _SQUARE.search(words) else ""


def is_ratio_alone(words: str) -> bool:
    """Says whether words are an aspect ratio and nothing else, so that nothing of them is lost."""
    return bool(_RATIO.fullmatch(words.strip()) or _SQUARE.fullmatch(words.strip()))


def cut_ratio(text: str) -> tuple[str, str]:
    """Cuts ``--ar 16:9`` off a prompt; returns what is left, and the last such ratio."""
    found = _FLAG.findall(text)
    if not found:
        return text, ""
    return _FLAG.sub("", text).strip(), stated_ratio(found[-1])


def _called(across: int, down: int, near: float) -> str:
    """Finds the usual name of a ratio."""
    if not across or not down:
        return ""
    apart = {name: abs(log(across / down / _proportion(name))) for name in _USUAL}
    name = min(apart, key=lambda one: apart[one])
    return name if apart[name] <= near else ""


def _proportion(name: str) -> float:
    across, down = name.split(":")
    return int(across) / int(down)
