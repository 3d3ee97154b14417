"""The OpenAI engine: the Images API, OpenAI's own or another vendor's, behind the engine Protocol.

One call in, one picture or one error out. Retries are off here, because one layer above owns
them. The SDK is imported when an engine is made, so that other batches do not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.connections import checked_address
from pressrun.engines.lenient_json import parsed
from pressrun.engines.openai import errors
from pressrun.engines.openai.answers import read_image
from pressrun.engines.options import fields_of
from pressrun.engines.refusals.parsing import error_in_success
from pressrun.engines.replies import unreadable
from pressrun.errors import BadReply, EngineError, Refused, SettingError

if TYPE_CHECKING:
    import httpx2
    import openai

    from pressrun.engines.account import Access

T = TypeVar("T")

BASE_URL = "https://api.openai.com/v1"
LOOK_TIMEOUT_S = 20.0


class OpenAIEngine:
    """Asks for pictures. One instance serves many threads.

    Args:
        access: The API key, never shown in errors or reprs, and the base URL.
        connections: Most calls in flight; at least the threads that share the engine.

    Raises:
        SettingError: No key or address could look like this one.
    """

    name = "openai"

    def __init__(self, access: Access, *, connections: int = 100):
        import openai  # noqa: PLC0415 - see the module's docstring

        from pressrun.engines.http import open_client  # noqa: PLC0415 - loads httpx2

        self._access = access
        self._http = open_client(connections)
        self._client: openai.OpenAI = openai.OpenAI(
            api_key=_checked_key(access.api_key),
            base_url=checked_address("OpenAI", access.base_url)
            or BASE_URL,  # whatever the environment says
            max_retries=0,
            http_client=self._http,
        )

    def __repr__(self) -> str:
        return f"OpenAIEngine({self._access!r})"

    def text(self, request: TextRequest) -> TextReply:
        """Refuses: the catalogue has no text model of this engine."""
        raise Refused(f"{request.model} makes pictures only. Choose a text model.")

    def image(self, request: ImageRequest) -> ImageReply:
        """Asks for one picture, made after the request's pictures if it has some.

        Raises:
            EngineError: One of the tree; a useless answer carries its ``usage``.
        """
        model = catalogue()[request.model]
        width, height = model.pixel_size(request.aspect_ratio, request.size)
        asked: dict[str, Any] = {
            "model": model.called,
            "prompt": request.prompt,
            "n": 1,
            "size": f"{width}x{height}",
            "extra_body": fields_of(model, request),
            "timeout": request.timeout_s,
        }
        images = self._client.images.with_raw_response

        def send() -> httpx2.Response:
            if not request.pictures:
                return images.generate(**asked).http_response
            return images.edit(image=_files(model, request), **asked).http_response

        with self._access.discreet():
            response = self._ask(send, request.model, request.timeout_s)
            return self._answer(model, request, response)

    def _answer(self, model: Model, request: ImageRequest, response: httpx2.Response) -> ImageReply:
        """Reads the picture; raises the error if one came with status 200."""
        body, now = parsed(response.content), datetime.now(UTC)
        if not isinstance(body, dict):
            raise unreadable("OpenAI", response.text)
        if not body.get("data") and (refusal := error_in_success(body, now)):
            raise self._scrubbed(errors.from_refusal(refusal, model=request.model, now=now))
        return read_image(body, response.headers, model, request)

    def reach(self, models: Collection[str]) -> dict[str, EngineError | None]:
        """Says why each of these models cannot be asked, or None if it can. Asks only what is free.

        Raises:
            EngineError: Nothing can be asked: a wrong key or address, no network.
        """

        def send() -> set[str]:
            return {one.id for one in self._client.models.list(timeout=LOOK_TIMEOUT_S)}

        try:
            listed = self._ask(send, "models", LOOK_TIMEOUT_S)
        except BadReply:
            raise errors.wrong_address() from None
        called = {name: catalogue()[name].called for name in models}
        return {
            name: None if there in listed else errors.not_listed(name)
            for name, there in called.items()
        }

    def close(self) -> None:
        """Ends the connections. The engine cannot be used afterwards."""
        self._client.close()

    def _ask(self, send: Callable[[], T], model: str, timeout_s: float) -> T:
        try:
            return send()
        except Exception as error:  # noqa: BLE001 - what it does not know, it raises again
            failure = _explained(error, model, timeout_s)
        # Outside of ``except``: a chained original could show the key in a log.
        raise self._scrubbed(failure)

    def _scrubbed(self, failure: EngineError) -> EngineError:
        """Removes the key: providers quote it in some refusals (of a suspended one, say)."""
        failure.args = tuple(self._access.without_secrets(str(arg)) for arg in failure.args)
        return failure


def _explained(error: Exception, model: str, timeout_s: float) -> EngineError:
    """Turns whatever the SDK raised for this model into an error of the tree."""
    import httpx2  # noqa: PLC0415 - loaded with the engine
    import openai  # noqa: PLC0415

    from pressrun.engines.http import no_answer  # noqa: PLC0415

    if isinstance(error, openai.APIStatusError):
        return errors.from_status(error, model=model, now=datetime.now(UTC))
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | httpx2.InvalidURL):
        return no_answer("OpenAI", error.__cause__ or error, timeout_s)
    if isinstance(error, openai.APIError | ValueError | AttributeError | TypeError):
        # The SDK returns a page that is not JSON as text, and fails on it where it lists models.
        return unreadable("OpenAI")
    raise error


def _checked_key(api_key: str) -> str:
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SettingError(
            "The OpenAI API key is empty or has characters that no key has. Copy it again into "
            "the model account block or OPENAI_API_KEY.",
            kind="bad_key",
        )
    return key


def _files(model: Model, request: ImageRequest) -> list[tuple[str, bytes, str]]:
    """Lists names, bytes and types of the pictures that are sent along."""
    return [
        (f"picture_{number}.{one.extension}", one.data, one.media_type)
        for number, one in enumerate(request.sent(model.most_picture_bytes), 1)
    ]
