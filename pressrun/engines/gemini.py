"""The Gemini engine: google-genai's sync client behind the engine Protocol.

One call in, one reply or one error out. Retries, continuations and waiting are off here,
because one layer above owns them; prices and quotas are the ledger's. The SDK is imported
when an engine is made (it takes a second), so that offline batches do not pay for it.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PIL import Image
from pydantic import ValidationError

from pressrun.engines import gemini_errors
from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.errors import BadReply, EngineError, PictureError, Refused, SettingError
from pressrun.pictures import Picture, read_picture

if TYPE_CHECKING:
    from google.genai import types

DEFAULT_TIMEOUT_S = 180.0
MAX_REPLY_BYTES = 64 * 2**20  # a 4K PNG is larger than what people may upload


class GeminiEngine:
    """Asks Gemini's Developer API. One instance serves many threads.

    Args:
        api_key: From https://aistudio.google.com/apikey; never shown in errors or reprs.
        base_url: Another server that speaks the protocol; the SDK's own default if None.
        api_version: ``v1`` or ``v1beta``.
        connections: Most calls in flight; at least the threads that share the engine.

    Raises:
        SettingError: The key is empty, or no key could look like it.
    """

    name = "gemini"

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str | None = None,
        api_version: str = "v1",
        connections: int = 100,
    ):
        from google import genai  # noqa: PLC0415 - see the module's docstring

        from pressrun.engines.gemini_http import open_client  # noqa: PLC0415

        self._key = _checked_key(api_key)
        self._base_url = base_url
        self._types = genai.types
        self._http = open_client(connections)
        # Both are kept: an SDK client that nobody refers to closes itself.
        self._client = genai.Client(
            vertexai=False,  # whatever the environment says
            api_key=self._key,
            http_options=genai.types.HttpOptions(
                base_url=base_url,
                api_version=api_version,
                timeout=_ms(DEFAULT_TIMEOUT_S),  # without one, the SDK waits for ever
                httpx_client=self._http,
            ),
        )

    def __repr__(self) -> str:
        return f"GeminiEngine(api_key='***', base_url={self._base_url!r})"

    def text(self, request: TextRequest) -> TextReply:
        """Asks for JSON that fits ``request.schema``.

        Raises:
            EngineError: One of the tree; a useless answer carries its ``usage``.
        """
        response = self._send(
            request,
            system_instruction=request.system or None,
            response_mime_type="application/json",
            response_schema=request.schema,
        )
        return _text_reply(request, response)

    def image(self, request: ImageRequest) -> ImageReply:
        """Asks for one picture.

        Raises:
            EngineError: One of the tree; a useless answer carries its ``usage``.
        """
        asked = self._types.ImageConfig(aspect_ratio=request.aspect_ratio, image_size=request.size)
        response = self._send(request, response_modalities=["IMAGE"], image_config=asked)
        return _image_reply(response)

    def close(self) -> None:
        """Ends the connections. The engine cannot be used afterwards."""
        self._client.close()
        self._http.close()

    def _send(
        self, request: TextRequest | ImageRequest, **settings: Any
    ) -> types.GenerateContentResponse:
        config = self._types.GenerateContentConfig(
            seed=request.seed & 0x7FFFFFFF,  # the API's seed has 32 bits and a sign
            automatic_continuation=False,  # a continuation would bill again, unseen
            http_options=self._types.HttpOptions(timeout=_ms(request.timeout_s)),
            **settings,
        )
        try:
            return self._client.models.generate_content(
                model=request.model, contents=self._contents(request), config=config
            )
        except Exception as error:  # noqa: BLE001 - what it does not know, it raises again
            failure = _explained(error, request)
        # Outside of ``except``: a chained original could show the key in a log.
        raise self._scrubbed(failure)

    def _contents(self, request: TextRequest | ImageRequest) -> list[Any]:
        """References first: the prompt speaks of pictures that the model has seen by then."""
        shown = [
            self._types.Part.from_bytes(data=picture.data, mime_type=picture.media_type)
            for picture in request.pictures
        ]
        return [*shown, request.prompt]

    def _scrubbed(self, failure: EngineError) -> EngineError:
        """Google quotes the key in some refusals (a suspended consumer, for one)."""
        failure.args = tuple(str(arg).replace(self._key, "[API key]") for arg in failure.args)
        return failure


def _checked_key(api_key: str) -> str:
    """The key without its margins; a stray line break would otherwise surface in an error."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SettingError(
            "The Gemini API key is empty or has characters that no key has. Copy it again "
            "from https://aistudio.google.com/apikey into the model account block or "
            "GEMINI_API_KEY.",
            kind="bad_key",
        )
    return key


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))  # 0 would mean no timeout at all


