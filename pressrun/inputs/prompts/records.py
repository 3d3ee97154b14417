"""Prompts in JSON: a list of texts or objects, named groups of them, JSON lines."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pressrun.errors import InputError
from pressrun.inputs.prompts.draft import Draft
from pressrun.inputs.prompts.levels import is_level, level_value
from pressrun.inputs.prompts.remarks import word_count
from pressrun.inputs.prompts.roles import role_of
from pressrun.inputs.prompts.tables import spaced, split_tags
from pressrun.inputs.prompts.vocabulary import Role, words
from pressrun.inputs.tables.values import parse_json

_DEEPEST = 12
_MOST = 20_000  # prompts
_SAMPLE = 100  # entries that are looked at
_PHRASE = 4  # words that properties seldom have more of
_CALLED = (Role.PROMPT, Role.PROMPTS)
_FOR_ALL = {Role.PREFIX: "prefix", Role.SUFFIX: "suffix", Role.NEGATIVE: "negative"}
_CONTAINERS = words(
    """tasks prompts items images cards entries list data rows batch levels variants variations
    categories groups sections scenes assets slides pages shots frames"""
)
_PROPERTIES = ("level", "owner", "session id", "title", "description", "version")


def load(text: str) -> Any:
    """Parses a text as JSON or JSON lines; None if it is neither."""
    bare = text.strip().removeprefix("\ufeff")
    if bare[:1] not in "[{" or bare[-1:] not in "]}":
        return None
    return parse_json(bare)


def read_values(value: Any) -> tuple[str, list[Draft]]:
    """Reads the prefix of all and the prompts, numbered as they come.

    Raises:
        InputError: There are too many.
    """
    shared = Draft("", 0)
    if isinstance(value, dict):
        shared = _for_all(value, _roles(value), shared)
    read = list(islice(_drafts(value, shared, _Place()), _MOST + 1))
    if len(read) > _MOST:
        raise InputError(f"There are more than {_MOST:,} prompts. Split them into several batches.")
    # Where something is called a prompt, other descriptions are of what is in the pictures.
    called = {place.keys for draft, place in read if place.called and draft.text}
    found = [draft for draft, place in read if not called or place.keys in called]
    return shared.prefix, [replace(draft, line=n) for n, draft in enumerate(found, 1)]


def confidence(value: Any, drafts: Sequence[Draft]) -> float:
    """Says from 0 to 1 how far records are believed: much if a key says prompt, or all is a list.

    Where no key says what is a prompt, the texts of a list may be properties of one.
    """
    texts = [draft.text for draft in drafts]
    plain = isinstance(value, list) and all(_is_text(entry) for entry in value)
    named = any(role in (Role.PROMPT, Role.PROMPTS, Role.CONTENT) for role in _all_roles(value, 0))
    if plain or named or not texts:
        return 1.0
    return 1.0 if _evenly_long(texts) else 0.4


def _all_roles(value: Any, depth: int) -> Iterator[Role]:
    """Yields the roles of the keys of objects that hold a text, and of what these hold."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for entry in value[:_SAMPLE]:
            yield from _all_roles(entry, depth + 1)
    elif isinstance(value, dict):
        for key, inner in islice(value.items(), _SAMPLE):
            yield role_of(spaced(key))
            yield from _all_roles(inner, depth + 1)


def _evenly_long(texts: Sequence[str]) -> bool:
    return sum(word_count(text) > _PHRASE for text in texts) > 0.8 * len(texts)


def with_lines(drafts: Sequence[Draft], text: str) -> list[Draft]:
    """Numbers drafts by the lines of the text that their words stand on."""
    at, line, placed = 0, 1, []
    for draft in drafts:
        forms = (
            json.dumps(draft.text[:200], ensure_ascii=ascii_)[1:-1] for ascii_ in (False, True)
        )
        # Where one is not found, none behind it is: it is searched for near by.
        near = at + 100_000
        found = next((place for form in forms if (place := text.find(form, at, near)) >= 0), at)
        line += text.count("\n", at, found)
        placed.append(replace(draft, line=line, lines=(line,)))
        at = found
    return placed


def _roles(value: dict[str, Any]) -> dict[str, Role]:
    return {key: role_of(spaced(key)) for key in value}


