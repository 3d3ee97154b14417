"""Prefect's tables, made once for all servers that tests start.

Its migrations take as long as the rest of a server's start. ``tests/e2e`` lets
``make up`` begin with nothing, as a person does.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path


def copy_tables(place: Path) -> Path:
    """Puts an empty database of the installed Prefect where a server will open it; returns it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_made_once(), place)
    return place


def _made_once() -> Path:
    """The original, kept in this environment; the first process that needs it makes it."""
    kept = Path(sys.prefix) / f"prefect-{version('prefect')}.db"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _make(kept)
    return kept


def _make(place: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    with tempfile.TemporaryDirectory(dir=place.parent) as home:
        subprocess.run(
            [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
            env=clean | {"PREFECT_HOME": home},
            check=True,
            capture_output=True,
            timeout=200,
        )
        (Path(home) / "prefect.db").replace(place)
