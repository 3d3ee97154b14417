"""Prefect blocks: what is secret or shared between batches, kept and shown by the server."""

from typing import Annotated

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from pressrun.account import Account, account_from_environment, require_key
from pressrun.engines.catalogue import catalogue
from pressrun.settings import settings


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
    _description = "Key and address of a provider of models, with the pace that it allows."

    api_key: Annotated[SecretStr, Field(title="API key", description="From Google AI Studio.")]
    base_url: Annotated[
        str | None,
        Field(title="Base URL", description="Another address of the API; empty for Google's."),
    ] = None
    api_version: Annotated[
        str, Field(title="API version", description="v1, or v1beta for preview features.")
    ] = "v1"
    limits: Annotated[
        dict[str, float],
        Field(
            title="Requests a minute",
            description='Of each model, as AI Studio shows them: {"gemini-3.8-flash": 300}.',
        ),
    ] = Field(default_factory=dict)

    def account(self) -> Account:
        """The account, for the engines."""
        return Account(
            self.api_key.get_secret_value(), self.base_url or None, self.api_version, self.limits
        )


def account_of(block: ModelAccount | None, *models: str) -> Account:
    """The block's account, or the one that the environment describes.

    Raises:
        SettingError: One of the models needs a key and there is none; said before any link is
            fetched.
    """
    account = block.account() if block else account_from_environment(settings().limits)
    for name in models:
        if name in catalogue() and catalogue()[name].engine != "sketch":
            require_key(account, name)
    return account
