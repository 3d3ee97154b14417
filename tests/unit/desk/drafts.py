"""Drafts as a browser makes and changes them."""

import time
from typing import Any

from tests.unit.desk.conftest import ADDRESS, Asked

#: Three prompts, or six: nothing says which.
UNSURE = "\n\n".join(
    (
        "A cat on a roof, night.\nBlue light.",
        "A dog in the rain.\nWarm light.",
        "A bird.\nSoft light.",
    )
)


def new_draft(desk: Asked, flow: str, **values: Any) -> str:
    """Makes a draft with these values; gives its address."""
    place: str = desk.client.get(f"/new/{flow}", follow_redirects=False).headers["location"]
    change(desk, place, **values)
    return place


def change(desk: Asked, place: str, **values: Any) -> None:
    """Sends changes as the page's script does."""
    headers = {"Origin": ADDRESS, "X-Desk": "1"}
    sent = desk.client.post(f"{place}/values", json={"values": values}, headers=headers)
    assert sent.status_code == 200, sent.text


def priced(desk: Asked, place: str) -> str:
    """The page's live part, once it is priced and nothing goes on behind."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page = desk.page(f"{place}/live")
        if "Reading" not in page:
            return page
    raise AssertionError(f"It is still read and priced: {page}")
