"""Numbers as people of different countries type them."""

import pytest

from pressrun.boundary.numbers import read_number
from pressrun.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("12.5", 12.5), (" 2.0 ", 2), ("-3", -3), ("+3", 3), ("1e3", 1000),
        ("2,5", 2.5), ("1,50", 1.5), ("0,125", 0.125), ("-1,5", -1.5), (".5", 0.5), ("1.000", 1),
        ("1,000", 1000), ("$1,000", 1000), ("1,234,567", 1234567), ("1_000", 1000),
        ("1,000.50", 1000.5), ("1.000,50", 1000.5), ("1.000.000", 1000000),
        ("1.234.567,8", 1234567.8),
        ("1 000", 1000), ("1\u202f000,5", 1000.5), ("1\u2019000", 1000), ("5 $", 5), ("5 USD", 5),
        ("\uff11\uff12", 12), ("\u0663", 3),
    ],
)  # fmt: skip
def test_a_number_is_what_its_writer_meant(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "many", "1e400", "nan", "inf", "1.2.3", "12 %", "9" * 400, "1,2,3", "1,00,000.5", "0x10",
     "1 2", "1.0000,5", "-", "1,,000"],
)  # fmt: skip
def test_what_is_no_number_or_two_is_said(text: str) -> None:
    with pytest.raises(InputError, match="is no number"):
        read_number(text)


def test_whole_numbers_are_whole() -> None:
    assert isinstance(read_number("3.0"), int)
    with pytest.raises(InputError, match="is no whole number"):
        read_number("2,5", whole=True)
