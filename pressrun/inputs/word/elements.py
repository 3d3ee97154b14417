"""Elements of the XML of Word documents, by their local names."""

from collections.abc import Iterable
from typing import Any

#: Of lxml, which has no types.
Element = Any

_USUAL = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: Names that were cut from their namespaces: most elements have one of a few.
_names: dict[Any, str] = {}
_MOST_NAMES = 2_000
_OFF = frozenset({"0", "false", "off", "none"})


def local(element: Element) -> str:
    """Gives an element's name without its namespace; empty for comments and the like."""
    tag = element.tag
    if (name := _names.get(tag)) is None:
        name = tag.rpartition("}")[2] if isinstance(tag, str) else ""
        if len(_names) < _MOST_NAMES:
            _names[tag] = name
    return name


def children(element: Element | None) -> dict[str, Element]:
    """Gives the elements in another one by their names, the first of each."""
    found: dict[str, Element] = {}
    for one in () if element is None else element:
        found.setdefault(local(one), one)
    return found


def child(element: Element | None, *names: str) -> Element | None:
    """Finds a descendant by the names on the way to it; None without."""
    for name in names:
        if element is None:
            return None
        for one in element:
            if local(one) == name:
                element = one
                break
        else:
            return None
    return element


def value(element: Element | None, name: str = "val") -> str:
    """Gives an attribute, in whatever namespace; empty without."""
    if element is None:
        return ""
    if (usual := element.get(f"{_USUAL}{name}")) is not None:
        return str(usual)
    for key, text in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(text)
    return ""


def number(element: Element | None, name: str = "val") -> int | None:
    """Gives an attribute as a number; None where it is none."""
    given = value(element, name)
    return int(given) if given.lstrip("-").isdecimal() and len(given) < 10 else None


def is_on(element: Element | None) -> bool:
    """Says whether a switch is there and on."""
    return element is not None and value(element).lower() not in _OFF


def has_any(element: Element, *names: str) -> bool:
    """Says whether something of these names stands in an element."""
    return any(local(one) in names for one in element.iter())


def visible(element: Element) -> Iterable[Element]:
    """Gives what stands in a wrapper: of alternatives, what every program reads."""
    if local(element) != "AlternateContent":
        return element  # type: ignore[no-any-return]
    choice, fallback = child(element, "Choice"), child(element, "Fallback")
    is_drawn = choice is not None and has_any(choice, "drawing", "pict", "object")
    taken = choice if is_drawn or fallback is None else fallback
    return () if taken is None else taken
