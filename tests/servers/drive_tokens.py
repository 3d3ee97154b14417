"""The local Drive's token endpoint: refresh tokens and signed assertions, as google-auth sends.

Gives access tokens and knows whose they are and what for.
"""

import base64
import json
import os
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.servers.gemini_http import Answer

Json = dict[str, Any]
DRIVE_SCOPE = "https://www.googleapis.com/auth/drive"
FILE_SCOPE = "https://www.googleapis.com/auth/drive.file"
_SKEW_S = 300.0


@dataclass(frozen=True)
class Grant:
    """What an access token stands for."""

    email: str
    scopes: frozenset[str]
    expires_at: float


@dataclass(frozen=True)
class _ServiceAccount:
    key: rsa.RSAPublicKey
    delegated: bool


class Denied(Exception):
    """A refusal: the word of RFC 6749, a sentence, and the status if it is not 400."""


class TokenBooks:
    """Every credential that the server knows; many threads at once.

    Args:
        lifetime_s: Of access tokens.
        clock_ahead_s: How far the server's clock is ahead of the machine's.
    """

    def __init__(self, lifetime_s: float, clock_ahead_s: float):
        self._lifetime_s, self._ahead_s = lifetime_s, clock_ahead_s
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}
        self._refresh: dict[str, tuple[str, frozenset[str]]] = {}
        self._services: dict[str, _ServiceAccount] = {}
        self.issued = 0

    def access_token(self, email: str, scopes: frozenset[str], lifetime_s: float) -> str:
        """A token as the endpoint gives it."""
        token = "ya29." + base64.urlsafe_b64encode(os.urandom(24)).decode()
        with self._lock:
            self._grants[token] = Grant(email, scopes, time.monotonic() + lifetime_s)
            self.issued += 1
        return token

    def refresh_token(self, email: str, scopes: frozenset[str]) -> str:
        """What a person's consent leaves behind."""
        token = "1//" + base64.urlsafe_b64encode(os.urandom(24)).decode()
        with self._lock:
            self._refresh[token] = (email, scopes)
        return token

    def service_key(self, email: str, token_uri: str, *, delegated: bool) -> Json:
        """The JSON key file of a service account."""
        key = _key()
        with self._lock:
            self._services[email] = _ServiceAccount(key.public_key(), delegated)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": "local",
            "private_key_id": "local",
            "private_key": pem.decode(),
            "client_email": email,
            "client_id": "1",
            "token_uri": token_uri,
        }

    def revoke(self) -> None:
        """Forgets every access and refresh token."""
        with self._lock:
            self._grants.clear()
            self._refresh.clear()

    def grant(self, authorization: str) -> Grant | None:
        """What the header ``Authorization`` allows, if its token is alive."""
        with self._lock:
            grant = self._grants.get(authorization.removeprefix("Bearer "))
        return grant if grant and grant.expires_at > time.monotonic() else None

    def exchange(self, body: bytes) -> Answer:
        """The response to ``POST /token``."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        try:
            if form.get("grant_type") == "refresh_token":
                email, scopes = self._of_refresh_token(form)
            else:
                email, scopes = self._of_assertion(form.get("assertion", ""))
        except Denied as denied:
            return refusal(denied)
        return self.given(email, scopes)

    def given(self, email: str, scopes: frozenset[str], *, lasting: bool = False) -> Answer:
        """The response with an access token; with ``lasting`` also a refresh token."""
        token = self.access_token(email, scopes, self._lifetime_s)
        reply = {"access_token": token, "expires_in": int(self._lifetime_s), "token_type": "Bearer"}
        if lasting:
            reply["refresh_token"] = self.refresh_token(email, scopes)
        return Answer.of(reply | {"scope": " ".join(sorted(scopes))})

    def _of_refresh_token(self, form: dict[str, str]) -> tuple[str, frozenset[str]]:
        with self._lock:
            known = self._refresh.get(form.get("refresh_token", ""))
        if known is None:
            raise Denied("invalid_grant", "Token has been expired or revoked.")
        return known

    def _of_assertion(self, assertion: str) -> tuple[str, frozenset[str]]:
        signed, _, signature = assertion.rpartition(".")
        claims = json.loads(_decode(signed.partition(".")[2]))
        service = self._services.get(claims["iss"])
        if service is None:
            raise Denied("invalid_grant", "Invalid grant: account not found")
        try:
            service.key.verify(
                _decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            raise Denied("invalid_grant", "Invalid JWT Signature.") from None
        if abs(time.time() + self._ahead_s - claims["iat"]) > _SKEW_S:
            raise Denied(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                "timeframe. Check your iat and exp values in the JWT claim.",
            )
        subject = claims.get("sub", claims["iss"])
        if subject != claims["iss"] and not service.delegated:
            raise Denied(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client "
                "not authorized for any of the scopes requested.",
            )
        return subject, frozenset(claims.get("scope", "").split())


def refusal(denied: Denied) -> Answer:
    """The response that says so."""
    error, description, *status = denied.args
    said = {"error": error, "error_description": description}
    return Answer.of(said, status=status[0] if status else 400)


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
