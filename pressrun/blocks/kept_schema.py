"""A block's JSON schema, worked out once: Prefect asks for it with every field of every save."""

from copy import deepcopy
from typing import Any

_kept: dict[tuple[Any, ...], dict[str, Any]] = {}


class KeptSchema:
    """Goes before ``Block`` among a block's bases.

    It does not change once the class is made; without this, writing a ``ModelAccount`` down takes
    235 ms of a processor in place of 9 (``Block._field_has_secrets`` of Prefect 3.9.1).
    """

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Gives the schema, as pydantic does; it may be changed by whoever asked."""
        asked = (cls, args, tuple(sorted(options.items())))
        if asked not in _kept:
            _kept[asked] = super().model_json_schema(*args, **options)  # type: ignore[misc]
        return deepcopy(_kept[asked])