def _for_all(value: dict[str, Any], roles: dict[str, Role], draft: Draft) -> Draft:
    said = {
        _FOR_ALL[r]: value[k]
        for k, r in roles.items()
        if r in _FOR_ALL and isinstance(value[k], str)
    }
    return replace(draft, **said)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: below which keys of containers, and whether one calls it a prompt."""

    keys: tuple[str, ...] = ()
    depth: int = 0
    called: bool = False

    def inner(self, key: str = "", *, called: bool = False) -> "_Place":
        keys = (*self.keys, key) if key else self.keys
        return _Place(keys, self.depth + 1, self.called or called)


def _drafts(value: Any, known: Draft, place: _Place) -> Iterator[tuple[Draft, _Place]]:
    if place.depth > _DEEPEST:
        return
    if _is_text(value):
        yield replace(known, text=str(value).strip()), place
    elif isinstance(value, list):
        for entry in value:
            found = _drafts(entry, known, place.inner())
            # Whoever reads them says of one without text that there is no prompt.
            yield next(found, (Draft("", 0), place))
            yield from found
    elif isinstance(value, dict):
        yield from _of_object(value, known, place)


def _is_text(value: Any) -> bool:
    """Says whether a value may be a prompt: words, or a number (of a room, say)."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int) and not isinstance(value, bool)


def _of_object(
    value: dict[str, Any], known: Draft, place: _Place
) -> Iterator[tuple[Draft, _Place]]:
    roles = _roles(value)
    asked = _prompt_of(value, roles)
    known = _described(value, roles, _for_all(value, roles, known), asked)
    listed = _lists_prompts(value, roles)
    if asked and not listed:
        yield from _drafts(value[asked], known, place.inner(called=roles[asked] is Role.PROMPT))
        return
    named = place.called and len(value) > 1 and all(map(_is_text, value.values()))
    for key, inner in value.items():
        holds = isinstance(inner, list | dict)
        if listed and roles[key] is Role.GROUP and spaced(key).casefold() not in _CONTAINERS:
            continue
        if holds and (spaced(key).casefold() in _CONTAINERS or roles[key] in _CALLED):
            yield from _drafts(inner, known, place.inner(key, called=roles[key] in _CALLED))
        elif is_level(key):
            yield from _drafts(inner, replace(known, level=level_value(key)), place.inner())
        elif named or _is_name(key, roles[key], value):
            under = known.under(key) if not known.category else known.named(key)
            yield from _drafts(inner, under, place.inner(key if holds else ""))


def _is_name(key: str, role: Role, value: dict[str, Any]) -> bool:
    """Says whether a key names what it holds: a group of prompts, or one."""
    numbered = role is Role.NUMBER and any(map(str.isdigit, key))
    holds = isinstance(value[key], list | dict)
    return (role is Role.GROUP or numbered) and (holds or _may_name(key, value))


def _lists_prompts(value: dict[str, Any], roles: dict[str, Role]) -> bool:
    """Says whether an object holds a list that its key calls prompts."""
    return any(
        roles[key] is Role.PROMPTS and isinstance(inner, list) and len(inner) > 1
        for key, inner in value.items()
    )


def _may_name(key: str, value: dict[str, Any]) -> bool:
    """Says whether a key is the name of the prompt that it holds, and no property."""
    return spaced(key).casefold() not in _PROPERTIES and not any(
        isinstance(inner, list | dict) for inner in value.values()
    )


def _prompt_of(value: dict[str, Any], roles: dict[str, Role]) -> str:
    """Finds what an object asks for: its specific prompt before the combined one."""
    texts = [k for k, inner in value.items() if isinstance(inner, str)]
    asked = [k for k in texts if roles[k] is Role.PROMPT] or [
        k for k in texts if roles[k] is Role.CONTENT
    ]
    asked.sort(key=lambda key: "specific" not in key.lower())
    holds = any(
        isinstance(inner, list | dict) and roles[k] is not Role.TAGS for k, inner in value.items()
    )
    if asked and roles[asked[0]] is Role.CONTENT and holds:
        return ""
    return asked[0] if asked else ""


def _described(value: dict[str, Any], roles: dict[str, Role], known: Draft, asked: str) -> Draft:
    for key, inner in value.items():
        role = roles[key]
        if role is Role.TAGS and isinstance(inner, list | str):
            tags = split_tags(inner) if isinstance(inner, str) else [str(tag) for tag in inner]
            known = known.tagged(*tags)
        elif key == "made_before" and isinstance(inner, int):  # by our own rows
            known = replace(known, made_before=max(0, inner))
        elif not isinstance(inner, str | int) or inner == "" or key == asked or role in _FOR_ALL:
            continue
        elif role is Role.LEVEL and not is_level(key):
            known = replace(known, level=level_value(str(inner)))
        elif role is Role.CATEGORY:
            known = replace(known, category=str(inner))
        elif role is Role.NAME:
            holds = any(isinstance(v, list | dict) for v in value.values())
            known = (
                known.under(str(inner)) if holds and not known.category else known.named(str(inner))
            )
        elif asked and role not in (Role.NUMBER, Role.PROMPT):
            known = known.beside(key, str(inner))
    return known
