"""Prefect blocks: what is secret or shared between batches, kept and shown by the server."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from prefect.blocks.core import Block
from prefect.types import SecretDict
from pydantic import (
    BaseModel,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from pressrun.account import (
    VERTEX_LOCATION,
    Access,
    Account,
    account_from_environment,
    require_access,
    told_limits,
)
from pressrun.engines.catalogue import catalogue
from pressrun.errors import PressrunError, SettingError
from pressrun.layout import DEFAULT, Layout
from pressrun.live import Live
from pressrun.settings import ToldLimits, plain_input, settings
from pressrun.stores.factory import Target, folder_target, scheme_of

#: A few small files a second are what Drive takes from one account.
DRIVE_FILES_PER_MINUTE = 180.0
_PERSON = ("client_id", "client_secret", "refresh_token")
_DRIVE_SCOPE = "https://www.googleapis.com/auth/drive"


class _OfModel(BaseModel):
    model: Annotated[
        str, Field(title="Model", description="Its name, as forms show it.", min_length=1)
    ]


class ModelLimits(ToldLimits, _OfModel):
    """The limits of one model. The name is a base's, so that forms ask for it first."""


class ModelAccount(Block):
    """The access to a provider of models.

    Example:
        ```python
        from pressrun.blocks import ModelAccount

        account = ModelAccount.load("BLOCK_NAME").account()
        ```
    """

    _block_type_name = "Model account"
    _block_type_slug = "model-account"
    _logo_url = HttpUrl(
        "https://cdn.sanity.io/images/3ugk85nk/production/10424e311932e31c477ac2b9ef3d53cefbaad708-250x250.png"
    )
    _documentation_url = HttpUrl("https://ai.google.dev/gemini-api/docs/api-key")
    _description = "Keys of a provider of models, what it allows, and the most that may be spent."

    api_key: Annotated[
        SecretStr | None,
        Field(
            title="API key",
            description="From Google AI Studio. Empty for Vertex AI.",
            json_schema_extra=plain_input,
        ),
    ] = None
    more_keys: Annotated[
        SecretStr | None,
        Field(
            title="More API keys",
            description="Of other projects, with spaces between them: each project adds its "
            "quotas. Keys of one project share theirs, so one is enough.",
            json_schema_extra=plain_input,
        ),
    ] = None
    vertex_project: Annotated[
        str,
        Field(
            title="Vertex AI: project",
            description="Its id; asked with the Google credentials of the worker's machine.",
            pattern=r"^[a-z0-9.:-]*$",
        ),
    ] = ""
    vertex_location: Annotated[
        str,
        Field(
            title="Vertex AI: location",
            description="A region such as europe-west4, or global, where the newest models are.",
            pattern=r"^[a-z0-9-]+$",
        ),
    ] = VERTEX_LOCATION
    base_url: Annotated[
        str | None,
        Field(
            title="Base URL",
            description="Another address of the API; empty for Google's.",
            json_schema_extra=plain_input,
        ),
    ] = None
    api_version: Annotated[
        str, Field(title="API version", description="v1, or v1beta for preview features.")
    ] = "v1"
    limits: Annotated[
        list[ModelLimits],
        Field(
            title="Limits",
            description="What one project may ask of each model, as AI Studio shows it. Models "
            "that are not named keep careful defaults.",
        ),
    ] = Field(default_factory=list)
    daily_usd: Annotated[
        float | None,
        Field(
            title="Cap a day (USD)",
            description="Most that the calls of all batches may cost on a day (UTC). Empty: no "
            "cap.",
            gt=0,
            json_schema_extra=plain_input,
        ),
    ] = None
    monthly_usd: Annotated[
        float | None,
        Field(
            title="Cap a month (USD)",
            description="The same for a month. Empty: no cap.",
            gt=0,
            json_schema_extra=plain_input,
        ),
    ] = None

    @field_validator("more_keys", mode="before")
    @classmethod
    def _in_one_field(cls, keys: Any) -> Any:
        """Prefect masks a list of secrets as one word, and loses it at the next edit."""
        if not isinstance(keys, list | tuple):
            return keys
        return " ".join(k.get_secret_value() if isinstance(k, SecretStr) else k for k in keys)

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        url = (url or "").strip()
        if url and not re.match(r"https?://\w", url):
            raise ValueError("The base URL has to begin with https:// or http://")
        return url or None

    @field_validator("limits", mode="before")
    @classmethod
    def _by_name_too(cls, limits: Any) -> Any:
        """As in PRESSRUN_LIMITS, and in blocks that version 0.1 saved."""
        if not isinstance(limits, dict):
            return limits
        told = TypeAdapter(dict[str, ToldLimits]).validate_python(limits)
        return [{"model": model, **one.model_dump()} for model, one in told.items()]

    @model_validator(mode="after")
    def _leads_to_a_provider(self) -> Self:
        if not self._accesses():
            raise ValueError("Give an API key, or the project of Vertex AI.")
        return self

    def account(self) -> Account:
        """The account, for the engines."""
        return Account(
            self._accesses(),
            told_limits({told.model: told for told in self.limits}),
            self.daily_usd,
            self.monthly_usd,
            label=self._block_document_name or "",
        )

    def _accesses(self) -> tuple[Access, ...]:
        key, more = (s.get_secret_value() if s else "" for s in (self.api_key, self.more_keys))
        ways = [Access(one) for one in (key.strip(), *re.split(r"[\s,;]+", more))]
        ways.append(Access(project=self.vertex_project, location=self.vertex_location))
        usable = (
            replace(way, base_url=self.base_url, api_version=self.api_version)
            for way in ways
            if way.usable
        )
        return tuple(dict.fromkeys(usable))


