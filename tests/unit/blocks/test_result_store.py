"""Result stores: shown masked, and turned into targets."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pressrun.blocks import ResultStore, target_named, target_of
from pressrun.errors import SettingError


def drive_block(**changes: Any) -> ResultStore:
    info = {"client_id": "c", "client_secret": "hush-hush", "refresh_token": "hush-too"}
    return ResultStore(**{"destination": "drive://abc", "google_credentials": info} | changes)


def test_googles_credentials_show_in_no_repr() -> None:
    block = drive_block()
    assert "hush" not in repr(block) + str(block) + repr(block.target()) + block.model_dump_json()
    assert block.target().google().refresh_token == "hush-too"  # type: ignore[misc]


@pytest.mark.parametrize(
    "info", [{}, {"type": "service_account", "private_key": "hush-key"}, {"client_id": "hush"}]
)
def test_incomplete_credentials_are_named_and_not_shown(info: dict[str, str]) -> None:
    google = drive_block(google_credentials=info).target().google
    assert google
    with pytest.raises(SettingError) as refused:
        google()
    assert "credentials" in str(refused.value)
    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"destination": "ftp://host/x"}, "Nothing can be delivered to ftp://"),
        ({"destination": ""}, "at least 1 character"),
        ({"destination": "/x", "path_template": "{file}"}, "it has to end in"),
        ({"destination": "s3://b", "presigned_hours": 169}, "less than or equal to 168"),
    ],
)
def test_a_block_that_leads_nowhere_cannot_be_saved(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ResultStore(**fields)


def test_only_drive_has_a_pace_of_its_own() -> None:
    assert drive_block().target().files_per_minute == 180
    assert drive_block(files_per_minute=60).target().files_per_minute == 60
    assert ResultStore(destination="s3://bucket").target().files_per_minute is None


def test_without_a_block_a_batch_goes_to_a_folder(home: Path) -> None:
    assert target_of(None).address == str(home / "output")
    assert target_of(None, "/some/where").address == "/some/where"
    assert target_named("", "/some/where").address == "/some/where"


def test_a_batch_of_an_unsaved_store_says_why_it_cannot_be_reached() -> None:
    with pytest.raises(SettingError, match="through a result store that was not saved"):
        target_named("", "s3://bucket/prefix")
