"""A process that runs one slideshow batch, as a worker's does, but begins when it is told to.

It takes the flow's parameters as a line of JSON, answers with a line when all is imported, and
begins with the next one: several such processes begin together.
"""

import json
import sys


def main() -> None:
    """Runs the batch."""
    # What every run does before its first call: here before the start.
    from google import genai  # noqa: F401

    from flows.slideshow_batch import slideshow_batch
    from pressrun.ledger import open_ledger

    open_ledger()
    order = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    sys.stdin.readline()
    slideshow_batch(**order, return_state=True)


if __name__ == "__main__":
    main()
