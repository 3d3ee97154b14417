"""Addresses of destinations that cannot be right are refused before anything is sent."""

import json
from typing import Any

import pytest

from pressrun.errors import SettingError, StoreError
from pressrun.stores import retry
from pressrun.stores.factory import Target, open_store
from tests.servers.raw_answers import Answer, RawAnswers, Request


def _opened(endpoint_url: str) -> str:
    def client(_config: Any) -> Any:
        raise StopIteration("the endpoint URL was taken")

    target = Target("s3://shop/out", s3_client=client, endpoint_url=endpoint_url)
    try:
        open_store(target, lambda _: pytest.fail("S3 has no ids"))
    except StopIteration:
        return "taken"
    except SettingError as error:
        return str(error)
    pytest.fail("no client was made")


class Role:
    """Credentials of a container, whose service is away for some requests."""

    def __init__(self, away: int):
        self._away = away

    def answer(self, _request: Request) -> Answer:
        self._away -= 1
        if self._away >= 0:
            return Answer(404, [("Content-Type", "text/html")], b"<html>")
        told = {"AccessKeyId": "k", "SecretAccessKey": "s", "Token": "t"}
        return Answer(body=json.dumps(told | {"Expiration": "2099-01-01T00:00:00Z"}).encode())


@pytest.mark.parametrize("away", [0, 2, 1000])
def test_a_role_that_is_away_for_a_moment_is_asked_again(
    away: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3
    from botocore.config import Config

    monkeypatch.setattr(retry, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    with RawAnswers(Role(away).answer) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.url}/role")

        def client(config: Any) -> Any:
            return boto3.Session().client("s3", region_name="eu-west-1", config=Config(**config))

        target = Target("s3://shop/out", s3_client=client)
        if away < 1000:
            open_store(target, lambda _: pytest.fail("S3 has no ids"))
            return
        with pytest.raises(StoreError, match="cannot be had from where they") as caught:
            open_store(target, lambda _: pytest.fail("S3 has no ids"))
        assert caught.value.kind == "no_role"


def test_a_profile_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    def client(_config: Any) -> Any:
        return boto3.Session(profile_name="no-such-profile").client("s3")

    with pytest.raises(StoreError, match="ProfileNotFound") as caught:
        open_store(Target("s3://shop/out", s3_client=client), lambda _: pytest.fail("no ids"))
    assert (caught.value.kind, caught.value.retryable) == ("expired", False)


@pytest.mark.parametrize(
    "url",
    [
        "minio.example.com:9000",
        "ftp://example.com",
        "https://",
        "https://exa mple.com",
        "https://example.com:port",
        "https://example.com/?x=1",
        "s3://shop",
    ],
)
def test_an_endpoint_url_that_no_client_takes_is_a_sentence(url: str) -> None:
    assert "is no address of a service. Write it as https://host" in _opened(url)


@pytest.mark.parametrize(
    "url", ["https://account.r2.example.com/shop", "https://shop.s3.example.com", "http://h/shop/"]
)
def test_an_endpoint_url_that_names_the_bucket_again_is_a_sentence(url: str) -> None:
    assert "names the bucket 'shop', which is in the destination already" in _opened(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://127.0.0.1:8333",
        "https://project.example.co/storage/v1/s3",
        "http://[::1]:9000",
        "https://s3.eu-central-1.example.com/",
    ],
)
def test_other_endpoint_urls_are_taken(url: str) -> None:
    assert _opened(url) == "taken"
