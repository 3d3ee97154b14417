"""How alike texts are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.kinds.article.checks.shingles import similarity

BEES = (
    "The honey bee dances on the comb to tell her sisters where the clover is in flower, and they "
    "fly out in the morning as soon as the sun has warmed the wooden roof of the hive."
)
WASPS = (
    "A wasp builds paper out of chewed fence posts; nobody taught her the hexagon, yet every cell "
    "of the nest is one, and by October the whole palace stands empty under the eaves."
)
words = st.lists(st.sampled_from("abcdefgh"), max_size=40).map(" ".join)


def test_a_text_is_the_same_as_itself_whatever_its_case_and_marks() -> None:
    assert similarity(BEES, BEES) == 1
    assert similarity(BEES, f"**{BEES.upper()}**") == 1


def test_two_texts_of_their_own_share_nothing() -> None:
    assert similarity(BEES, WASPS) == 0


def test_a_copy_is_found_in_a_text_that_was_padded() -> None:
    assert similarity(BEES, " ".join([WASPS, BEES, WASPS])) == 1


def test_half_a_copy_is_about_half_alike() -> None:
    half = " ".join(BEES.split()[:18] + WASPS.split()[18:36])
    assert similarity(half, BEES) == pytest.approx(0.45, abs=0.1)


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    assert similarity("蜜蜂在花园里跳舞给姐妹们看", "蜜蜂在花园里跳舞给姐妹们看") == 1
    assert similarity("蜜蜂在花园里跳舞给姐妹们看", "黄蜂用嚼碎的木头造纸做巢穴") == 0


@pytest.mark.parametrize("empty", ["", "  \n", "!?", "\u2014"])
def test_a_text_without_words_is_like_nothing(empty: str) -> None:
    assert similarity(empty, empty) == 0
    assert similarity(empty, BEES) == 0


def test_a_text_shorter_than_a_shingle_is_compared_as_a_whole() -> None:
    assert similarity("Bees dance", "bees dance!") == 1
    assert similarity("Bees dance", "Bees sleep") == 0


@given(words, words)
def test_similarity_is_a_share_and_knows_no_order(a: str, b: str) -> None:
    assert 0 <= similarity(a, b) == similarity(b, a) <= 1


@given(words.filter(bool), words)
def test_a_text_is_wholly_in_any_text_that_begins_with_it(a: str, b: str) -> None:
    if len(a.split()) >= 5:
        assert similarity(a, f"{a} {b}") == 1
