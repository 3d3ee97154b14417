"""``<file>.json`` beside a picture: all that is known of how it came to be, for machines.

Pure: it is given the facts, asks nobody and names no file but the picture's own. What a person
asked stands in it word for word, so it is as private as the prompt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from pressrun import __version__
from pressrun.engines.base import ImageRequest
from pressrun.pictures.picture import Picture

SCHEMA = "pressrun/picture/1"
MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Safety:
    """What was looked at before and after the picture was made.

    Attributes:
        checked: By what the prompt was checked and allowed: ``words``, or ``model`` for both.
        finish_reason: The provider's word for how its answer ended; empty if it says none.
    """

    checked: str = "words"
    finish_reason: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose picture it is, and what it was made of.

    Attributes:
        batch: The batch's id.
        item: The item's key.
        prompt: As it was given, before a text model made it richer.
        request: As the engine was asked; its prompt is what the picture was made from.
        dropped: What became of parameters that the model does not know.
        created: When the model answered, with a time zone.
        model_version: As the provider names what answered; empty if it does not.
    """

    batch: str
    item: str
    prompt: str
    request: ImageRequest
    created: datetime
    dropped: Sequence[str] = ()
    model_version: str = ""


def sidecar_path(path: str) -> str:
    """Names the file with the facts of a picture: ``a/cat.png.json`` for ``a/cat.png``."""
    return f"{path}.json"


def sidecar(
    path: str, picture: Picture, origin: Origin, safety: Safety, cost_usd: float = 0.0
) -> bytes:
    """Writes the facts as JSON, UTF-8; the same facts give the same bytes.

    Args:
        path: Of the delivered picture; only its name is written.
        picture: As it is delivered.
        origin: How it came to be.
        safety: What was checked.
        cost_usd: What its call cost.
    """
    request = origin.request
    content = {
        "schema": SCHEMA,
        "file": path.rpartition("/")[2],
        "sha256": picture.sha256,
        "media_type": picture.media_type,
        "width": picture.width,
        "height": picture.height,
        "bytes": len(picture.data),
        "model": request.model,
        "model_version": origin.model_version,
        "prompt": _plain(origin.prompt),
        "enhanced_prompt": _plain(request.prompt) if request.prompt != origin.prompt else None,
        "parameters": _parameters(request),
        "dropped": [_plain(phrase) for phrase in origin.dropped],
        "batch": origin.batch,
        "item": origin.item,
        "created": origin.created.astimezone(UTC).replace(microsecond=0).isoformat(),
        "cost_usd": round(cost_usd, 9),
        "safety": {
            "prompt_checked_by": ["words", "model"] if safety.checked == "model" else ["words"],
            "blocked": False,  # else there would be no picture
            "finish_reason": safety.finish_reason or None,
        },
        "software": f"Pressrun {__version__}",
        "ai_generated": True,
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _parameters(request: ImageRequest) -> Mapping[str, Any]:
    asked: dict[str, Any] = {
        "aspect_ratio": request.aspect_ratio,
        "size": request.size,
        "seed": request.seed,
        **request.options,
    }
    return {name: _plain(value) for name, value in asked.items()}


def _plain(value: Any) -> Any:
    # Half of a surrogate pair, which a pasted text may hold, has no UTF-8.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
