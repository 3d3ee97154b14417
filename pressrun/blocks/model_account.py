"""The block that says who pays: keys of providers, what they allow, and spending caps."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Self

from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockDocument
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    PrivateAttr,
    SecretStr,
    TypeAdapter,
    field_validator,
    model_validator,
)

from pressrun.blocks.kept_schema import KeptSchema
from pressrun.blocks.refreshed import Refreshed
from pressrun.blocks.saved import aws_client, load_block
from pressrun.engines.account import (
    VERTEX_LOCATION,
    Access,
    Account,
    account_from_environment,
    require_access,
)
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.settings import ConfiguredLimits, plain_input


class _OfModel(BaseModel):
    model: Annotated[
        str, Field(title="Model", description="Its name, as forms show it.", min_length=1)
    ]


class ModelLimits(ConfiguredLimits, _OfModel):
    """The limits of one model. The name is a base's, so that forms ask for it first."""


class ModelAccount(KeptSchema, Block):
    """The access to providers of models.

    Example:
        ```python
        from pressrun.blocks import ModelAccount

        account = ModelAccount.load("BLOCK_NAME").account()
        ```
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    _block_type_name = "Model account"
    _block_type_slug = "model-account"
    _logo_url = HttpUrl(
        "https://cdn.sanity.io/images/3ugk85nk/production/"
        "10424e311932e31c477ac2b9ef3d53cefbaad708-250x250.png"
    )
    _documentation_url = HttpUrl("https://ai.google.dev/gemini-api/docs/api-key")
    _description = "Keys of providers of models, what they allow, and the most that may be spent."

    api_key: Annotated[
        SecretStr | None,
        Field(
            title="Gemini: API key",
            description="From Google AI Studio. Empty for Vertex AI.",
            json_schema_extra=plain_input,
        ),
    ] = None
    more_keys: Annotated[
        SecretStr | None,
        Field(
            title="Gemini: more API keys",
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
            title="Gemini: base URL",
            description="Another address of the API; empty for Google's.",
            json_schema_extra=plain_input,
        ),
    ] = None
    api_version: Annotated[
        str,
        Field(
            title="Gemini: API version",
            description="Empty: v1beta, and for Vertex AI what Google's library takes. Google's v1 "
            "for keys refuses what pictures and texts take.",
        ),
    ] = ""
    openai_key: Annotated[
        SecretStr | None,
        Field(
            title="OpenAI: API key",
            description="Of OpenAI, or of another vendor with its API.",
            json_schema_extra=plain_input,
        ),
    ] = None
    openai_base_url: Annotated[
        str | None,
        Field(
            title="OpenAI: base URL",
            description="Of another vendor or a local server, such as https://host/v1; empty for "
            "OpenAI's.",
            json_schema_extra=plain_input,
        ),
    ] = None
    aws_region: Annotated[
        str,
        Field(
            title="Bedrock: AWS region",
            description="Such as us-west-2, where the image models are. Empty: Bedrock is not "
            "asked.",
            pattern=r"^[a-z0-9-]*$",
        ),
    ] = ""
    aws_credentials: Annotated[
        str,
        Field(
            title="Bedrock: credentials block",
            description="Name of an AWS Credentials block. Empty: what the worker's environment "
            "has.",
        ),
    ] = ""
    bedrock_endpoint_url: Annotated[
        str | None,
        Field(
            title="Bedrock: endpoint URL",
            description="Another address, such as a VPC endpoint's; empty for the region's.",
            json_schema_extra=plain_input,
        ),
    ] = None
    limits: Annotated[
        list[ModelLimits],
        Field(
            title="Limits",
            description="What one project may ask of each model, as AI Studio shows it. Calls "
            "of a model that is not named begin carefully and find its limit out.",
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

    #: Whether the version is not the one that the document holds.
    _moved: bool = PrivateAttr(default=False)

    @field_validator("more_keys", mode="before")
    @classmethod
    def _in_one_field(cls, keys: Any) -> Any:
        """Joins the keys: Prefect masks a list as one word, and loses it at the next edit."""
        if not isinstance(keys, list | tuple):
            return keys
        return " ".join(k.get_secret_value() if isinstance(k, SecretStr) else k for k in keys)

    @field_validator("base_url", "openai_base_url", "bedrock_endpoint_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        url = (url or "").strip()
        if url and not re.match(r"https?://\w", url):
            raise ValueError("A base URL has to begin with https:// or http://")
        if "@" in re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]:
            # Prefect shows it in the UI, and keeps it among the parameters of runs.
            raise ValueError(
                "A base URL must have no password in it, since everybody may read it. If the "
                "server needs one, give GOOGLE_GEMINI_BASE_URL or OPENAI_BASE_URL to the worker."
            )
        return url or None

    @field_validator("api_version", mode="before")
    @classmethod
    def _without_margins(cls, version: Any) -> Any:
        return (version or "").strip() if isinstance(version, str | None) else version

    @field_validator("limits", mode="before")
    @classmethod
    def _by_name_too(cls, limits: Any) -> Any:
        """Accepts limits by model, as in PRESSRUN_LIMITS and in blocks that version 0.1 saved."""
        if not isinstance(limits, dict):
            return limits
        told = TypeAdapter(dict[str, ConfiguredLimits]).validate_python(limits)
        return [{"model": model, **one.model_dump()} for model, one in told.items()]

    @model_validator(mode="after")
    def _leads_to_a_provider(self) -> Self:
        if self.aws_credentials and not self.aws_region:
            raise ValueError("Give the region of Bedrock with its credentials.")
        if not self._accesses():
            raise ValueError(
                "Give an API key, or the project of Vertex AI, a key of OpenAI or a region of AWS."
            )
        return self

    @classmethod
    def _from_block_document(cls, block_document: BlockDocument) -> Self:
        """Clears a saved API version that was only the default of its time.

        Prefect saves defaults too, so the value alone does not show whether a person chose it;
        the schema that the document was saved under does. See docs/decisions/0021.
        """
        block = super()._from_block_document(block_document)
        schema = block_document.block_schema
        fields = schema.fields.get("properties", {}) if schema else {}
        default = fields.get("api_version", {}).get("default")
        if block.api_version and block.api_version == default:
            block.api_version, block._moved = "", True
        return block

    def account(self) -> Account:
        """Makes the account for the engines."""
        return Account(
            self._accesses(),
            {told.model: Limits.of(told) for told in self.limits},
            self.daily_usd,
            self.monthly_usd,
            label=self._block_document_name or "",
            moved=self._moved,
        )

    def _accesses(self) -> tuple[Access, ...]:
        ways = (*self._gemini(), self._openai(), self._bedrock())
        return tuple(dict.fromkeys(way for way in ways if way.usable))

    def _gemini(self) -> list[Access]:
        key, more = _plain(self.api_key), _plain(self.more_keys)
        ways = [Access(one) for one in (key.strip(), *re.split(r"[\s,;]+", more))]
        ways.append(Access(project=self.vertex_project, location=self.vertex_location))
        return [replace(way, base_url=self.base_url, api_version=self.api_version) for way in ways]

    def _openai(self) -> Access:
        key = _plain(self.openai_key).strip()
        return Access(key, base_url=self.openai_base_url, engine="openai")

    def _bedrock(self) -> Access:
        return Access(
            base_url=self.bedrock_endpoint_url,
            engine="bedrock",
            region=self.aws_region,
            credentials=self.aws_credentials,
            aws_client=self._aws_client,
        )

    def _aws_client(self, service: str, config: Mapping[str, Any]) -> Any:
        return aws_client(
            self.aws_credentials,
            service,
            config,
            endpoint_url=self.bedrock_endpoint_url or "",
            region_name=self.aws_region,
        )


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def account_of(block: ModelAccount | None, *models: str) -> Account:
    """Gives the block's account, or the one that the environment describes.

    Raises:
        SettingError: One of the models needs a key and there is none; said before any link is
            fetched.
    """
    account = block.account() if block else account_from_environment()
    for name in models:
        if name in catalogue():
            require_access(account, name)
    return account


def account_named(name: str) -> Account:
    """Loads the account of a saved block; without a name, the one of the environment.

    Raises:
        SettingError: There is no such block.
    """
    block = load_block(ModelAccount, name) if name else None
    return account_of(block)


def account_reader(block: ModelAccount | None, *, every_s: float = 15.0) -> Callable[[], Account]:
    """Gives the account as its block now stands on the server, read anew every ``every_s``.

    While the server is unavailable, and for a block that was never saved, it stays as it is.
    """
    account = account_of(block)
    if not account.label:
        return lambda: account
    load = partial(account_named, account.label)
    return Refreshed(account, load, f"The block {account.label!r}", every_s=every_s)
