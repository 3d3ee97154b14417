"""The database itself is made as it is for a person."""

import pytest


@pytest.fixture(autouse=True)
def quick_ledgers() -> None:
    """None: here the migrations are what is tested."""
