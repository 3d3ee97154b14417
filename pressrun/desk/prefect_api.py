"""Prefect's API, asked with patience: what a page says when it is away, busy or refuses.

Knows nothing of runs; see :mod:`pressrun.desk.server`.
"""

import time
from typing import Any

import httpx

from pressrun.boundary.text import plain_line
from pressrun.errors import InputError, PressrunError

#: How long a page waits for what it shows, and a person for what they asked to be done.
READ_S, ACT_S = 3.0, 30.0
#: What it answers to something that it will never take.
_REFUSED = frozenset({400, 403, 409, 422})
#: A server on SQLite says so now and then, for moments; and the pause before it is asked again.
_BUSY, _PAUSE_S = frozenset({408, 429, 502, 503}), 0.4
#: For so long after it kept a page waiting in vain no other page waits: a list asks many times.
_AWAY_S = 3.0


class ServerRefused(InputError):
    """Prefect's server does not take what it was sent; ``is_taken``: it is there already."""

    def __init__(self, status: int):
        # Without the server's words, which may hold what was sent.
        super().__init__(f"Prefect's server does not take that ({status}).")
        self.is_taken = status == 409


class ServerAway(PressrunError):
    """Prefect's server does not answer, or refuses the password."""

    kind = "server_away"
    retryable = True


class PrefectApi:
    """Asks Prefect's API, and says in words why there is no answer.

    Args:
        api_url: Such as ``http://127.0.0.1:4200/api``.
        login: Name and password; empty where it asks for none.
        ui_url: Where people open it; empty for the API's own address.
    """

    def __init__(self, api_url: str, login: str = "", ui_url: str = ""):
        name, _, password = login.partition(":")
        self.ui_url = (ui_url or api_url.rstrip("/").removesuffix("/api")).rstrip("/")
        self._client = httpx.Client(
            base_url=api_url.rstrip("/"),
            auth=(name, password) if login else None,
            timeout=READ_S,
            trust_env=False,
        )
        self._away_until = 0.0

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def ask(
        self, method: str, path: str, content: object = None, patience_s: float = READ_S
    ) -> Any:
        """Asks for a path of the API, and gives what it answers; None for nothing.

        Raises:
            ServerAway: It does not answer.
            ServerRefused: It does not take the content, which it does not repeat.
            InputError: It has no such thing.
        """
        reads = patience_s <= READ_S
        if reads and time.monotonic() < self._away_until:
            raise self._away("it takes too long")
        try:
            answer = self._patiently(method, path, content, patience_s)
        except (httpx.HTTPError, OSError) as error:
            if reads and isinstance(error, httpx.TimeoutException):
                self._away_until = time.monotonic() + _AWAY_S
            slow = isinstance(error, httpx.TimeoutException)
            raise self._away("it takes too long" if slow else "nothing is there") from error
        if answer.status_code == 404:
            raise InputError(
                "Prefect's server does not know that. Is PREFECT_API_URL the right one?"
            )
        if answer.status_code in (409, 422):
            raise InputError(f"Prefect's server refuses: {_detail(answer)}")
        if answer.status_code == 401:
            raise ServerAway(
                f"Prefect's server at {self.ui_url} refuses the password (PREFECT_API_AUTH_STRING)."
            )
        if answer.status_code in _REFUSED:
            raise ServerRefused(answer.status_code)
        if not answer.is_success:
            raise ServerAway(
                f"Prefect's server at {self.ui_url} is busy ({answer.status_code}). Try again."
            )
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise ServerAway(f"What answers at {self.ui_url} is not Prefect's server.") from error

    def _away(self, why: str) -> ServerAway:
        return ServerAway(f"Prefect's server at {self.ui_url} does not answer ({why}).")

    def _patiently(
        self, method: str, path: str, content: object, patience_s: float
    ) -> httpx.Response:
        """Asks again where the server is busy, as Prefect's own client does."""
        deadline = time.monotonic() + patience_s
        while True:
            answer = self._client.request(method, path, json=content, timeout=patience_s)
            if answer.status_code not in _BUSY or time.monotonic() + _PAUSE_S > deadline:
                return answer
            time.sleep(_PAUSE_S)


def _detail(answer: httpx.Response) -> str:
    """Gives the server's words about a request that it refuses."""
    try:
        said = answer.json()
    except ValueError:
        return f"status {answer.status_code}"
    detail = said.get("detail") or said.get("exception_detail") if isinstance(said, dict) else said
    return plain_line(str(detail or f"status {answer.status_code}"), 500)
