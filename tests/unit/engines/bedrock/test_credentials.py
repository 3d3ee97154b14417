"""Credentials of AWS that fail: what passes is asked again, what does not is not."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import exceptions

from pressrun.engines.account import Access
from pressrun.engines.base import ImageRequest
from pressrun.engines.bedrock.engine import BedrockEngine
from pressrun.errors import EngineError

WISH = ImageRequest("stable-image-core", "a cup", aspect_ratio="1:1")


class Clients:
    """Makes clients that fail in turn; None stands for one that answers."""

    def __init__(self, *failures: Exception | None):
        self.failures, self.made = list(failures), 0
        session = SimpleNamespace(send=None, _manager=SimpleNamespace())
        self._endpoint = SimpleNamespace(http_session=session)

    def __call__(self, service: str, config: Mapping[str, Any]) -> Any:
        self.made += 1
        return self

    def list_foundation_models(self, **_: Any) -> Any:
        failure = self.failures.pop(0)
        if failure:
            raise failure
        return {"modelSummaries": []}

    def close(self) -> None:
        pass


def asked(clients: Clients) -> list[EngineError | None]:
    engine = BedrockEngine(Access(engine="bedrock", region="us-west-2", aws_client=clients))
    found: list[EngineError | None] = []
    for _ in list(clients.failures):
        try:
            engine.reach([])
            found.append(None)
        except EngineError as error:
            found.append(error)
    return found


def test_a_machine_without_credentials_is_final_and_the_next_client_looks_again() -> None:
    clients = Clients(exceptions.NoCredentialsError(), None)
    none, good = asked(clients)
    assert none is not None
    assert (none.kind, none.retryable) == ("bad_key", False)
    assert good is None
    assert clients.made == 2


def test_a_role_that_was_there_before_is_away_for_a_moment() -> None:
    clients = Clients(None, exceptions.NoCredentialsError(), None)
    _, away, back = asked(clients)
    assert away is not None
    assert (away.kind, away.retryable) == ("connection", True)
    assert back is None


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (exceptions.CredentialRetrievalError(provider="c", error_msg="503"), "connection"),
        (exceptions.MetadataRetrievalError(error_msg="<html>"), "connection"),
        (RuntimeError("Credentials were refreshed, but are still expired."), "connection"),
        (exceptions.PartialCredentialsError(provider="env", cred_var="x"), "bad_key"),
        (exceptions.UnauthorizedSSOTokenError(), "bad_key"),
        (exceptions.ProfileNotFound(profile="x"), "bad_key"),
        (exceptions.InvalidConfigError(error_msg="x"), "bad_key"),
        (
            exceptions.ClientError(
                {
                    "Error": {"Code": "InvalidSignatureException", "Message": "Signature expired"},
                    "ResponseMetadata": {"HTTPStatusCode": 403},
                },
                "Invoke",
            ),
            "clock_skew",
        ),
        (
            exceptions.ClientError(
                {"Error": {"Code": "503"}, "ResponseMetadata": {}}, "AssumeRole"
            ),
            "unavailable",
        ),
    ],
)
def test_what_passes_is_retryable_and_what_does_not_is_not(failure: Exception, kind: str) -> None:
    (error,) = asked(Clients(failure))
    assert error is not None
    assert error.kind == kind
    assert error.retryable is (kind != "bad_key")
