"""What names uploads: batches, drafts, schedules, runs that are not over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.uploads import find_named
from pressrun.errors import SettingError
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, PlannedItem

DIGESTS = [f"{letter:x}" * 64 for letter in range(16)]


def reference(number: int) -> str:
    return f"upload:{DIGESTS[number]}/mug_{number}.jpg"


class Server:
    """Answers a filter a page at a time, as Prefect's API does."""

    def __init__(self, **lists: list[dict[str, Any]]):
        self._lists = {f"/{name}/filter": rows for name, rows in lists.items()}

    def ask(self, path: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        assert asked["limit"] <= 200
        return self._lists.get(path, [])[asked["offset"] :][: asked["limit"]]


def test_batches_name_uploads_in_parameters_and_items(home: Path) -> None:
    ledger = open_ledger()
    links = f"https://www.tiktok.com/@a/photo/1\t{reference(1)}\tA mug"
    given = {"links": links, "photo": reference(2), "description": "100% _upload_"}
    batch = Batch("b1", "slideshow", "T", "/out", "T", given, created_at=1.0)
    items = [PlannedItem("i1", 1, "One", {"photo": reference(3)}), PlannedItem("i2", 2, "Two", {})]
    ledger.batches.create(batch, items)
    named = {DIGESTS[1], DIGESTS[2], DIGESTS[3]}
    assert find_named(ledger, Server().ask) == named
    ledger.batches.remove("b1")
    assert find_named(ledger, Server().ask) == set()


def test_drafts_name_uploads_whatever_they_look_like(home: Path) -> None:
    drafts = home / "data" / "desk" / "drafts"
    drafts.mkdir(parents=True)
    (drafts / "a.json").write_text(f'{{"rows": [{{"photo": "{reference(4)}"}}]}}')
    (drafts / "b.bin").write_bytes(b"\xff\x00" + reference(5).encode())
    (drafts / "c.json").write_text("x" * (2**20 - 30) + reference(6))
    export = home / "data" / "desk" / ".export-1"
    export.mkdir()
    (export / "results.zip").write_text(reference(7))
    assert find_named(open_ledger(), Server().ask) == {DIGESTS[4], DIGESTS[5], DIGESTS[6]}


def test_schedules_and_runs_that_are_not_over_name_uploads(home: Path) -> None:
    deployments: list[dict[str, Any]] = [{"parameters": {}, "schedules": []} for _ in range(250)]
    deployments[230]["parameters"] = {"photo": reference(7)}
    deployments[249]["schedules"] = [{"parameters": {"photos": reference(8)}}]
    server = Server(deployments=deployments, flow_runs=[{"parameters": {"file": reference(9)}}])
    assert find_named(open_ledger(), server.ask) == {DIGESTS[7], DIGESTS[8], DIGESTS[9]}


def test_a_server_that_does_not_answer_names_no_less(home: Path) -> None:
    def away(path: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        raise SettingError("The Prefect server cannot be asked.")

    with pytest.raises(SettingError):
        find_named(open_ledger(), away)
