"""Slideshows looked at: how many at once, each once, with a count and a time left."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import InputError, SourceError
from pressrun.inputs.products import Product
from pressrun.inputs.slides import Slideshow
from pressrun.inputs.tiktok.links import TikTokLink, check_link
from pressrun.inputs.tiktok.source import TikTok
from pressrun.kinds.slideshow.entry import SlideshowEntry
from pressrun.kinds.slideshow.lookup import SlideshowLookup
from pressrun.kinds.slideshow.shelf import PostShelf
from pressrun.pictures.picture import Picture

ID = 7_430_000_000_000_000_001
PRODUCT = Product((Picture(b"", "image/png", 1, 1),), "A mug")


class Address(TikTok):
    """TikTok as one address sees it: counts who asks at the same time."""

    def __init__(self, meet: threading.Barrier | None = None) -> None:
        super().__init__()
        self.__dict__.update(meet=meet, asking=0, most=0, asked=[])

    def fetch(self, canonical: str) -> Slideshow:
        state = self.__dict__
        state["asking"] += 1
        state["most"] = max(state["most"], state["asking"])
        state["asked"].append(canonical)
        if state["meet"]:
            state["meet"].wait(60)
        state["asking"] -= 1
        return Slideshow((), "", "", canonical)

    def resolve(self, link: TikTokLink) -> TikTokLink:
        if link.short_code == "ZGgone1234":
            raise SourceError("It leads nowhere.", kind="short_link_dead")
        return check_link(f"https://www.tiktok.com/@a/photo/{ID}")


def entry(number: int, link: str = "") -> SlideshowEntry:
    judged = check_link(link or f"https://www.tiktok.com/@a/photo/{ID + number}")
    return SlideshowEntry(number, f"line {number}", link, judged, product=PRODUCT)


def own(number: int, source: str) -> SlideshowEntry:
    return SlideshowEntry(number, f"line {number}", source, product=PRODUCT)


def read(source: str) -> Slideshow:
    if source == "bad":
        raise InputError("No slides.")
    return Slideshow((), "", "", source)


def looked_up(addresses: list[Any], said: list[str] | None = None) -> SlideshowLookup:
    log = (said if said is not None else []).append
    return SlideshowLookup(
        addresses, PostShelf(Path("none")), read, lambda show: {"source": show.source}, log
    )


def test_an_address_asks_for_one_post_at_a_time() -> None:
    address = Address()
    looked_up([address]).look([entry(n) for n in range(20)])
    assert address.__dict__["most"] == 1
    assert len(address.__dict__["asked"]) == 20


def test_two_proxies_ask_for_two_posts_at_once() -> None:
    meet = threading.Barrier(2)  # passes only where both ask at the same time
    looked_up([Address(meet), Address(meet)]).look([entry(n) for n in range(6)])
    assert not meet.broken


def test_each_is_asked_for_once_and_the_outcome_is_given_as_often_as_it_is_wanted() -> None:
    address = Address()
    lookup = looked_up([address])
    short = "https://vm.tiktok.com/ZGabcd1234/"
    entries = [entry(0), entry(1, short), entry(2, short), own(3, "mine"), own(4, "bad")]
    lookup.look(entries)
    lookup.look(entries)
    assert len(address.__dict__["asked"]) == 1
    first = entries[1]
    assert first.link
    post = lookup.post(first.link)
    assert lookup.show(first, post)["source"].endswith(str(ID))
    assert lookup.show(entries[3], None) == {"source": "mine"}
    with pytest.raises(InputError, match=r"No slides\."):
        lookup.show(entries[4], None)


def test_a_short_link_that_leads_nowhere_is_told_where_it_is_asked_for() -> None:
    lookup, dead = looked_up([Address()]), entry(1, "https://vm.tiktok.com/ZGgone1234/")
    lookup.look([dead])
    assert dead.link
    with pytest.raises(SourceError, match="leads nowhere"):
        lookup.post(dead.link)


@pytest.fixture
def half_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets half a minute pass whenever somebody looks at the clock."""

    def ticking() -> Iterator[float]:
        for n in range(1000):
            yield n * 30.0

    clock = ticking()
    monkeypatch.setattr("pressrun.kinds.slideshow.lookup.time.monotonic", lambda: next(clock))


@pytest.mark.usefixtures("half_minutes")
def test_the_count_and_the_time_left_are_said() -> None:
    said: list[str] = []
    looked_up([Address()], said).look([entry(n) for n in range(10)])
    assert said[0] == "Looks at slideshows at TikTok's pace: 1 of 10; about 4 min left."
    assert said[-1].endswith(": 9 of 10; about 30 s left.")


@pytest.mark.usefixtures("half_minutes")
def test_short_links_and_own_slides_are_counted_by_themselves() -> None:
    said: list[str] = []
    short = [entry(n, f"https://vm.tiktok.com/ZGabcd123{n}/") for n in range(3)]
    looked_up([Address()], said).look([*short, *(own(n, f"slides {n}") for n in range(4, 8))])
    assert [line.partition(";")[0] for line in said] == [
        "Follows short links at TikTok's pace: 1 of 3",
        "Follows short links at TikTok's pace: 2 of 3",
        "Reads own slides: 1 of 4",
        "Reads own slides: 2 of 4",
        "Reads own slides: 3 of 4",
    ]