def account_of(block: ModelAccount | None, *models: str) -> Account:
    """The block's account, or the one that the environment describes.

    Raises:
        SettingError: One of the models needs a key and there is none; said before any link is
            fetched.
    """
    account = block.account() if block else account_from_environment()
    for name in models:
        if name in catalogue() and catalogue()[name].engine != "sketch":
            require_access(account, name)
    return account


def account_named(name: str) -> Account:
    """The account of a saved block; without a name, the one that the environment describes.

    Raises:
        SettingError: There is no such block.
    """
    block = _loaded(ModelAccount, name) if name else None
    return account_of(block)


def account_reader(block: ModelAccount | None, *, every_s: float = 15.0) -> Callable[[], Account]:
    """Gives the account as its block now stands on the server, read anew every ``every_s``.

    While the server is away, and for a block that was never saved, it stays as it is.
    """
    account = account_of(block)
    if not account.label:
        return lambda: account
    load = partial(account_named, account.label)
    return Live(account, load, f"The block {account.label!r}", every_s=every_s)


class ResultStore(Block):
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
        "https://cdn.sanity.io/images/3ugk85nk/production/d74b16fe84ce626345adf235a47008fea2869a60-225x225.png"
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
            "kind, batch (its id); then {item} and, last, {file}.",
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
        ),
    ] = None

    @field_validator("destination")
    @classmethod
    def _leads_somewhere(cls, address: str) -> str:
        return _checked(address.strip(), scheme_of)

    @field_validator("path_template")
    @classmethod
    def _is_a_template(cls, template: str) -> str:
        return _checked(template or DEFAULT, Layout.of)

    def target(self) -> Target:
        """The destination, for the stores; nothing is connected to, and no SDK loaded, yet."""
        scheme = scheme_of(self.destination)
        address = self.destination
        if scheme == "folder":
            address = folder_target(Path(address)).address
        pace = DRIVE_FILES_PER_MINUTE if scheme == "drive" else None
        return Target(
            address,
            name=self._block_document_name or "",
            # Left as it was: each kind of batch has its own.
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
        # Loading prefect_aws takes seconds: only who delivers to S3 waits for it.
        from botocore.config import Config  # noqa: PLC0415
        from prefect_aws import AwsCredentials, MinIOCredentials  # noqa: PLC0415

        kind, _, name = self.aws_credentials.rpartition("/")
        if not name:
            credentials = AwsCredentials()
        elif kind == "minio-credentials":
            credentials = _loaded(MinIOCredentials, name)
        else:
            credentials = _loaded(AwsCredentials, name)
        given = credentials.aws_client_parameters.get_params_override()
        # Ours last: the store counts on them (no retries of the SDK's own, SHA-256).
        given["config"] = (given.get("config") or Config()).merge(Config(**config))
        if self.endpoint_url:
            given["endpoint_url"] = self.endpoint_url
        return credentials.get_boto3_session().client("s3", **given)

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
    """The block's destination; without a block the folder, by default the settings' one.

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
    """The target of a batch that was planned before, by what the ledger has of it.

    Raises:
        SettingError: Its result store is gone, or the batch was started with an unsaved one.
    """
    if name:
        block: ResultStore = _loaded(ResultStore, name)
        return block.target()
    if scheme_of(destination) == "folder":
        return Target(destination)
    raise SettingError(
        f"The batch was delivered to {destination} through a result store that was not saved. "
        "Save one in the UI and start batches with it."
    )


def _loaded(kind: type[Any], name: str) -> Any:
    try:
        return kind.load(name)
    except (ValueError, ValidationError) as error:
        # Prefect's own words tell of slugs; a broken document's would show its values.
        raise SettingError(
            f"There is no usable {kind._block_type_name or kind.__name__} block called {name!r} on "
            "the Prefect server. Look at Blocks in the UI, and at PREFECT_API_URL."
        ) from error


def _checked(value: str, check: Any) -> str:
    try:
        check(value)
    except PressrunError as error:
        raise ValueError(str(error)) from error
    return value
