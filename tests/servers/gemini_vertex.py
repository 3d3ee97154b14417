"""Vertex AI's side of the local Gemini: sign-in, projects, and what its paths and errors say.

Its requests and replies are those of the Developer API, at other addresses and with an access
token in the key's place. Tokens come from the endpoint that the local Drive uses as well.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tests.servers import gemini_faults as faults
from tests.servers.drive_tokens import TokenBooks
from tests.servers.gemini_http import Answer, Received

CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKEN_PATH = "/token"
_MODEL = re.compile(
    r"/(?P<version>v1|v1beta1)/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)"
    r"/publishers/google/models/(?P<model>[^/:]+):(?P<method>generateContent|countTokens)"
)


@dataclass(frozen=True)
class VertexCall:
    """What a path of Vertex AI names."""

    version: str
    project: str
    location: str
    model: str
    method: str

    @property
    def key(self) -> str:
        """Stands for a key: quotas are a project's in a location."""
        return f"{self.project}/{self.location}"

    @classmethod
    def of(cls, path: str) -> "VertexCall | None":
        """The call that a path stands for, if it is one of Vertex AI's."""
        match = _MODEL.fullmatch(path)
        return cls(**match.groupdict()) if match else None


class VertexGate:
    """Who may call; many threads at once.

    Args:
        projects: Those that the caller may use; any if there are none.
        models: Those served.
        token_s: How long a token lives.
    """

    def __init__(self, projects: Collection[str], models: Collection[str], token_s: float):
        self._projects, self._models = projects, models
        self.tokens = TokenBooks(lifetime_s=token_s, clock_ahead_s=0.0)

    def service_key(self, url: str) -> dict[str, Any]:
        """A service account's key file, whose tokens the server at ``url`` gives and takes."""
        email = "robot@local.iam.gserviceaccount.com"
        return self.tokens.service_key(email, url + TOKEN_PATH, delegated=False)

    def refusal(self, received: Received, call: VertexCall) -> faults.ErrorAnswer | None:
        """Why the call is not let in; None if it is."""
        grant = self.tokens.grant(received.headers.get("authorization", ""))
        if grant is None or CLOUD_SCOPE not in grant.scopes:
            return faults.no_token()
        where = (call.project, call.location, call.model)
        if self._projects and call.project not in self._projects:
            return faults.no_role(*where)
        if call.model not in self._models:
            return faults.unknown_publisher_model(*where)
        return None

    def sign_in(self, received: Received) -> Answer:
        """The token endpoint."""
        return self.tokens.exchange(received.body)
