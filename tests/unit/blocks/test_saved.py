"""How a client of AWS is configured from a block and from what needs it."""

from typing import Any

import pytest

from pressrun.blocks import saved
from pressrun.stores.s3.store import client_config


@pytest.mark.parametrize(
    ("theirs", "style"), [({}, "path"), ({"s3": {"addressing_style": "virtual"}}, "virtual")]
)
def test_a_block_says_how_a_bucket_is_addressed_and_nothing_else_of_ours_changes(
    monkeypatch: pytest.MonkeyPatch, theirs: dict[str, Any], style: str
) -> None:
    from prefect_aws import AwsClientParameters, AwsCredentials

    parameters = AwsClientParameters(config={**theirs, "retries": {"max_attempts": 9}})
    block = AwsCredentials(region_name="eu-west-1", aws_client_parameters=parameters)
    monkeypatch.setattr(saved, "load_block", lambda *_: block)

    config = client_config(4, endpoint=True)
    client = saved.aws_client("mine", "s3", config, endpoint_url="https://s3.example.com")

    assert client.meta.config.s3["addressing_style"] == style
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.response_checksum_validation == "when_required"
