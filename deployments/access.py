"""Who reaches what ``make up`` runs: its files are for this user alone."""

import os
from pathlib import Path


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
