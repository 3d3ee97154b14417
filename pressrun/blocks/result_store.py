"""The block that says where batches are delivered, and what reaching it takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from prefect.blocks.core import Block
from prefect.types import SecretDict
from pydantic import Field, HttpUrl, field_validator

from pressrun.blocks.kept_schema import KeptSchema
from pressrun.blocks.saved import aws_client, load_block
from pressrun.errors import PressrunError, SettingError
from pressrun.settings import plain_input, settings
from pressrun.stores.factory import Target, folder_target, scheme_of
from pressrun.stores.layout import DEFAULT, PathLayout

#: A few small files a second are what Drive takes from one account.
DRIVE_FILES_PER_MINUTE = 180.0
_PERSON = ("client_id", "client_secret", "refresh_token")
_DRIVE_SCOPE = "https://www.googleapis.com/auth/drive"


class ResultStore(KeptSchema, Block):
    """Where batches are delivered: a folder, S3 or Google Drive.

    Example:
        ```python
        from pressrun.blocks import ResultStore

        target = ResultStore.load("BLOCK_NAME").target()
        ```
    """

    _block_type_name = "Result store"
    _block_type_slug = "result-store"
    _logo_url = HttpUrl(
        "https://cdn.sanity.io/images/3ugk85nk/production/"
        "d74b16fe84ce626345adf235a47008fea2869a60-225x225.png"
    )
    _documentation_url = HttpUrl("https://docs.prefect.io/v3/concepts/blocks")
    _description = "Where batches are delivered: a folder, an S3 bucket or a Google Drive folder."

    destination: Annotated[
        str,
        Field(
            title="Destination",
            description="/path/of/a/folder, s3://bucket/prefix or drive://FOLDER_ID (the last "
            "part of the folder's address in Drive).",
            min_length=1,
        ),
    ]
    path_template: Annotated[
        str,
        Field(
            title="Path template",
            description="Where a file lies there. Fields of the batch: title, timestamp, date, "
            "kind, owner, batch (its id); then {item} and, last, {file}.",
        ),
    ] = DEFAULT
    aws_credentials: Annotated[
        str,
        Field(
            title="S3: credentials block",
            description="Name of an AWS Credentials block, or minio-credentials/NAME. Empty: what "
            "the worker's environment has.",
        ),
    ] = ""
    endpoint_url: Annotated[
        str,
        Field(
            title="Endpoint URL",
            description="Of a service other than Amazon's that speaks S3 (MinIO, R2, SeaweedFS).",
        ),
    ] = ""
    public_base_url: Annotated[
        str,
        Field(
            title="S3: public base URL",
            description="Where the bucket is served, such as https://cdn.example.com: links lead "
            "there.",
        ),
    ] = ""
    presigned_hours: Annotated[
        int,
        Field(
            title="S3: hours of presigned links",
            description="Links hold so long without a sign-in; 0 for plain addresses.",
            ge=0,
            le=168,
        ),
    ] = 0
    google_credentials: Annotated[
        SecretDict | None,
        Field(
            title="Drive: credentials (JSON)",
            description="A person's OAuth credentials (authorized_user) or a service account's "
            "key. A service account needs a shared drive or a delegated user.",
        ),
    ] = None
    shared_drive_id: Annotated[
        str,
        Field(title="Drive: shared drive id", description="If the folder lies in a shared drive."),
    ] = ""
    delegated_user: Annotated[
        str,
        Field(
            title="Drive: delegated user",
            description="E-mail address of the person for whom a service account acts.",
        ),
    ] = ""
    share: Annotated[
        bool,
        Field(
            title="Drive: share batch folders",
            description="Whoever has the link to a batch's folder may read it.",
        ),
    ] = False
    files_per_minute: Annotated[
        float | None,
        Field(
            title="Files a minute",
            description="Most files that the destination takes. Empty: 180 for Drive, which slows "
            "down by itself if that is too many; no limit for the others.",
            gt=0,
            json_schema_extra=plain_input,
        ),
    ] = None

    @field_validator("destination")
    @classmethod
    def _leads_somewhere(cls, address: str) -> str:
        return _checked(address.strip(), scheme_of)

    @field_validator("path_template")
    @classmethod
    def _is_a_template(cls, template: str) -> str:
        return _checked(template or DEFAULT, PathLayout.of)

    def target(self) -> Target:
        """Makes the destination for the stores; connects to nothing and loads no SDK yet."""
        scheme = scheme_of(self.destination)
        address = self.destination
        if scheme == "folder":
            address = folder_target(Path(address)).address
        pace = DRIVE_FILES_PER_MINUTE if scheme == "drive" else None
        return Target(
            address,
            name=self._block_document_name or "",
            # A template left at its default: each kind of batch has its own.
            path_template="" if self.path_template == DEFAULT else self.path_template,
            s3_client=self._s3_client,
            google=self._google,
            endpoint_url=self.endpoint_url,
            public_base_url=self.public_base_url,
            presign_s=self.presigned_hours * 3600,
            shared_drive_id=self.shared_drive_id,
            share=self.share,
            files_per_minute=self.files_per_minute or pace,
        )

    def _s3_client(self, config: Mapping[str, Any]) -> Any:
        return aws_client(self.aws_credentials, "s3", config, endpoint_url=self.endpoint_url)

    def _google(self) -> Any:
        from google.oauth2 import credentials, service_account  # noqa: PLC0415 - SDK

        person: Any = credentials.Credentials
        robot: Any = service_account.Credentials
        info = self.google_credentials.get_secret_value() if self.google_credentials else None
        if not info:
            raise SettingError("Delivering to Google Drive needs credentials in the result store.")
        token_uri = info.get("token_uri") or "https://oauth2.googleapis.com/token"
        try:
            if info.get("type") != "service_account":
                # Without scopes: those that the person consented to hold, drive.file or drive.
                return person(None, **{name: info[name] for name in _PERSON}, token_uri=token_uri)
            key = robot.from_service_account_info(info, scopes=[_DRIVE_SCOPE])
        except (ValueError, KeyError, TypeError):
            # Without the cause: its words may hold the key.
            raise SettingError(
                "The Google credentials are incomplete. Paste the whole JSON file: a service "
                "account's key, or authorized_user with client_id, client_secret, refresh_token."
            ) from None
        return key.with_subject(self.delegated_user) if self.delegated_user else key


def target_of(block: ResultStore | None, output: str = "") -> Target:
    """Gives the block's destination; without a block the folder, by default the settings' one.

    Raises:
        SettingError: Both are given.
    """
    if block is None:
        return folder_target(Path(output) if output else settings().output)
    if output:
        raise SettingError(
            "A result store and an output folder are given. Leave one of them empty."
        )
    return block.target()


def target_named(name: str, destination: str) -> Target:
    """Finds the target of a batch that was planned before, by what the ledger has of it.

    Raises:
        SettingError: Its result store is gone, or the batch was started with an unsaved one.
    """
    if name:
        block: ResultStore = load_block(ResultStore, name)
        return block.target()
    if scheme_of(destination) == "folder":
        return Target(destination)
    raise SettingError(
        f"The batch was delivered to {destination} through a result store that was not saved. "
        "Save one in the UI and start batches with it."
    )


def _checked(value: str, check: Any) -> str:
    try:
        check(value)
    except PressrunError as error:
        raise ValueError(str(error)) from error
    return value
