"""What S3 services' codes and the SDK's exceptions mean, as tables.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those that
MinIO, Ceph, SeaweedFS, R2, Google, Alibaba and Tencent add. Knows no answer; sentences have the
fields that :mod:`pressrun.stores.s3.errors` fills in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError


@dataclass(frozen=True, slots=True)
class Reading:
    """What a refusal comes to: a kind for machines, a sentence for people."""

    kind: str
    sentence: str
    retryable: bool = False


NO_BUCKET = Reading(
    "no_bucket",
    "There is no bucket {bucket!r} at {endpoint}. Correct its name in the result store, or "
    "create it.",
)
REGION = Reading(
    "wrong_region",
    "The bucket {bucket!r} does not belong to the region {region!r}{right}. Set the bucket's "
    "region in the AWS credentials.",
)
KEY = Reading(
    "bad_key",
    "{endpoint} does not know the access key id. Correct it in the AWS credentials, or create "
    "a new key.",
)
SECRET = Reading(
    "bad_key",
    "The secret does not belong to the access key id: {endpoint} computes another signature. "
    "Enter the secret access key again in the AWS credentials.",
)
EXPIRED = Reading(
    "expired",
    "The AWS session token has expired or is not valid. Sign in again, or use an access key "
    "that does not expire, and retry: nothing is paid again.",
)
CLOCK = Reading(
    "clock_skew",
    "This machine's clock differs from that of {endpoint} by more than 15 minutes. Set it "
    "right (switch on NTP) and retry.",
    retryable=True,
)
DENIED = Reading(
    "no_permission",
    "The credentials lack the permission {permission} on the bucket {bucket!r}. Allow it in "
    "the policy of the user or of the bucket.",
)
ACCOUNT = Reading(
    "no_permission",
    "The account of the bucket {bucket!r} is disabled or not signed up for S3. Its owner must "
    "settle that with the provider.",
)
KMS = Reading(
    "no_permission",
    "The encryption key of the bucket {bucket!r} cannot be used. Enable it, and allow "
    "kms:GenerateDataKey and kms:Decrypt to the credentials.",
)
FULL = Reading(
    "no_storage",
    "The storage at {endpoint} is full, or its quota is used up. Make room or raise the quota, "
    "then retry: nothing is paid again.",
)
THROTTLED = Reading(
    "throttled", "{endpoint} asks to slow down; the upload is tried again later.", retryable=True
)
DOWN = Reading(
    "unavailable",
    "{endpoint} failed to answer properly ({code}). If it lasts, look at the service's status, "
    "then retry: nothing is paid again.",
    retryable=True,
)
BUSY = Reading(
    "unavailable",
    "Another upload to the same place in the bucket {bucket!r} is under way; tried again later.",
    retryable=True,
)
DAMAGED = Reading(
    "mismatch", "The file was damaged on its way to {endpoint}; it is sent again.", retryable=True
)
MISSING = Reading("not_found", "The file is not in the bucket {bucket!r} (any more).")
TAKEN = Reading("taken", "Something stands in the bucket {bucket!r} at that place already.")
UNSUPPORTED = Reading(
    "unsupported",
    "{endpoint} does not support conditional writes (If-None-Match) or SHA-256 checksums, which "
    "keep files from being overwritten or damaged. Update the service, or deliver elsewhere.",
)
VIRTUAL = Reading(
    "addressing",
    "{endpoint} wants the bucket in the host's name ({code}). In the client parameters of the AWS "
    "credentials, set the s3 config's addressing_style to virtual.",
)
BAD_NAME = Reading(
    "bad_path",
    "{endpoint} does not take the file's name ({code}). Shorten the title or the path template.",
)
NOT_S3 = Reading(
    "wrong_endpoint",
    "{endpoint} answers like a web page, not like an S3 service (HTTP {status}). Correct the "
    "endpoint URL in the result store: the address and port of the S3 API, not of a console, a "
    "website or a proxy's sign-in.",
    retryable=True,
)
MOVED = Reading(
    "wrong_endpoint",
    "{endpoint} sends every request on to {moved}. Enter that address as the endpoint URL in the "
    "result store, if the S3 service is there.",
    retryable=True,
)
NOT_HTTP = Reading(
    "wrong_endpoint",
    "{endpoint} does not speak HTTP. Correct the address and the port of the endpoint URL.",
    retryable=True,
)
CLOSED = Reading(
    "unavailable",
    "{endpoint} closes the connection without an answer. If it lasts, check the port of the "
    "endpoint URL, and whether the service wants https://.",
    retryable=True,
)
ODD = Reading(
    "unavailable",
    "{endpoint} sent an answer that cannot be read ({code}). If it lasts, check that the endpoint "
    "URL leads to an S3 service; what is paid stays in the vault.",
    retryable=True,
)
NO_ROLE = Reading(
    "no_role",
    "The AWS credentials cannot be had from where they are configured ({code}). Check the role "
    "and its permissions, or enter an access key in the AWS credentials.",
    retryable=True,
)
REFUSED = Reading("refused", "{endpoint} refuses the request ({code}).")
HIDDEN = Reading(
    "refused",
    "{endpoint} refuses the request and does not say why (HTTP {code}). Run `pressrun "
    "check-store`, which asks in a way that is answered.",
)

UNSENDABLE = Reading("refused", "The S3 client cannot send the request ({code}).")

#: The service's own words add nothing: the store handles the first two, the third says all.
WORDLESS = (MISSING, TAKEN, THROTTLED)
#: Statuses of a server's own failure say more than an odd code beside them, except for these.
FINAL_FAILURES = (FULL, UNSUPPORTED)

CODES: Mapping[str, Reading] = {
    code: reading
    for reading, codes in (
        (NO_BUCKET, "NoSuchBucket InvalidBucketName"),
        (
            REGION,
            (
                "PermanentRedirect Redirect TemporaryRedirect AuthorizationHeaderMalformed "
                "IllegalLocationConstraintException InvalidRegion InvalidRegionName"
            ),
        ),
        (
            KEY,
            (
                "InvalidAccessKeyId InvalidClientTokenId UnrecognizedClientException "
                "InvalidSecurity Unauthorized 401"
            ),
        ),
        (SECRET, "SignatureDoesNotMatch"),
        (EXPIRED, "ExpiredToken ExpiredTokenException InvalidToken TokenRefreshRequired"),
        (CLOCK, "RequestTimeTooSkewed RequestExpired ExpiredRequest"),
        (DENIED, "AccessDenied AccessForbidden UnauthorizedAccess 403"),
        (
            ACCOUNT,
            (
                "AllAccessDisabled AccountProblem NotSignedUp InvalidPayer UserSuspended "
                "AccountSuspended UserProjectAccountProblem 402"
            ),
        ),
        (KMS, "KMS.DisabledException KMS.NotFoundException KMS.KMSInvalidStateException"),
        (
            FULL,
            (
                "QuotaExceeded StorageCapExceeded InsufficientStorage XMinioStorageFull "
                "XMinioAdminBucketQuotaExceeded 507"
            ),
        ),
        (
            THROTTLED,
            (
                "SlowDown SlowDownRead SlowDownWrite Throttling ThrottlingException "
                "RequestLimitExceeded TooManyRequests TooManyRequestsException RequestThrottled "
                "BandwidthLimitExceeded"
            ),
        ),
        (DOWN, "InternalError ServiceUnavailable RequestTimeout IDPCommunicationError 408"),
        (BUSY, "ConditionalRequestConflict OperationAborted 409"),
        (
            DAMAGED,
            (
                "BadDigest InvalidDigest IncompleteBody XAmzContentSHA256Mismatch "
                "XAmzContentChecksumMismatch"
            ),
        ),
        (MISSING, "NoSuchKey NoSuchVersion 404 410"),
        (NOT_S3, "405"),
        (VIRTUAL, "SecondLevelDomainForbidden PathStyleDomainForbidden VirtualHostDomainRequired"),
        (
            BAD_NAME,
            (
                "KeyTooLongError InvalidURI InvalidObjectName XMinioInvalidObjectName "
                "XMinioInvalidResourceName XMinioParentIsObject"
            ),
        ),
        (TAKEN, "PreconditionFailed 412"),
        (UNSUPPORTED, "NotImplemented 501"),
        (HIDDEN, "400"),
    )
    for code in codes.split()
}


CONNECTIONS: tuple[tuple[tuple[type[Exception], ...], Reading], ...] = (
    (
        (sdk.NoCredentialsError, sdk.PartialCredentialsError),
        Reading(
            "no_credentials",
            "There are no AWS credentials for {endpoint}, or they lack the secret. Choose or "
            "complete them in the result store.",
        ),
    ),
    (
        (
            sdk.TokenRetrievalError,
            sdk.SSOError,
            sdk.LoginError,
            sdk.ProfileNotFound,
            sdk.NoAuthTokenError,
            sdk.RefreshWithMFAUnsupportedError,
        ),
        Reading(
            "expired",
            "The AWS credentials cannot be had from where they are configured ({code}). Sign in "
            "again, or enter an access key in the AWS credentials.",
        ),
    ),
    ((sdk.CredentialRetrievalError, sdk.MetadataRetrievalError), NO_ROLE),
    (
        (sdk.SSLError,),
        Reading(
            "wrong_endpoint",
            "The certificate of {endpoint} is not trusted, or it does not speak TLS. Correct the "
            "endpoint's URL, or name the authority's certificate in the AWS client parameters.",
            retryable=True,
        ),
    ),
    (
        (sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ProxyConnectionError),
        Reading(
            "unreachable",
            "{endpoint} cannot be reached. Check its address in the result store, and this "
            "machine's network; files stay safe and go on their way when it is back.",
            retryable=True,
        ),
    ),
    (
        (sdk.FlexibleChecksumError, sdk.ChecksumError),
        Reading(
            "mismatch", "A file in the bucket {bucket!r} differs from its checksum.", retryable=True
        ),
    ),
    ((ResponseParserError, sdk.PaginationError), ODD),
    ((sdk.HTTPClientError, sdk.IncompleteReadError, sdk.ConnectionError), DOWN),
    (
        (sdk.InvalidRegionError, sdk.NoRegionError),
        Reading(
            "wrong_region", "The AWS credentials name no usable region. Set the bucket's region."
        ),
    ),
)
