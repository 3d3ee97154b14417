"""From a model's picture to the file that is delivered: its format, and where it came from."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from pressrun import provenance
from pressrun.call_key import prompt_digest
from pressrun.engines.base import ImageRequest
from pressrun.pictures import Picture


def finisher(
    request: ImageRequest, batch_id: str, item_key: str, media_type: str, quality: int
) -> Callable[[Picture], Picture]:
    """What encodes the picture of a request, with its provenance inside."""
    origin = provenance.Provenance(
        model=request.model,
        batch=batch_id,
        item=item_key,
        prompt_sha256=prompt_digest(request.prompt),
        created=datetime.now(UTC),
    )
    return partial(provenance.encode, media_type=media_type, quality=quality, provenance=origin)
