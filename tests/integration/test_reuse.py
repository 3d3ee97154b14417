"""``reuse``: what an earlier batch has paid is taken over where the same is asked."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.slideshow_batch import slideshow_batch
from pressrun.errors import InputError
from pressrun.ledger import open_ledger
from pressrun.settings import settings
from tests.servers.gemini import GeminiServer
from tests.support.batches import FAST, GEMINI, KEY, delivered, parameters

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


@pytest.fixture
def gemini(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeminiServer]:
    with GeminiServer(keys={KEY}) as server:
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        monkeypatch.setenv("PRESSRUN_LIMITS", json.dumps(FAST))
        settings.cache_clear()
        yield server


def test_the_same_is_not_paid_again_and_what_is_new_is(home: Path, gemini: GeminiServer) -> None:
    given = parameters(home, 2, slides=2, text_variations=1, **GEMINI)
    slideshow_batch(**given)
    earlier, paid = open_ledger().batches.match("latest"), len(gemini.bill)
    assert paid == 6

    slideshow_batch(**given)
    assert len(gemini.bill) == 2 * paid  # a variation is a fresh generation

    one_more = parameters(home, 3, slides=2, text_variations=1, **GEMINI)
    slideshow_batch(**one_more | {"reuse": earlier.id[:8]})
    batch = open_ledger().batches.match("latest")
    assert open_ledger().batches.counts(batch.id) == {"completed": 3}
    assert len(gemini.bill) == 2 * paid + 3  # the third slideshow alone
    assert open_ledger().calls.totals(batch.id)[0] == 3
    before, after = delivered(earlier), delivered(batch)
    first = "Link_001_@show_1/variation_1/slide_0.jpg"
    assert after[first] == before[first]

    Path(earlier.destination.removeprefix("file://"), earlier.root, first).unlink()
    slideshow_batch(**given | {"reuse": earlier.id})
    assert len(gemini.bill) == 2 * paid + 3 + 1  # what is gone is asked again

    with pytest.raises(InputError, match="No batch 'nothing'"):
        slideshow_batch(**given | {"reuse": "nothing"})
