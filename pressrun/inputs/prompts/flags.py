"""Flags of other tools in prompts, and places to fill: read or kept, and said.

``/imagine prompt:`` and the command line of a web UI are taken apart. Of what Midjourney takes
behind a prompt ``--ar 16:9`` is the aspect ratio of its picture; the rest stays in it, since only
its author knows what it should become.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pressrun.boundary.text import one_line
from pressrun.inputs.prompts.draft import Draft
from pressrun.inputs.prompts.ratios import cut_ratio

_IMAGINE = re.compile(r"\s*/?imagine\s+(?:prompt\s?[:\uff1a]?\s*)?", re.IGNORECASE)
_COMMAND = re.compile(r"--([a-z_]{1,30})(?:\s+|=)(?:\"([^\"]*)\"|([^\s\"]\S*))", re.IGNORECASE)
_FLAG = re.compile(r"(?<!\S)(?:--|\u2014|\u2013-?)([a-z]{1,12})\b", re.IGNORECASE)
_SHOWN_LETTERS = 60
_PLACE = re.compile(
    r"\{\{?\s*[A-Za-z][\w .-]{0,40}\s*\}?\}|\[[A-Z][A-Z0-9_ /-]{1,40}\]|"
    r"(?<!\w)__[\w/-]{1,40}__(?!\w)|"
    r"<[A-Z][A-Z_ -]{2,40}>"
)


def without_flags(drafts: Sequence[Draft]) -> tuple[list[Draft], list[str]]:
    """Takes apart the commands of other tools; returns the drafts, and what to say of them."""
    read = [_shaped(_command(_imagine(draft))) for draft in drafts]
    said = [
        _said(read, "with flags of another tool, which are sent as they are", flags_in),
        _said(read, "with places to fill, which are sent as they are", places_in),
    ]
    return read, [words for words in said if words]


def places_in(text: str) -> list[str]:
    """Finds the places to fill in a text, such as ``{NAME}`` or ``[CITY]``."""
    return _PLACE.findall(text[:20_000])


def are_templates(texts: Sequence[str]) -> bool:
    """Says whether most texts have places to fill, so that a picture of them is of no use yet."""
    return 2 * sum(bool(places_in(text)) for text in texts) > len(texts)


def flags_in(text: str) -> list[str]:
    """Finds the flags of another tool at the end of a prompt, as ``--ar``."""
    return [f"--{name}" for name in _FLAG.findall(text[-400:])]


def _imagine(draft: Draft) -> Draft:
    found = _IMAGINE.match(draft.text) if "magine" in draft.text[:20] else None
    if not found or (not draft.text.lstrip().startswith("/") and ":" not in found[0]):
        return draft
    return replace(draft, text=draft.text[found.end() :])


def _command(draft: Draft) -> Draft:
    """Reads ``--prompt "..." --negative_prompt "..." --steps 30``."""
    if not draft.text.startswith("--"):
        return draft
    given = {name.casefold(): quoted or bare for name, quoted, bare in _COMMAND.findall(draft.text)}
    prompt = given.pop("prompt", "")
    if not prompt:
        return draft
    negative = given.pop("negative_prompt", given.pop("negative", ""))
    told = replace(draft, text=prompt, negative=negative or draft.negative)
    for name, value in given.items():
        told = told.beside(name, value)
    return told


def _shaped(draft: Draft) -> Draft:
    """Reads ``--ar 16:9`` behind a prompt, or behind what is for all."""
    prefix, of_prefix = cut_ratio(draft.prefix)
    suffix, of_suffix = cut_ratio(draft.suffix)
    text, own = cut_ratio(draft.text)
    ratio = own or of_suffix or of_prefix or draft.aspect_ratio
    return replace(draft, prefix=prefix, suffix=suffix, text=text, aspect_ratio=ratio)


def _said(drafts: Sequence[Draft], words: str, find: Callable[[str], list[str]]) -> str:
    found = [(draft.text, pieces) for draft in drafts if (pieces := find(draft.text))]
    if not found:
        return ""
    names = ", ".join(dict.fromkeys(piece for _, pieces in found[:20] for piece in pieces[:5]))
    # By its words, since a person may look at a line of a document or at a row.
    first = one_line(found[0][0], _SHOWN_LETTERS)
    return f"{len(found)} of {len(drafts)} prompts {words}: {names} (the first: “{first}”)."
