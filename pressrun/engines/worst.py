"""The most that a call can be billed for, so that a cap can set it aside before it is sent."""

from pressrun.engines.base import ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import Model
from pressrun.engines.tokens import request_tokens

#: Words and thoughts that may come along with a picture.
_BESIDE_A_PICTURE = 2048
#: Of an answer's schema, which is billed as words; ours are all shorter.
_SCHEMA_CHARACTERS = 6000


def most_usage(model: Model, request: TextRequest | ImageRequest) -> Usage:
    """Tokens that a request can come to at most."""
    if model.free:
        return Usage()
    sizes = [(picture.width, picture.height) for picture in request.pictures]
    if isinstance(request, ImageRequest):
        read = request_tokens(len(request.prompt), sizes)
        drawn = model.image_tokens[request.size]
        return Usage(round(read.high), drawn + _BESIDE_A_PICTURE, drawn)
    words = len(request.prompt) + len(request.system) + _SCHEMA_CHARACTERS
    return Usage(round(request_tokens(words, sizes).high), request.max_output_tokens)
