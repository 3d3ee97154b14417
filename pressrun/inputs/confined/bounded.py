"""The door for texts: what a person pasted, or a file of theirs, parsed within bounds.

No parser is quick for a text of every shape. A small text is parsed here, so that it costs no
process; a large one, a workbook or a Word document, in the reading process, with little time.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter

from pressrun.boundary.files import read_file
from pressrun.errors import InputError
from pressrun.inputs.confined.caller import place_of, read_confined

#: Characters of a text, or bytes of a file: so small, none keeps today's parsers for 2 s, whatever
#: stands in it. A larger one is worth the start of a process, which takes 0.4 s of a processor.
SMALL = 32_000
CPU_S = 4.0
#: Of a workbook or Word document: that it is unpacked, and its XML read, takes most of it.
PACKED_CPU_S = 8.0
_PACKED = b"PK\x03\x04"
T = TypeVar("T")


def parse_bounded(
    parse: Callable[..., T], given: str | Path, what: str, advice: str, **arguments: Any
) -> T:
    """Parses a text or a file: here if it is small, else in the reading process.

    Args:
        parse: Takes the text or path, and the arguments by name. It is annotated, and what it takes
            and gives are plain values, dataclasses and models.
        given: The text, or the path of the file.
        what: How a sentence names it.
        advice: What to do if it cannot be read, in a sentence.
        **arguments: Of the parser.

    Raises:
        InputError: The parser refused it, failed, or broke its limits.
    """
    if _is_small(given):
        return parse(given, **arguments)
    text, path = (given, "") if isinstance(given, str) else ("", str(given.absolute()))
    ((value, _),) = read_confined(
        parsed,
        what,
        advice,
        text.encode("utf-8", "surrogatepass"),
        cpu_s=PACKED_CPU_S if _is_packed(given) else CPU_S,
        imports=(parse.__module__,),
        place=place_of(parse),
        path=path,
        arguments=_plain(arguments),
    )
    found: T = _types(parse)["return"].validate_python(value)
    return found


def parsed(
    data: bytes, place: str, path: str, arguments: dict[str, Any]
) -> Iterator[tuple[Any, bytes]]:
    """Yields what a parser finds, as plain values. Runs in the reading process."""
    module, _, name = place.partition(":")
    parse = getattr(import_module(module), name)
    types = _types(parse)
    given = Path(path) if path else data.decode("utf-8", "surrogatepass")
    found = parse(given, **{name: types[name].validate_python(v) for name, v in arguments.items()})
    yield _plain(found), b""


def _is_small(given: str | Path) -> bool:
    if isinstance(given, str):
        return len(given) <= SMALL
    head = b""
    # What cannot be opened has a parser that says so.
    with suppress(InputError, OSError, ValueError):
        head = read_file(given, SMALL)
    return len(head) <= SMALL and not head.startswith(_PACKED)


def _is_packed(given: str | Path) -> bool:
    return isinstance(given, Path) and read_file(given, len(_PACKED)).startswith(_PACKED)


@lru_cache
def _types(parse: Callable[..., object]) -> dict[str, TypeAdapter[Any]]:
    return {name: TypeAdapter(hint) for name, hint in get_type_hints(parse).items()}


def _plain(value: object) -> Any:
    return TypeAdapter(Any).dump_python(value)
