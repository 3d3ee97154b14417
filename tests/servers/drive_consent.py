"""The local Drive's sign-in for people: Google's consent page, and codes exchanged for tokens.

Whoever opens the page is answered at once, as the test says that the person decides. Refusals are
those of RFC 6749 and of Google's pages on OAuth for installed and web apps.
"""

import base64
import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.servers.drive_tokens import Denied
from tests.servers.gemini_http import Answer

_NEEDED = ("client_id", "redirect_uri", "response_type", "scope")


@dataclass(frozen=True)
class _Client:
    secret: str
    redirect_uris: frozenset[str]


@dataclass(frozen=True)
class _Code:
    client_id: str
    redirect_uri: str
    challenge: str
    scopes: frozenset[str]
    lasting: bool


class ConsentBooks:
    """Clients of projects, and codes that were given; many threads at once.

    Attributes:
        decision: What the person does on the page: ``allow``, ``deny`` or ``fewer`` (unticks).
        asked: The queries with which the page was opened.
    """

    def __init__(self) -> None:
        self.decision = "allow"
        self.asked: list[dict[str, str]] = []
        self._clients: dict[str, _Client] = {}
        self._codes: dict[str, _Code] = {}
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def client(self, *redirect_uris: str) -> dict[str, str]:
        """A client of a project: for desktop apps, or for the web with these addresses."""
        client_id = f"{len(self._clients)}-{os.urandom(6).hex()}.apps.googleusercontent.com"
        secret = "GOCSPX-" + os.urandom(12).hex()
        self._clients[client_id] = _Client(secret, frozenset(redirect_uris))
        return {"client_id": client_id, "client_secret": secret}

    def page(self, query: Mapping[str, str]) -> Answer:
        """The response to whoever opens the page: sent back, or told what is wrong with it."""
        self.asked.append(dict(query))
        client = self._clients.get(query.get("client_id", ""))
        if client is None:
            return _wrong(401, "invalid_client")
        if any(not query.get(name) for name in _NEEDED) or query["response_type"] != "code":
            return _wrong(400, "invalid_request")
        if not _allows(client, query["redirect_uri"]):
            return _wrong(400, "redirect_uri_mismatch")
        return self._sent_back(query, self._decided(query))

    def _decided(self, query: Mapping[str, str]) -> dict[str, str]:
        if self.decision == "deny":
            return {"error": "access_denied"}
        code = "4/0A" + base64.urlsafe_b64encode(os.urandom(24)).decode()
        scopes = frozenset(query["scope"].split() if self.decision == "allow" else ["openid"])
        with self._lock:
            asked_again = query.get("prompt") == "consent" or query["client_id"] not in self._known
            self._codes[code] = _Code(
                query["client_id"],
                query["redirect_uri"],
                query.get("code_challenge", ""),
                scopes,
                lasting=asked_again and query.get("access_type") == "offline",
            )
            self._known.add(query["client_id"])
        return {"code": code, "scope": " ".join(sorted(scopes))}

    def _sent_back(self, query: Mapping[str, str], answer: Mapping[str, str]) -> Answer:
        told = {"state": query["state"]} if "state" in query else {}
        where = f"{query['redirect_uri']}?{urlencode({**told, **answer})}"
        return Answer(b"", 302, (("Location", where),))

    def redeem(self, form: Mapping[str, str], authorization: str) -> _Code:
        """Takes a code, once.

        Raises:
            Denied: With the word for it, and a sentence.
        """
        client_id, secret = _login(form, authorization)
        client = self._clients.get(client_id)
        if client is None:
            raise Denied("invalid_client", "The OAuth client was not found.", 401)
        if client.secret != secret:
            raise Denied("invalid_client", "Unauthorized", 401)
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.client_id != client_id:
            raise Denied("invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise Denied("redirect_uri_mismatch", "Bad Request")
        if code.challenge != _challenge(form.get("code_verifier", "")):
            raise Denied("invalid_grant", "Invalid code verifier.")
        return code


def _login(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    if authorization.startswith("Basic "):
        name, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        return name, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _allows(client: _Client, redirect_uri: str) -> bool:
    if client.redirect_uris:
        return redirect_uri in client.redirect_uris
    parts = urlsplit(redirect_uri)  # a desktop app: any port of the machine itself
    return parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}


def _wrong(status: int, word: str) -> Answer:
    page: Any = f"<title>Error {status}: {word}</title>"
    return Answer(page.encode(), status, (("Content-Type", "text/html"),))
