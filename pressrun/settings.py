"""Where Pressrun keeps things and how it reaches the world, from the environment.

Read once, when first needed, never at import. What belongs to one batch is a parameter of
its flow; what is secret is a block or one of the provider's own variables.
"""

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pressrun.errors import SettingError


class Settings(BaseSettings):
    """Every variable ``PRESSRUN_…``; the README has them as a table."""

    model_config = SettingsConfigDict(env_prefix="PRESSRUN_")

    data: Annotated[Path, Field(description="Folder of the ledger and the vault.")] = Field(
        default_factory=lambda: user_data_path("pressrun")
    )
    output: Path = Field(
        default_factory=lambda: Path.home() / "Pressrun",
        description="Folder that batches are delivered to when none is named.",
    )
    ledger_url: str = Field("", description="SQLAlchemy URL of the ledger, SQLite in data if empty")
    limits: dict[str, float] = Field(
        default_factory=dict,
        description='Requests a minute of a model, as JSON: {"gemini-3.8-flash": 300}.',
    )
    tiktok_proxy: str | None = Field(None, description="Proxy that TikTok is reached through.")
    tiktok_ca: Path | None = Field(None, description="CA file of that proxy (PEM).")
    tiktok_pause_s: float = Field(2.0, ge=0, description="Seconds between two TikTok posts.")
    delivery_patience_s: float = Field(
        600.0,
        ge=0,
        description="Seconds that a destination which is away is waited for at a batch's end.",
    )
    keep_vault: bool = Field(
        False, description="Keep the bytes of a batch after they were seen at their destination."
    )
    progress_s: float = Field(5.0, gt=0, description="Seconds between two lines of progress.")

    @property
    def ledger(self) -> str:
        """The ledger's URL, given or by default."""
        return self.ledger_url or f"sqlite:///{self.data.expanduser() / 'ledger.db'}"

    @property
    def vault(self) -> Path:
        """The folder of paid bytes that are not delivered yet."""
        return self.data.expanduser() / "vault"


@lru_cache
def settings() -> Settings:
    """The settings of this process.

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
