"""Whatever is answered, the stores give a result or a sentence; tests.fuzz has the long form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.store_answers import Given
from tests.fuzz.stores import (
    ANSWERS,
    BENCHES,
    OPERATIONS,
    Tried,
    patched,
    try_answers,
)
from tests.servers.raw_answers import Answer, RawAnswers


@pytest.fixture(scope="module")
def server() -> Iterator[RawAnswers]:
    with RawAnswers(lambda _: Answer()) as running:
        yield running


# The SDKs leave sockets of broken answers to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["s3", "drive"])
def test_no_answer_is_a_bug_or_a_false_delivery(
    kind: str, server: RawAnswers, tmp_path: Path
) -> None:
    tried = Tried()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(OPERATIONS), ANSWERS[kind], st.booleans())
    def hold(operation: str, answers: list[Given], small: bool) -> None:
        with patched(small=small):
            try_answers(BENCHES[kind], server, tmp_path, operation, answers, tried)

    hold()
    assert sum(tried.kinds.values()) >= 60
