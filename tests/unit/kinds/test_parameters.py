"""Parameters of the time when ``action`` was called ``what``."""

from typing import Any

import pytest

from pressrun.kinds.parameters import with_present_names


@pytest.mark.parametrize(
    ("given", "present"),
    [
        ({"what": "quote only", "title": "A"}, {"action": "quote", "title": "A"}),
        ({"what": "preview first", "action": "run"}, {"action": "preview"}),
        ({"what": "run"}, {"action": "run"}),
        ({"what": "quote only", "action": "preview"}, {"action": "preview"}),
        ({"what": "", "action": "quote"}, {"action": "quote"}),
        ({"title": "A"}, {"title": "A"}),
    ],
)
def test_an_earlier_name_is_translated(given: dict[str, Any], present: dict[str, Any]) -> None:
    assert with_present_names(given) == present
