"""Reads answers of the Images API as plain JSON: the picture, and what it costs.

Whoever speaks OpenAI's protocol leaves fields out, names them as the chat API does, or fills them
with zeros.
"""

from collections.abc import Mapping

from pressrun.engines.base import ImageReply, ImageRequest, Usage
from pressrun.engines.catalogue import Model
from pressrun.engines.lenient_json import count, field, items, mapping, price, tier_name, words
from pressrun.engines.replies import address_only, no_picture, picture_of, withheld
from pressrun.engines.token_estimates import most_usage
from pressrun.engines.usage import ReportedUsage, billed_usage


def read_image(
    body: Mapping[str, object], headers: Mapping[str, str], model: Model, request: ImageRequest
) -> ImageReply:
    """Reads the picture of an answer with status 200.

    Args:
        body: Its JSON.
        headers: Of the answer.
        model: What was asked.
        request: What it was asked.

    Raises:
        BadReply: There is none; the error carries the answer's ``usage``.
    """
    usage = _usage(body, headers, model, request)
    pictures = [_fields(one) for one in items(field(body, "data", "images"))]
    encoded = [data for one in pictures if (data := field(one, "b64_json", "b64", "base64"))]
    if encoded:
        return ImageReply(picture_of(encoded[-1], "OpenAI", usage), usage, model.called)
    addresses = [url for one in pictures if (url := words(field(one, "url", "image_url")))]
    if addresses and addresses[-1].startswith("data:"):
        return ImageReply(picture_of(addresses[-1], "OpenAI", usage), usage, model.called)
    if addresses:
        raise address_only("OpenAI", usage)
    if any(one.get("respect_moderation") is False for one in (*pictures, body)):
        raise withheld("OpenAI", "the picture broke the rules of its moderation", usage)
    raise no_picture("OpenAI", words(field(body, "message", "text", "detail")), usage)


def _fields(one: object) -> Mapping[str, object]:
    """Reads one picture's fields; some vendors send bare text, an address or the picture."""
    text = words(one)
    is_address = "://" in text[:20] or text.startswith("data:")
    return {"url" if is_address else "b64_json": text} if text else mapping(one)


def _usage(
    body: Mapping[str, object], headers: Mapping[str, str], model: Model, request: ImageRequest
) -> Usage:
    told = field(body, "usage")
    read, written = (
        field(told, "input_tokens_details", "prompt_tokens_details"),
        field(told, "output_tokens_details", "completion_tokens_details"),
    )
    counted = ReportedUsage(
        read=count(field(told, "input_tokens", "prompt_tokens")),
        written=count(field(told, "output_tokens", "completion_tokens")),
        total=count(field(told, "total_tokens")),
        drawn=count(field(written, "image_tokens")),
        words=count(field(written, "text_tokens")),
        shown=count(field(read, "image_tokens")),
        cost_usd=price(field(told, "cost")),
        tier=tier_name(field(body, "service_tier") or headers.get("openai-service-tier")),
    )
    return billed_usage(counted, most_usage(model, request), picture=True, thinks=False)
