"""The log as lines of JSON, for collectors: ``PRESSRUN_LOG_FORMAT=json``.

Knows Prefect's records by their fields alone. A process worker gives its runs no standard error
(a pipe would break when it dies), so that those write a file of the day in the data folder.
"""

import io
import logging
import os
import sys
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

from pressrun.boundary.files import make_private
from pressrun.boundary.telemetry import work
from pressrun.boundary.telemetry.traces import current_trace
from pressrun.settings import settings

#: What Prefect takes in place of its console, where the environment says so.
VARIABLE = "PREFECT_LOGGING_HANDLERS_CONSOLE_CLASS"
#: Files of runs that are older are removed.
KEPT_DAYS = 14
_NAME = "runs-{day}.jsonl"
#: The handler that writes for people at a terminal.
_PREFECTS_OWN = "PrefectConsoleHandler"


class JsonLines(logging.StreamHandler[TextIO]):
    """Writes each record as one line: a JSON object.

    Args:
        stream: Where to; None for standard error.
        **_: What Prefect's configuration gives its own console, such as colours.
    """

    def __init__(self, stream: TextIO | None = None, **_: Any):
        super().__init__(stream or sys.stderr)
        if _leads_nowhere(self.stream):
            self.stream = _todays_file()

    def format(self, record: logging.LogRecord) -> str:
        """Writes a record as JSON, whatever formatter was set."""
        return as_json(record)


def as_json(record: logging.LogRecord) -> str:
    """Writes a record as one JSON object; what is empty is left out.

    ``time`` is RFC 3339 in UTC, ``trace`` the id of the trace that the same work is in.
    """
    said: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage(),
        "run": str(getattr(record, "flow_run_id", "") or work.run()),
        "batch": work.batch(),
        "item": work.item.get(),
        "trace": current_trace(),
    }
    if record.exc_info and record.exc_info[1]:
        said["error"] = type(record.exc_info[1]).__name__
        said["stack"] = "".join(traceback.format_exception(record.exc_info[1]))
    # Texts of others may hold halves of characters, which JSON cannot.
    clean = {k: v.encode("utf-8", "replace").decode() for k, v in said.items() if v}
    return orjson.dumps(clean).decode()


def begin_json() -> None:
    """Makes this process, and those that it starts, write JSON, if the settings ask for that.

    What is logged before it keeps its form; so it is called first.
    """
    if settings().log_format != "json":
        return
    os.environ.setdefault(VARIABLE, f"{JsonLines.__module__}.{JsonLines.__name__}")
    logging.captureWarnings(capture=True)
    root, ours = logging.getLogger(), JsonLines()
    for logger in (root, *map(logging.getLogger, list(root.manager.loggerDict))):
        for handler in list(logger.handlers):
            if type(handler).__name__ == _PREFECTS_OWN:
                logger.removeHandler(handler)
                logger.addHandler(ours)
    if not root.handlers:
        root.addHandler(ours)


def _leads_nowhere(stream: Any) -> bool:
    try:
        return os.fstat(stream.fileno()).st_rdev == Path(os.devnull).stat().st_rdev
    except (OSError, ValueError, AttributeError):
        return False


def _todays_file() -> TextIO:
    """Opens the day's file of this machine's runs, which several processes append to.

    Each line is one write, and the file is opened for appending, so that lines stay whole.
    """
    folder = settings().data.expanduser() / "logs"
    make_private(folder)
    for old in folder.glob(_NAME.format(day="*")):
        with suppress(OSError):  # another run removes it, or it is another user's
            if old.stat().st_mtime < time.time() - KEPT_DAYS * 24 * 3600:
                old.unlink()
    file = folder / _NAME.format(day=datetime.now(UTC).date().isoformat())
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return io.TextIOWrapper(os.fdopen(handle, "wb", buffering=0), "utf-8", write_through=True)
