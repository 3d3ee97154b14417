"""The most that a call can be billed for, so that a cap can set it aside before it is sent."""

from pressrun.engines.base import ImageRequest, TextRequest, Usage
from pressrun.engines.catalogue import Model
from pressrun.engines.tokens import shown_tokens, word_tokens

#: Of an answer's schema, which is billed as words; ours are all shorter.
_SCHEMA_CHARACTERS = 6000


def most_usage(model: Model, request: TextRequest | ImageRequest) -> Usage:
    """What a request can come to at most."""
    if model.free:
        return Usage()
    if isinstance(request, ImageRequest) and model.image_price:
        return Usage(image_size=request.size)
    sizes = [(picture.width, picture.height) for picture in request.pictures]
    shown = round(shown_tokens(sizes, model.reference_tokens).high)
    if isinstance(request, ImageRequest):
        read = round(word_tokens(len(request.prompt)).high) + shown
        drawn = model.image_tokens[request.size]
        written = drawn + model.beside_image_tokens
        return Usage(read, written, drawn, input_image_tokens=shown)
    words = len(request.prompt) + len(request.system) + _SCHEMA_CHARACTERS
    read = round(word_tokens(words).high) + shown
    return Usage(read, request.max_output_tokens, input_image_tokens=shown)
