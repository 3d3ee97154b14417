"""What an S3 service's refusals mean: a table of codes, statuses and broken connections."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import BadStatusLine, RemoteDisconnected
from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from pressrun.errors import StoreError
from pressrun.stores.s3 import errors

BUCKET = errors.Bucket("shop", "https://s3.example.com", "us-east-1")


def answer(
    code: str,
    status: int,
    operation: str = "PutObject",
    *,
    message: str = "",
    headers: dict[str, str] | None = None,
    **fields: str,
) -> StoreError:
    """The reading of an error as the SDK raises it."""
    response: Any = {
        "Error": {"Code": code, "Message": message, **fields},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers or {}},
    }
    return errors.from_sdk(sdk.ClientError(response, operation), BUCKET)


REFUSALS = [
    ("NoSuchBucket", 404, "no_bucket", "Correct its name"),
    ("InvalidBucketName", 400, "no_bucket", "Correct its name"),
    ("InvalidRegionName", 400, "wrong_region", "Set the bucket's region"),
    ("Unauthorized", 401, "bad_key", "access key id"),
    ("InvalidSecurity", 403, "bad_key", "access key id"),
    ("UserSuspended", 403, "no_permission", "disabled"),
    ("SecondLevelDomainForbidden", 403, "addressing", "addressing_style to virtual"),
    ("PathStyleDomainForbidden", 403, "addressing", "addressing_style to virtual"),
    ("KeyTooLongError", 400, "bad_path", "Shorten the title"),
    ("XMinioParentIsObject", 400, "bad_path", "path template"),
    ("PermanentRedirect", 301, "wrong_region", "Set the bucket's region"),
    ("TemporaryRedirect", 307, "wrong_region", "Set the bucket's region"),
    ("AuthorizationHeaderMalformed", 400, "wrong_region", "Set the bucket's region"),
    ("IllegalLocationConstraintException", 400, "wrong_region", "Set the bucket's region"),
    ("InvalidAccessKeyId", 403, "bad_key", "access key id"),
    ("SignatureDoesNotMatch", 403, "bad_key", "secret access key"),
    ("ExpiredToken", 400, "expired", "Sign in again"),
    ("InvalidToken", 400, "expired", "Sign in again"),
    ("AccessDenied", 403, "no_permission", "s3:PutObject"),
    ("AllAccessDisabled", 403, "no_permission", "disabled"),
    ("KMS.DisabledException", 400, "no_permission", "kms:GenerateDataKey"),
    ("QuotaExceeded", 403, "no_storage", "Make room"),
    ("XMinioStorageFull", 507, "no_storage", "Make room"),
    ("InsufficientStorage", 507, "no_storage", "Make room"),
    ("NoSuchKey", 404, "no_bucket", "Correct its name"),  # no file is looked for by a PUT
    ("NotImplemented", 501, "unsupported", "If-None-Match"),
    ("PreconditionFailed", 412, "taken", "already"),
    ("EntityTooLarge", 400, "refused", "EntityTooLarge"),
    ("NeverHeardOf", 403, "no_permission", "s3:PutObject"),
    ("NeverHeardOf", 418, "refused", "NeverHeardOf"),
    # HEAD has no body: the SDK puts the status in the code's place.
    ("301", 301, "wrong_region", "Set the bucket's region"),
    ("400", 400, "refused", "check-store"),
    ("403", 403, "no_permission", "s3:PutObject"),
    ("404", 404, "no_bucket", "Correct its name"),
    ("412", 412, "taken", "already"),
]

PASSING = [
    ("SlowDown", 503, "throttled"),
    ("ServiceUnavailable", 429, "throttled"),  # R2
    ("AccessDenied", 429, "throttled"),
    ("AccessDenied", 503, "unavailable"),
    ("NoSuchBucket", 500, "unavailable"),
    ("520", 520, "unavailable"),
    ("", 200, "unavailable"),
    ("304", 304, "unavailable"),
    ("RequestTimeTooSkewed", 403, "clock_skew"),
    ("ExpiredRequest", 400, "clock_skew"),
    ("TooManyRequests", 429, "throttled"),
    ("NeverHeardOf", 429, "throttled"),
    ("ThrottlingException", 400, "throttled"),
    ("RequestLimitExceeded", 503, "throttled"),
    ("ServiceUnavailable", 503, "unavailable"),
    ("InternalError", 500, "unavailable"),
    ("503", 503, "unavailable"),
    ("502", 502, "unavailable"),
    ("", 504, "unavailable"),
    ("RequestTimeout", 400, "unavailable"),
    ("ConditionalRequestConflict", 409, "unavailable"),
    ("OperationAborted", 409, "unavailable"),
    ("InternalError", 200, "unavailable"),
    ("BadDigest", 400, "mismatch"),
    ("XAmzContentSHA256Mismatch", 400, "mismatch"),
    ("IncompleteBody", 400, "mismatch"),
]


@pytest.mark.parametrize(("code", "status", "kind", "words"), REFUSALS)
def test_a_refusal_says_what_to_do_and_is_final(
    code: str, status: int, kind: str, words: str
) -> None:
    error = answer(code, status)

    assert (error.kind, error.retryable) == (kind, False)
    assert words in str(error)
    assert str(error).endswith(".")
    assert "{" not in str(error)


@pytest.mark.parametrize(("code", "status", "kind"), PASSING)
def test_what_passes_by_itself_is_worth_another_try(code: str, status: int, kind: str) -> None:
    error = answer(code, status)

    assert (error.kind, error.retryable) == (kind, True)
    assert str(error).endswith(".")


def test_a_missing_bucket_is_told_from_a_missing_file_by_the_call() -> None:
    assert answer("404", 404, "HeadBucket").kind == "no_bucket"
    for operation in ("HeadObject", "GetObject", "DeleteObject"):
        assert answer("404", 404, operation).kind == "not_found"
        assert answer("NoSuchKey", 404, operation).kind == "not_found"


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("PutObject", "s3:PutObject"),
        ("HeadObject", "s3:GetObject"),
        ("GetObject", "s3:GetObject"),
        ("ListObjectsV2", "s3:ListBucket"),
        ("DeleteObject", "s3:DeleteObject"),
    ],
)
def test_a_denial_names_the_permission_of_its_call(operation: str, permission: str) -> None:
    assert f"lack the permission {permission} on" in str(answer("AccessDenied", 403, operation))


@pytest.mark.parametrize(
    ("headers", "fields"),
    [({"x-amz-bucket-region": "eu-west-1"}, {}), ({}, {"Region": "eu-west-1"})],
)
def test_a_wrong_region_names_the_right_one(
    headers: dict[str, str], fields: dict[str, str]
) -> None:
    error = answer("AuthorizationHeaderMalformed", 400, headers=headers, **fields)

    assert "to the region 'us-east-1' but to 'eu-west-1'. Set" in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("-1", None), ("²", None)],
)
def test_the_wait_that_the_service_asks_for_is_kept(header: str, seconds: float | None) -> None:
    assert answer("SlowDown", 503, headers={"retry-after": header}).retry_after_s == seconds


@pytest.mark.parametrize(("ahead_s", "least", "most"), [(60, 50, 60), (-60, 0, 0)])
def test_the_wait_may_be_a_date(ahead_s: float, least: float, most: float) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=ahead_s)
    date = format_datetime(moment, usegmt=True)

    wait_s = answer("SlowDown", 503, headers={"retry-after": date}).retry_after_s

    assert wait_s is not None
    assert least <= wait_s <= most


def test_a_wait_that_no_one_can_mean_is_an_hour() -> None:
    assert answer("SlowDown", 503, headers={"retry-after": "9" * 400}).retry_after_s == 3600


WEB_PAGE = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_web_page_in_place_of_an_answer_is_a_wrong_endpoint(status: int) -> None:
    error = answer(str(status), status, headers=WEB_PAGE)

    assert (error.kind, error.retryable) == ("wrong_endpoint", True)
    assert f"like a web page, not like an S3 service (HTTP {status}). Correct" in str(error)


@pytest.mark.parametrize(("status", "kind"), [(429, "throttled"), (502, "unavailable")])
def test_a_proxys_page_does_not_hide_a_passing_failure(status: int, kind: str) -> None:
    assert answer(str(status), status, headers=WEB_PAGE).kind == kind


def test_a_redirect_names_where_it_leads() -> None:
    error = answer("301", 301, headers={"location": "https://right.example.com/"})

    assert (error.kind, error.retryable) == ("wrong_endpoint", True)
    assert "on to https://right.example.com/. Enter that address" in str(error)


@pytest.mark.parametrize(
    ("code", "status", "kind", "retryable"),
    [
        ("AccessDenied", 403, "no_role", True),
        ("InvalidIdentityToken", 400, "no_role", True),
        ("IDPCommunicationError", 400, "unavailable", True),
        ("InternalFailure", 500, "unavailable", True),
        ("Throttling", 400, "throttled", True),
        ("ExpiredToken", 403, "expired", False),
    ],
)
def test_a_refused_role_is_not_taken_for_the_buckets_refusal(
    code: str, status: int, kind: str, *, retryable: bool
) -> None:
    error = answer(code, status, "AssumeRoleWithWebIdentity")

    assert (error.kind, error.retryable) == (kind, retryable)
    assert "AssumeRole" not in str(error)


def test_what_the_service_says_follows_our_own_sentence() -> None:
    said = "Credential access key has length 40, should be 32"

    assert str(answer("InvalidArgument", 400, message=said)).endswith(f" It says: {said}")
    assert str(answer("InternalError", 500, message=said)).endswith(f" It says: {said}")
    role = errors.from_sdk(sdk.CredentialRetrievalError(provider="x", error_msg=said), BUCKET)
    assert str(role).endswith(said)


def test_the_words_of_the_service_stay_one_short_line() -> None:
    said = str(answer("AccessDenied", 403, message="{bucket}\n\x1b[31m" + "x" * 1000))

    assert "It says: {bucket} [31mxxx" in said
    assert "\n" not in said
    assert len(said) < 600


URL = "https://s3.example.com"


def _closed(cause: Exception) -> sdk.ConnectionClosedError:
    error = OSError("Connection aborted.", cause)
    return sdk.ConnectionClosedError(endpoint_url=URL, error=error)


CONNECTIONS = [
    (sdk.NoCredentialsError(), "no_credentials", False),
    (
        sdk.PartialCredentialsError(provider="x", cred_var="aws_secret_access_key"),
        "no_credentials",
        False,
    ),
    (sdk.CredentialRetrievalError(provider="x", error_msg="y"), "no_role", True),
    (sdk.MetadataRetrievalError(error_msg="y"), "no_role", True),
    (sdk.UnauthorizedSSOTokenError(), "expired", False),
    (sdk.LoginRefreshRequired(), "expired", False),
    (sdk.LoginTokenLoadError(error_msg="y"), "expired", False),
    (sdk.NoRegionError(), "wrong_region", False),
    (sdk.SSLError(endpoint_url=URL, error="x"), "wrong_endpoint", True),
    (sdk.EndpointConnectionError(endpoint_url=URL), "unreachable", True),
    (sdk.ConnectTimeoutError(endpoint_url=URL), "unreachable", True),
    (sdk.ProxyConnectionError(proxy_url=URL), "unreachable", True),
    (sdk.ReadTimeoutError(endpoint_url=URL), "unavailable", True),
    (sdk.ConnectionClosedError(endpoint_url=URL), "unavailable", True),
    (_closed(RemoteDisconnected("no answer")), "unavailable", True),
    (_closed(BadStatusLine("SSH-2.0-OpenSSH")), "wrong_endpoint", True),
    (sdk.PaginationError(message="x"), "unavailable", True),
    (KeyError("Body"), "unavailable", True),  # what the SDK raises by accident
    (AttributeError("'str' object has no attribute 'get'"), "unavailable", True),
    (RuntimeError("refreshed credentials are still expired"), "unavailable", True),
    (sdk.HTTPClientError(error="x"), "unavailable", True),
    (sdk.ResponseStreamingError(error="x"), "unavailable", True),
    (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), "unavailable", True),
    (ResponseParserError("<html>"), "unavailable", True),
    (sdk.FlexibleChecksumError(error_msg="x"), "mismatch", True),
    (sdk.ParamValidationError(report="Invalid bucket name"), "refused", False),
]


@pytest.mark.parametrize(
    ("error", "kind", "retryable"), CONNECTIONS, ids=lambda value: type(value).__name__
)
def test_a_connection_that_fails_is_read_by_its_class(
    error: Exception, kind: str, *, retryable: bool
) -> None:

    read = errors.from_sdk(error, BUCKET)

    assert (read.kind, read.retryable) == (kind, retryable)
    assert "{" not in str(read)
