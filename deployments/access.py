"""Who reaches what runs here: its files are for this user alone, its server asks for a password.

Whoever reaches Prefect's API can read the keys in blocks and run a command on the worker. Every
web page that a person opens could, if the server answered pages of other addresses.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pressrun.boundary.files import make_private

#: Prefect's variables: what the server asks for, and what its clients say.
ASKED, SAID = "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"


def keep_login(file: Path) -> str:
    """Reads the name and password that a server asks for; makes them at its first start.

    Raises:
        SystemExit: The file cannot be used.
    """
    try:
        return _read_login(file)
    except FileNotFoundError:
        pass
    make_private(file.parent)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.touch(0o600)
    part.write_text(f"{new_login()}\n", "ascii")
    part.replace(file)
    return _read_login(file)


def new_login() -> str:
    """Makes a name and password as Prefect takes them."""
    return f"pressrun:{secrets.token_urlsafe(24)}"


def guarded(environment: Mapping[str, str], url: str, login: str) -> dict[str, str]:
    """Adds to a server's environment who may ask it: whoever has the password, at its address.

    Args:
        environment: What it sets already stays.
        url: The address that a browser shows for the server's own pages.
        login: Name and password.
    """
    return {ASKED: login, "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": url, **environment}


def _read_login(file: Path) -> str:
    login = file.read_text("utf-8").strip()
    name, _, password = login.partition(":")
    if not (name and password) or len(login.split()) > 1:
        raise SystemExit(
            f"{file} holds no name and password, such as pressrun:a-long-password, in one line. "
            "Correct it, or remove it: the next start makes a new one."
        )
    return login


def close_to_others(folder: Path) -> list[Path]:
    """Takes a folder, and the files directly in it, from the other users of the machine.

    For what was made under another umask. Whoever cannot enter the folder reads nothing below it.

    Returns:
        What other users could read until now.

    Raises:
        SystemExit: It belongs to another user, who could read and change what is in it.
    """
    if not folder.is_dir():
        return []
    if folder.stat().st_uid != os.geteuid():
        raise SystemExit(
            f"{folder} belongs to another user of this machine. Choose a folder of your own: "
            "PRESSRUN_DATA for Pressrun's, PREFECT_HOME for Prefect's."
        )
    files = (file for file in folder.iterdir() if file.is_file() and not file.is_symlink())
    opened = [place for place in (folder, *files) if place.stat().st_mode & 0o077]
    for place in opened:
        place.chmod(place.stat().st_mode & 0o700)
    return opened
