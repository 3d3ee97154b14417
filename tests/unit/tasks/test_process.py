"""Rare pauses: what is there is left out of the search for garbage, and afterwards it is not."""

import gc

import pytest

from tasks.process import tuned_gc


def test_a_batch_searches_for_garbage_seldom_and_not_in_what_was_there() -> None:
    usual = gc.get_threshold()
    with tuned_gc():
        # Tests are imported by now: they are among what is not walked any more.
        assert gc.get_freeze_count() > 10_000
        assert all(seldom > often for seldom, often in zip(gc.get_threshold(), usual, strict=True))
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_a_batch_that_fails_leaves_the_process_as_it_was() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ValueError), tuned_gc():
        raise ValueError
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)
