"""Prompts that a person gave, read within bounds of time and memory.

Everybody who reads a person's prompts comes through here; the parsers know nothing of it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.boundary.text import one_line
from pressrun.inputs.confined import parse_bounded
from pressrun.inputs.hyperlinks.forms import BEGINNING
from pressrun.inputs.markdown import DocumentText
from pressrun.inputs.prompts.documents import Parsed, parse_file, parse_prompts, with_notes
from pressrun.inputs.tables.files import COPY_ANEW
from pressrun.inputs.web.markdown import readable

if TYPE_CHECKING:
    from pressrun.inputs.prompts.model import ParsedAnswer

#: As :func:`read_prompts` and :func:`read_prompt_file`.
ReadText = Callable[[str, str], Parsed]
ReadFile = Callable[[Path, Callable[[str], Parsed], str], Parsed]
_TEXT, _SPLIT = "The text of the prompts", "Split it, or give it as a table with titles."


def read_prompts(text: str, read_as: str = "auto") -> Parsed:
    """Reads as :func:`~pressrun.inputs.prompts.documents.parse_prompts` does.

    Raises:
        InputError: It cannot be read that way, is too long, or takes too long to read.
    """
    return parse_bounded(parse_prompts, text, _TEXT, _SPLIT, read_as=read_as)


def read_prompt_file(
    path: Path, read: Callable[[str], Parsed] = read_prompts, read_as: str = "auto"
) -> Parsed:
    """Reads as :func:`~pressrun.inputs.prompts.documents.parse_file` does.

    Args:
        path: The file.
        read: Reads it if it is no table.
        read_as: As for :func:`read_prompts`.

    Raises:
        InputError: The file cannot be read, is too large, holds no text or takes too long to read.
    """
    found = table_or_text_of(path, read_as)
    return found if isinstance(found, Parsed) else with_notes(read(found.text), found.notes)


def table_or_text_of(path: Path, read_as: str = "auto") -> Parsed | DocumentText:
    """Reads the prompts of a table, or gives the text of a file that is none.

    Raises:
        InputError: As :func:`read_prompt_file`.
    """
    return parse_bounded(table_or_text, path, one_line(path.name), COPY_ANEW, read_as=read_as)


def shown_text(text: str) -> str:
    """Gives what a model is shown of a text: of a web page its words.

    Raises:
        InputError: The page has no text, or takes too long to read.
    """
    if "<" not in text[:BEGINNING]:
        return text
    return parse_bounded(readable, text, _TEXT, _SPLIT).text


def read_answer(text: str, answer: "ParsedAnswer") -> Parsed:
    """Checks as :func:`~pressrun.inputs.prompts.model.check_answer` does.

    Raises:
        InputError: Too much is made up or lost, or it takes too long to find out.
    """
    # The reading process needs its types, so it stands where they do.
    from pressrun.inputs.prompts.model import checked_answer  # noqa: PLC0415 - few texts need it

    return parse_bounded(checked_answer, text, _TEXT, _SPLIT, answer=answer)


def table_or_text(path: Path, read_as: str) -> Parsed | DocumentText:
    """Reads the prompts of a table; gives the text of a file that is none."""
    texts: list[str] = []

    def keep(text: str) -> Parsed:
        texts.append(text)
        return Parsed("", ())

    found = parse_file(path, keep, read_as)
    return DocumentText(texts[0], found.warnings) if texts else found
