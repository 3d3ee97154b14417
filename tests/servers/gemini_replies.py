"""Requests read and good replies made, the way the Gemini API does; no HTTP here.

Pictures are cheap: one encoded picture for a size and a look is drawn once, and each copy
differs from the next only by a comment with the prompt's digest.
"""

import base64
import colorsys
import hashlib
import io
import json
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw

from tests.servers.gemini_books import ServedModel
from tests.servers.gemini_schema import json_for

Json = dict[str, Any]

PICTURE_TOKENS = 258  # what a small reference picture counts in the prompt
# Pixels at 1K; 2K and 4K are twice and four times that (Google's table for image models).
SIZES_1K = {
    "1:1": (1024, 1024),
    "1:4": (512, 2064),
    "1:8": (352, 2928),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:1": (2064, 512),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "8:1": (2928, 352),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
_SCALES = {"1K": 1, "2K": 2, "4K": 4}
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")


class BadArgument(Exception):
    """The request is one that the API refuses with 400."""


@dataclass(frozen=True)
class Asked:
    """What a request asks, whichever spelling it used.

    Attributes:
        parts: Media types in order; ``text`` for words.
        digest: Of everything that the answer depends on.
    """

    model: ServedModel
    prompt: str
    parts: tuple[str, ...]
    seed: int
    image: bool
    aspect_ratio: str
    size: str
    schema: Json | None
    prompt_tokens: int
    digest: str


def field(body: Json, name: str, default: Any = None) -> Any:
    """A field by its camelCase name, or by the snake_case one that the SDK sometimes sends."""
    snake = re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)
    return body.get(name, body.get(snake, default))


def read_request(model: ServedModel, body: Json) -> Asked:
    """Reads a ``generateContent`` body.

    Raises:
        BadArgument: A value that the API would refuse.
    """
    texts, parts, digest = _read_contents(body)
    config = field(body, "generationConfig") or {}
    prompt, seed = "\n".join(texts), int(field(config, "seed") or 0)
    system = _read_system(body)
    image = _wants_image(model, config)
    aspect_ratio, size = _picture_settings(model, config) if image else ("", "")
    schema = field(config, "responseSchema") or field(config, "responseJsonSchema")
    digest.update(f"{model.name}\n{seed}\n{aspect_ratio}\n{size}\n{system}".encode())
    words = (len(prompt) + len(system) + 3) // 4
    pictures = sum(part != "text" for part in parts)
    return Asked(
        model=model,
        prompt=prompt,
        parts=tuple(parts),
        seed=seed,
        image=image,
        aspect_ratio=aspect_ratio,
        size=size,
        schema=schema,
        prompt_tokens=words + PICTURE_TOKENS * pictures,
        digest=digest.hexdigest(),
    )


def _read_contents(body: Json) -> tuple[list[str], list[str], Any]:
    contents = field(body, "contents")
    if not isinstance(contents, list) or not contents:
        raise BadArgument("* GenerateContentRequest.contents: contents is not specified")
    texts: list[str] = []
    kinds: list[str] = []
    digest = hashlib.sha256()
    for part in (part for content in contents for part in content.get("parts") or []):
        if blob := field(part, "inlineData"):
            digest.update(_read_picture(field(blob, "data", "")))
            kinds.append(str(field(blob, "mimeType", "")))
        else:
            texts.append(str(part.get("text", "")))
            kinds.append("text")
            digest.update(texts[-1].encode())
    if not kinds:
        raise BadArgument("* GenerateContentRequest.contents: contents.parts must not be empty.")
    return texts, kinds, digest


def _read_picture(data: str) -> bytes:
    standard = data.translate(str.maketrans("-_", "+/"))
    try:
        picture = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except ValueError as error:
        raise BadArgument(f"Invalid value at 'inline_data.data' (TYPE_BYTES): {error}") from error
    if not picture.startswith(_MAGIC):
        raise BadArgument("Unable to process input image. Please retry or report in AI Studio.")
    return picture


def _read_system(body: Json) -> str:
    instruction = field(body, "systemInstruction") or {}
    return "\n".join(str(part.get("text", "")) for part in instruction.get("parts") or [])


