"""From a model's engine name to the engine. Imports an adapter only when it is chosen."""

from pressrun.account import Account, require_key
from pressrun.engines.base import Engine
from pressrun.engines.catalogue import Model
from pressrun.errors import SettingError


def open_engine(model: Model, account: Account, connections: int) -> Engine:
    """The engine that speaks to the model's provider.

    Args:
        model: From the catalogue.
        account: The key and address to use.
        connections: Most calls at the same time.

    Raises:
        SettingError: No such engine, or no key for it.
    """
    if model.engine == "sketch":
        from pressrun.engines.sketch import SketchEngine  # noqa: PLC0415

        return SketchEngine()
    if model.engine == "gemini":
        from pressrun.engines.gemini import GeminiEngine  # noqa: PLC0415

        require_key(account, model.name)
        return GeminiEngine(
            account.api_key,
            base_url=account.base_url,
            api_version=account.api_version,
            connections=connections,
        )
    raise SettingError(f"models.toml names the engine {model.engine!r}, which does not exist.")
