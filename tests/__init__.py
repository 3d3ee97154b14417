"""Tests, and the programs that try failures and measure; all keep their files where they like."""

import os
import tempfile
from pathlib import Path


def open_roots() -> None:
    """Lets runs read and deliver anywhere; what they may by default has tests of its own."""
    roots = os.pathsep.join([tempfile.gettempdir(), str(Path(__file__).parents[1]), "/"])
    os.environ.update(PRESSRUN_INPUT_ROOTS=roots, PRESSRUN_OUTPUT_ROOTS=roots)


# The programs start without pytest.
open_roots()
