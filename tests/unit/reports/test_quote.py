"""The quote: what is left is priced, what is paid is not; limits and latencies tell the time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.kinds.comparison.recipe import ComparisonRecipe, model_of
from pressrun.kinds.slideshow.recipe import SlideshowRecipe
from pressrun.ledger.costs import RecentCalls
from pressrun.ledger.quotas.reservations import Rate
from pressrun.ledger.records import PlannedItem
from pressrun.reports.artifacts.quote import duration, price_change, quote_page, untold, usd
from pressrun.reports.quote import Quote, quote
from tests.support.batches import GEMINI, IMAGE_MODEL, TEXT_MODEL

RECIPE = SlideshowRecipe()
SETTINGS = {
    **GEMINI,
    "size": "1K",
    "aspect_ratio": "9:16",
    "text_variations": 2,
    "photo_variations": 2,
}
PICTURE = {"sha256": "d" * 64, "media_type": "image/jpeg", "width": 90, "height": 160}
KNOWN = {
    IMAGE_MODEL: RecentCalls((10.0, 10.0, 10.0), (0, 0, 0)),
    TEXT_MODEL: RecentCalls((2.0, 2.0, 2.0), (100, 200, 300)),
}
UNLIMITED = {IMAGE_MODEL: Limits(), TEXT_MODEL: Limits()}


def planned(items: int = 1, slides: int = 3) -> list[PlannedItem]:
    spec: dict[str, Any] = {
        "link": 1,
        "user": "u",
        "caption": "Look!",
        "description": "A mug.",
        "product": PICTURE,
        "slides": [PICTURE] * slides,
        "variation": 1,
        "photo_variation": 1,
        "text_variation": 1,
    }
    return [PlannedItem(f"i{n}", n, f"Item {n}", spec) for n in range(items)]


def quoted(items: list[PlannedItem], **changes: Any) -> Quote:
    asked: dict[str, Any] = {
        "settings": SETTINGS,
        "limits": UNLIMITED,
        "recent": KNOWN,
        "concurrency": 2,
    }
    return quote(items, RECIPE, **asked | changes)


def test_every_call_of_every_item_is_counted_by_model() -> None:
    whole = quoted(planned(items=4, slides=3))
    assert (whole.items, whole.calls, whole.settled) == (4, 16, 0)
    text, image = whole.models
    assert (text.model, text.calls, text.images, text.image_tokens) == (TEXT_MODEL, 4, 0, 0)
    assert (image.model, image.calls, image.images) == (IMAGE_MODEL, 12, 12)
    assert image.image_tokens == image.output_tokens.expected == 12 * 1120


def test_the_cost_is_the_sum_of_the_models_and_lies_in_its_interval() -> None:
    whole = quoted(planned(items=4))
    assert whole.cost_usd.expected == pytest.approx(
        sum(model.cost_usd.expected for model in whole.models)
    )
    for span in (whole.cost_usd, *(model.cost_usd for model in whole.models)):
        assert 0 < span.low <= span.expected <= span.high
    drawn_usd = 12 * 0.0336
    assert whole.models[1].cost_usd.low > drawn_usd


def test_a_larger_size_costs_what_its_tokens_cost() -> None:
    small, large = (
        quoted(planned(), settings=SETTINGS | {"size": size}).models[1] for size in ("1K", "4K")
    )
    assert large.image_tokens - small.image_tokens == 3 * (2520 - 1120)
    assert large.cost_usd.expected - small.cost_usd.expected == pytest.approx(3 * 0.042)


def test_what_is_paid_is_not_quoted_again() -> None:
    paid = {("i0", "analysis"), ("i0", "slide_0")}
    rest = quoted(planned(items=2), settled=paid)
    assert (rest.items, rest.calls, rest.settled) == (2, 6, 2)
    everything = {("i0", slot) for slot in ("analysis", "slide_0", "slide_1", "slide_2")}
    rest = quoted(planned(items=1), settled=everything)
    assert (rest.items, rest.calls, rest.settled, rest.models) == (0, 0, 4, ())
    assert (rest.cost_usd.high, rest.seconds.high) == (0, 0)


def test_a_free_model_costs_nothing_and_counts_no_tokens() -> None:
    free = quoted(
        planned(),
        settings=SETTINGS | {"model": "sketch", "text_model": "sketch"},
        limits={"sketch": Limits()},
        recent={},
    )
    (sketch,) = free.models
    assert (sketch.calls, sketch.images) == (4, 3)
    assert free.cost_usd.high == sketch.input_tokens.high == sketch.output_tokens.high == 0


def test_how_long_this_machine_takes_is_not_known_before_it_was_timed() -> None:
    free: dict[str, Any] = {
        "settings": SETTINGS | {"model": "sketch-ink", "text_model": "sketch"},
        "limits": {"sketch": Limits(), "sketch-ink": Limits()},
    }
    timed = RecentCalls((0.4, 0.5), (0, 0))
    assert quoted(planned(), **free, recent={}).untimed == ("sketch", "sketch-ink")
    one = quoted(planned(), **free, recent={"sketch": timed})
    assert one.untimed == ("sketch-ink",)
    assert duration(one) == "not known yet (no call of sketch-ink was timed here)"
    known = quoted(planned(), **free, recent={"sketch": timed, "sketch-ink": timed})
    assert known.untimed == ()
    assert duration(known).startswith("0:02 (")
    # Of a provider's models the catalogue knows about how long they take.
    assert quoted(planned(), recent={}).untimed == ()


def test_latencies_bound_the_time_where_no_quota_does() -> None:
    # Ten items of 2 + 3 x 10 seconds, two at a time.
    seconds = quoted(planned(items=10)).seconds
    assert seconds.expected == pytest.approx(5 * 32)
    assert seconds.low < seconds.expected < seconds.high


def test_the_quota_bounds_the_time_at_99_percent_spacing() -> None:
    limits = UNLIMITED | {IMAGE_MODEL: Limits(requests_per_minute=30)}
    seconds = quoted(planned(items=40), limits=limits, concurrency=40).seconds
    assert seconds.expected == pytest.approx(2 + 119 * 2 / 0.99 + 10)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(requests_per_minute=600, images_per_minute=30),
        Limits(requests_per_minute=30, images_per_minute=600),
    ],
)
def test_the_limit_that_is_used_up_first_sets_the_pace(limits: Limits) -> None:
    told = UNLIMITED | {IMAGE_MODEL: limits}
    seconds = quoted(planned(items=40), limits=told, concurrency=40).seconds
    assert seconds.expected == pytest.approx(2 + 119 * 2 / 0.99 + 10)


def test_a_quote_that_spans_a_change_of_price_says_both() -> None:
    changes = datetime(2027, 1, 1, tzinfo=UTC)  # gemini-3.8-flash doubles
    before, spans, after = (
        quoted(planned(4), now=changes + timedelta(seconds=s)) for s in (-86_400, -1, 1)
    )
    assert (before.later_usd, after.later_usd) == (None, None)
    assert price_change(before) == ""
    assert spans.cost_usd == before.cost_usd
    assert spans.later_usd == after.cost_usd
    assert usd(after.cost_usd) in price_change(spans)
    assert "A price changes before the batch may be done" in quote_page(spans, "Title")


def test_an_untold_limit_counts_at_the_pace_with_which_calls_begin() -> None:
    begun = UNLIMITED | {IMAGE_MODEL: Limits(start_per_minute=30)}
    whole = quoted(planned(items=40), limits=begun, concurrency=40)
    assert whole.seconds.expected == pytest.approx(2 + 119 * 2 / 0.99 + 10)
    assert [model.pace_known for model in whole.models] == [False, False]
    assert f"No limit is set for {TEXT_MODEL}, {IMAGE_MODEL}" in untold(whole)
    assert untold(whole) in quote_page(whole, "Title")


def test_a_limit_that_is_told_needs_no_words() -> None:
    whole = quoted(planned(), limits=dict.fromkeys(GEMINI.values(), Limits(60)))
    assert untold(whole) == ""


def test_what_refusals_have_taught_counts_more_than_what_was_told() -> None:
    told = UNLIMITED | {IMAGE_MODEL: Limits(requests_per_minute=300)}
    learned = {IMAGE_MODEL: Rate(0.495, is_learned=True)}
    seconds = quoted(planned(items=40), limits=told, concurrency=40, rates=learned).seconds
    assert seconds.expected == pytest.approx(2 + 119 * 2 / 0.99 + 10)


@pytest.mark.parametrize("is_learned", [False, True])
def test_an_untold_limit_is_known_once_refusals_have_taught_it(is_learned: bool) -> None:
    begun = UNLIMITED | {IMAGE_MODEL: Limits(start_per_minute=30)}
    rates = {IMAGE_MODEL: Rate(2.0, is_learned)}
    assert (IMAGE_MODEL in untold(quoted(planned(), limits=begun, rates=rates))) is not is_learned


def test_every_access_of_an_account_brings_the_limits_once_more() -> None:
    limits = UNLIMITED | {IMAGE_MODEL: Limits(requests_per_minute=30)}
    one, three = (
        quoted(
            planned(items=40),
            limits=limits,
            concurrency=40,
            accesses=dict.fromkeys(GEMINI.values(), n),
        ).seconds.expected
        for n in (1, 3)
    )
    assert one - 12 == pytest.approx(3 * (three - 12), rel=0.03)


def test_a_model_that_was_never_called_is_taken_at_the_catalogues_word() -> None:
    new = quoted(planned(items=20), recent={})
    latency_s = {name: catalogue()[name].latency_s for name in (TEXT_MODEL, IMAGE_MODEL)}
    guessed_s = 10 * (latency_s[TEXT_MODEL] + 3 * latency_s[IMAGE_MODEL])
    assert new.seconds.low < guessed_s < new.seconds.high
    learned = quoted(planned(items=20))
    assert new.seconds.high / new.seconds.low > learned.seconds.high / learned.seconds.low


def test_thoughts_are_learned_from_earlier_calls() -> None:
    text = quoted(planned()).models[0].output_tokens
    silent = KNOWN | {TEXT_MODEL: RecentCalls((2.0,), (0,))}
    spared = quoted(planned(), recent=silent).models[0].output_tokens
    assert (text.low - spared.low, text.expected - spared.expected) == (100, 200)
    assert text.high - spared.high == 300


def test_the_same_question_has_the_same_answer() -> None:
    assert quoted(planned(items=20), recent={}) == quoted(planned(items=20), recent={})


def test_lines_that_share_the_places_take_as_long_as_the_slowest_of_them() -> None:
    seconds = {"sketch": (1.0,), "sketch-ink": (1.0,), "sketch-poster": (10.0,)}
    spec = {"prompt": "a cat", "enhanced": "", "size": "1K"}
    items = [
        PlannedItem(f"{row}-{model}", row, model, spec | {"model": model})
        for row in range(8)
        for model in seconds
    ]

    def quoted_at(concurrency: int) -> float:
        return quote(
            items,
            ComparisonRecipe(),
            {},
            limits=dict.fromkeys(seconds, Limits()),
            recent={model: RecentCalls(latencies, (0,)) for model, latencies in seconds.items()},
            concurrency=concurrency,
            queue_of=model_of,
        ).seconds.expected

    assert quoted_at(3) == quoted_at(5) == pytest.approx(8 * 10)
    assert quoted_at(6) == pytest.approx(4 * 10)