def _explained(error: Exception, request: TextRequest | ImageRequest) -> EngineError:
    """Whatever the SDK raised for this request, as an error of the tree."""
    import httpx2  # noqa: PLC0415 - loaded with the SDK
    from google.genai.errors import APIError  # noqa: PLC0415

    if isinstance(error, APIError):
        return gemini_errors.from_api_error(error, model=request.model, now=datetime.now(UTC))
    if isinstance(error, httpx2.TimeoutException):
        return gemini_errors.timed_out(request.timeout_s)
    if isinstance(error, httpx2.HTTPError):
        return gemini_errors.disconnected(error)
    if _is_unreadable_reply(error):
        return BadReply("Gemini's answer is not the JSON it should be. Try again.", kind="bad_json")
    if isinstance(error, ValueError):
        return Refused(
            f"The request cannot be put to Gemini ({type(error).__name__}: {error}).",
            kind="bad_request",
        )
    raise error


def _is_unreadable_reply(error: Exception) -> bool:
    """Tells broken replies from broken requests; the SDK raises plain errors for both."""
    if isinstance(error, ValidationError):
        return error.title == "GenerateContentResponse"
    return isinstance(error, json.JSONDecodeError | UnicodeDecodeError | TypeError)


def _parts(candidate: types.Candidate) -> list[types.Part]:
    """What the model means to say: thoughts, and the drafts in them, are left out."""
    content = candidate.content
    parts = content.parts if content is not None else None
    return [part for part in parts or [] if not part.thought]


def _text_reply(request: TextRequest, response: types.GenerateContentResponse) -> TextReply:
    usage = gemini_errors.usage_of(response)
    candidate = gemini_errors.finished_candidate(response)
    text = "".join(part.text or "" for part in _parts(candidate))
    try:
        # The SDK's own ``parsed`` is silently None where this raises.
        request.schema.model_validate_json(text)
    except ValidationError as error:
        raise BadReply(
            f"Gemini's answer does not fit the shape asked for ({_first_problem(error)}). "
            "Try again.",
            kind="bad_json",
            usage=usage,
        ) from None  # its text would repeat the whole answer in every log
    return TextReply(text, usage, response.model_version or "")


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]


def _image_reply(response: types.GenerateContentResponse) -> ImageReply:
    usage = gemini_errors.usage_of(response)
    candidate = gemini_errors.finished_candidate(response)
    for part in _parts(candidate):
        if part.inline_data is not None and part.inline_data.data:
            picture = _whole_picture(part.inline_data.data, usage)
            return ImageReply(picture, usage, response.model_version or "")
    raise BadReply(
        "Gemini answered in words and sent no picture. Try again, or say in the prompt that a "
        "picture is wanted.",
        kind="no_image",
        usage=usage,
    )


def _whole_picture(data: bytes, usage: Usage) -> Picture:
    """Checked to the last byte: a truncated answer has a perfect header."""
    try:
        picture = read_picture(data, "Gemini's picture", max_bytes=MAX_REPLY_BYTES)
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (image.width // 8, image.height // 8))  # JPEG: all read, few drawn
            image.load()
    except (PictureError, OSError, ValueError, SyntaxError) as error:
        raise BadReply(
            f"Gemini's picture is damaged ({error}). Try again.", kind="bad_picture", usage=usage
        ) from error
    return picture
