"""Pages and feeds fetched side by side: in their order, and one that fails fails alone."""

import threading

import pytest

from pressrun.errors import PressrunError, SourceError
from pressrun.inputs.web.page import Document
from pressrun.kinds.article.topics import or_raise, side_by_side


def test_addresses_are_fetched_at_the_same_time_and_given_in_their_order() -> None:
    meet = threading.Barrier(2)  # passes only where two are fetched at once

    def fetch(url: str) -> Document:
        meet.wait(60)
        return Document(b"", "text/html", url)

    urls = [f"https://a.example/{number}" for number in range(20)]
    assert [or_raise(found).url for found in side_by_side(fetch, urls)] == urls


def test_one_that_fails_is_its_own_failure() -> None:
    def fetch(url: str) -> Document:
        if url == "b":
            raise SourceError("It is away.", kind="unreachable")
        return Document(b"", "text/html", url)

    first, second, third = side_by_side(fetch, ["a", "b", "c"])
    assert isinstance(second, PressrunError)
    assert [or_raise(found).url for found in (first, third)] == ["a", "c"]
    with pytest.raises(SourceError, match="It is away"):
        or_raise(second)


def test_what_is_not_read_to_its_end_holds_no_thread() -> None:
    """Closed where garbage is collected, it would wait for them: in a new thread, for ever."""
    outcomes = side_by_side(lambda url: Document(b"", "text/html", url), ["a", "b", "c"])
    next(outcomes)
    assert not [one for one in threading.enumerate() if one.name.startswith("fetch")]
