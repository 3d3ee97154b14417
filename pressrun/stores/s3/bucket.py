"""Requests to one bucket through the AWS SDK, each sent once, with errors already translated.

Imports no SDK by itself: whoever makes it gives it a client. Knows no file and no delivery.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from pressrun.boundary.answers import AnswerRefused, bound_aws_client
from pressrun.errors import PressrunError, StoreError
from pressrun.stores.retry import GracePeriod
from pressrun.stores.s3.objects import keys_of

LIST_THREADS = 16
#: Most of an answer that is no file: a page of a thousand long names, each letter written out.
_MOST_BYTES = 32 * 2**20
#: Kinds that are final only where they last: one server of many has a wrong clock, a proxy answers
#: while the service restarts, a role's credentials are away.
_MAY_PASS = frozenset({"clock_skew", "wrong_endpoint", "no_role"})


def client_config(connections: int, *, endpoint: bool = False) -> dict[str, Any]:
    """Gives the settings of the client (botocore's ``Config``), as the store expects them.

    Args:
        connections: Threads that use the client at the same time.
        endpoint: Whether an endpoint URL is given: other services than Amazon's seldom have a
            host name for each bucket.
    """
    return {
        # The first try counts here; plain `max_attempts` would mean one retry.
        "retries": {"mode": "standard", "total_max_attempts": 1},
        "connect_timeout": 5,
        "read_timeout": 60,
        "max_pool_connections": max(connections, LIST_THREADS),
        "tcp_keepalive": True,
        # Without it, presigned URLs in us-east-1 are signed in the old way that others refuse.
        "signature_version": "s3v4",
        "s3": {"addressing_style": "path" if endpoint else "auto"},
        # We give SHA-256; the SDK's CRC trailers in addition, and its requests for checksums of
        # what it reads, are refused by services that know neither.
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }


class BucketClient:
    """A bucket's requests. One instance serves many threads.

    Args:
        bucket: Its name.
        client: A boto3 S3 client, made with :func:`client_config`.
    """

    def __init__(self, bucket: str, client: Any):
        self.bucket, self._client = bucket, client
        self._grace = GracePeriod(_MAY_PASS)
        _bound(client)
        client.meta.events.register("before-call.s3.HeadBucket", _ask_once)

    @property
    def endpoint(self) -> str:
        """Where the service is, without a slash at the end."""
        return str(self._client.meta.endpoint_url).rstrip("/")

    @property
    def region(self) -> str:
        """The region that is set."""
        return str(self._client.meta.region_name)

    def ask(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Sends one request."""
        with self.asking():
            answer: Mapping[str, Any] = getattr(self._client, operation)(
                Bucket=self.bucket, **parameters
            )
        return answer

    def change(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Sends one request whose answer has no content, so that a web page is refused."""
        answer = self.ask(operation, **parameters)
        told = answer.get("ResponseMetadata", {})
        headers = told.get("HTTPHeaders", {})
        has_content = headers.get("content-length") != "0" and told.get("HTTPStatusCode") == 200
        if has_content and "ETag" not in answer and self._errors.is_web_page(headers):
            raise self._grace.judge(self._errors.not_s3(200, self._named))
        return answer

    def pages(self, prefix: str) -> Iterator[Sequence[str]]:
        """Lists the keys of files below a prefix, a page at a time."""
        paginator = self._client.get_paginator("list_objects_v2")
        pages = iter(paginator.paginate(Bucket=self.bucket, Prefix=prefix))
        seen: set[str] = set()
        while True:
            with self.asking():
                page = next(pages, None)
            if page is None:
                return
            keys, following = keys_of(page), str(page.get("NextContinuationToken") or "")
            if keys is None or not all(key.startswith(prefix) for key in keys):
                raise self.odd("no list of the files that were asked for")
            if following in seen:
                raise self.odd("the same page of a list twice")
            seen.update({following} - {""})
            yield [key for key in keys if not key.endswith("/")]

    def signed(self, key: str, seconds: int) -> str:
        """Makes a link that opens without a sign-in."""
        with self.asking():  # computed here; only credentials may have to be fetched
            link: str = self._client.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=seconds
            )
        return link

    def odd(self, what: str) -> StoreError:
        """Makes the error of an answer in which something is missing or wrong."""
        error: StoreError = self._errors.odd(what, self._named)
        return error

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Turns whatever the SDK raises into errors of our tree; only its calls belong inside.

        Odd answers make the SDK fail in ways that it does not foresee (KeyError, ValueError).
        """
        try:
            yield
        except PressrunError:
            raise
        except Exception as error:
            raise self._grace.judge(self._errors.from_sdk(error, self._named)) from error
        self._grace.clear()

    @property
    def _named(self) -> Any:
        return self._errors.Bucket(self.bucket, self.endpoint, self.region)

    @property
    def _errors(self) -> Any:
        # Late: it loads botocore, which is there anyway once there is a client.
        from pressrun.stores.s3 import errors  # noqa: PLC0415

        return errors


def _ask_once(params: Any, **_: Any) -> None:
    """Keeps the SDK from looking for a bucket's region by HEAD without end.

    It does so after a redirect, and if the answer is a redirect as well, it asks again.
    """
    params["context"].get("s3_redirect", {})["redirected"] = True


def _bound(client: Any) -> None:
    """Bounds what a client reads besides files; a client of several stores is bounded once."""
    session = client._endpoint.http_session
    send = session.send
    if getattr(send, "bounded", False):
        return
    bound_aws_client(client)

    def send_bounded(request: Any) -> Any:
        streamed, request.stream_output = request.stream_output, True  # else all is read at once
        answer = send(request)
        if not (streamed and answer.status_code < 300):
            answer._content = _read_whole(answer.raw)
        return answer

    send_bounded.bounded = True  # type: ignore[attr-defined]  # seen above
    session.send = send_bounded


def _read_whole(raw: Any) -> bytes:
    """Reads an answer of urllib3; what goes wrong is raised as the SDK does."""
    from botocore import exceptions  # noqa: PLC0415 - loaded with the client
    from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415

    with closing(raw):
        try:
            whole: bytes = raw.read(_MOST_BYTES + 1)
        except ReadTimeoutError as error:
            raise exceptions.ReadTimeoutError(endpoint_url="", error=error) from error
        except HTTPError as error:
            raise exceptions.ConnectionClosedError(endpoint_url="", error=error) from error
    if len(whole) > _MOST_BYTES:
        raise AnswerRefused("its answer does not end")
    return whole
