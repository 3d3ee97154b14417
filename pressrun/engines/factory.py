"""From a model's engine name to the engine. Imports an adapter only when it is chosen."""

from pressrun.engines.account import Access
from pressrun.engines.base import Engine
from pressrun.errors import SettingError


def open_engine(name: str, access: Access, connections: int) -> Engine:
    """Opens the engine that speaks to a provider.

    Args:
        name: As ``models.toml`` writes it.
        access: The way in; empty for offline engines.
        connections: Most calls at the same time.

    Raises:
        SettingError: No such engine, or its access cannot be used.
    """
    if name == "sketch":
        from pressrun.engines.sketch.engine import SketchEngine  # noqa: PLC0415

        return SketchEngine()
    if name == "gemini":
        from pressrun.engines.gemini.engine import GeminiEngine  # noqa: PLC0415

        return GeminiEngine(access, connections=connections)
    if name == "openai":
        from pressrun.engines.openai.engine import OpenAIEngine  # noqa: PLC0415

        return OpenAIEngine(access, connections=connections)
    if name == "bedrock":
        from pressrun.engines.bedrock.engine import BedrockEngine  # noqa: PLC0415

        return BedrockEngine(access, connections=connections)
    raise SettingError(f"models.toml names the engine {name!r}, which does not exist.")
