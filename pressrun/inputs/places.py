"""Places as people write them: a path, however it was copied, or an address on the web.

Looks whether something is there, and says where it is looked for. Reads nothing and fetches
nothing; what was uploaded, or lies in S3 or Drive, was copied here before
(:mod:`pressrun.stores.sources`).
"""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

from pressrun.boundary.files import why_no_input
from pressrun.boundary.text import one_line
from pressrun.boundary.uploads import is_upload
from pressrun.errors import InputError

_STORE = (
    "put it into the result store and give s3://bucket/path or drive://ID, or upload it (`pressrun "
    "upload` on your computer prints what to write here)"
)
#: The ways in which something reaches the worker from another computer.
PICTURE = f"Give the picture's address (https://…), or {_STORE}."
FOLDER = f"Name each row's photo by its address (https://…), or {_STORE}."
SLIDES = f"Give the addresses of its pictures (https://…), or {_STORE}."
LINKS = f"Paste its rows into the field of the links, or {_STORE}."
PROMPTS = f"Paste the prompts themselves, or {_STORE}."
ITEMS = f"Paste the items themselves, or {_STORE}."

_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019"}


def bare(named: str) -> str:
    """Removes the quotation marks that Explorer and Finder put around a copied path."""
    named = named.strip()
    closing = _QUOTES.get(named[:1], "")
    return named[1:-1].strip() if closing and len(named) > 2 and named.endswith(closing) else named


def is_file_name(named: str) -> bool:
    """Says whether it is a file's name alone, as people write it who have the file elsewhere."""
    named = bare(named)
    return not ("/" in named or "\\" in named or named.startswith("~") or is_upload(named))


def is_address(place: str) -> bool:
    """Says whether it is an address on the web."""
    return place.lower().startswith(("http://", "https://"))


def existing(named: str, elsewhere: str, base: Path | None = None) -> Path:
    """Finds the path of a file or folder that is there.

    Args:
        named: What a person wrote: a path, also from ``~``, or a ``file:`` address.
        elsewhere: What to do if it lies on another computer, in a sentence.
        base: The folder that relative paths start from; by default where the process runs.

    Raises:
        InputError: Nothing is there, or runs may not read there.
    """
    try:
        path = (base or Path()) / _path(bare(named))
        refusal = why_no_input(path)
        if refusal is None and path.exists():
            return path
    except (OSError, ValueError, RuntimeError):
        # Too long, a null byte, the home of nobody: no path that could exist.
        refusal = None
    if refusal:
        raise InputError(
            f"“{one_line(named)}” is not read on the worker, the machine that runs this batch. "
            f"{refusal} {elsewhere}"
        )
    raise InputError(
        f"There is no file or folder “{one_line(named)}” on the worker, the machine that runs "
        f"this batch; paths are looked for only there. {elsewhere}"
    )


def direct(url: str) -> str:
    """Turns Dropbox's shared link, which leads to a page, into the address of the file itself.

    As described in https://help.dropbox.com/share/force-download. Any other address stays as it is.
    """
    try:
        parts = urlsplit(url)
        shared = parts.hostname in ("dropbox.com", "www.dropbox.com")
    except ValueError:
        return url
    if not shared:
        return url
    others = [pair for pair in parts.query.split("&") if not pair.startswith(("dl=", "raw="))]
    return urlunsplit(parts._replace(query="&".join([*filter(None, others), "raw=1"])))


def _path(place: str) -> Path:
    if place.lower().startswith("file:"):
        parts = urlsplit(place)
        if parts.netloc.lower() in ("", "localhost"):
            place = url2pathname(parts.path)
    return Path(place).expanduser()
