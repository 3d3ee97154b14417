"""The catalogue: what every entry must say, and what its pictures cost."""

from datetime import datetime
from decimal import Decimal

import pytest

from pressrun.engines.account import Access
from pressrun.engines.base import ImageRequest, Usage
from pressrun.engines.catalogue import SCALES, SIZES_1K, Price, catalogue, names_of
from pressrun.engines.factory import open_engine
from pressrun.engines.limits import PACIFIC
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import Refused, SettingError

IMAGES = [catalogue()[name] for name in names_of("image")]
#: Parts along an axis of OpenAI's calculator, by model and quality.
AXES = {
    ("gpt-image-2", "medium"): 48,
    ("gpt-image-2.5-flare", "medium"): 24,
    ("gpt-image-2.5-sunburst", "high"): 48,
}


@pytest.mark.parametrize("model", IMAGES, ids=lambda model: model.name)
def test_every_picture_that_an_entry_names_can_be_asked_for_and_priced(model: object) -> None:
    entry = catalogue()[getattr(model, "name", "")]
    assert set(entry.sizes) <= set(SCALES)
    assert set(entry.aspect_ratios) <= set(SIZES_1K)
    for size in entry.sizes:
        for shape in entry.aspect_ratios:
            assert min(entry.pixel_size(shape, size)) > 300
        most = most_usage(entry, ImageRequest(entry.name, "a cat" * 100, size=size))
        assert (entry.cost_usd(most) > 0) is not entry.free


@pytest.mark.parametrize("name", [n for n, m in catalogue().items() if m.engine == "openai"])
def test_no_shape_of_openai_s_takes_more_tokens_than_the_entry_says(name: str) -> None:
    model = catalogue()[name]
    axis = AXES[name, str(model.fixed["quality"])]
    for size in model.sizes:
        tokens = []
        for shape in model.aspect_ratios:
            width, height = model.pixel_size(shape, size)
            long, short = max(width, height), min(width, height)
            assert (width % 16, height % 16) == (0, 0)
            assert 655_360 <= width * height <= 8_294_400
            assert long <= 3840
            parts = axis * round(axis * short / long)
            tokens.append(-(-parts * (2_000_000 + width * height) // 4_000_000))
        assert max(tokens) == model.image_tokens[size]


def test_pictures_priced_by_the_piece_cost_just_that_and_nothing_where_none_was_drawn() -> None:
    ultra = catalogue()["stable-image-ultra"]
    assert ultra.cost_usd(Usage(image_size="1K")) == Decimal("0.14")
    assert ultra.cost_usd(Usage()) == 0
    assert not ultra.free


def test_shown_pictures_have_a_rate_of_their_own_where_the_provider_has_one() -> None:
    usage = Usage(input_tokens=3000, input_image_tokens=2000)
    apart = Price(Decimal(5), Decimal(30), Decimal(30), Decimal(8))
    assert apart.cost_usd(usage) == Decimal("0.021")
    assert Price(Decimal(5), Decimal(30), Decimal(30)).cost_usd(usage) == Decimal("0.015")
    assert catalogue()["gpt-image-2"].cost_usd(usage) == Decimal("0.021")


def test_a_price_is_that_of_its_moment() -> None:
    flash, usage = catalogue()["gemini-3.8-flash"], Usage(1000, 1000)
    last, first = (
        datetime.fromisoformat(day) for day in ("2026-12-31T23:59Z", "2027-01-01T00:00Z")
    )
    for _ in range(2):  # whatever was asked before
        assert flash.cost_usd(usage, at=last) == Decimal("0.0045")
        assert flash.cost_usd(usage, at=first) == Decimal("0.009")
        assert flash.cost_usd(usage, at=first.astimezone(PACIFIC)) == Decimal("0.009")


def test_the_provider_s_own_price_goes_before_ours_but_for_free_models() -> None:
    told = Usage(1000, 1000, cost_usd=Decimal("0.5"))
    assert catalogue()["gemini-3.8-flash"].cost_usd(told) == Decimal("0.5")
    assert catalogue()["sketch"].cost_usd(told) == 0


def test_a_tier_is_billed_at_its_price_and_one_without_a_price_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flash = catalogue()["gemini-3.8-flash"]
    usual = flash.cost_usd(Usage(1000, 1000))
    assert flash.cost_usd(Usage(1000, 1000, tier="flex")) == usual / 2
    assert not caplog.messages
    for _ in range(3):
        assert flash.cost_usd(Usage(1000, 1000, tier="of-tomorrow")) == usual
    (said,) = caplog.messages
    assert "served in the tier of-tomorrow, whose price is not known" in said


def test_a_dearer_tier_without_a_price_is_counted_at_the_dearest_known(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flare = catalogue()["gpt-image-2.5-flare"]
    usual = flare.cost_usd(Usage(20, 439, 439))
    assert flare.cost_usd(Usage(20, 439, 439, tier="priority")) == usual * Decimal("2.5")
    assert "counted at 2.5 times the usual price" in caplog.text


def test_what_a_model_does_not_make_is_refused_with_what_it_makes() -> None:
    with pytest.raises(Refused, match=r"makes no picture of 3:4 in 1K\. Choose one of 1:1, 2:3"):
        catalogue()["stable-image-core"].pixel_size("3:4", "1K")


def test_models_that_are_shown_no_pictures_can_be_left_out() -> None:
    some, most = names_of("image", from_pictures=True), names_of("image")
    assert set(most) - set(some) == {m.name for m in IMAGES if m.engine == "bedrock"}


@pytest.mark.parametrize("engine", sorted({model.engine for model in catalogue().values()}))
def test_every_engine_that_an_entry_names_can_be_opened(engine: str) -> None:
    opened = open_engine(engine, Access("k-1", engine=engine, region="us-west-2"), 1)
    assert opened.name == engine
    opened.close()


def test_an_engine_that_does_not_exist_is_named() -> None:
    with pytest.raises(SettingError, match="'nobody', which does not exist"):
        open_engine("nobody", Access(), 1)
