"""The time left, against batches played through to their end by a simulation of its own."""

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

import pytest

from pressrun.engines.token_estimates import Estimate
from pressrun.reports.time_left import Answered, Unmade, time_left

BEGUN_AT = 1_000_000.0
MEDIAN_S = {"text": 5.0, "image": 15.0}
SEEDS = range(5)
SHARES = (0.2, 0.5, 0.8)


@dataclass(frozen=True)
class Call:
    """One call as it went: its item had waited for it since ``since``."""

    item: int
    model: str
    since: float
    sent_at: float
    answered_at: float


@dataclass(frozen=True)
class Played:
    """A whole batch as it went."""

    chains: list[list[str]]
    calls: list[Call]
    begun: dict[int, float]
    ended: dict[int, float]

    def at(self, share: float) -> float:
        """The moment at which that share of the items is made."""
        return sorted(self.ended.values())[int(share * len(self.ended)) - 1]


def play(
    seed: int,
    workers: int = 20,
    items: int = 600,
    slides: Callable[[random.Random], int] = lambda _: 7,
    sigma: float = 0.4,
    rate: float | None = None,
    overhead_s: float = 0.0,
) -> Played:
    """Plays a batch: an analysis and so many pictures an item, ``rate`` pictures a second."""
    chance = random.Random(seed)
    chains = [["text"] + ["image"] * slides(chance) for _ in range(items)]
    queue = [(BEGUN_AT, item, 0, BEGUN_AT) for item in range(min(workers, items))]
    played = Played(chains, [], {item: BEGUN_AT for _, item, _, _ in queue}, {})
    line, room_at = iter(range(len(queue), items)), 0.0
    while queue:
        now, item, place, since = heapq.heappop(queue)
        if place == len(chains[item]):
            played.ended[item] = now
            if (following := next(line, None)) is not None:
                played.begun[following] = now
                heapq.heappush(queue, (now, following, 0, now))
            continue
        model, sent_at = chains[item][place], now
        if rate and model == "image":
            sent_at = max(sent_at, room_at)
            room_at = sent_at + 1 / rate
        answered_at = sent_at + MEDIAN_S[model] * math.exp(sigma * chance.gauss(0, 1))
        played.calls.append(Call(item, model, since, sent_at, answered_at))
        heapq.heappush(queue, (answered_at + overhead_s, item, place + 1, answered_at))
    played.calls.sort(key=lambda call: call.answered_at)
    return played


def asked_at(played: Played, now: float, workers: int) -> Estimate | None:
    """What the estimate is at a moment of the batch, from what a ledger has by then."""
    over = [call for call in played.calls if call.answered_at <= now]
    made = Counter(call.item for call in over)
    on_the_way = {c.item: c.sent_at for c in played.calls if c.sent_at <= now < c.answered_at}
    unmade = [
        Unmade(chain[made[item] :], played.begun[item] <= now, on_the_way.get(item))
        for item, chain in enumerate(played.chains)
        if played.ended[item] > now
    ]
    return time_left([answered(call) for call in over], unmade, workers, now)


def answered(call: Call) -> Answered:
    latency_s = call.answered_at - call.sent_at
    return Answered(call.model, call.answered_at, latency_s, call.sent_at - call.since)


def errors_at(share: float, workers: int, **batch: Any) -> tuple[list[float], float]:
    """Errors as shares of the whole time, one a seed; how many intervals held."""
    errors, held = [], 0
    for seed in SEEDS:
        played = play(seed, workers, **batch)
        now = played.at(share)
        left_s, told = max(played.ended.values()) - now, asked_at(played, now, workers)
        assert told is not None
        errors.append((told.expected - left_s) / (max(played.ended.values()) - BEGUN_AT))
        held += told.low <= left_s <= told.high
    return errors, held / len(SEEDS)


def few_or_many(chance: random.Random) -> int:
    return chance.randint(2, 12)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("sigma", [0.0, 0.3, 0.6])
