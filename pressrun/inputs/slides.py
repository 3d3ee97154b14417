"""A slideshow as a person hands it over: a folder, a ZIP archive, or addresses of pictures.

Gives checked pictures in order and a caption. Never decodes a picture, never writes to disk,
and knows nothing of TikTok. What goes wrong is said in one error that lists every problem.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import urlsplit

from pressrun.boundary.files import read_file, reason
from pressrun.boundary.text import one_line, short_url
from pressrun.boundary.uploads import is_upload, name_of
from pressrun.errors import InputError
from pressrun.inputs.archive import MAX_TOTAL_BYTES, UNREADABLE, ArchiveEntry, read_archive
from pressrun.inputs.places import SLIDES, bare, existing, is_address
from pressrun.pictures.kinds import OTHER_SUFFIXES, SUFFIXES, is_picture
from pressrun.pictures.picture import MAX_BYTES, Picture, read_picture

MAX_SLIDES = 35
MAX_CAPTION_BYTES = 16 * 1024
_FIRST_BYTES = 64
_CAPTION = "caption.txt"
#: What systems put into folders; all others are said where they are left out.
_OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
_KNOWN = _OF_SYSTEMS | {_CAPTION}


@dataclass(frozen=True, slots=True)
class Slideshow:
    """Slides in order with their caption.

    Attributes:
        slides: 1 to 35 checked pictures.
        caption: The text beneath them, or "".
        user: The handle of who posted it, or "".
        source: The canonical URL, or the name (not the path) of the folder or file.
        left_out: Names of files that are no slides, nor made by the system.
    """

    slides: tuple[Picture, ...]
    caption: str
    user: str
    source: str
    left_out: tuple[str, ...] = ()


class Fetch(Protocol):
    """Downloads one picture; :meth:`pressrun.inputs.web.fetch.Fetcher.fetch` does."""

    def __call__(self, url: str, what: str = "") -> Picture:
        """Gives the picture, or raises SourceError or PictureError."""
        ...


def read_slideshow(source: str, fetch: Fetch) -> Slideshow:
    """Reads slides from a folder, a ZIP archive or one or several addresses of pictures.

    Args:
        source: A path, or URLs and references to uploads with white space between them.
        fetch: How URLs and uploaded pictures are had.

    Raises:
        InputError: The source is nothing of the kind, or some slides cannot be used.
        SourceError: A URL is refused or does not answer.
    """
    source = bare(source)
    if not source:
        raise InputError("No slides are given. Give a folder, a .zip file or URLs of pictures.")
    if is_list(source) or re.match(r"(?!file:)[a-z][a-z0-9+.-]*://", source, re.IGNORECASE):
        return _read_urls(source.split(), fetch)
    path = existing(source, SLIDES)
    if path.is_dir():
        return read_folder(path)
    if path.suffix.lower() != ".zip":
        raise InputError(
            f"“{one_line(path.name)}” is neither a folder nor a .zip file. "
            "Put the slides into one of these."
        )
    return read_zip(path)


def is_list(source: str) -> bool:
    """Says whether slides are given one by one, some of them as uploads."""
    words = source.split()
    if len(words) == 1:
        return is_upload(source) and not source.lower().endswith(".zip")
    return any(map(is_upload, words)) and all(is_upload(one) or is_address(one) for one in words)


def read_folder(path: Path) -> Slideshow:
    """Reads the slides of a folder in natural order (2 before 10), with its ``caption.txt``.

    Hidden files, sub-folders and files that are no pictures are left out.

    Raises:
        InputError: No such folder, no slide, too many, or some that cannot be used.
    """
    try:
        files = [f for f in path.iterdir() if not (f.name.startswith(".") or f.is_dir())]
        entries = [_FileEntry(f) for f in files]
    except OSError as error:
        raise InputError(
            f"The folder “{one_line(str(path))}” cannot be read ({error.strerror}). "
            "Check its path and permissions."
        ) from error
    return _assemble(path.name or path.resolve().name, entries)


def read_zip(path: Path) -> Slideshow:
    """Reads the slides of a ZIP archive in natural order, folders inside included.

    Raises:
        InputError: No such archive, a refused one (:func:`~pressrun.inputs.archive.read_archive`),
            no slide, too many, or some that cannot be used.
    """
    return _assemble(path.name, read_archive(path, MAX_BYTES))


def slideshows_of(path: Path) -> dict[str, list[ArchiveEntry]]:
    """Parts a ZIP archive into the slideshows of its folders, in natural order.

    A folder around others is none of them: what lies in it lies beside them.

    Returns:
        The files of each folder by its name; those that are in none of them by "", but for what
        systems add. Nothing of an archive that is one slideshow.

    Raises:
        InputError: As :func:`read_zip`, of the archive as a whole.
    """
    entries = sorted(read_archive(path, MAX_BYTES), key=lambda e: _natural(e.path))
    slides = [entry for entry in entries if _is_slide(entry)]
    parents = {slide.path.parent for slide in slides}
    folders = parents - {outer for parent in parents for outer in parent.parents}
    if len(folders.intersection(_of_several(slides))) < 2:
        return {}
    shows: dict[str, list[ArchiveEntry]] = {}
    for entry in entries:
        parent = entry.path.parent
        # The whole path where two folders have one name.
        same = sum(folder.name == parent.name for folder in folders) > 1
        if parent in folders:
            shows.setdefault(str(parent) if same else parent.name, []).append(entry)
        elif entry.path.name.lower() not in _OF_SYSTEMS:
            shows.setdefault("", []).append(entry)
    return shows


class _FileEntry:
    def __init__(self, file: Path) -> None:
        self.path = PurePosixPath(file.name)
        self.size = file.stat().st_size if file.exists() else 0
        self._file = file

    def read(self, limit: int) -> bytes:
        return read_file(self._file, limit, self._file.parent)


def _assemble(name: str, entries: Sequence[ArchiveEntry]) -> Slideshow:
    entries = sorted(entries, key=lambda e: _natural(e.path))
    slides = [e for e in entries if _is_slide(e)]
    problems = [
        f"{_label(e)} is of a kind that is not read. Save it as JPEG, PNG or WEBP."
        for e in entries
        if e.path.suffix.lower() in OTHER_SUFFIXES
    ]
    if shows := _folders_of_several(slides):
        problems.append(
            f"The slides stand in the folders {shows}. Pack each slideshow by itself, or put all "
            "slides of one into one folder."
        )
    if not problems:
        _check_count(f"in “{one_line(name)}”", len(slides))
    if sum(slide.size for slide in slides) > MAX_TOTAL_BYTES:
        problems.append(f"Together the slides have more than {MAX_TOTAL_BYTES >> 20} MiB.")
        slides = []
    pictures = tuple(_read_slides(slides, problems))
    caption = _read_caption(entries, problems)
    if problems:
        raise InputError(f"The slides in “{one_line(name)}” cannot be used:", problems)
    left = [_label(e) for e in entries if e not in slides and e.path.name.lower() not in _KNOWN]
    return Slideshow(pictures, caption, "", name, tuple(left))


def _is_slide(entry: ArchiveEntry) -> bool:
    """Says whether a file is a picture, by its suffix, or its first bytes without a known one."""
    suffix = entry.path.suffix.lower()
    if suffix in SUFFIXES or suffix in OTHER_SUFFIXES or entry.path.name.lower() in _KNOWN:
        return suffix in SUFFIXES
    try:
        return is_picture(entry.read(_FIRST_BYTES))
    except (InputError, *UNREADABLE):
        return False


def _folders_of_several(slides: Sequence[ArchiveEntry]) -> str:
    """Names the folders of an archive that have several slides each; empty for one slideshow."""
    several = _of_several(slides)
    if len(several) < 2:
        return ""
    named = " and ".join(f"“{one_line(parent.name or str(parent), 40)}”" for parent in several[:2])
    return f"{named} and {len(several) - 2} more" if len(several) > 2 else named


def _of_several(slides: Sequence[ArchiveEntry]) -> list[PurePosixPath]:
    counts = Counter(slide.path.parent for slide in slides)
    return [parent for parent, count in counts.items() if count > 1]


def _read_slides(slides: Sequence[ArchiveEntry], problems: list[str]) -> Iterator[Picture]:
    for slide in slides:
        if slide.size > MAX_BYTES:
            problems.append(f"{_label(slide)} has more than {MAX_BYTES >> 20} MiB. Scale it down.")
            continue
        try:
            yield read_picture(slide.read(MAX_BYTES), _label(slide))
        except InputError as error:
            problems.append(str(error))
        except UNREADABLE as error:
            problems.append(f"{_label(slide)} cannot be read ({reason(error)}).")


def _read_caption(entries: Sequence[ArchiveEntry], problems: list[str]) -> str:
    found = [e for e in entries if e.path.name.lower() == _CAPTION]
    if not found:
        return ""
    entry = min(found, key=lambda e: (len(e.path.parts), _natural(e.path)))
    try:
        data = entry.read(MAX_CAPTION_BYTES)
        if len(data) <= MAX_CAPTION_BYTES:
            return data.decode("utf-8-sig").strip()
        problems.append(f"{_label(entry)} has more than {MAX_CAPTION_BYTES >> 10} KiB. Shorten it.")
    except InputError as error:
        problems.append(str(error))
    except UnicodeDecodeError:
        problems.append(f"{_label(entry)} is not UTF-8 text. Save it as UTF-8.")
    except UNREADABLE as error:
        problems.append(f"{_label(entry)} cannot be read ({reason(error)}).")
    return ""


def _read_urls(urls: Sequence[str], fetch: Fetch) -> Slideshow:
    problems = [
        f"“{short_url(url)}” is not a web address. It should start with https://."
        for url in urls
        if _scheme(url) not in {"http", "https", "upload"}
    ]
    if problems:
        raise InputError("Some addresses of slides cannot be used:", problems)
    _check_count("in the list of addresses", len(urls))
    slides = tuple(fetch(url, f"slide {n} ({_shown(url)})") for n, url in enumerate(urls, 1))
    return Slideshow(slides, "", "", _shown(urls[0]))


def _shown(url: str) -> str:
    return one_line(name_of(url), 80) if is_upload(url) else short_url(url)


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _check_count(where: str, count: int) -> None:
    if count == 0:
        raise InputError(
            f"There are no slides {where}. Put 1 to {MAX_SLIDES} JPEG, PNG or WEBP files there."
        )
    if count > MAX_SLIDES:
        raise InputError(
            f"There are {count} slides {where}; a slideshow has at most {MAX_SLIDES}. "
            "Take some out or split it."
        )


def _label(entry: ArchiveEntry) -> str:
    return one_line(str(entry.path), 80)


def _natural(path: PurePosixPath) -> list[list[tuple[int, int, str]]]:
    """Orders ``slide 2`` before ``slide 10``, folder by folder, whatever the letters' case."""
    return [_natural_name(part) for part in path.parts]


def _natural_name(name: str) -> list[tuple[int, int, str]]:
    pieces = re.findall(r"[0-9]{1,18}|[^0-9]+", name.casefold())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces]
