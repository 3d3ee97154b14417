"""Elements of the XML of Word documents, by their local names."""

from collections.abc import Iterator
from typing import Any

#: Of lxml, which has no types.
Element = Any

_OFF = frozenset({"0", "false", "off", "none"})


def local(element: Element) -> str:
    """Gives an element's name without its namespace; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element | None, *names: str) -> Element | None:
    """Finds a descendant by the names on the way to it; None without."""
    for name in names:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


def value(element: Element | None, name: str = "val") -> str:
    """Gives an attribute, in whatever namespace; empty without."""
    if element is None:
        return ""
    found = (text for key, text in element.attrib.items() if key.rpartition("}")[2] == name)
    return str(next(found, ""))


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


def visible(element: Element) -> Iterator[Element]:
    """Yields what stands in a wrapper: of alternatives, what every program reads."""
    if local(element) != "AlternateContent":
        yield from element
        return
    choice, fallback = child(element, "Choice"), child(element, "Fallback")
    is_drawn = choice is not None and has_any(choice, "drawing", "pict", "object")
    taken = choice if is_drawn or fallback is None else fallback
    yield from () if taken is None else taken
