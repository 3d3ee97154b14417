"""Links of a batch in a folder, whose addresses never change."""

import json

import pytest

from pressrun.cli import main
from tests.support.batches import Deliver, folder_of
from tests.support.batches import delivered as found_at


def test_folder_reports_and_files_have_their_links_and_nothing_is_rewritten(
    deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    delivered = deliver()
    batch, before, folder = delivered.batch, found_at(delivered.batch), folder_of(delivered.batch)
    assert main(["urls", batch.id, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == {"path": batch.root, "url": folder.as_uri()}
    assert [link["path"] for link in told["reports"]] == [
        "gallery.html",
        "items.csv",
        "manifest.json",
    ]
    assert {link["path"]: link["url"] for link in told["reports"] + told["files"]} == {
        path: (folder / path).as_uri() for path in before
    }
    assert (told["renewed"], told["missing"]) == (0, [])
    assert found_at(batch) == before

    assert main(["urls", batch.id]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{batch.root}  {folder.as_uri()}"
    assert len(lines) == 8
