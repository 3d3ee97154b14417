"""The version of Gemini's API that is asked, as refusals teach it."""

import pytest

from pressrun.engines.account import Access
from pressrun.engines.gemini.version import ApiVersion
from pressrun.errors import Refused

REFUSAL = Refused("It does not know a field.", kind="unknown_field")


@pytest.mark.parametrize(
    ("access", "first", "then"),
    [
        (Access("key"), "v1beta", "v1"),
        (Access("key", api_version="v1"), "v1", "v1beta"),
        (Access(project="p"), "", "v1"),
        (Access(project="p", api_version="v1beta"), "v1beta1", "v1"),
        (Access(project="p", api_version="v1"), "v1", "v1beta1"),
    ],
)
def test_the_other_version_is_asked_once_and_then_the_refusal_is_final(
    access: Access, first: str, then: str
) -> None:
    version = ApiVersion(access)
    assert version.now == first

    passing = version.explained(REFUSAL, first)
    assert (passing.retryable, passing.repeats, passing.stops_route) == (True, 1, False)
    assert version.now == then
    # A call that was under way by then may ask again as well.
    assert version.explained(REFUSAL, first).retryable

    final = version.explained(REFUSAL, then)
    assert (final.kind, final.retryable, final.stops_route) == ("unknown_field", False, True)
    assert "PRESSRUN_GEMINI_API_VERSION" in str(final)
    assert version.now == then
