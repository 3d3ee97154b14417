"""What of Prefect's own log lines a person gets to see."""

import logging

from pressrun.errors import PressrunError


class _ForPeople(logging.Filter):
    """Leaves out what buries the lines that a person looks for.

    "Finished in state Completed()" six hundred times, and the stack trace of an error that is a
    sentence for a person already. What a task itself logs passes.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PressrunError):
            record.exc_info = None
            record.exc_text = None
        return record.levelno >= logging.WARNING or record.module != "task_engine"


_filter = _ForPeople()


def quiet_logs() -> None:
    """Filters the log of this process's runs; every flow's first step calls it."""
    for name in ("prefect.task_runs", "prefect.flow_runs"):
        logging.getLogger(name).addFilter(_filter)
