"""Seeded schedules of crashes and faults; and that the simulator sees what it is there to see."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.run import BatchRun
from pressrun.calls import caller
from pressrun.engines.account import Account
from pressrun.engines.limits import Load
from pressrun.errors import StoreError
from pressrun.ledger import open_ledger
from pressrun.ledger.batches import Batches
from pressrun.ledger.calls import Calls, KnownCalls
from pressrun.stores.folder import FolderStore
from tests.faults.simulate import in_memory, play
from tests.support.batches import parameters, plan


@pytest.fixture
def place() -> Iterator[Path]:
    with in_memory() as home:
        yield home


def test_no_schedule_pays_twice_loses_a_file_or_leaves_work_undone(place: Path) -> None:
    tally = play(range(60), place)
    assert tally.failures == []
    assert tally.schedules == 60
    went_through = (
        tally.deaths,
        tally.pauses,
        tally.jumps,
        tally.capped,
        tally.unheard,
        tally.failed_items,
    )
    assert min(went_through) > 0, tally


def test_a_seed_tells_the_same_story_again() -> None:
    stories = []
    for _ in range(2):
        with in_memory() as home:
            stories.append(asdict(play(range(40, 50), home)) | {"seconds": 0.0})
    assert stories[0] == stories[1]


def _put_nothing(store: FolderStore, *_: Any, **__: Any) -> str:
    return store.destination


@pytest.mark.parametrize(
    ("of", "name", "instead", "seen", "seeds"),
    [
        (Calls, "known", lambda *_: KnownCalls({}, {}), "asked although it is settled", range(60)),
        (Calls, "abandon", lambda *_: 0, "left in flight", range(60)),
        # Few schedules show this, 1051 the first; if the draws change, another one will.
        (Batches, "abandon", lambda *_: None, "left in work", range(1051, 1600)),
        (FolderStore, "put", _put_nothing, "Missing: ", range(60)),
        (caller, "_load", lambda *_: Load(1, 1, 0), "USD are billed, of", range(60)),
    ],
    ids=["paid again", "calls in flight", "items in work", "not delivered", "past the cap"],
)
def test_the_simulator_sees_what_is_broken(
    of: Any,
    name: str,
    instead: Any,
    seen: str,
    seeds: range,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(of, name, instead)
    told = (failure for seed in seeds for failure in play(range(seed, seed + 1), place).failures)
    assert any(seen in failure for failure in told), f"No schedule of {seeds} shows it."


def test_what_a_dead_process_left_in_work_is_put_back_also_where_the_destination_is_away(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, ledger = plan(parameters(home)), open_ledger()
    (item,) = ledger.batches.items(batch.id)
    ledger.batches.start(batch.id, item.key)  # as a killed process leaves it

    def away(_store: FolderStore) -> None:
        raise StoreError("It is away.")

    monkeypatch.setattr(FolderStore, "check", away)
    run = BatchRun(batch, Account(), 1)
    try:
        with pytest.raises(StoreError, match="away"):
            run.begin()
    finally:
        run.close()
    (item,) = ledger.batches.items(batch.id)
    assert (item.status, item.attempts) == ("pending", 1)
