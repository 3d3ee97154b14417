"""The shapes that pasted text takes: links among decoration, pictures, delimited cells.

Works on strings alone. It must not know verdicts (see :mod:`pressrun.inputs.tiktok.links`) or what
the columns of a sheet mean (see :mod:`pressrun.inputs.tables.rows`).
"""

import csv
import io
import re
from collections.abc import Iterator

# Zero-width and direction marks, soft hyphens and variation selectors that chats, PDFs and
# phones leave around links. Never removed from descriptions: emoji are made of them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_BULLETS = "-*+\u2022\u00b7\u2023\u25e6\u2219\u25cf\u25cb\u25aa\u25a0\u2010\u2013\u2014\u2212\u2192"
_BEFORE = _SPACES + _QUOTES + _BULLETS + "<>([{])}_~|,;:!\u3010\u300c\uff08"
_AFTER = _SPACES + _QUOTES + "<>)]}([{*_~|,;:.!?\u2026\u3002\u3001\uff0c\uff1b\uff09\u300d\u3011"

_NUMBER = re.compile(
    r"\(?[0-9]{1,4}(?:[.):\]]\s*(?=[a-z]+://|//|www\.)|[.):\]]?\s+)|\[[ x]?\]\s*",
    re.ASCII | re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\[[^\[\]]*\]\(\s*<?([^\s()<>]+)")

_HOSTS = r"(?:[a-z0-9-]+\.)*tiktokv?\.com\.?(?:[/:?#]|$)"
_ENCODED = r"https?%3a%2f%2f"  # wholly percent-encoded, as redirects and trackers have links
_PATH = r"/?@[\w.-]{1,64}/(?:photo|video)/[0-9]{15}"  # of a post, without its host
_LINK = re.compile(
    rf"{_PATH}|[a-z][a-z0-9+.-]*://|//[a-z0-9]|www\.|{_HOSTS}|(?:[a-z0-9-]+\.)+[a-z]{{2,24}}/|{_ENCODED}",
    re.ASCII | re.IGNORECASE,
)
_TIKTOK = re.compile(
    rf"{_PATH}|(?:https?:)?(?://)?(?:[^/@\s]*@)?{_HOSTS}|{_ENCODED}(?:[a-z0-9-]+\.)*tiktokv?\.com%2f",
    re.ASCII | re.IGNORECASE,
)
_ANYWHERE = re.compile(
    rf"(?<![\w.@/%-])(?:https?://|//|{_ENCODED})?(?:[a-z0-9-]+\.){{0,4}}tiktokv?\.com(?:[/?]|%2f)"
    r"[^\s<>|\"`{}\[\]]*",
    re.ASCII | re.IGNORECASE,
)
_SHORT = re.compile(r"(?:^|[/.])v[mt]\.tiktok\.|\.com/t/", re.ASCII | re.IGNORECASE)
# What names one post, rightly or not: a number, a code, or the path to where they stand.
_POST = re.compile(
    r"[0-9]{10}|/t/\w|v[mt]\.tiktok\.com(?:/|%2f)\w|(?:/|%2f)(?:photo|video|item)\b",
    re.ASCII | re.IGNORECASE,
)
_POST_NUMBER = re.compile(r"[67][0-9]{18}", re.ASCII)  # from 2016 to 2028
# Servers of TikTok's with the files of videos, whose addresses are no posts.
_FILE_HOST = re.compile(r"(?:^|[/.])v[0-9]{1,3}[a-z0-9-]*\.tiktokv?\.com", re.ASCII | re.IGNORECASE)
_IMAGE = re.compile(
    r"\.(?:jpe?g|jfif|png|webp|gif|heic|heif|avif|bmp|tiff?)(?:[?#]\S*)?$", re.ASCII | re.IGNORECASE
)
_LOOK = 300  # characters that tell a link from a text; a cell may be a whole article

# A comma ends a link only where something else begins: `?crop=1,2` is one link.
_CUT = re.compile(r"[\t\v\f\u2028\u2029]|[,;|\uff0c\uff1b\u3001]")
_NEXT_LINK = re.compile(
    rf"[{re.escape(_QUOTES)}<(\[]*(?:[a-z][a-z0-9+.-]*://|//|www\.|{_HOSTS})",
    re.ASCII | re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=[0-9A-Za-z/])(?=https?://)", re.ASCII | re.IGNORECASE)
_MARKER = re.compile(r"\(?[0-9]{1,4}[.):\]]?", re.ASCII)
_LEADING_MARKER = re.compile(r"\s*\(?[0-9]{1,4}(?:[.):\]][\t ]*|\t[\t ]*)", re.ASCII)
_NO_WORD_ALONE = re.compile("[./%]")  # every address has one of these
_QUOTED_LINES = 200  # longest quoted cell, in lines
_LONGEST_LINK = 4096


def visible(text: str) -> str:
    """Removes the characters of a text that nobody sees."""
    return _INVISIBLE.sub("", text)


def unwrap(text: str) -> str:
    """Removes what people and programs put around a link.

    Takes off spaces, quotes, ``<…>``, brackets, bullets, numbering, markdown and the
    punctuation of a sentence. What stands inside stays as it is.
    """
    text = visible(text).lstrip(_SPACES + _QUOTES + _BULLETS + "!")
    if number := _NUMBER.match(text):
        text = text[number.end() :]
    if markdown := _MARKDOWN.match(text):
        return markdown[1]
    return text.lstrip(_BEFORE).rstrip(_AFTER)


def is_link(text: str) -> bool:
    """Says whether this begins as an address does, on TikTok or elsewhere, good or bad."""
    return bool(_LINK.match(unwrap(text[:_LOOK])))


def is_tiktok(text: str) -> bool:
    """Says whether this begins as an address on TikTok does."""
    return bool(_TIKTOK.match(unwrap(text[:_LOOK])))


def is_post(text: str) -> bool:
    """Says whether this begins as the address of a post on TikTok does, good or bad."""
    near = text[:_LOOK]
    return is_tiktok(text) and bool(_POST.search(near)) and not _FILE_HOST.search(near)


def is_post_number(text: str) -> bool:
    """Says whether this looks like the number of a post on TikTok: its beginning is a moment."""
    return bool(_POST_NUMBER.fullmatch(unwrap(text[:_LOOK])))


def is_short(text: str) -> bool:
    """Says whether this is a short link of TikTok's, which leads to a post."""
    return is_tiktok(text) and bool(_SHORT.search(text[:_LOOK]))


def posts_in(text: str) -> list[str]:
    """Finds the addresses of posts on TikTok wherever they stand among words."""
    found = _ANYWHERE.findall(text)
    whole = [one.partition("&")[0] if "%2f" in one.lower() else one for one in found]
    return [one for one in whole if _POST.search(one) and not _FILE_HOST.search(one)]


def is_media(text: str) -> bool:
    """Says whether this is the address of a file that TikTok's servers keep, as logs show them."""
    return is_link(text) and bool(_FILE_HOST.search(text[:_LOOK]))


def leads_to_post(text: str) -> bool:
    """Says whether this is an address elsewhere that has one of a post in it, as redirects do."""
    return not is_tiktok(text) and "%3a%2f%2f" in text.lower() and bool(posts_in(text))


def is_image(text: str) -> bool:
    """Says whether this is a file name, path or address that ends as pictures do."""
    text = text.strip()
    return len(text) < 4096 and "\n" not in text and bool(_IMAGE.search(text))


def read_records(text: str) -> Iterator[tuple[int, str]]:
    """Yields (first line, record); a record spans lines where a quoted cell does.

    A quote that never closes, or that would include the next link, is just a character.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    number = 0
    while number < len(lines):
        size = _record_lines(lines, number)
        yield number + 1, "\n".join(lines[number : number + size])
        number += size


def _record_lines(lines: list[str], first: int) -> int:
    record = lines[first]
    delimiters = "\t" if "\t" in record else ",;"
    if not _is_open(record, delimiters):
        return 1
    for size, line in enumerate(lines[first + 1 : first + _QUOTED_LINES], start=2):
        if any(is_tiktok(cell) for cell in re.split(f"[{delimiters}]", line)):
            return 1
        record += "\n" + line
        if '"' in line and not _is_open(record, delimiters):
            return size
    return 1


def _is_open(record: str, delimiters: str) -> bool:
    """Says whether a quoted cell is still open at the record's end."""
    if '"' not in record:
        return False
    quoted, at_start = False, True
    for char in record:
        if char == '"' and (quoted or at_start):
            quoted = not quoted
            at_start = True  # a doubled quote opens the cell again
        elif not quoted and char != " ":
            at_start = char in delimiters
    return quoted


def split_cells(record: str, delimiter: str) -> list[str]:
    """Splits a record into cells, unquoted and stripped, without the empty ones at its end."""
    try:
        if _is_open(record, delimiter):
            raise csv.Error
        lines = io.StringIO(record, newline="")
        cells = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        cells = record.split(delimiter)
    return trim(cells)


def trim(cells: list[str]) -> list[str]:
    """Strips the cells, and removes the empty ones at the end."""
    cells = [cell.strip(_SPACES + "\ufeff\u200b") for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def bare_line(line: str) -> str:
    """Removes what nobody sees, and the spaces and separators at both ends of a line."""
    return visible(line).strip(_SPACES + ",;")


def target(cell: str) -> str:
    """Gives the address that a cell's markdown or hyperlink leads to; else the cell as it is."""
    markdown = _MARKDOWN.match(cell)
    return markdown[1] if markdown else cell


def targets(cell: str) -> list[str]:
    """Gives the addresses of all markdown links that a cell is made of; else as :func:`target`."""
    found = [*_MARKDOWN.finditer(cell)]
    rest = _MARKDOWN.sub("", cell).strip(" !\t\n,;|>)")
    return [one[1] for one in found] if len(found) > 1 and not rest else [target(cell)]


def split_pieces(line: str) -> list[str]:
    """Splits one line into its links and whatever stands among them.

    Cut at tabs, commas and semicolons, at spaces where links stand on both sides, and where
    one link runs into the next. A line without any link is one piece; a blank one has none.
    """
    line = bare_line(line)
    marker = _LEADING_MARKER.match(line)
    if marker and is_link(line[marker.end() :]):
        line = line[marker.end() :]
    chunks = [chunk for chunk in _cut(line) if _has_word(chunk)]
    if not any(_holds_link(chunk) for chunk in chunks):
        return [line] if line else []
    return [piece for chunk in chunks for group in _by_space(chunk) for piece in _unglue(group)]


def _cut(line: str) -> Iterator[str]:
    start = 0
    for mark in _CUT.finditer(line):
        # No link is longer than a few thousand characters; looking back further is quadratic.
        near = mark.start() - start < _LONGEST_LINK
        inside = near and mark[0] in ",;|" and "?" in line[start : mark.start()]
        if not (inside and _continues(line, start, mark.end())):
            yield line[start : mark.start()].strip(_SPACES)
            start = mark.end()
    yield line[start:].strip(_SPACES)


def _continues(line: str, start: int, after: int) -> bool:
    """Says whether the text behind a comma still belongs to the link that began at ``start``."""
    follows = line[after : after + _LOOK]
    ends = not follows or follows[0].isspace() or bool(_NEXT_LINK.match(follows))
    return not ends and is_link(line[start : start + _LOOK])


def _has_word(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _holds_link(chunk: str) -> bool:
    return _NO_WORD_ALONE.search(chunk) is not None and _has_link(chunk)


def _has_link(chunk: str) -> bool:
    return is_link(chunk) or any(is_link(word) for word in chunk.split())


def _by_space(chunk: str) -> Iterator[str]:
    words = chunk.split()
    if sum(is_link(word) for word in words) < 2:
        yield chunk
        return
    among: list[str] = []
    for word in [*words, ""]:
        if word and not is_link(word):
            if _has_word(word) and not _MARKER.fullmatch(word):
                among.append(word)
            continue
        if among:
            yield " ".join(among)
            among = []
        if word:
            yield word


def _unglue(piece: str) -> list[str]:
    return _GLUED.split(piece) if is_tiktok(piece) else [piece]
