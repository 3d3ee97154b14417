"""The key of a paid call, so that the same request of an item is never paid twice."""

import hashlib
import json
from functools import lru_cache

from pydantic import BaseModel

from pressrun.engines.base import ImageRequest, TextRequest


def call_key(batch_id: str, item_key: str, slot: str, request: TextRequest | ImageRequest) -> str:
    """Makes the key of a call from who asks what, for what."""
    return _digest(batch_id, item_key, slot, content(request))


def content(request: TextRequest | ImageRequest) -> dict[str, object]:
    """Gives what a request asks as plain data; pictures by their digests."""
    asked: dict[str, object] = {
        "model": request.model,
        "prompt": request.prompt,
        "pictures": [picture.sha256 for picture in request.pictures],
        "seed": request.seed,
    }
    # Named only where there are some: paid answers of older ledgers keep their keys.
    asked |= {"labels": request.labels} if request.labels else {}
    if isinstance(request, ImageRequest):
        asked |= {"hidden": request.hidden} if request.hidden else {}
        options = {"options": dict(request.options)} if request.options else {}
        return asked | {"aspect_ratio": request.aspect_ratio, "size": request.size} | options
    return asked | {"system": request.system, "schema": _schema_digest(request.schema)}


@lru_cache
def _schema_digest(schema: type[BaseModel]) -> str:
    return _digest(schema.model_json_schema())


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
