"""Prompts in JSON: a list of texts or objects, named groups of them, JSON lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pressrun.inputs.prompts.draft import Context, PromptDraft
from pressrun.inputs.prompts.tables import split_tags
from pressrun.inputs.prompts.words import Role, is_level, level_value, role_of

_DEEPEST = 12
_NOTHING = object()


def load(text: str) -> Any:
    """Parses a text as JSON or JSON lines; None if it is neither."""
    bare = text.strip().removeprefix("\ufeff")
    if bare[:1] not in "[{" or bare[-1:] not in "]}":
        return None
    try:
        return _value(bare)
    except (ValueError, RecursionError):
        pass
    try:
        return [_value(line) for line in bare.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def _value(text: str) -> Any:
    # Half of an emoji, as programs leave it that cut texts, has no UTF-8 and could not be kept.
    whole = json.dumps(json.loads(text), ensure_ascii=False).encode(errors="replace")
    return json.loads(whole)


def read_values(value: Any) -> tuple[str, list[PromptDraft]]:
    """Reads the prefix of all and the prompts, numbered as they come."""
    prefix = ""
    if isinstance(value, dict):
        prefix = next((v for k, v in value.items() if _is_prefix(k, v)), "")
    drafts = list(_drafts(value, Context(), 0))
    for number, draft in enumerate(drafts, 1):
        draft.line = number
        draft.prefix = draft.prefix or prefix
    return prefix, drafts


def with_lines(drafts: Sequence[PromptDraft], text: str) -> None:
    """Numbers drafts by the lines of the text that their words stand on."""
    at = 0
    for draft in drafts:
        forms = (json.dumps(draft.text, ensure_ascii=ascii_)[1:-1] for ascii_ in (False, True))
        found = next((place for form in forms if (place := text.find(form, at)) >= 0), at)
        draft.line = text.count("\n", 0, found) + 1
        at = found


def _is_prefix(key: str, value: Any) -> bool:
    return isinstance(value, str) and role_of(_words(key)) is Role.PREFIX


def _words(key: str) -> str:
    """Splits ``specificPrompt`` and ``specific_prompt`` into words."""
    spaced = "".join(f" {char}" if char.isupper() else char for char in key)
    return " ".join(spaced.replace("_", " ").replace("-", " ").split())


def _drafts(value: Any, context: Context, depth: int) -> Iterator[PromptDraft]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield context.draft(str(value).strip(), 0)
    elif isinstance(value, list):
        for entry in value:
            yield from _drafts(entry, context, depth + 1)
    elif isinstance(value, dict):
        yield from _of_object(value, context, depth)


def _of_object(value: dict[str, Any], context: Context, depth: int) -> Iterator[PromptDraft]:
    roles = {key: role_of(_words(key)) for key in value}
    context = _described(value, roles, context)
    prompt = _prompt_of(value, roles)
    if prompt is not _NOTHING:
        yield from _drafts(prompt, context, depth + 1)
        return
    for key, inner in value.items():
        holds = isinstance(inner, list | dict)
        if _is_container(key) and holds:
            yield from _drafts(inner, context, depth + 1)
        elif roles[key] in (Role.GROUP, Role.LEVEL) and not (_is_key(key) and not holds):
            yield from _drafts(inner, _under(key, context), depth + 1)


def _described(value: dict[str, Any], roles: dict[str, Role | None], context: Context) -> Context:
    for key, inner in value.items():
        role = roles[key]
        if role is Role.TAGS and isinstance(inner, list | str):
            tags = split_tags(inner) if isinstance(inner, str) else [str(tag) for tag in inner]
            context = context.tagged(*tags)
        elif not isinstance(inner, str | int) or inner == "":
            continue
        elif role is Role.LEVEL and not is_level(key):
            context = replace(context, level=level_value(str(inner)))
        elif role is Role.CATEGORY:
            context = replace(context, category=str(inner))
        elif role is Role.NAME:
            holds = any(isinstance(v, list | dict) for v in value.values())
            empty = holds and not context.category
            context = context.under(str(inner)) if empty else context.named(str(inner))
        elif role is Role.PREFIX:
            context = replace(context, prefix=str(inner))
    return context


def _prompt_of(value: dict[str, Any], roles: dict[str, Role | None]) -> Any:
    """Finds what an object asks for: its specific prompt before the combined one."""
    asked = [k for k, role in roles.items() if role is Role.PROMPT and isinstance(value[k], str)]
    asked.sort(key=lambda key: ("specific" not in key.lower(), "prompt" not in key.lower()))
    return value[asked[0]] if asked else _NOTHING


def _is_container(key: str) -> bool:
    return _words(key).casefold() in (
        "tasks", "prompts", "items", "images", "cards", "entries", "list", "data", "rows", "batch",
        "levels", "variants", "variations", "categories", "groups", "sections",
    )  # fmt: skip


def _is_key(key: str) -> bool:
    """Says whether this names a property of an object, such as the title of what it holds."""
    return _words(key).casefold() in ("level", "owner", "session id", "title", "description")


def _under(key: str, context: Context) -> Context:
    if is_level(key):
        return replace(context, level=level_value(key))
    return context.under(key) if not context.category else context.named(key)
