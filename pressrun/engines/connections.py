"""What it means when no answer comes: too late, nobody there, or another protocol."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pressrun.boundary.text import one_line, short_url
from pressrun.engines.base import Usage
from pressrun.errors import EngineError, Refused, SettingError, Unavailable


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a failed connection says of itself, and what that means.

    Attributes:
        pattern: Found in the name or the words of the error, ours or the network's.
        sentence: Knows ``who`` did not answer and what to ``check``.
        final: Whether it stays so until somebody corrects something.
        sent: Whether the request may have been read by somebody, and billed.
    """

    pattern: str
    sentence: str
    final: bool = False
    sent: bool = True


#: The first that is found counts.
_FAILURES = (
    _Failure(
        "WRONG_VERSION_NUMBER|RECORD_LAYER|UNKNOWN_PROTOCOL|HTTP_REQUEST|NOT_TLS",
        "What answers at {who}'s address speaks no TLS. Correct the port, or begin the base URL "
        "with http:// if it is a server of your own",
        final=True,
    ),
    _Failure(
        "CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSL validation failed",
        "The certificate of {who}'s address is not trusted by this machine. Correct the base URL, "
        "or make the certificate's authority known to this machine (SSL_CERT_FILE)",
        final=True,
    ),
    _Failure(
        "illegal (?:status line|header|request line)|BadStatusLine|malformed|Invalid HTTP|"
        "not.{0,20}valid HTTP",
        "What answers at {who}'s address does not speak HTTP. Correct {check}",
        final=True,
    ),
    _Failure(
        "UnsupportedProtocol|InvalidURL|Invalid (?:URL|port|endpoint)|No scheme",
        "The address of {who} is none of HTTP. Correct the base URL: it begins with https://",
        final=True,
    ),
    _Failure(
        "Name or service not known|getaddrinfo|nodename|name resolution|NameResolution",
        "The host of {who}'s address cannot be found. Check the network, and {check} in the "
        "account",
        sent=False,
    ),
    _Failure(
        "connection refused|actively refused",
        "Nothing listens at {who}'s address. Check the network, and {check} in the account",
        sent=False,
    ),
    _Failure(
        "disconnected without|closed connection|Connection was closed|Remote end closed",
        "{who} closed the connection without a whole answer. If it stays so, correct {check} in "
        "the account",
    ),
    _Failure(
        "",
        "The connection to {who} failed. Check the network, and {check} in the account; it may be "
        "over by the next try",
    ),
)


def checked_address(whose: str, base_url: str | None) -> str | None:
    """Checks that an address could be one, and returns it as it is.

    Raises:
        SettingError: It could not be one, whatever the network is like.
    """
    if base_url is None:
        return None
    try:
        parts = urlsplit(base_url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise SettingError(
            f"The base URL of {whose} in the account, {short_url(base_url)}, is none. Give one "
            "that begins with https:// and a host, or leave it empty.",
            kind="bad_address",
        )
    return base_url


def timed_out(whose: str, timeout_s: float) -> Unavailable:
    """Makes the error of an answer that was not complete in the time allowed."""
    return Unavailable(
        f"{whose} did not answer within {timeout_s:g} seconds. Try again, or raise the model's "
        "timeout.",
        kind="timeout",
    )


def disconnected(whose: str, error: BaseException, check: str) -> EngineError:
    """Makes the error of a connection that failed, or was lost in the middle of the answer.

    It is final where it cannot pass by itself.

    Args:
        whose: Who did not answer.
        error: As the SDK raised it.
        check: What in the account may be wrong, besides the network: ``"the region"``.
    """
    said = f"{type(error).__name__}: {one_line(str(error), 300)}"
    failure = next(f for f in _FAILURES if re.search(f.pattern, said, re.IGNORECASE))
    sentence = failure.sentence.replace("{who}", whose).replace("{check}", check)
    if failure.final:
        return Refused(f"{sentence} ({said}).", kind="bad_address")
    usage = None if failure.sent else Usage()
    return Unavailable(f"{sentence} ({said}).", kind="connection", usage=usage)
