"""The Bedrock engine: Stability AI's image models on Amazon Bedrock behind the engine Protocol.

One call in, one picture or one error out. Retries are off here, because one layer above owns
them. Credentials come with the access: it knows no block. boto3 is imported when an engine is
made, so that other batches do not wait for it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pressrun.boundary.text import one_line
from pressrun.engines.base import ImageReply, ImageRequest, TextReply, TextRequest, Usage
from pressrun.engines.bedrock import errors
from pressrun.engines.bedrock.bounds import bounded, read_streamed
from pressrun.engines.catalogue import Model, catalogue
from pressrun.engines.connections import disconnected, timed_out
from pressrun.engines.lenient_json import field, items, parsed, words
from pressrun.engines.options import fields_of
from pressrun.engines.replies import address_only, no_picture, picture_of, unreadable
from pressrun.errors import BadReply, EngineError, Refused

if TYPE_CHECKING:
    from pressrun.engines.account import Access

T = TypeVar("T")

LOOK_TIMEOUT_S = 20.0


class BedrockEngine:
    """Asks for pictures in one region. One instance serves many threads.

    Args:
        access: The region, and what makes a client with the account's credentials.
        connections: Most calls in flight; at least the threads that share the engine.
    """

    name = "bedrock"

    def __init__(self, access: Access, *, connections: int = 100):
        self._access, self._connections = access, connections
        self._clients: dict[tuple[str, float], Any] = {}
        self._making = threading.Lock()  # boto3's sessions are not for many threads
        self._answered = False

    def __repr__(self) -> str:
        return f"BedrockEngine({self._access!r})"

    def text(self, request: TextRequest) -> TextReply:
        """Refuses: the catalogue has no text model of this engine."""
        raise Refused(f"{request.model} makes pictures only. Choose a text model.")

    def image(self, request: ImageRequest) -> ImageReply:
        """Asks for one picture.

        Raises:
            EngineError: One of the tree; an answer of no use carries its ``usage``.
        """
        model = catalogue()[request.model]
        body = json.dumps(_body(model, request))

        def send() -> bytes:
            answer = self._client("bedrock-runtime", request.timeout_s).invoke_model(
                modelId=model.called, body=body, contentType="application/json"
            )
            return read_streamed(answer, deadline)

        deadline = time.monotonic() + request.timeout_s
        with self._access.discreet():
            return _reply(model, request, self._ask(send, request.model, request.timeout_s))

    def reach(self, models: Collection[str]) -> dict[str, EngineError | None]:
        """Says why each of these models cannot be asked, or None if it can. Asks only what is free.

        Raises:
            EngineError: Nothing can be asked: wrong credentials, no network.
        """

        def send() -> set[str]:
            listed = self._client("bedrock", LOOK_TIMEOUT_S).list_foundation_models(
                byOutputModality="IMAGE"
            )
            return {one["modelId"] for one in listed["modelSummaries"]}

        listed = self._ask(send, "models", LOOK_TIMEOUT_S)
        called = {name: catalogue()[name].called for name in models}
        return {
            name: None if there in listed else errors.not_listed(name)
            for name, there in called.items()
        }

    def close(self) -> None:
        """Ends the connections. The engine cannot be used afterwards."""
        for client in list(self._clients.values()):
            client.close()

    def _client(self, service: str, timeout_s: float) -> Any:
        """Finds or makes the client of this timeout: botocore sets none for a single request."""
        key = service, timeout_s
        with self._making:
            if key not in self._clients:
                try:
                    self._clients[key] = bounded(self._make_client(service, timeout_s), timeout_s)
                except ValueError as error:  # an address that cannot be one
                    raise errors.wrong_address(error) from None
            return self._clients[key]

    def _make_client(self, service: str, timeout_s: float) -> Any:
        config = {
            "retries": {"mode": "standard", "total_max_attempts": 1},  # the first try counts
            "connect_timeout": min(10.0, timeout_s),
            "read_timeout": timeout_s,
            "max_pool_connections": self._connections,
            "tcp_keepalive": True,
        }
        if self._access.aws_client is not None:
            return self._access.aws_client(service, config)
        import boto3  # noqa: PLC0415 - see the module's docstring
        from botocore.config import Config  # noqa: PLC0415

        session = boto3.Session(region_name=self._access.region)
        # Of a machine's role: the default is one try of a second, and then there are none.
        session._session.set_config_variable("metadata_service_num_attempts", 3)
        return session.client(service, endpoint_url=self._access.base_url, config=Config(**config))

    def _ask(self, send: Callable[[], T], model: str, timeout_s: float) -> T:
        try:
            answer = send()
        except EngineError:
            raise
        except Exception as error:  # noqa: BLE001 - what it does not know, it raises again
            check = "the endpoint URL" if self._access.base_url else "the region"
            failure = self._without_credentials(error)
            failure = failure or _explained(error, model, timeout_s, check)
        else:
            self._answered = True
            return answer
        # Outside of ``except``: botocore's own errors show the request's headers.
        raise failure

    def _without_credentials(self, error: Exception) -> EngineError | None:
        """Makes the error of a client that found no credentials; None for any other error.

        Such a client never looks again, so others are made. Where there were some before, the
        machine's role is away for a moment.
        """
        from botocore import exceptions  # noqa: PLC0415 - loaded with the first client

        if not isinstance(error, exceptions.NoCredentialsError):
            return None
        self.close()
        with self._making:
            self._clients.clear()
        return errors.credentials_away(error) if self._answered else errors.no_credentials(error)


def _explained(error: Exception, model: str, timeout_s: float, check: str) -> EngineError:
    """Turns whatever boto3 raised for this model into an error of the tree.

    ``check`` is what in the account may be wrong where nobody answers.
    """
    from botocore import exceptions, parsers  # noqa: PLC0415 - loaded with the first client
    from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415

    if isinstance(error, exceptions.ClientError):
        return errors.from_response(error.response, model=model, now=datetime.now(UTC))
    late = (exceptions.ReadTimeoutError, exceptions.ConnectTimeoutError, ReadTimeoutError)
    if isinstance(error, late):
        return timed_out("Bedrock", timeout_s)
    lost = (exceptions.EndpointConnectionError, exceptions.HTTPClientError, HTTPError)
    if isinstance(error, lost):
        # Of a closed connection, only its cause says whether another protocol was spoken.
        cause = getattr(error, "kwargs", {}).get("error") or error
        return disconnected("Bedrock", cause, check)
    if about_credentials := _credentials_failure(error):
        return about_credentials
    broken = (parsers.ResponseParserError, KeyError, ValueError, AttributeError, TypeError)
    if isinstance(error, broken):
        return unreadable("Bedrock")
    if isinstance(error, exceptions.BotoCoreError):
        return disconnected("Bedrock", error, check)
    raise error


def _credentials_failure(error: Exception) -> EngineError | None:
    """Makes the error of credentials that cannot be had; None if it is about something else."""
    from botocore import exceptions  # noqa: PLC0415 - loaded with the first client

    none = (
        exceptions.PartialCredentialsError,
        exceptions.TokenRetrievalError,
        exceptions.ProfileNotFound,
        exceptions.NoAuthTokenError,
        exceptions.SSOError,
        exceptions.InvalidConfigError,
        exceptions.RefreshWithMFAUnsupportedError,
    )
    if isinstance(error, none):
        return errors.no_credentials(error)
    # botocore raises a bare RuntimeError where a role's new credentials are as old as the last.
    away = (exceptions.CredentialRetrievalError, exceptions.MetadataRetrievalError, RuntimeError)
    return errors.credentials_away(error) if isinstance(error, away) else None


def _body(model: Model, request: ImageRequest) -> dict[str, Any]:
    """Builds what the model reads. Its seed has 32 bits.

    Raises:
        Refused: The model makes no such picture, or cannot be shown pictures.
    """
    model.pixel_size(request.aspect_ratio, request.size)
    if request.pictures:
        raise Refused(
            f"{model.name} cannot be shown pictures. Choose a model that can, such as "
            "gemini-nano-banana-2.1 or gpt-image-2.5-flare.",
            kind="bad_request",
        )
    fields = fields_of(model, request)
    if (seed := model.parameters.get("seed")) in fields:
        fields[seed] = int(fields[seed]) & 0xFFFFFFFF
    return {"prompt": request.prompt, "aspect_ratio": request.aspect_ratio, **fields}


def _reply(model: Model, request: ImageRequest, data: bytes) -> ImageReply:
    """Reads the picture; all else with status 200 counts as drawn, so that a cap holds."""
    drawn = Usage(image_size=request.size)
    answer = parsed(data)
    if not isinstance(answer, dict):
        raise unreadable("Bedrock", data[:100].decode(errors="replace"), drawn)
    if reason := next((r for r in map(words, items(answer.get("finish_reasons"))) if r), ""):
        raise _withheld(reason, drawn)
    pictures = [picture for picture in items(answer.get("images")) if picture]
    if not pictures and field(answer, "url", "image_url", "urls"):
        raise address_only("Bedrock", drawn)
    if not pictures:
        raise no_picture("Bedrock", words(field(answer, "message", "error")), drawn)
    return ImageReply(picture_of(pictures[-1], "Bedrock", drawn), drawn, model.called)


def _withheld(reason: str, drawn: Usage) -> EngineError:
    """Makes the error of a finish reason: what was filtered before it was drawn cost nothing."""
    if reason.lower().startswith("filter reason"):
        before = reason.lower().endswith(("prompt", "input image"))
        return errors.blocked(reason, Usage() if before else drawn)
    return BadReply(f"Bedrock gave up ({one_line(reason, 100)}). Try again.", usage=drawn)