@pytest.mark.parametrize(
    "batch",
    [
        {"workers": 20},
        {"workers": 20, "slides": few_or_many},
        {"workers": 64, "rate": 1.0},
        {"workers": 64, "rate": 2.0},
        {"workers": 64, "rate": 1.0, "slides": few_or_many},
    ],
    ids=["concurrency", "concurrency-uneven", "quota", "faster-quota", "quota-uneven"],
)
def test_the_time_left_is_right_within_a_twentieth_of_the_whole(
    batch: dict[str, Any], sigma: float, share: float
) -> None:
    errors, held = errors_at(share, sigma=sigma, **batch)
    assert fmean(map(abs, errors)) < 0.05
    assert held >= 0.6


@pytest.mark.parametrize("share", SHARES)
def test_what_items_take_beside_their_calls_is_heard_in_the_pace(share: float) -> None:
    errors, _ = errors_at(share, 20, sigma=0.2, overhead_s=5.0)
    assert fmean(map(abs, errors)) < 0.1


def test_a_pause_of_the_batch_is_no_pace() -> None:
    played = play(0, 20)
    now, paused_at = played.at(0.5), played.at(0.3)
    before = [
        replace(call, answered_at=call.answered_at - 36_000)
        if call.answered_at <= paused_at
        else call
        for call in played.calls
    ]
    straight = asked_at(played, now, 20)
    paused = asked_at(replace(played, calls=before), now, 20)
    assert straight is not None
    assert paused is not None
    assert paused.expected == pytest.approx(straight.expected, rel=0.1)


def test_a_batch_that_only_just_began_tells_nothing() -> None:
    todo = [Unmade(["text", "image"], begun=True)]
    assert time_left([], todo, 5, BEGUN_AT) is None
    assert time_left([Answered("text", BEGUN_AT, 5.0)], todo, 5, BEGUN_AT) is None


def test_when_nothing_is_left_to_make_no_time_is_left() -> None:
    over = [Answered("text", BEGUN_AT + n, 5.0, 0.0) for n in range(20)]
    assert time_left(over, [], 5, BEGUN_AT + 20) == Estimate(0, 0, 0)


def test_a_model_that_was_not_called_yet_is_taken_for_one_like_the_others() -> None:
    over = [Answered("text", BEGUN_AT + n, 5.0, 0.0) for n in range(20)]
    told = time_left(over, [Unmade(["image", "image"])], 5, BEGUN_AT + 20)
    assert told is not None
    assert told.expected == pytest.approx(10)


def test_a_call_on_its_way_is_waited_for_as_long_as_such_calls_take() -> None:
    over = [Answered("image", BEGUN_AT + n, 20.0, 0.0) for n in range(20)]
    now = BEGUN_AT + 20
    on_its_way = Unmade(["image"], begun=True, sent_at=now - 15)
    reserved = Unmade(["image"], begun=True, sent_at=now + 3)
    assert asked(over, on_its_way, now) == pytest.approx(5)
    assert asked(over, reserved, now) == pytest.approx(20)
    overdue = Unmade(["image"], begun=True, sent_at=now - 60)
    assert asked(over, overdue, now) == 0


def asked(over: list[Answered], item: Unmade, now: float) -> float:
    told = time_left(over, [item], 5, now)
    assert told is not None
    return told.expected


def test_the_same_moment_is_told_alike_every_time() -> None:
    played = play(0, 20, items=60)
    assert asked_at(played, played.at(0.5), 20) == asked_at(played, played.at(0.5), 20)


def test_a_model_that_answers_in_no_time_sets_no_pace() -> None:
    # As in a batch of pictures whose texts are written offline: 64 at once, 20 pictures a second.
    # A text waits for a processor longer than it takes, a picture for its moment.
    over: list[Answered] = []
    for number in range(200):
        at = BEGUN_AT + number / 20
        over.append(Answered("image", at, latency_s=1.0, waited_s=2.2))
        over.append(Answered("text", at, latency_s=0.002, waited_s=0.05))
    now = over[-1].at
    in_flight = [Unmade(["image"], begun=True, sent_at=now - n / 20) for n in range(20)]
    in_work = [*in_flight, *(Unmade(["image"], begun=True) for _ in range(44))]
    rest = [Unmade(["text", "image"]) for _ in range(136)]
    left = time_left(over, [*in_work, *rest], workers=64, now=now)
    assert left
    assert left.expected == pytest.approx((44 + 136) / 20 + 1.0, rel=0.05)
