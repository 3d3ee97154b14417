"""What S3 services' codes and the SDK's exceptions mean, as tables.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those that
MinIO, Ceph, SeaweedFS, R2, Google, Alibaba and Tencent add. Knows no answer; sentences have the
fields that :mod:`pressrun.stores.s3.errors` fills in.
"""

from collections.abc import Mapping

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from pressrun.stores.base import ErrorTemplate

NO_BUCKET = ErrorTemplate(
    "no_bucket",
    "There is no bucket {bucket!r} at {endpoint}. Correct its name in the result store, or "
    "create it.",
)
REGION = ErrorTemplate(
    "wrong_region",
    "The bucket {bucket!r} does not belong to the region {region!r}{right}. Set the bucket's "
    "region in the AWS credentials.",
)
KEY = ErrorTemplate(
    "bad_key",
    "{endpoint} does not know the access key id. Correct it in the AWS credentials, or create "
    "a new key.",
)
SECRET = ErrorTemplate(
    "bad_key",
    "The secret does not belong to the access key id: {endpoint} computes another signature. "
    "Enter the secret access key again in the AWS credentials.",
)
EXPIRED = ErrorTemplate(
    "expired",
    "The AWS session token has expired or is not valid. Sign in again, or use an access key "
    "that does not expire, and retry: nothing is paid again.",
)
CLOCK = ErrorTemplate(
    "clock_skew",
    "This machine's clock differs from that of {endpoint} by more than 15 minutes. Set it "
    "right (switch on NTP) and retry.",
    retryable=True,
)
DENIED = ErrorTemplate(
    "no_permission",
    "The credentials lack the permission {permission} on the bucket {bucket!r}. Allow it in "
    "the policy of the user or of the bucket.",
)
ACCOUNT = ErrorTemplate(
    "no_permission",
    "The account of the bucket {bucket!r} is disabled or not signed up for S3. Its owner must "
    "settle that with the provider.",
)
KMS = ErrorTemplate(
    "no_permission",
    "The encryption key of the bucket {bucket!r} cannot be used. Enable it, and allow "
    "kms:GenerateDataKey and kms:Decrypt to the credentials.",
)
FULL = ErrorTemplate(
    "no_storage",
    "The storage at {endpoint} is full, or its quota is used up. Make room or raise the quota, "
    "then retry: nothing is paid again.",
)
THROTTLED = ErrorTemplate(
    "throttled", "{endpoint} asks to slow down; the upload is tried again later.", retryable=True
)
DOWN = ErrorTemplate(
    "unavailable",
    "{endpoint} failed to answer properly ({code}). If it lasts, look at the service's status, "
    "then retry: nothing is paid again.",
    retryable=True,
)
BUSY = ErrorTemplate(
    "unavailable",
    "Another upload to the same place in the bucket {bucket!r} is under way; tried again later.",
    retryable=True,
)
DAMAGED = ErrorTemplate(
    "mismatch", "The file was damaged on its way to {endpoint}; it is sent again.", retryable=True
)
MISSING = ErrorTemplate("not_found", "The file is not in the bucket {bucket!r} (any more).")
TAKEN = ErrorTemplate("taken", "Something stands in the bucket {bucket!r} at that place already.")
UNSUPPORTED = ErrorTemplate(
    "unsupported",
    "{endpoint} does not support conditional writes (If-None-Match) or SHA-256 checksums, which "
    "keep files from being overwritten or damaged. Update the service, or deliver elsewhere.",
)
VIRTUAL = ErrorTemplate(
    "addressing",
    "{endpoint} wants the bucket in the host's name ({code}). In the client parameters of the AWS "
    "credentials, set the s3 config's addressing_style to virtual.",
)
BAD_NAME = ErrorTemplate(
    "bad_path",
    "{endpoint} does not take the file's name ({code}). Shorten the title or the path template.",
)
NOT_S3 = ErrorTemplate(
    "wrong_endpoint",
    "{endpoint} answers like a web page, not like an S3 service (HTTP {status}). Correct the "
    "endpoint URL in the result store: the address and port of the S3 API, not of a console, a "
    "website or a proxy's sign-in.",
    retryable=True,
)
MOVED = ErrorTemplate(
    "wrong_endpoint",
    "{endpoint} sends every request on to {moved}. Enter that address as the endpoint URL in the "
    "result store, if the S3 service is there.",
    retryable=True,
)
NOT_HTTP = ErrorTemplate(
    "wrong_endpoint",
    "{endpoint} does not speak HTTP. Correct the address and the port of the endpoint URL.",
    retryable=True,
)
CLOSED = ErrorTemplate(
    "unavailable",
    "{endpoint} closes the connection without an answer. If it lasts, check the port of the "
    "endpoint URL, and whether the service wants https://.",
    retryable=True,
)
ODD = ErrorTemplate(
    "unavailable",
    "{endpoint} sent an answer that cannot be read ({code}). If it lasts, check that the endpoint "
    "URL leads to an S3 service; what is paid stays in the vault.",
    retryable=True,
)
NO_ROLE = ErrorTemplate(
    "no_role",
    "The AWS credentials cannot be had from where they are configured ({code}). Check the role "
    "and its permissions, or enter an access key in the AWS credentials.",
    retryable=True,
)
REFUSED = ErrorTemplate("refused", "{endpoint} refuses the request ({code}).")
HIDDEN = ErrorTemplate(
    "refused",
    "{endpoint} refuses the request and does not say why (HTTP {code}). Run `pressrun "
    "check-store`, which asks in a way that is answered.",
)

UNSENDABLE = ErrorTemplate("refused", "The S3 client cannot send the request ({code}).")

#: The service's own words add nothing: the store handles the first two, the third says all.
WORDLESS = (MISSING, TAKEN, THROTTLED)
#: Statuses of a server's own failure say more than an odd code beside them, except for these.
FINAL_FAILURES = (FULL, UNSUPPORTED)

CODES: Mapping[str, ErrorTemplate] = {
    code: template
    for template, codes in (
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


CONNECTIONS: tuple[tuple[tuple[type[Exception], ...], ErrorTemplate], ...] = (
    (
        (sdk.NoCredentialsError, sdk.PartialCredentialsError),
        ErrorTemplate(
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
        ErrorTemplate(
            "expired",
            "The AWS credentials cannot be had from where they are configured ({code}). Sign in "
            "again, or enter an access key in the AWS credentials.",
        ),
    ),
    ((sdk.CredentialRetrievalError, sdk.MetadataRetrievalError), NO_ROLE),
    (
        (sdk.SSLError,),
        ErrorTemplate(
            "wrong_endpoint",
            "The certificate of {endpoint} is not trusted, or it does not speak TLS. Correct the "
            "endpoint's URL, or name the authority's certificate in the AWS client parameters.",
            retryable=True,
        ),
    ),
    (
        (sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ProxyConnectionError),
        ErrorTemplate(
            "unreachable",
            "{endpoint} cannot be reached. Check its address in the result store, and this "
            "machine's network.",
            retryable=True,
        ),
    ),
    (
        (sdk.FlexibleChecksumError, sdk.ChecksumError),
        ErrorTemplate(
            "mismatch", "A file in the bucket {bucket!r} differs from its checksum.", retryable=True
        ),
    ),
    ((ResponseParserError, sdk.PaginationError), ODD),
    ((sdk.HTTPClientError, sdk.IncompleteReadError, sdk.ConnectionError), DOWN),
    (
        (sdk.InvalidRegionError, sdk.NoRegionError),
        ErrorTemplate(
            "wrong_region", "The AWS credentials name no usable region. Set the bucket's region."
        ),
    ),
)
