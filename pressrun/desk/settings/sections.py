"""What can be edited: accounts, stores, keys of AWS; the order of their fields, their checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pressrun.desk.settings import checks
from pressrun.desk.settings.checks import CheckResult
from pressrun.desk.settings.forms import FieldGroup
from pressrun.errors import InputError, SettingError
from pressrun.ledger import Ledger
from pressrun.stores.factory import scheme_of

Check = Callable[[], CheckResult]
Checker = Callable[[Mapping[str, Any], Callable[[], Ledger]], Check | None]


@dataclass(frozen=True, slots=True)
class SettingsSection:
    """A type of block that people edit here.

    Attributes:
        path: In the desk's addresses.
        slug: Of the block's type.
        one: What a person calls one.
        groups: Its fields, by the sort that is edited (stores: folder, s3, drive).
        rows: A field with rows of fields; empty if there is none.
        check: From a block's fields to what tries them, or None where nothing can be tried;
            raises Misfit if they make no block.
        names_in: The types of blocks that one of these fields names.
    """

    path: str
    slug: str
    one: str
    groups: Mapping[str, tuple[FieldGroup, ...]]
    check: Checker
    rows: str = ""
    names_in: Mapping[str, tuple[str, ...]] | None = None

    def sort_of(self, data: Mapping[str, Any]) -> str:
        """Says which sort a saved block is."""
        return store_sort(str(data.get("destination", ""))) if self.path == "stores" else ""

    def groups_of(self, sort: str) -> tuple[FieldGroup, ...]:
        """Gives the fields of a sort.

        Raises:
            InputError: There is none.
        """
        if sort not in self.groups:
            raise InputError(f"There is no such {self.one}.")
        return self.groups[sort]


def store_sort(destination: str) -> str:
    """Says which sort of store an address is; one that leads nowhere is mended as a folder."""
    try:
        return scheme_of(destination)
    except SettingError:
        return "folder"


_ACCOUNT = (
    FieldGroup("Gemini", ("api_key", "more_keys")),
    FieldGroup("Gemini at another address", ("base_url", "api_version"), folded=True),
    FieldGroup("Vertex AI", ("vertex_project", "vertex_location"), folded=True),
    FieldGroup("OpenAI", ("openai_key", "openai_base_url"), folded=True),
    FieldGroup(
        "Amazon Bedrock",
        ("aws_region", "aws_credentials", "bedrock_endpoint_url"),
        folded=True,
        words={"aws_credentials": ("AWS key", "One of the AWS keys that stand in Settings.")},
    ),
    FieldGroup(
        "Caps",
        ("daily_usd", "monthly_usd"),
        "Over all batches that this account pays for. They are never passed.",
    ),
)
_MORE = ("path_template", "files_per_minute")
_STORE = {
    "folder": (
        FieldGroup(
            "Folder",
            ("destination",),
            words={
                "destination": ("Path", "/path/of/a/folder on the machine where batches are made.")
            },
        ),
        FieldGroup("More", _MORE, folded=True),
    ),
    "s3": (
        FieldGroup(
            "Bucket",
            ("destination", "endpoint_url", "aws_credentials"),
            words={
                "destination": ("Address", "s3://bucket/prefix"),
                "aws_credentials": ("Key", "The one that may write there."),
            },
        ),
        FieldGroup("More", ("public_base_url", "presigned_hours", *_MORE), folded=True),
    ),
    "drive": (
        FieldGroup(
            "Folder in Google Drive",
            ("destination", "google_credentials"),
            words={
                "destination": (
                    "Address",
                    "drive://FOLDER_ID, with the last part of the folder's address in a browser.",
                )
            },
        ),
        FieldGroup("More", ("shared_drive_id", "delegated_user", "share", *_MORE), folded=True),
    ),
}
_KEYS = (
    FieldGroup(
        "Key",
        ("aws_access_key_id", "aws_secret_access_key", "region_name"),
        "It is tried by the store or the account that uses it.",
    ),
)


def _check_account(fields: Mapping[str, Any], _: Callable[[], Ledger]) -> Check:
    return checks.check_account_fields(fields)


def _check_store(fields: Mapping[str, Any], open_ledger: Callable[[], Ledger]) -> Check:
    return checks.check_store_fields(fields, open_ledger())


def _check_keys(fields: Mapping[str, Any], _: Callable[[], Ledger]) -> None:
    missing = [n for n in ("aws_access_key_id", "aws_secret_access_key") if not fields.get(n)]
    if missing:
        raise checks.Misfit(dict.fromkeys(missing, "Give the key's id and its secret."))


SECTIONS = {
    section.path: section
    for section in (
        SettingsSection(
            "accounts",
            "model-account",
            "account",
            {"": _ACCOUNT},
            _check_account,
            rows="limits",
            names_in={"aws_credentials": ("aws-credentials",)},
        ),
        SettingsSection(
            "stores",
            "result-store",
            "store",
            _STORE,
            _check_store,
            names_in={"aws_credentials": ("aws-credentials", "minio-credentials")},
        ),
        SettingsSection("keys", "aws-credentials", "AWS key", {"": _KEYS}, _check_keys),
    )
}


def section_of(path: str) -> SettingsSection:
    """Finds what is edited at an address.

    Raises:
        InputError: Nothing is.
    """
    if path not in SECTIONS:
        raise InputError("There is no such page of settings.")
    return SECTIONS[path]
