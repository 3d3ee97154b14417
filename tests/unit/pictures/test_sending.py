"""Pictures as they are sent: small enough together, and no smaller than that takes."""

import pytest

from pressrun.pictures.picture import decode
from pressrun.pictures.sending import bounded, encoded_anew, most_bytes_each, too_large
from tests.support.odd_pictures import noisy_photo as photo


@pytest.mark.parametrize(
    ("sizes", "most", "each"),
    [
        ([1, 2, 3], 6, 6),
        ([10, 10, 10], 15, 5),
        ([1, 10, 10], 15, 7),
        ([20], 15, 15),
        ([], 15, 15),
        ([1, 1, 100], 15, 13),
    ],
)
def test_small_pictures_stay_and_large_ones_share_what_is_left(
    sizes: list[int], most: int, each: int
) -> None:
    assert most_bytes_each(sizes, most) == each


def test_pictures_that_fit_are_sent_as_they_are() -> None:
    photos = [photo(1), photo(2)]
    assert all(a is b for a, b in zip(bounded(photos, 10**8), photos, strict=True))


def test_large_ones_are_scaled_down_to_fit_and_it_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    small = photo(0, 400, 300)
    photos = [small, *(photo(number) for number in range(1, 10))]
    before = sum(len(one.data) for one in photos)
    assert before > 50e6
    assert too_large(photos, 13_500_000) == [*range(2, 11)]
    sent = bounded(photos, 13_500_000)
    assert sent[0] is small
    assert 0.6 * 13.5e6 < sum(len(one.data) for one in sent) <= 13.5e6
    for one in sent[1:]:
        assert decode(one.data).size == (one.width, one.height)
        assert abs(one.width / one.height - 4 / 3) < 0.01
        assert one.width >= 1000  # a model still sees the product
    assert sum("so that the request is not too large" in line for line in caplog.messages) == 9
    again = bounded(photos, 13_500_000)
    assert all(a is b for a, b in zip(again, sent, strict=True))  # not made anew
    assert len(caplog.messages) == 9


def test_a_picture_encoded_anew_looks_the_same_and_has_other_bytes() -> None:
    original = photo(1, 800, 600)
    anew = encoded_anew(original)
    assert anew.sha256 != original.sha256
    assert b"Exif" not in anew.data
    difference = sum(
        abs(a - b)
        for a, b in zip(
            original.open().resize((40, 30)).tobytes(),
            anew.open().resize((40, 30)).tobytes(),
            strict=True,
        )
    )
    assert difference / (40 * 30 * 3) < 2
