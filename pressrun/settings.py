"""Where Pressrun keeps things and how it reaches the world, from the environment.

Read once, when first needed, never at import. What belongs to one batch is a parameter of
its flow; what is secret is a block or one of the provider's own variables.
"""

import re
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from pressrun.errors import SettingError


def plain_input(schema: dict[str, Any]) -> None:
    """Shows an optional field as one input in Prefect's forms; left empty, it is None.

    A union would be shown as tabs, "float" and "None".
    """
    kinds = schema.pop("anyOf")
    schema.update(kinds[0])
    schema.pop("default")


class ConfiguredLimits(BaseModel):
    """What a provider allows of one model, as a person states it; a number is requests a minute."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    requests_per_minute: float | None = Field(
        None,
        title="Requests a minute",
        description="Empty: if no other rate is configured, calls begin slowly and learn it.",
        gt=0,
        json_schema_extra=plain_input,
    )
    images_per_minute: float | None = Field(
        None,
        title="Images a minute",
        description="Empty: no limit.",
        gt=0,
        json_schema_extra=plain_input,
    )
    input_tokens_per_minute: float | None = Field(
        None,
        title="Input tokens a minute",
        description="Empty: no limit.",
        gt=0,
        json_schema_extra=plain_input,
    )
    requests_per_day: int | None = Field(
        None,
        title="Requests a day",
        description="Days begin at midnight in California. Empty: no limit.",
        gt=0,
        json_schema_extra=plain_input,
    )
    spend_usd: float | None = Field(
        None,
        title="Spending in a window (USD)",
        description="Such as the ten-minute cap of Google's first paid tier. Empty: no limit.",
        gt=0,
        json_schema_extra=plain_input,
    )
    spend_minutes: float = Field(
        10.0, title="Window of spending (minutes)", description="How long it is.", gt=0
    )
    burst: int = Field(
        1,
        title="Burst",
        description="So many calls may go at once after a rest, if the provider takes them. 1 "
        "spaces all calls evenly.",
        ge=1,
    )

    @model_validator(mode="before")
    @classmethod
    def _of_a_number(cls, told: Any) -> Any:
        return {"requests_per_minute": told} if isinstance(told, int | float) else told


class Settings(BaseSettings):
    """Every variable ``PRESSRUN_…``; docs/reference.md has them as a table."""

    model_config = SettingsConfigDict(env_prefix="PRESSRUN_")

    data: Annotated[Path, Field(description="Folder of the ledger, the vault and logs.")] = Field(
        default_factory=lambda: user_data_path("pressrun")
    )
    output: Path = Field(
        default_factory=lambda: Path.home() / "Pressrun",
        description="Folder that batches are delivered to when none is named.",
    )
    input_roots: str = Field(
        "",
        description="Folders that runs may read files from, with : between them. What begins with "
        "a dot below one is not read. Empty: the samples, PRESSRUN_DATA without what Pressrun "
        "itself keeps there, and PRESSRUN_OUTPUT; with make up also your home folder.",
    )
    output_roots: str = Field(
        "",
        description="Folders that runs may deliver into, likewise; PRESSRUN_OUTPUT is always one.",
    )
    uploads: str = Field(
        "",
        description="Where uploaded files are kept: a folder, s3://bucket/prefix (with the keys "
        "of the environment), or a result store in S3, as result-store/NAME. The desk, the command "
        "line and all workers need the same. Empty: the folder uploads in PRESSRUN_DATA.",
    )
    ledger_url: str = Field(
        "",
        description="SQLAlchemy URL of the ledger, such as postgresql://… for several machines. "
        "Empty: SQLite in PRESSRUN_DATA.",
    )
    machines: Literal["", "one", "several"] = Field(
        "",
        description="Whether a worker on another machine may go on with a batch: one or several. "
        "Empty: several with a ledger on PostgreSQL or with PRESSRUN_VAULT, else one.",
    )
    vault: str = Field(
        "",
        description="Where what is paid is kept for all machines until it is delivered: "
        "s3://bucket/prefix with the machine's own credentials, or a folder that all machines have "
        "mounted. Empty: on the machine that made it, and at the destination when a run pauses.",
    )
    vault_endpoint_url: str = Field(
        "", description="Where the S3 service of PRESSRUN_VAULT is, if it is not Amazon's."
    )
    shared_folders: str = Field(
        "",
        description="Folders that all machines have mounted at the same path, with : between them. "
        "A batch that is delivered into any other folder goes on only on its own machine.",
    )
    limits: dict[str, ConfiguredLimits] = Field(
        default_factory=dict,
        description='What the provider allows of a model, as JSON: {"gemini-3.8-flash": 300}, or '
        "an object in the number's place, whose fields are those of a Model account's limits.",
    )
    gemini_api_version: str = Field(
        "",
        description="Version of Gemini's API that is asked with the environment's key or project. "
        "Empty: v1beta, and for Vertex AI what Google's library takes.",
    )
    daily_usd: float | None = Field(
        None, gt=0, description="Most USD that a day (UTC) may cost with the environment's key."
    )
    monthly_usd: float | None = Field(None, gt=0, description="The same for a month.")
    tiktok_proxy: str | None = Field(
        None,
        description="Proxy that TikTok is reached through; or several, with spaces between them: "
        "each is asked for one post at a time, so that several posts are fetched at once.",
    )
    tiktok_ca: Path | None = Field(None, description="CA file of the proxies (PEM).")
    tiktok_pause_s: float = Field(
        2.0, ge=0, description="Seconds between two TikTok posts, on average."
    )
    wait_for_quota_s: float = Field(
        900.0,
        ge=0,
        description="Longest wait for a model's quota to open again; a later reset ends the run.",
    )
    resume_at_reset: bool = Field(
        False, description="A run that a model's quota ended goes on by itself when it opens."
    )
    delivery_patience_s: float = Field(
        600.0,
        ge=0,
        description="Seconds that a destination which is away is waited for at a batch's end.",
    )
    keep_vault: bool = Field(
        False, description="Keep the bytes of a batch after they were seen at their destination."
    )
    store_index: bool = Field(
        True,
        description="Keep index.html at a destination's root, a list of all its batches: whoever "
        "may read that file sees titles, counts and costs of everybody's.",
    )
    blocked_words: str = Field(
        "", description="Words and phrases, by commas, that are blocked as the list's own are."
    )
    allowed_words: str = Field(
        "", description="Words and phrases, by commas, that are allowed whatever the list says."
    )
    moderation: Literal["words", "model"] = Field(
        "words", description="model: a text model judges what the list of words lets through."
    )
    moderation_model: str = Field("", description="The text model that judges prompts.")
    most_batches_an_hour: int | None = Field(
        None, ge=1, description="Most batches that all requesters together start in an hour."
    )
    most_items_an_hour: int | None = Field(
        None, ge=1, description="Most items that all requesters together start in an hour."
    )
    most_batches_a_day: int | None = Field(
        None, ge=1, description="Most batches that one requester starts in 24 hours."
    )
    most_items_a_day: int | None = Field(
        None, ge=1, description="Most items that one requester starts in 24 hours."
    )
    requester_monthly_usd: float | None = Field(
        None, gt=0, description="Most USD that one requester's batches may cost in a month (UTC)."
    )
    exempt_requesters: str = Field(
        "",
        description="Requesters, by commas, for whom these limits do not hold. Only together with "
        "PRESSRUN_TRUST_REQUESTED_BY.",
    )
    trust_requested_by: bool = Field(
        False,
        description="You know that anybody who can start a run can type the name of an exempt "
        "requester, and exempt these names all the same.",
    )
    breaker_failures: int = Field(
        5, ge=1, description="Failures in a row after which a model is left alone for a while."
    )
    breaker_window_s: float = Field(
        300.0, gt=0, description="Seconds within which these failures have to be."
    )
    model_timeouts: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Seconds that a comparison waits for one answer of a model, where it is not "
        'the batch\'s: {"gemini-3-pro-image": 180}',
    )
    most_prompts: int = Field(2000, ge=1, description="Most prompts that one batch takes.")
    most_articles: int = Field(50, ge=1, description="Most articles that one batch takes.")
    desk_url: str = Field(
        "",
        description="Where people reach the desk, for links in Prefect, such as "
        "https://desk.example.org. Empty: with make up its address on this machine; else links "
        "lead to the files themselves.",
    )
    desk_host: str = Field(
        "127.0.0.1", description="Address on which the desk listens; 0.0.0.0 for all of a machine."
    )
    desk_port: int = Field(4300, ge=1, le=65535, description="Port on which the desk listens.")
    desk_user_header: str = Field(
        "",
        description="Header in which a proxy before the desk names the user that it has signed in, "
        "such as X-Forwarded-User. The desk asks them for no password, and batches that they start "
        "are theirs. Only together with PRESSRUN_DESK_PROXY.",
    )
    desk_proxy: str = Field(
        "",
        description="Addresses, by commas, from which alone that header is believed, such as "
        "10.0.0.5. The proxy must remove the header from what people send.",
    )
    log_format: Literal["text", "json"] = Field(
        "text",
        description="json: runs, workers and the desk write each line of their logs as one JSON "
        "object, to standard error, and runs of a process worker to logs in PRESSRUN_DATA.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="What Prometheus says as bearer token to read /metrics of the desk; at least "
        "16 characters. Empty: there are no metrics.",
    )
    traces_url: str = Field(
        "",
        description="Where traces are sent by OTLP over HTTP, such as "
        "http://127.0.0.1:4318/v1/traces. Empty: nowhere. Headers, certificates and sampling are "
        "the standard's own variables, OTEL_EXPORTER_OTLP_HEADERS and others.",
    )
    review_s: float = Field(
        7 * 24 * 3600.0,
        gt=0,
        description="Seconds that a run waits for its review; then it fails, and a retry asks "
        "again.",
    )

    @field_validator("data", "output")
    @classmethod
    def _from_home(cls, folder: Path) -> Path:
        try:
            return folder.expanduser()
        except RuntimeError as error:
            raise ValueError("it begins with ~ and the name of nobody on this machine") from error

    @field_validator("data", "output")
    @classmethod
    def _whole_path(cls, folder: Path) -> Path:
        if not folder.is_absolute():
            raise ValueError(
                f"{folder} is another folder for each process: write the whole path, from / on"
            )
        return folder

    @field_validator("desk_url")
    @classmethod
    def _whole_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:_-]+/?", url):
            raise ValueError("it is no address such as https://desk.example.org, without a path")
        _ = urlsplit(url).port  # a ValueError says what is wrong with it
        return url.rstrip("/")

    @field_validator("metrics_token")
    @classmethod
    def _long_token(cls, token: SecretStr) -> SecretStr:
        said = token.get_secret_value()
        if said and not re.fullmatch(r"[A-Za-z0-9._~+/-]{16,}=*", said):
            raise ValueError(
                "it needs at least 16 letters and digits, without spaces, such as what "
                "`openssl rand -hex 24` prints"
            )
        return token

    @field_validator("traces_url")
    @classmethod
    def _whole_collector(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:_-]+(/[^\s?#@]*)?", url):
            raise ValueError(
                "it is no address such as http://127.0.0.1:4318/v1/traces; a name and password "
                "belong into OTEL_EXPORTER_OTLP_HEADERS"
            )
        _ = urlsplit(url).port  # a ValueError says what is wrong with it
        return url

    @model_validator(mode="after")
    def _header_and_proxy(self) -> "Settings":
        if bool(self.desk_user_header) != bool(self.desk_proxy):
            raise ValueError(
                "PRESSRUN_DESK_USER_HEADER and PRESSRUN_DESK_PROXY need each other: without the "
                "proxy's address anybody could say who they are"
            )
        if self.desk_user_header and not re.fullmatch(r"[A-Za-z0-9-]+", self.desk_user_header):
            raise ValueError("PRESSRUN_DESK_USER_HEADER is no header's name")
        for address in self.desk_proxies:
            ip_address(address)  # a ValueError says what is wrong with it
        return self

    @property
    def desk_proxies(self) -> frozenset[str]:
        """The addresses from which the user's header is believed."""
        return frozenset(part.strip() for part in self.desk_proxy.split(",") if part.strip())

    @property
    def ledger(self) -> str:
        """The ledger's URL, given or by default."""
        return self.ledger_url or f"sqlite:///{self.data.expanduser() / 'ledger.db'}"

    @model_validator(mode="after")
    def _vault_is_for_several(self) -> Self:
        if self.vault and self.machines == "one":
            raise ValueError(
                "PRESSRUN_VAULT is for several machines and PRESSRUN_MACHINES says one: leave one "
                "of them out"
            )
        return self

    @property
    def several_machines(self) -> bool:
        """Whether a worker on another machine may go on with a batch."""
        if self.machines:
            return self.machines == "several"
        return bool(self.vault) or not self.ledger.startswith("sqlite")

    @property
    def vault_folder(self) -> Path:
        """The folder of paid bytes that are not delivered yet, on this machine."""
        return self.data.expanduser() / "vault"

    @property
    def login(self) -> Path:
        """The file with name and password of the server that ``make up`` runs."""
        return self.data.expanduser() / "login"


@lru_cache
def settings() -> Settings:
    """Reads the settings of this process from the environment, once.

    Raises:
        SettingError: A variable has a value that cannot be used; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"PRESSRUN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()
        )
        raise SettingError(f"Settings cannot be used: {wrong}.") from error
