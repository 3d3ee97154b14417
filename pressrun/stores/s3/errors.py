"""What an S3 service's refusal means, and what a person can do about it.

Reads the AWS SDK's exceptions by code and status, never by their prose. Knows no file, no
batch and no connection. Importing it loads botocore, so only the S3 store does, when it asks.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those that
MinIO, Ceph and SeaweedFS add.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from pressrun.errors import StoreError, retry_after_s
from pressrun.text import one_line

#: All that a call of the SDK raises on purpose; a broken answer is no BotoCoreError.
RAISED = (sdk.ClientError, sdk.BotoCoreError, ResponseParserError)

#: What a call needs to be allowed. HEAD needs no permission of its own.
_PERMISSIONS = {
    "PutObject": "s3:PutObject",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "DeleteObject": "s3:DeleteObject",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """What sentences name: the bucket, where it is asked for, and the region that is set."""

    name: str
    endpoint: str
    region: str


@dataclass(frozen=True, slots=True)
class _Reading:
    kind: str
    sentence: str
    retryable: bool = False


_NO_BUCKET = _Reading(
    "no_bucket",
    "There is no bucket {bucket!r} at {endpoint}. Correct its name in the result store, or "
    "create it.",
)
_REGION = _Reading(
    "wrong_region",
    "The bucket {bucket!r} does not belong to the region {region!r}{right}. Set the bucket's "
    "region in the AWS credentials.",
)
_KEY = _Reading(
    "bad_key",
    "{endpoint} does not know the access key id. Correct it in the AWS credentials, or create "
    "a new key.",
)
_SECRET = _Reading(
    "bad_key",
    "The secret does not belong to the access key id: {endpoint} computes another signature. "
    "Enter the secret access key again in the AWS credentials.",
)
_EXPIRED = _Reading(
    "expired",
    "The AWS session token has expired or is not valid. Sign in again, or use an access key "
    "that does not expire, and retry: nothing is paid again.",
)
_CLOCK = _Reading(
    "clock_skew",
    "This machine's clock differs from that of {endpoint} by more than 15 minutes. Set it "
    "right (switch on NTP) and retry.",
)
_DENIED = _Reading(
    "no_permission",
    "The credentials lack the permission {permission} on the bucket {bucket!r}. Allow it in "
    "the policy of the user or of the bucket.{says}",
)
_ACCOUNT = _Reading(
    "no_permission",
    "The account of the bucket {bucket!r} is disabled or not signed up for S3. Its owner must "
    "settle that with the provider.{says}",
)
_KMS = _Reading(
    "no_permission",
    "The encryption key of the bucket {bucket!r} cannot be used. Enable it, and allow "
    "kms:GenerateDataKey and kms:Decrypt to the credentials.{says}",
)
_FULL = _Reading(
    "no_storage",
    "The storage at {endpoint} is full, or its quota is used up. Make room or raise the quota, "
    "then retry: nothing is paid again.",
)
_THROTTLED = _Reading(
    "throttled", "{endpoint} asks to slow down; the upload is tried again later.", retryable=True
)
_DOWN = _Reading(
    "unavailable",
    "{endpoint} failed to answer properly ({code}). If it lasts, look at the service's status, "
    "then retry: nothing is paid again.",
    retryable=True,
)
_BUSY = _Reading(
    "unavailable",
    "Another upload to the same place in the bucket {bucket!r} is under way; tried again later.",
    retryable=True,
)
_DAMAGED = _Reading(
    "mismatch", "The file was damaged on its way to {endpoint}; it is sent again.", retryable=True
)
_MISSING = _Reading("not_found", "The file is not in the bucket {bucket!r} (any more).")
_TAKEN = _Reading("taken", "Something stands in the bucket {bucket!r} at that place already.")
_UNSUPPORTED = _Reading(
    "unsupported",
    "{endpoint} does not support conditional writes (If-None-Match) or SHA-256 checksums, which "
    "keep files from being overwritten or damaged. Update the service, or deliver elsewhere.{says}",
)
_REFUSED = _Reading("refused", "{endpoint} refuses the request ({code}).{says}")
_HIDDEN = _Reading(
    "refused",
    "{endpoint} refuses the request and does not say why (HTTP {code}). Run `pressrun "
    "check-store`, which asks in a way that is answered.",
)

_UNSENDABLE = _Reading("refused", "The S3 client cannot send the request ({code}).{says}")

_CODES: Mapping[str, _Reading] = {
    code: reading
    for reading, codes in (
        (_NO_BUCKET, "NoSuchBucket InvalidBucketName"),
        (
            _REGION,
            (
                "PermanentRedirect Redirect TemporaryRedirect AuthorizationHeaderMalformed "
                "IllegalLocationConstraintException InvalidRegion 301 307"
            ),
        ),
        (_KEY, "InvalidAccessKeyId InvalidClientTokenId UnrecognizedClientException"),
        (_SECRET, "SignatureDoesNotMatch"),
        (_EXPIRED, "ExpiredToken ExpiredTokenException InvalidToken TokenRefreshRequired"),
        (_CLOCK, "RequestTimeTooSkewed RequestExpired"),
        (_DENIED, "AccessDenied AccessForbidden UnauthorizedAccess 401 403"),
        (_ACCOUNT, "AllAccessDisabled AccountProblem NotSignedUp InvalidPayer 402"),
        (_KMS, "KMS.DisabledException KMS.NotFoundException KMS.KMSInvalidStateException"),
        (
            _FULL,
            (
                "QuotaExceeded StorageCapExceeded InsufficientStorage XMinioStorageFull "
                "XMinioAdminBucketQuotaExceeded 507"
            ),
        ),
        (
            _THROTTLED,
            (
                "SlowDown SlowDownRead SlowDownWrite Throttling ThrottlingException "
                "RequestLimitExceeded TooManyRequests BandwidthLimitExceeded 429"
            ),
        ),
        (_DOWN, "InternalError ServiceUnavailable RequestTimeout 408"),
        (_BUSY, "ConditionalRequestConflict OperationAborted 409"),
        (
            _DAMAGED,
            (
                "BadDigest InvalidDigest IncompleteBody XAmzContentSHA256Mismatch "
                "XAmzContentChecksumMismatch"
            ),
        ),
        (_MISSING, "NoSuchKey NoSuchVersion 404 410"),
        (_TAKEN, "PreconditionFailed 412"),
        (_UNSUPPORTED, "NotImplemented 501"),
        (_HIDDEN, "400"),
    )
    for code in codes.split()
}


def from_sdk(error: Exception, bucket: Bucket) -> StoreError:
    """The error of our tree for one of :data:`RAISED`."""
    if isinstance(error, sdk.ClientError):
        return _from_answer(error, bucket)
    return _from_connection(error, bucket)


def code_of(error: Exception) -> str:
    """The service's error code; the HTTP status where an answer has no body (HEAD)."""
    if not isinstance(error, sdk.ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", "")) or str(_status(error))


def _from_answer(error: Any, bucket: Bucket) -> StoreError:
    code = code_of(error)
    reading = _reading(code, _status(error))
    if code == "404" and error.operation_name == "HeadBucket":
        reading = _NO_BUCKET
    return StoreError(
        reading.sentence.format(
            bucket=bucket.name,
            endpoint=bucket.endpoint,
            region=bucket.region,
            right=_right_region(error),
            permission=_PERMISSIONS.get(error.operation_name, error.operation_name),
            says=_says(error),
            code=one_line(code, 60),
        ),
        kind=reading.kind,
        retryable=reading.retryable,
        retry_after_s=retry_after_s(_headers(error), datetime.now(UTC)),
    )


def _reading(code: str, status: int) -> _Reading:
    """Codes go before the status; an unknown code is read by its status."""
    if reading := _CODES.get(code) or (_CODES.get(str(status)) if status != 400 else None):
        return reading
    return _DOWN if status >= 500 or not status else _REFUSED


def _from_connection(error: Exception, bucket: Bucket) -> StoreError:
    found = (reading for classes, reading in _CONNECTIONS if isinstance(error, classes))
    reading = next(found, _UNSENDABLE)
    return StoreError(
        reading.sentence.format(
            bucket=bucket.name,
            endpoint=bucket.endpoint,
            code=type(error).__name__,
            says=f" It says: {one_line(str(error), 300)}",
        ),
        kind=reading.kind,
        retryable=reading.retryable,
    )


_CONNECTIONS: tuple[tuple[tuple[type[Exception], ...], _Reading], ...] = (
    (
        (sdk.NoCredentialsError, sdk.PartialCredentialsError),
        _Reading(
            "no_credentials",
            "There are no AWS credentials for {endpoint}, or they lack the secret. Choose or "
            "complete them in the result store.",
        ),
    ),
    (
        (
            sdk.CredentialRetrievalError,
            sdk.TokenRetrievalError,
            sdk.SSOError,
            sdk.ProfileNotFound,
        ),
        _Reading(
            "expired",
            "The AWS credentials cannot be had from where they are configured ({code}). Sign in "
            "again, or enter an access key in the AWS credentials.",
        ),
    ),
    (
        (sdk.SSLError,),
        _Reading(
            "unreachable",
            "The certificate of {endpoint} is not trusted, or it does not speak TLS. Correct the "
            "endpoint's URL, or name the authority's certificate in the AWS client parameters.",
        ),
    ),
    (
        (sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ProxyConnectionError),
        _Reading(
            "unreachable",
            "{endpoint} cannot be reached. Check its address in the result store, and this "
            "machine's network; files stay safe and go on their way when it is back.",
            retryable=True,
        ),
    ),
    (
        (sdk.FlexibleChecksumError, sdk.ChecksumError),
        _Reading(
            "mismatch", "A file in the bucket {bucket!r} differs from its checksum.", retryable=True
        ),
    ),
    (
        (sdk.HTTPClientError, sdk.IncompleteReadError, sdk.ConnectionError, ResponseParserError),
        _DOWN,
    ),
    (
        (sdk.InvalidRegionError, sdk.NoRegionError),
        _Reading(
            "wrong_region", "The AWS credentials name no usable region. Set the bucket's region."
        ),
    ),
)


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def _headers(error: Any) -> Mapping[str, str]:
    return error.response.get("ResponseMetadata", {}).get("HTTPHeaders") or {}


def _right_region(error: Any) -> str:
    region = _headers(error).get("x-amz-bucket-region") or error.response.get("Error", {}).get(
        "Region"
    )
    return f" but to {one_line(str(region), 40)!r}" if region else ""


def _says(error: Any) -> str:
    message = one_line(str(error.response.get("Error", {}).get("Message") or ""), 300)
    return f" It says: {message}" if message else ""
