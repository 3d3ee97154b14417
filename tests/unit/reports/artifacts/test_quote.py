"""Quote and statistics as pages: figures in words, words of others as they are."""

from dataclasses import replace

from pressrun.engines.token_estimates import NOTHING, Estimate
from pressrun.ledger.call_statistics import Stat
from pressrun.reports.artifacts.call_statistics import stats_page
from pressrun.reports.artifacts.quote import over_budget, quote_page, usd
from pressrun.reports.quote import ModelQuote, Quote

MODEL = ModelQuote(
    "gemini|image",
    12,
    12,
    Estimate(1, 8928, 2),
    Estimate(1, 13440, 2),
    13440,
    Estimate(0.4152, 0.4166, 0.4967),
)
QUOTE = Quote(3, 12, 4, (MODEL,), Estimate(0.4152, 0.4166, 0.4967), Estimate(41, 80, 3700))
STAT = Stat(
    "image", "", 120, 100, 0.9751, 1.25, 9.94, 21.0, 60.25, 3.5, {"throttled": 12, "a|b": 8}
)


def test_a_quote_says_calls_cost_and_time_with_their_range() -> None:
    page = quote_page(QUOTE, "Sale <b>*now*</b>")
    assert page.startswith("## Sale &lt;b&gt;\\*now\\*&lt;/b&gt;: $0.4166 ($0.4152 to $0.4967)\n")
    assert "- 3 items, 12 calls; 4 calls are paid already\n" in page
    assert "- Time: 1:20 (0:41 to 1:01:40)\n" in page
    assert "| gemini\\|image | 12 | 12 | 8,928 | 13,440 | $0.4166 ($0.4152 to $0.4967) |" in page


def test_a_quote_says_what_to_know_of_the_plan() -> None:
    assert "- Line 3 is &lt;b&gt;\n" in quote_page(QUOTE, "Sale", ["Line 3 is <b>"])


def test_a_price_above_the_budget_says_how_much_is_made() -> None:
    price = 0.4166
    for budget, said in ((price, ""), (None, ""), (0.28, "about 2 of 3"), (0.1, "none of 3")):
        words = over_budget(QUOTE, budget, "mugs")
        assert words == (said and f"The price is more than the cap: {said} mugs will be made.")
    assert "none of 3 items" in over_budget(QUOTE, -0.01)  # more is spent than a lowered cap


def test_a_cost_that_is_known_has_no_range() -> None:
    assert usd(NOTHING) == "$0.0000"


def test_statistics_are_a_line_a_model() -> None:
    page = stats_page([STAT], "Sale")
    assert page.splitlines()[-1] == (
        "| image | 120 | 97.5% | 1.25 | 9.9 s | 21.0 s | 60.2 s | $3.5000 | 12 throttled, 8 a\\|b |"
    )


def test_calls_served_in_another_tier_than_the_usual_are_said() -> None:
    row = stats_page([replace(STAT, tiers={"flex": 3})], "Sale").splitlines()[-1]
    assert row.startswith("| image | 120 \\(3 flex\\) | 97.5% |")


def test_what_is_not_known_is_left_empty() -> None:
    silent = Stat("image", "", 1, 0, None, None, None, None, None, 0.0, {"throttled": 1})
    row = stats_page([silent], "Sale").splitlines()[-1]
    assert row == "| image | 1 |  |  |  |  |  | $0.0000 | 1 throttled |"
