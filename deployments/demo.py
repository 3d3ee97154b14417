"""``make demo``, ``pressrun-up demo``: what ships, made offline into ``output/demo``.

Two slideshows; with ``images`` (``make demo-images``) a document of prompts; with ``articles``
(``make demo-articles``) ten articles; with ``compare`` (``make demo-compare``) three prompts in
the three styles of the offline engine.

Everything lies below that folder: its own Prefect database, ledger and vault. No key, no
network, nothing left running.
"""

import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from deployments.access import SAID, close_to_others, guarded, new_login
from pressrun.boundary.files import SAMPLES, restrict_new_files

HOME = Path.cwd() / "output" / "demo"
KINDS = ("slideshows", "images", "articles", "compare")
ENVIRONMENT = {
    "PREFECT_HOME": str(HOME / ".prefect"),
    "PREFECT_PROFILE": "ephemeral",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    # The first start makes Prefect's database; a slow disk takes longer than the default 20 s.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PRESSRUN_DATA": str(HOME / ".pressrun"),
    "PRESSRUN_LEDGER_URL": "",
    "PRESSRUN_OUTPUT": str(HOME),
}


def main(what: str = "slideshows") -> int:
    """Runs a demo; returns 1 if any item failed."""
    # Before Prefect and the settings are first read.
    restrict_new_files()
    HOME.mkdir(parents=True, exist_ok=True)  # Prefect makes only the last folder of its home
    for folder in (HOME / ".prefect", HOME / ".pressrun"):
        close_to_others(folder)
    os.environ.pop("PREFECT_API_URL", None)  # empty would still count as set
    # Its server listens while the demo runs: pages that are open in a browser do not reach it.
    login = new_login()
    os.environ.update(guarded(ENVIRONMENT, "http://none.invalid", login) | {SAID: login})
    print("Starting Prefect …", flush=True)
    from flows.article_batch import article_batch  # noqa: PLC0415
    from flows.image_batch import image_batch  # noqa: PLC0415
    from flows.model_comparison import model_comparison  # noqa: PLC0415
    from flows.slideshow_batch import slideshow_batch  # noqa: PLC0415
    from pressrun.ledger import open_ledger  # noqa: PLC0415
    from pressrun.reports.manifest import read_record  # noqa: PLC0415
    from pressrun.reports.terminal import print_items  # noqa: PLC0415

    logging.getLogger("prefect").setLevel(logging.ERROR)
    begun = time.time()
    with _Watcher(begun):
        if what == "images":
            image_batch(**image_order(), return_state=True)
        elif what == "articles":
            article_batch(**article_order(), return_state=True)
        elif what == "compare":
            model_comparison(**comparison_order(), return_state=True)
        else:
            slideshow_batch(**order(), return_state=True)
    ledger = open_ledger()
    batch = ledger.batches.match("latest")
    record = read_record(ledger, batch, batch.ended_at or time.time())
    print_items(record)
    print(f"{record.summary()}, ${record.cost_usd:.2f}, {record.seconds:.0f} s")
    print(f"Look at {batch.destination}/{batch.root}/gallery.html")
    return 0 if record.count("completed") == len(record.items) and batch.created_at >= begun else 1


def order() -> dict[str, object]:
    """Makes the parameters of the demo's batch."""
    products = {
        "space": ("mug.jpg", "Orbit Mug: a wide ceramic cup that keeps coffee warm at the desk."),
        "cat": ("gravel.jpg", "Cat Garden Gravel: smooth washed pebbles for paths and pots."),
    }
    lines = [
        f"{SAMPLES}/slideshows/{name}\t{SAMPLES}/products/{photo}\t{description}"
        for name, (photo, description) in products.items()
    ]
    return {
        "slides": "\n".join(lines),
        "photo_variations": 2,
        "text_variations": 1,
        "title": "Demo",
    }


def image_order() -> dict[str, str]:
    """Reads the parameters of the batch of prompts."""
    cards = SAMPLES / "prompts" / "cards.md"
    return {"prompts": cards.read_text("utf-8"), "owner": "demo", "title": "Trail cards"}


def article_order() -> dict[str, Any]:
    """Makes the parameters of the batch of articles."""
    return {
        "mode": "topic",
        "file": str(SAMPLES / "articles" / "topics.csv"),
        "pictures": 3,
        "docx": True,
        "delay_s": 0.0,  # offline no provider has to be spared
        "title": "Articles",
    }


def comparison_order() -> dict[str, Any]:
    """Makes the parameters of the comparison."""
    prompts = (
        "A lighthouse on a cliff at dusk, waves breaking below",
        "A bicycle with a basket of sunflowers against a whitewashed wall",
        "A bowl of ramen on a wooden counter, steam rising",
    )
    return {
        "prompts": "\n".join(prompts),
        "models": ["sketch", "sketch-ink", "sketch-poster"],
        "title": "Comparison",
    }


class _Watcher:
    """The live progress line of the batch that begins after a moment."""

    def __init__(self, begun: float):
        self._begun = begun
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        from pressrun.errors import PressrunError  # noqa: PLC0415
        from pressrun.ledger import open_ledger  # noqa: PLC0415
        from pressrun.reports.progress import read_progress  # noqa: PLC0415
        from pressrun.reports.terminal import ProgressLine  # noqa: PLC0415

        with ProgressLine() as line:
            over = False
            while not over:
                over = self._over.wait(0.2)  # and once more after the end
                try:
                    batch = open_ledger().batches.match("latest")
                except PressrunError:
                    continue  # nothing is planned yet
                if batch.created_at >= self._begun:
                    line.show(read_progress(open_ledger(), batch))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
