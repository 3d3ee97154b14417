"""``make up``: a server, a worker and the deployments; runs from the command line."""

import json
import re
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.conftest import CHECKOUT, Up

SAMPLES = CHECKOUT / "samples"
PARAMETERS = {
    "slides": str(SAMPLES / "slideshows/space"),
    "photo": str(SAMPLES / "products/mug.jpg"),
    "description": "Orbit Mug: a wide cup",
    "photo_variations": 1,
    "text_variations": 1,
    "title": "From the command line",
}

pytestmark = pytest.mark.timeout(300)


def test_a_run_from_the_command_line_completes_on_the_worker(up: Up) -> None:
    said = up.prefect(
        "deployment", "run", "slideshow-batch/default", "--params", json.dumps(PARAMETERS)
    )
    found = re.search(r"UUID: ([0-9a-f-]{36})", said)
    assert found is not None, said
    state = up.wait_for_run(found[1])
    assert (state["type"], state["message"]) == ("COMPLETED", "1 of 1 completed")
    assert delivered(up, "From the command line") == [
        "Link_001_@space/variation_1/analysis.json",
        "Link_001_@space/variation_1/slide_0.jpg",
        "Link_001_@space/variation_1/slide_1.jpg",
        "Link_001_@space/variation_1/slide_2.jpg",
        "gallery.html",
        "items.csv",
        "manifest.json",
    ]


def test_nothing_given_is_a_sentence_and_leaves_nothing(up: Up) -> None:
    said = up.prefect("deployment", "run", "slideshow-batch/default")
    found = re.search(r"UUID: ([0-9a-f-]{36})", said)
    assert found is not None, said
    state = up.wait_for_run(found[1])
    assert state["type"] == "FAILED"
    assert "There are no links." in str(state["message"])
    assert delivered(up, "TikTok Batch") == []


def test_ctrl_c_stops_the_server_the_worker_and_what_they_started(up: Up) -> None:
    running = psutil.Process(up.process.pid).children(recursive=True)
    assert len(running) >= 2
    assert up.stop() == 0
    _gone, alive = psutil.wait_procs(running, timeout=20)
    assert alive == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{up.url}/api/health")


def delivered(up: Up, title: str) -> list[str]:
    output = Path(up.environment["PRESSRUN_OUTPUT"])
    return sorted(
        str(file.relative_to(root))
        for root in output.glob(f"{title} *")
        for file in root.rglob("*")
        if file.is_file()
    )
