"""``make demo``: real output after one command, and nothing left running."""

import json
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import CHECKOUT


@pytest.mark.long  # CI runs `make demo` besides
@pytest.mark.timeout(300)
def test_a_demo_makes_its_items_and_leaves_nothing_running() -> None:
    # Of images: that of slideshows, the first command of the README, is run by CI itself.
    items = 12
    before = set(psutil.pids())
    run = subprocess.run(
        [sys.executable, "-m", "deployments.demo", "images"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{items} of {items} completed, $0.00" in run.stdout
    found = re.search(r"Look at (.+/gallery\.html)", run.stdout)
    assert found is not None, run.stdout
    gallery = Path(found[1])
    assert "data:image/jpeg;base64," in gallery.read_text("utf-8")
    manifest = json.loads(gallery.with_name("manifest.json").read_text("utf-8"))
    assert manifest["totals"]["completed"] == items
    assert _ours(before) == []


def _ours(before: set[int]) -> list[str]:
    """Command lines of new processes that work in the demo's folder."""
    left = []
    for process in psutil.process_iter(["pid", "cmdline", "environ"]):
        home = (process.info["environ"] or {}).get("PREFECT_HOME", "")
        if process.pid not in before and home.endswith("/output/demo/.prefect"):
            left.append(" ".join(process.info["cmdline"] or []))
    return left
