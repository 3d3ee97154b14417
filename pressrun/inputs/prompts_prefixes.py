"""Prefixes and where they hold: in the section that they stand in, from their place on."""

from dataclasses import dataclass, replace

from pressrun.inputs.prompts_labels import unquoted


@dataclass(frozen=True, slots=True)
class _Prefix:
    """A prefix, the kind of label that it was given under, and where it holds."""

    text: str
    kind: str
    scope: tuple[int, ...]
    after: int  # drafts that were found before it


class Prefixes:
    """Every prefix of a document."""

    def __init__(self) -> None:
        self._all: list[_Prefix] = []

    def add(self, text: str, label: str, scope: tuple[int, ...], after: int) -> None:
        """Notes a prefix that holds in a section, from the first draft after it."""
        if text := unquoted(" ".join(text.split())):
            kind = "style" if "style" in label.casefold() else "prefix"
            self._all.append(_Prefix(text, kind, scope, after))

    def lift(self, scope: tuple[int, ...]) -> None:
        """Lets those of a section without prompts hold for the one around it."""
        self._all = [
            replace(prefix, scope=scope[:-1]) if prefix.scope == scope and scope[1:] else prefix
            for prefix in self._all
        ]

    def of(self, number: int, scope: tuple[int, ...]) -> str:
        """What holds for a draft: of each kind the nearest, of those the last before it."""
        chosen: dict[str, _Prefix] = {}
        for prefix in self._all:
            if scope[: len(prefix.scope)] != prefix.scope:
                continue
            known = chosen.get(prefix.kind)
            nearer = known and len(prefix.scope) > len(known.scope)
            later = known and prefix.scope == known.scope and prefix.after <= number
            if known is None or nearer or later:
                chosen[prefix.kind] = prefix
        return " ".join(prefix.text for prefix in chosen.values())

    def of_document(self) -> str:
        """The first that holds everywhere."""
        return next((prefix.text for prefix in self._all if len(prefix.scope) < 2), "")
