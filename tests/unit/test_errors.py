"""What is asked again, and when."""

import pytest
from tenacity import stop_after_attempt, wait_none

from pressrun import errors
from pressrun.errors import EngineError, PressrunError, retry


def test_nothing_is_set_up_for_an_answer_that_comes_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(errors, "Retrying")
    assert retry(lambda: "answer", wait=wait_none(), stop=stop_after_attempt(2)) == "answer"


@pytest.mark.parametrize(("most", "asked"), [(2, 2), (3, 3), (5, 4)])
def test_the_first_error_counts_among_the_tries(most: int, asked: int) -> None:
    asks = iter(range(1, 10))
    seen: list[int] = []

    def ask() -> str:
        seen.append(next(asks))
        if seen[-1] < 4:
            raise EngineError(f"Failed {seen[-1]}.", retryable=True)
        return "answer"

    if asked < 4:
        with pytest.raises(EngineError, match=f"Failed {most}"):
            retry(ask, wait=wait_none(), stop=stop_after_attempt(most))
    else:
        assert retry(ask, wait=wait_none(), stop=stop_after_attempt(most)) == "answer"
    assert len(seen) == asked


def test_an_error_that_no_waiting_helps_against_is_raised_at_once() -> None:
    seen: list[int] = []

    def ask() -> str:
        seen.append(1)
        raise PressrunError("No.")

    with pytest.raises(PressrunError, match="No"):
        retry(ask, wait=wait_none(), stop=stop_after_attempt(3))
    assert len(seen) == 1
