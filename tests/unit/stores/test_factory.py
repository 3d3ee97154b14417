"""Addresses of destinations that cannot be right are refused before anything is sent."""

from typing import Any

import pytest

from pressrun.errors import SettingError
from pressrun.stores.factory import Target, open_store


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
