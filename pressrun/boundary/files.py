"""Files of this machine that a person named, opened so that none can hang or fill the process.

Opens regular files only: a device gives bytes for ever, a FIFO waits for somebody who writes.
Knows the folders that runs may read and write, and nothing of what stands in them.
"""

import os
import stat
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.boundary.text import one_line
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.settings import Settings

# Whatever takes a file's place between the look at it and its opening does not block.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_PACKAGE = Path(__file__).parents[1]
#: What ships with Pressrun: inside the package where it is installed, beside it in a checkout.
SAMPLES = _PACKAGE / "samples"
if not SAMPLES.is_dir():
    SAMPLES = _PACKAGE.parent / "samples"
#: Of a name, on all usual file systems; and of a path, with room below it (Linux takes 4,095).
_LONGEST_NAME, _LONGEST_PATH, _MOST_FOLDERS = 255, 3000, 250
#: What Pressrun itself keeps in its data folder: no input, and no destination.
_OWN = (
    *("desk", "ledger.db", "locks", "login", "logs", "machine-id", "planning", "posts", "uploads"),
    "vault",
)


def _settings() -> "Settings":
    # Imported late: commands that read one file alone start in half the time without it.
    from pressrun.settings import settings  # noqa: PLC0415

    return settings()


def restrict_new_files() -> None:
    """Lets no other user of the machine read the files that this process makes from now on."""
    os.umask(0o077)


def make_private(folder: Path) -> None:
    """Makes a folder, and those above it, for this user alone; existing ones stay as they are."""
    for place in reversed([folder, *folder.parents]):
        if not place.is_dir():
            place.mkdir(0o700, exist_ok=True)


def default_roots() -> list[Path]:
    """Lists the folders that runs may read and write where no variable names any."""
    return [SAMPLES, _settings().data.expanduser(), _settings().output.expanduser()]


def downloads() -> Path:
    """The folder of copies of remote inputs, which a run may always read."""
    folder = _settings().data.expanduser() / "downloads"
    make_private(folder)
    return folder


def why_no_input(path: Path) -> str | None:
    """Says in a sentence why a run may not read there, whether or not anything is there."""
    roots = _listed(_settings().input_roots) or default_roots()
    if _lies_in(path, [*roots, _settings().data.expanduser() / "downloads"]):
        return None
    return f"Runs may read only from {_named(roots)} (PRESSRUN_INPUT_ROOTS)."


def why_no_output(path: Path) -> str | None:
    """Says in a sentence why a run may not deliver there."""
    roots = _listed(_settings().output_roots) or default_roots()
    if _lies_in(path, [*roots, _settings().output.expanduser()]):
        return None
    return f"Runs may deliver only into {_named(roots)} (PRESSRUN_OUTPUT_ROOTS)."


def folder_named(named: Path | str) -> Path:
    """Makes the path of a folder, which need not be there, whole: from ``~`` or from where we are.

    Raises:
        InputError: No folder can be called so.
    """
    try:
        path = Path(named).expanduser().absolute()
        whole = os.fsencode(path)
    except RuntimeError:
        wrong = "begins with ~ and the name of nobody on this machine"
    except ValueError:
        wrong = "has a letter that no name can have"
    else:
        names = whole.split(b"/")
        if b"\0" in whole:
            wrong = "has a NUL in it"
        elif max(map(len, names)) > _LONGEST_NAME or len(whole) > _LONGEST_PATH:
            wrong = f"is too long ({_LONGEST_NAME} bytes a name and {_LONGEST_PATH:,} are taken)"
        elif len(names) > _MOST_FOLDERS:
            wrong = f"has {len(names):,} folders in it ({_MOST_FOLDERS} are taken)"
        else:
            return path
    raise InputError(f"“{one_line(str(named), 80)}” is no folder: it {wrong}. Give another path.")


def _listed(folders: str) -> list[Path]:
    return [folder_named(folder) for folder in folders.split(os.pathsep) if folder.strip()]


def _named(roots: list[Path]) -> str:
    return ", ".join(one_line(str(root)) for root in roots)


def _lies_in(path: Path, roots: list[Path]) -> bool:
    """Says whether a path, wherever its links lead, is one of these folders or visible in one."""
    there = path.resolve()
    data = _settings().data.expanduser().resolve()
    if there.is_relative_to(data) and there.relative_to(data).as_posix().startswith(_OWN):
        return False
    for root in (root.resolve() for root in roots):
        if there.is_relative_to(root):
            below = there.relative_to(root).parts
            if not any(part.startswith(".") for part in below):
                return True
    return False


def open_file(path: Path | str, within: Path | None = None) -> FileIO:
    """Opens a regular file for reading, unbuffered.

    Args:
        path: Where it lies.
        within: The folder that it was found in: a link that leads out of it is refused.

    Raises:
        InputError: It is a folder, a device, a FIFO or a socket, or leads out of ``within``.
        OSError: It is not there, or may not be read.
        ValueError: Its name has a NUL.
    """
    if within is not None and not Path(path).resolve().is_relative_to(within.resolve()):
        raise InputError(f"“{_name(path)}” is a link that leads out of its folder. Copy the file.")
    # Before it is opened: opening alone makes some devices do something.
    _require_regular(path, os.stat(path))  # noqa: PTH116 - a path is not made for a string
    file = FileIO(os.open(path, _FLAGS))
    try:
        _require_regular(path, os.fstat(file.fileno()))
    except BaseException:
        file.close()
        raise
    return file


def read_file(path: Path, limit: int, within: Path | None = None) -> bytes:
    """Reads a regular file, or its first ``limit`` + 1 bytes if it is longer.

    Raises:
        InputError: As :func:`open_file`.
        OSError: As :func:`open_file`.
        ValueError: As :func:`open_file`.
    """
    parts: list[bytes] = []
    left = limit + 1
    with open_file(path, within) as file:
        while left and (part := file.read(min(left, 2**20))):
            parts.append(part)
            left -= len(part)
    return b"".join(parts)


def read_text(path: Path, limit: int) -> str:
    """Reads a UTF-8 text of at most ``limit`` bytes.

    Raises:
        InputError: It cannot be read, is longer, or is no such text.
    """
    try:
        data = read_file(path, limit)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{_name(path)} is not UTF-8 text. Save it as UTF-8.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{one_line(str(path))} cannot be read: {reason(error)}.") from error
    if len(data) > limit:
        raise InputError(f"{_name(path)} is larger than {limit // 2**20} MiB. Shorten it.")
    return text


def reason(error: Exception) -> str:
    """Says on one line why a file could not be opened."""
    return one_line(getattr(error, "strerror", None) or str(error))


def _require_regular(path: Path | str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    kind = kinds.get(stat.S_IFMT(status.st_mode), "a device")
    raise InputError(f"“{_name(path)}” is {kind}, not a file. Give the file itself.")


def _name(path: Path | str) -> str:
    return one_line(Path(path).name or str(path), 80)
