"""Settings saved under a name, and chosen when a batch is launched."""

import json

import pytest

from flows.image_batch import image_batch
from flows.slideshow_batch import slideshow_batch
from pressrun.cli import main
from pressrun.errors import InputError
from pressrun.ledger import open_ledger

pytestmark = pytest.mark.usefixtures("prefect_server", "home")


def test_a_batchs_settings_are_saved_and_fill_what_is_left_at_its_default(
    capsys: pytest.CaptureFixture[str],
) -> None:
    image_batch(
        prompts="- a cup", format="PNG", images=2, owner="ana", aspect_ratio="16:9", prefix="Icon"
    )
    assert main(["templates", "Icons of Ana", "--save-from", "latest", "--json"]) == 0
    saved = json.loads(capsys.readouterr().out)["icons_of_ana"]
    assert saved["flow"] == "image-batch"
    assert (saved["settings"]["format"], saved["settings"]["owner"]) == ("PNG", "ana")
    assert not {"prompts", "prefix", "title", "output", "template"} & saved["settings"].keys()

    image_batch(prompts="- a plate", template="Icons of Ana", images=3)
    batch = open_ledger().batches.match("latest")
    chosen = {name: batch.parameters[name] for name in ("format", "images", "aspect_ratio")}
    assert chosen == {"format": "PNG", "images": 3, "aspect_ratio": "16:9"}
    assert batch.owner == "ana"

    with pytest.raises(InputError, match="is for image-batch, not slideshow-batch"):
        slideshow_batch(links="x", template="icons of ana")
    assert main(["templates"]) == 0
    assert "icons_of_ana  (image-batch)" in capsys.readouterr().out
    assert main(["templates", "icons-of-ana", "--delete"]) == 0
    with pytest.raises(InputError, match="There is no template"):
        image_batch(prompts="- a plate", template="icons of ana")


def test_an_owner_lists_and_reaches_only_what_is_theirs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for owner in ("ana", "ben"):
        image_batch(prompts=f"- a cup for {owner}", owner=owner)
    assert main(["batches", "--owner", "ben", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["owner"], listed["items"], listed["completed"]) == ("ben", 1, 1)
    assert main(["batches", "--status", "completed", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) >= 2
    assert main(["status", listed["id"], "--owner", "ana"]) == 2
    assert main(["delete", listed["id"], "--yes", "--owner", "ana"]) == 2
    assert "of 'ana' is in the ledger" in capsys.readouterr().err
    assert main(["costs", "--by", "batch", "--owner", "ben", "--json"]) == 0
    assert [row["of"] for row in json.loads(capsys.readouterr().out)["rows"]] == [listed["id"]]
    assert main(["delete", listed["id"], "--yes", "--owner", "ben"]) == 0
