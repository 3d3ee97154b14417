"""What a call may take of the ledger's server and of the processors, counted: it must not grow.

Counted in a batch of few items and in one of more, so that what a batch takes once is left out.
"""

import select
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageFile

from pressrun.ledger import open_ledger
from pressrun.pictures.previews import WIDTH
from pressrun.settings import settings
from tests.servers.gemini import GeminiServer
from tests.servers.postgresql import postgresql, programs
from tests.support.batches import FAST, IMAGE_MODEL, KEY, account_at, plan, work

FEW, MORE = 4, 12


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts pictures that are decoded in their full size, and WEBP files that are encoded."""
    found = Counter[str]()

    def counted(name: str, does: Any, when: Any = lambda *_: True) -> Any:
        def count(*given: Any, **named: Any) -> Any:
            found[name] += bool(when(*given))
            return does(*given, **named)

        return count

    def is_whole(image: ImageFile.ImageFile) -> bool:
        return bool(image.tile) and image.width > WIDTH

    load = counted("decoded", ImageFile.ImageFile.load, is_whole)
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    Image.init()
    monkeypatch.setitem(Image.SAVE, "WEBP", counted("encoded", Image.SAVE["WEBP"]))
    return found


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        yield server


class TripCounter:
    """Stands before a server, and counts how often it is asked something after it has answered.

    Attributes:
        url: The server's, through here.
    """

    def __init__(self, url: str, counts: Counter[str]):
        port, self._counts = urlsplit(url).port, counts
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = url.replace(f":{port}/", f":{self._listener.getsockname()[1]}/")
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with (
            suppress(OSError),
            client,
            socket.create_connection(self._server) as server,
        ):
            answered = True
            while True:
                for source in select.select([client, server], [], [])[0]:
                    if not (data := source.recv(65536)):
                        return
                    self._counts["trips"] += source is client and answered
                    answered = source is server
                    (server if source is client else client).sendall(data)


def taken(counts: Counter[str], gemini: GeminiServer, items: int, each_usd: float) -> Counter[str]:
    """What a batch of so many images takes, once planned, under a cap of so much an image."""
    prompts = "\n".join(f"- A harbour at dusk, number {n}" for n in range(items))
    given: dict[str, Any] = {"prompts": prompts, "model": IMAGE_MODEL, "text_model": ""}
    given |= {"title": f"Of {items}", "budget_usd": each_usd * items}
    batch = plan(given, flow="image-batch")
    counts.clear()
    work(batch, account_at(gemini.url, limits=FAST), concurrency=2)
    assert open_ledger().batches.counts(batch.id) == {"completed": items}
    return counts.copy()


def of_one(counts: Counter[str], gemini: GeminiServer, each_usd: float) -> dict[str, float]:
    """What an image more takes."""
    few, more = (taken(counts, gemini, items, each_usd) for items in (FEW, MORE))
    return {name: (more[name] - few[name]) / (MORE - FEW) for name in more}


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("each_usd", "trips"),
    [
        pytest.param(0.0, 11, id="no cap"),
        pytest.param(5.0, 12, id="a cap that lasts"),
        pytest.param(0.04, 13, id="a cap that just lasts"),
    ],
)
def test_a_call_takes_few_trips_to_the_ledger_and_one_encoding(
    counts: Counter[str],
    gemini: GeminiServer,
    monkeypatch: pytest.MonkeyPatch,
    each_usd: float,
    trips: float,
) -> None:
    with postgresql() as server, closing(TripCounter(server.url, counts)) as counter:
        monkeypatch.setenv("PRESSRUN_LEDGER_URL", counter.url)
        settings.cache_clear()
        open_ledger.cache_clear()
        each = of_one(counts, gemini, each_usd)
        for _ in range(2):  # a slow machine's run has more looks, which go by the clock
            if each["trips"] > trips:
                each = of_one(counts, gemini, each_usd)
        open_ledger().close()
        open_ledger.cache_clear()
    # The model's picture for the file. That it is whole is seen in an eighth of its size, and the
    # gallery's thumbnail is made of a small copy.
    assert each["decoded"] == 1
    assert each["encoded"] == 1
    assert each["trips"] <= trips