def _wants_image(model: ServedModel, config: Json) -> bool:
    modalities = [str(m).upper() for m in field(config, "responseModalities") or []]
    if not model.image_tokens:
        if "IMAGE" in modalities:
            raise BadArgument(f"{model.name} does not support the response modality IMAGE.")
        return False
    if field(config, "responseMimeType") == "application/json":
        raise BadArgument(f"JSON mode is not enabled for models/{model.name}")
    return not modalities or "IMAGE" in modalities


def _picture_settings(model: ServedModel, config: Json) -> tuple[str, str]:
    asked = field(config, "imageConfig") or {}
    aspect_ratio = field(asked, "aspectRatio") or "1:1"
    size = field(asked, "imageSize") or "1K"
    if aspect_ratio not in SIZES_1K:
        raise BadArgument(f"aspect_ratio must be one of {sorted(SIZES_1K)}, not {aspect_ratio!r}.")
    if size not in model.image_tokens:
        raise BadArgument(f"image_size must be one of {sorted(model.image_tokens)}, not {size!r}.")
    return aspect_ratio, size


def good_reply(asked: Asked, picture_format: str = "JPEG") -> Json:
    """The body of a regular answer, with the usage that it is billed by."""
    if asked.image:
        data = picture_for(asked, picture_format)
        blob = {
            "mimeType": f"image/{picture_format.lower()}",
            "data": base64.b64encode(data).decode(),
        }
        return _reply(
            asked, {"inlineData": blob}, image_tokens=asked.model.image_tokens[asked.size]
        )
    if asked.schema is not None:
        text = json.dumps(json_for(asked.schema, asked.digest), ensure_ascii=False)
    else:
        text = json_for({"type": "string", "minLength": 80}, asked.digest)
    return _reply(asked, {"text": text}, text_tokens=(len(text) + 3) // 4)


def _reply(asked: Asked, part: Json, *, image_tokens: int = 0, text_tokens: int = 0) -> Json:
    thoughts = 0 if image_tokens else 20 + int(asked.digest[:2], 16)
    output = image_tokens + text_tokens
    pictures = PICTURE_TOKENS * sum(kind != "text" for kind in asked.parts)
    modality = "IMAGE" if image_tokens else "TEXT"
    return {
        "candidates": [
            {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
        ],
        "usageMetadata": {
            "promptTokenCount": asked.prompt_tokens,
            "candidatesTokenCount": output,
            "thoughtsTokenCount": thoughts,
            "totalTokenCount": asked.prompt_tokens + output + thoughts,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": asked.prompt_tokens - pictures},
                {"modality": "IMAGE", "tokenCount": pictures},
            ],
            "candidatesTokensDetails": [{"modality": modality, "tokenCount": output}],
        },
        "modelVersion": f"{asked.model.name}-001",
        "responseId": asked.digest[:16],
    }


def picture_for(asked: Asked, picture_format: str) -> bytes:
    """A picture of the asked size; its look and its comment follow from the request."""
    width, height = SIZES_1K[asked.aspect_ratio]
    scale = _SCALES[asked.size]
    look = int(asked.digest[:8], 16) % 96
    drawn = _drawn(width * scale, height * scale, look, picture_format)
    mark = f"local gemini {asked.digest}".encode()
    if picture_format == "JPEG":  # a comment segment, right after the start of the image
        return drawn[:2] + b"\xff\xfe" + (len(mark) + 2).to_bytes(2, "big") + mark + drawn[2:]
    text = b"tEXtComment\0" + mark  # a text chunk, right after the header chunk
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    return drawn[:33] + chunk + drawn[33:]


@lru_cache(maxsize=256)
def _drawn(width: int, height: int, look: int, picture_format: str) -> bytes:
    hue, corner = (look % 24) / 24, look // 24
    ground, figure = _colour(hue, 0.45), _colour((hue + 0.4) % 1, 0.9)
    image = Image.new("RGB", (width, height), ground)
    left, top = width // 2 * (corner % 2), height // 2 * (corner // 2)
    ImageDraw.Draw(image).ellipse((left, top, left + width // 2, top + height // 2), fill=figure)
    out = io.BytesIO()
    settings = {"quality": 80} if picture_format == "JPEG" else {"compress_level": 1}
    image.save(out, picture_format, **settings)
    return out.getvalue()


def _colour(hue: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.55, value)
    return int(red * 255), int(green * 255), int(blue * 255)
