"""The Gemini engine: google-genai's sync client behind the engine Protocol.

One call in, one reply or one error out. Retries, continuations and waiting are off here,
because one layer above owns them; prices and quotas are the ledger's. The SDK is imported
when an engine is made (it takes a second), so that offline batches do not pay for it. Of a call it
does the address, the sign-in and the refusal: what is sent is put together here, since its models
of it take longer than all of HTTP (decision 57).
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from pressrun.boundary.answers import bound_google_sign_in
from pressrun.boundary.text import one_line
from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.connections import checked_address
from pressrun.engines.gemini import errors
from pressrun.engines.gemini.answers import Answer
from pressrun.engines.gemini.version import ApiVersion
from pressrun.engines.lenient_json import parsed, words
from pressrun.engines.refusals.parsing import error_in_success
from pressrun.engines.replies import unreadable
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import BadReply, EngineError, Refused, SettingError

if TYPE_CHECKING:
    from google import genai
    from google.genai import types

    from pressrun.engines.account import Access
    from pressrun.engines.refusals.parsing import ErrorResponse
    from pressrun.pictures.picture import Picture

T = TypeVar("T")

DEFAULT_TIMEOUT_S = 180.0
LOOK_TIMEOUT_S = 20.0
_CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class GeminiEngine:
    """Asks Gemini's Developer API, or Vertex AI. One instance serves many threads.

    Args:
        access: An API key (https://aistudio.google.com/apikey), never shown in errors or reprs;
            or a Vertex AI project, asked with Google's application default credentials.
        connections: Most calls in flight; at least the threads that share the engine.

    Raises:
        SettingError: No key or address could look like this one, or this machine has no
            credentials.
    """

    name = "gemini"

    def __init__(self, access: Access, *, connections: int = 100):
        from google import genai  # noqa: PLC0415 - see the module's docstring

        from pressrun.engines.http import open_client  # noqa: PLC0415

        self._access = access
        self._version = ApiVersion(access)
        self._types = genai.types
        way_in = _vertex(access) if access.project else _developer(access)
        self._http = open_client(connections)
        # Both are kept: an SDK client that nobody refers to closes itself.
        self._client: genai.Client = genai.Client(
            **way_in,
            http_options=genai.types.HttpOptions(
                base_url=checked_address("Gemini", access.base_url),
                api_version=self._version.now or None,
                timeout=_ms(DEFAULT_TIMEOUT_S),  # without one, the SDK waits for ever
                httpx_client=self._http,
            ),
        )
        self._schemas: dict[type[BaseModel], dict[str, Any]] = {}

    def __repr__(self) -> str:
        return f"GeminiEngine({self._access!r})"

    @property
    def api_version(self) -> str:
        """The version of the API that is asked now; empty where Google's library chooses it."""
        return self._version.now

    def text(self, request: TextRequest) -> TextReply:
        """Asks for JSON that fits ``request.schema``.

        Raises:
            EngineError: One of the tree; a useless answer carries its ``usage``.
        """
        model, timeout_s = request.model, request.timeout_s
        with self._access.discreet():
            schema = self._ask(lambda: self._schema(request.schema), model, timeout_s)
            reply = self._send(
                request,
                maxOutputTokens=request.max_output_tokens,
                responseMimeType="application/json",
                responseSchema=schema,
            ).text()
        return replace(reply, text=self._access.without_secrets(reply.text))

    def image(self, request: ImageRequest) -> ImageReply:
        """Asks for one picture.

        Raises:
            EngineError: One of the tree; a useless answer carries its ``usage``.
        """
        asked = {"aspectRatio": request.aspect_ratio, "imageSize": request.size}
        asked = {name: value for name, value in asked.items() if value is not None}
        with self._access.discreet():
            return self._send(request, responseModalities=["IMAGE"], imageConfig=asked).image()

    def reach(self, models: Collection[str]) -> dict[str, EngineError | None]:
        """Says why each of these models cannot be asked, or None if it can. Asks only what is free.

        Raises:
            EngineError: Nothing can be asked: a wrong key or address, no network.
        """
        if self._access.project:
            return {model: self._reach_in_vertex(model) for model in models}
        listed = self._listed()
        return {m: None if m in listed else errors.not_listed(m) for m in models}

    def close(self) -> None:
        """Ends the connections. The engine cannot be used afterwards."""
        self._client.close()
        self._http.close()

    def _send(self, request: TextRequest | ImageRequest, **settings: Any) -> Answer:
        version = self._version.now
        options = self._types.HttpOptions(
            timeout=_ms(request.timeout_s), api_version=version or None
        )

        def generate() -> types.HttpResponse:
            path, body = (
                f"{self._name(request.model)}:generateContent",
                self._body(request, settings),
            )
            return self._client._api_client.request("post", path, body, options)

        response = self._ask(generate, request.model, request.timeout_s, version)
        return self._answer(request, response, version)

    def _body(
        self, request: TextRequest | ImageRequest, settings: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Puts together what is sent, as the SDK would."""
        seed = request.seed & 0x7FFFFFFF  # the API's seed has 32 bits and a sign
        body = {
            "contents": [_content(self._parts(request))],
            "generationConfig": {**settings, "seed": seed},
        }
        if isinstance(request, TextRequest) and request.system:
            body["systemInstruction"] = _content([{"text": request.system}])
        return body

    def _name(self, model: str) -> str:
        """Gives the part of the address that names a model.

        Raises:
            ValueError: None could be named so.
        """
        from google.genai import _transformers  # noqa: PLC0415 - loaded with the SDK

        return _transformers.t_model(self._client._api_client, model)

    def _schema(self, shape: type[BaseModel]) -> dict[str, Any]:
        """Gives a shape in Google's words."""
        from google.genai import _transformers  # noqa: PLC0415 - loaded with the SDK

        if shape not in self._schemas:
            schema = _transformers.t_schema(self._client._api_client, shape)
            self._schemas[shape] = schema.model_dump(exclude_none=True) if schema else {}
        return self._schemas[shape]

    def _answer(
        self, request: TextRequest | ImageRequest, response: types.HttpResponse, version: str
    ) -> Answer:
        """Reads the answer; raises the error if one came with status 200."""
        text, headers = words(response.body), response.headers or {}
        body, now = parsed(text), datetime.now(UTC)
        if not isinstance(body, dict):
            raise unreadable("Gemini", text)
        if not body.get("candidates") and (refusal := error_in_success(body, now)):
            raise self._scrubbed(self._refused(refusal, request.model, now, version))
        return Answer(body, headers, request, _most(request))

    def _listed(self) -> set[str]:
        """Lists the names of the models that the key may ask."""
        config = self._types.ListModelsConfig(page_size=1000, http_options=self._look_options())
        try:
            models = self._ask(
                lambda: list(self._client.models.list(config=config)), "models", LOOK_TIMEOUT_S
            )
        except BadReply:
            models = []
        except Refused as refusal:
            if refusal.kind != "unknown_model":
                raise
            models = []
        if not models:
            raise errors.wrong_address()
        return {(model.name or "").removeprefix("models/") for model in models}

    def _reach_in_vertex(self, model: str) -> EngineError | None:
        """Counts a word's tokens: free, and it needs the permissions that generating needs.

        Vertex AI's list of models is the same for every project, so it proves nothing.
        """
        config = self._types.CountTokensConfig(http_options=self._look_options())
        try:
            self._ask(
                lambda: self._client.models.count_tokens(
                    model=model, contents="word", config=config
                ),
                model,
                LOOK_TIMEOUT_S,
            )
        except Refused as refusal:
            if refusal.kind in {"unknown_model", "no_permission"}:
                return refusal
            raise
        except BadReply:
            raise errors.wrong_address() from None
        return None

    def _look_options(self) -> types.HttpOptions:
        return self._types.HttpOptions(timeout=_ms(LOOK_TIMEOUT_S))

    def _ask(self, send: Callable[[], T], model: str, timeout_s: float, version: str = "") -> T:
        try:
            return send()
        except Exception as error:  # noqa: BLE001 - what it does not know, it raises again
            failure = self._explained(error, model, timeout_s, version)
        # Outside of ``except``: a chained original could show the key in a log.
        raise self._scrubbed(failure)

    def _explained(
        self, error: Exception, model: str, timeout_s: float, version: str
    ) -> EngineError:
        """Turns whatever the SDK raised for this model into an error of the tree."""
        import httpx2  # noqa: PLC0415 - loaded with the SDK
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
        from google.genai.errors import APIError, UnknownApiResponseError  # noqa: PLC0415

        from pressrun.engines.http import no_answer  # noqa: PLC0415

        if isinstance(error, UnknownApiResponseError) or _is_unreadable_reply(error):
            return unreadable("Gemini")
        if isinstance(error, APIError):
            now = datetime.now(UTC)
            return self._refused(errors.parse_refusal(error, now), model, now, version)
        if isinstance(error, GoogleAuthError):
            return errors.from_sign_in(error)
        if isinstance(error, httpx2.HTTPError | httpx2.InvalidURL):
            return no_answer("Gemini", error, timeout_s)
        if isinstance(error, ValueError):
            return Refused(
                f"The request cannot be put to Gemini ({type(error).__name__}: "
                f"{one_line(str(error), 300)}).",
                kind="bad_request",
            )
        raise error

    def _refused(
        self, refusal: ErrorResponse, model: str, now: datetime, version: str
    ) -> EngineError:
        vertex = bool(self._access.project)
        failure = errors.from_refusal(refusal, model=model, now=now, vertex=vertex, version=version)
        if failure.kind == "unknown_field":
            return self._version.explained(failure, version)
        return failure

    def _parts(self, request: TextRequest | ImageRequest) -> list[dict[str, Any]]:
        """Puts references first: the prompt speaks of pictures that the model has seen by then."""
        known = catalogue().get(request.model, Model("", self.name, ()))
        parts = [_picture(one) for one in request.sent(known.most_picture_bytes)]
        labels = [{"text": label} for label in request.labels[: len(parts)]]
        labelled = zip_longest(labels, parts)
        shown = [one for pair in labelled for one in pair if one is not None]
        return [*shown, {"text": request.prompt}]

    def _scrubbed(self, failure: EngineError) -> EngineError:
        """Removes the key: providers quote it in some refusals (of a suspended one, say)."""
        failure.args = tuple(self._access.without_secrets(str(arg)) for arg in failure.args)
        return failure


def _content(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"role": "user", "parts": parts}


def _picture(picture: Picture) -> dict[str, Any]:
    data = urlsafe_b64encode(picture.data).decode()
    return {"inlineData": {"data": data, "mime_type": picture.media_type}}  # as the SDK spells it


def _developer(access: Access) -> dict[str, Any]:
    """Builds the arguments of the SDK's client for a key, whatever the environment says."""
    return {"vertexai": False, "api_key": _checked_key(access.api_key)}


def _vertex(access: Access) -> dict[str, Any]:
    """Builds the arguments of the SDK's client for Vertex AI, whatever the environment says.

    Raises:
        SettingError: This machine has no credentials, or the project or location cannot be one.
    """
    import google.auth  # noqa: PLC0415 - loaded with the SDK
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

    # They become parts of the address, the location even of the host that gets the token.
    project, location = access.project, access.location
    if not (re.fullmatch(r"[a-z0-9.:-]+", project) and re.fullmatch(r"[a-z0-9-]+", location)):
        raise SettingError(
            f"Vertex AI has no project {project!r} in {location!r}. Give the "
            "project's id and a location such as global or europe-west4.",
            kind="bad_key",
        )
    load: Callable[..., tuple[Any, str | None]] = google.auth.default
    try:
        credentials, _ = load(scopes=[_CLOUD_SCOPE])
    except GoogleAuthError as error:
        raise SettingError(
            f"Vertex AI needs Google's default credentials on this machine ({type(error).__name__})"
            ". Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS "
            "to a service account's key file.",
            kind="bad_key",
        ) from None
    bound_google_sign_in(credentials)
    return {
        "vertexai": True,
        "credentials": credentials,
        "project": project,
        "location": location,
    }


def _most(request: TextRequest | ImageRequest) -> Usage:
    """Computes the highest usage of a request; none for a model that the catalogue lacks."""
    model = catalogue().get(request.model)
    return most_usage(model, request) if model else Usage()


def _checked_key(api_key: str) -> str:
    """Checks a key and strips its spaces; a line break in it would otherwise show in an error."""
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


def _is_unreadable_reply(error: Exception) -> bool:
    """Tells broken replies from broken requests; the SDK raises plain errors for both.

    A success with another status than 200, as some proxies answer, is not read by the SDK: it may
    be billed all the same.
    """
    code = getattr(error, "code", None)
    if isinstance(code, int) and 200 < code < 300:
        return True
    if isinstance(error, ValidationError):
        return error.title.endswith("Response")
    broken = (
        json.JSONDecodeError,
        UnicodeDecodeError,
        TypeError,
        AttributeError,
        RecursionError,
    )
    return isinstance(error, broken)
