"""What a refusal means: one table for all, since gateways answer in other providers' words.

Codes decide where there are some. Sentences are read only where the services send nothing else
(spend caps, limits of zero, unknown fields), or where gateways leave the code out. Sources:
https://ai.google.dev/gemini-api/docs/troubleshooting,
https://developers.openai.com/api/docs/guides/error-codes,
https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
and public reports of what these and the gateways before them send.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum, auto

from pressrun.engines.refusals.parsing import ErrorResponse


class Reason(StrEnum):
    """Why something was refused."""

    BLOCKED = auto()
    BAD_KEY = auto()
    KEY_GONE = auto()
    SCOPES = auto()
    RESTRICTED = auto()
    API_DISABLED = auto()
    BILLING = auto()
    UNVERIFIED = auto()
    COUNTRY = auto()
    DENIED = auto()
    CLOCK = auto()
    UNKNOWN_MODEL = auto()
    UNKNOWN_FIELD = auto()
    WRONG_ADDRESS = auto()
    TOO_LARGE = auto()
    WRONG_REQUEST = auto()
    NO_QUOTA = auto()
    PREPAID = auto()
    SPEND_RATE = auto()
    SPEND_CAP = auto()
    SPENT = auto()
    DAY = auto()
    THROTTLED = auto()
    TIMED_OUT = auto()
    UNAVAILABLE = auto()


@dataclass(frozen=True, slots=True)
class _Rule:
    """One row: it fits if a code is among its codes, or its pattern is found in the sentences.

    Attributes:
        statuses: At which its pattern is looked for; codes decide at every status.
        bare: Whether its pattern is looked for only where no quota is named.
    """

    reason: Reason
    codes: Collection[str] = ()
    pattern: str = ""
    statuses: Collection[int] = range(400, 500)
    bare: bool = False

    def fits(self, response: ErrorResponse) -> bool:
        if any(code in self.codes for code in response.codes):
            return True
        if (
            not self.pattern
            or response.status not in self.statuses
            or (self.bare and response.quotas)
        ):
            return False
        return re.search(self.pattern, response.message, re.IGNORECASE) is not None


_LIMIT_OF_ZERO = (
    r"\blimit:? ?0(?!\d|\.\d)|free quota tier|"
    r"not (?:available|included|supported) (?:in|on|for|with|by) (?:the|your) (?:free|current) "
    r"(?:quota )?(?:tier|plan)|on-demand throughput isn.t supported"
)
_TOO_LARGE = (
    r"request (?:entity |payload |body |size )*(?:is )?too large|"
    r"request payload size exceeds|maximum context length|input is too long|prompt is too long|"
    r"input token count .* exceeds|exceeds the maximum (?:allowed )?(?:number|size|length)"
)
_LIMIT_AND_REQUEST = r"\blimit:? (\d{1,12})\b.{0,60}\brequested:? (\d{1,12})\b"
#: In order: the first row that fits counts.
_RULES = (
    # Before the blocks: an account is shut out in their words, and no other prompt helps.
    _Rule(
        Reason.KEY_GONE,
        {"consumer_suspended", "account_deactivated", "access_terminated", "api_key_expired"},
        r"reported as leaked|has been suspended|key (?:has )?expired|key .*revoked|deactivated|"
        r"resource has been (?:temporarily )?blocked",
    ),
    _Rule(
        Reason.BLOCKED,
        {
            "content_policy_violation",
            "moderation_blocked",
            "content_filter",
            "contentfilter",
            "public_error_unsafe_generation",
            "responsibleaipolicyviolation",
            # Google's own reasons, as gateways and its other services pass them on.
            "image_safety",
            "prohibited_content",
            "image_prohibited_content",
            # And what gateways themselves say: these are codes at any status, 500 too.
            "contentpolicyviolationerror",
            "guardrailraisedexception",
            "hooks_failed",
            "prompt_blocked",
            "gemini_prompt_blocked",
            "sensitive_words_detected",
            "data_inspection_failed",
            "datainspectionfailed",
        },
        r"safety system|safety_violations|content (?:management )?polic|content filter|moderation|"
        r"safety policy|blocked due to security configurations|violated guardrail|usage polic",
    ),
    _Rule(Reason.TOO_LARGE, {"context_length_exceeded", "request_too_large"}, _TOO_LARGE),
    _Rule(Reason.NO_QUOTA, (), _LIMIT_OF_ZERO),
    _Rule(Reason.PREPAID, (), r"prepayment credits", bare=True),
    _Rule(Reason.SPEND_RATE, (), r"spend-based rate limit", bare=True),
    _Rule(Reason.SPEND_CAP, (), r"spend(?:ing)? (?:cap|limit)", bare=True),
    _Rule(
        Reason.SPENT,
        {
            "insufficient_quota",
            "billing_hard_limit_reached",
            "credit_balance_exhausted",
            "insufficient_credits",
            "insufficient_user_quota",
            "pre_consume_token_quota_failed",
            "spend_limit_exceeded",
            "usage_limit_exceeded",
            "servicequotaexceededexception",
            "budget_exceeded",
        },
        r"insufficient (?:credits?|balance|funds)|credit balance is too low|out of credits?|"
        r"budget has been exceeded|exceeded ?budget|(?:over|crossed) budget|billing hard limit",
        bare=True,
    ),
    _Rule(
        Reason.CLOCK,
        {"requesttimetooskewed", "requestexpired"},
        r"signature expired|signature not yet current|reasonable timeframe|issued in the future|"
        r"token used too early",
    ),
    _Rule(Reason.SCOPES, {"missing_scope", "access_token_scope_insufficient"}, r"missing scopes?"),
    _Rule(
        Reason.RESTRICTED,
        {
            "api_key_ip_address_blocked",
            "api_key_http_referrer_blocked",
            "api_key_service_blocked",
            "api_key_android_app_blocked",
            "api_key_ios_app_blocked",
            "ip_not_authorized",
        },
        r"\bip address .*(?:restrict|not (?:authori[sz]ed|allowed)|violat)|ip not authori[sz]ed|"
        r"referer .* blocked",
    ),
    _Rule(
        Reason.API_DISABLED,
        {"service_disabled"},
        r"has not been used in project .* or it is disabled|api is (?:not enabled|disabled)",
    ),
    _Rule(
        Reason.BILLING,
        {"billing_disabled", "billing_not_active", "invalid_payment_instrument"},
        r"(?:enable|requires) billing|billing (?:account .*)?(?:is |to be )?(?:not active|disabled|"
        r"enabled)|payment instrument|without a free tier",
    ),
    _Rule(Reason.UNVERIFIED, (), r"must be verified"),
    _Rule(
        Reason.DENIED,
        {"accessdeniedexception"},
        r"^operation not allowed|not allowed to use (?:publisher )?model|"
        r"access to this model is not available",
    ),
    _Rule(
        Reason.COUNTRY,
        {"unsupported_country_region_territory", "failed_precondition"},
        r"(?:country|region|location)[^.;]{0,40} (?:is )?not supported",
    ),
    _Rule(
        Reason.BAD_KEY,
        {
            "api_key_invalid",
            "invalid_api_key",
            "unrecognizedclientexception",
            "invalidsignatureexception",
            "invalidclienttokenid",
            "incompletesignature",
            "missingauthenticationtoken",
            "expiredtokenexception",
            "expiredtoken",
        },
        r"api key (?:not valid|not found|expired|is invalid)|(?:invalid|incorrect) api key",
    ),
    _Rule(
        Reason.UNKNOWN_FIELD,
        {"unknown_parameter", "unsupported_parameter"},
        r"\bunknown name \"|unrecognized request argument|unknown (?:parameter|field)|"
        r"extraneous key|unsupported parameter|extra inputs are not permitted",
    ),
    _Rule(
        Reason.UNKNOWN_MODEL,
        {"model_not_found", "invalid_model", "resourcenotfoundexception", "deploymentnotfound"},
        r"model identifier is invalid|invalid model|no endpoints found|"
        r"model .{0,80}(?:does not exist|not found|end of its life|no longer available)",
    ),
    _Rule(Reason.DAY, (), r"tokens per day, please wait|requests per day, please wait"),
    # Names of statuses stand before the status: gateways put 400 or 500 in its place.
    _Rule(Reason.TIMED_OUT, {"modeltimeoutexception", "deadline_exceeded"}),
    _Rule(
        Reason.UNAVAILABLE,
        {
            "slow_down",
            "unavailable",
            "overloaded_error",
            "capacity_exceeded",
            "server_is_overloaded",
            "internalserverexception",
            "serviceunavailableexception",
            "modelnotreadyexception",
            "modelerrorexception",
        },
    ),
    _Rule(
        Reason.THROTTLED,
        {
            "throttlingexception",
            "toomanyrequestsexception",
            "requestlimitexceeded",
            "resource_exhausted",
            "rate_limit_exceeded",
            "ratelimiterror",
        },
    ),
)
_STATUSES = {
    401: Reason.BAD_KEY,
    402: Reason.SPENT,
    403: Reason.DENIED,
    405: Reason.WRONG_ADDRESS,
    407: Reason.UNAVAILABLE,
    408: Reason.UNAVAILABLE,
    409: Reason.UNAVAILABLE,
    413: Reason.TOO_LARGE,
    425: Reason.UNAVAILABLE,
    429: Reason.THROTTLED,
    498: Reason.UNAVAILABLE,
    499: Reason.UNAVAILABLE,
    501: Reason.WRONG_ADDRESS,
}


def reason_of(response: ErrorResponse) -> Reason:
    """Finds why something was refused."""
    if any("PerDay" in quota for quota in response.quotas) and not re.search(
        _LIMIT_OF_ZERO, response.message, re.IGNORECASE
    ):
        return Reason.DAY
    if _asks_for_more_than_the_limit(response):
        return Reason.TOO_LARGE
    if rule := next((rule for rule in _RULES if rule.fits(response)), None):
        return rule.reason
    return _by_status(response)


def _by_status(response: ErrorResponse) -> Reason:
    if response.status in _STATUSES:
        return _STATUSES[response.status]
    if response.status == 404:
        # A gateway or another web server says "not found" of its own addresses too.
        is_model = re.search(r"\bmodels?\b", response.message, re.IGNORECASE)
        return Reason.UNKNOWN_MODEL if is_model and not response.is_page else Reason.WRONG_ADDRESS
    if response.status >= 500 or response.status < 300:
        return Reason.UNAVAILABLE
    return Reason.WRONG_ADDRESS if response.status < 400 else Reason.WRONG_REQUEST


def _asks_for_more_than_the_limit(response: ErrorResponse) -> bool:
    """Says whether one request takes more than a whole minute allows: waiting never helps."""
    said = re.search(_LIMIT_AND_REQUEST, response.message, re.IGNORECASE)
    return response.status == 429 and said is not None and 0 < int(said[1]) < int(said[2])
