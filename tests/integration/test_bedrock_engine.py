"""The Bedrock engine with boto3 against the local server: replies, bills and every error."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from pressrun.blocks import ModelAccount
from pressrun.engines.account import Access, Account, account_from_environment
from pressrun.engines.account_check import check_account
from pressrun.engines.base import ImageRequest
from pressrun.engines.bedrock.engine import BedrockEngine
from pressrun.engines.catalogue import catalogue
from pressrun.engines.token_estimates import most_usage
from pressrun.errors import (
    Refused,
    SettingError,
)
from pressrun.pictures.picture import read_picture
from tests.servers.bedrock import BedrockServer
from tests.servers.provider import drawn
from tests.support.providers import aws_access

KEY, MODEL, REGION = "AKIAGOOD", "stable-image-core", "us-west-2"
BEDROCKS = [name for name, model in catalogue().items() if model.engine == "bedrock"]


@pytest.fixture
def server() -> Iterator[BedrockServer]:
    with BedrockServer(keys={KEY}) as server:
        yield server


def access(server: BedrockServer, key: str = KEY) -> Access:
    return aws_access(key, server.url)


@pytest.fixture
def engine(server: BedrockServer) -> Iterator[BedrockEngine]:
    engine = BedrockEngine(access(server))
    yield engine
    engine.close()


def wish(**changes: Any) -> ImageRequest:
    asked: dict[str, Any] = {"model": MODEL, "prompt": "a cat", "aspect_ratio": "2:3", "seed": 5}
    return ImageRequest(**asked | changes)


@pytest.mark.parametrize("model", BEDROCKS)
def test_every_model_makes_its_pictures_for_their_price_and_that_is_the_most(
    server: BedrockServer, engine: BedrockEngine, model: str
) -> None:
    entry = catalogue()[model]
    for shape in entry.aspect_ratios:
        request = wish(model=model, aspect_ratio=shape)
        reply = engine.image(request)
        assert reply.picture.media_type == "image/png"
        price = entry.cost_usd(reply.usage)
        assert price == entry.cost_usd(most_usage(entry, request)) == server.bill[-1].usd > 0


def test_the_request_is_the_model_s_own(server: BedrockServer, engine: BedrockEngine) -> None:
    options = {"negative_prompt": "dogs", "steps": 30}
    reply = engine.image(wish(options=options, seed=2**32 + 7))
    (asked,) = server.asked
    assert asked == {
        "model": "stability.stable-image-core-v1:1",
        "prompt": "a cat",
        "aspect_ratio": "2:3",
        "output_format": "png",
        "seed": 7,
        "negative_prompt": "dogs",
    }
    assert reply.model_version == "stability.stable-image-core-v1:1"


def test_pictures_and_shapes_that_it_cannot_use_are_refused_before_anything_is_sent(
    server: BedrockServer, engine: BedrockEngine
) -> None:
    with pytest.raises(Refused, match="cannot be shown pictures"):
        engine.image(wish(pictures=(read_picture(drawn(8, 8), "a picture"),)))
    with pytest.raises(Refused, match="makes no picture of 3:4"):
        engine.image(wish(aspect_ratio="3:4"))
    assert server.asked == []


def test_a_machine_without_credentials_is_told_where_they_are_set(
    server: BedrockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    engine = BedrockEngine(Access(base_url=server.url, engine="bedrock", region=REGION))
    with pytest.raises(Refused, match="AWS Credentials block") as raised:
        engine.image(wish())
    engine.close()
    assert raised.value.kind == "bad_key"


@pytest.mark.usefixtures("prefect_server")
def test_a_block_lends_the_credentials_of_another_block_that_it_names(
    server: BedrockServer,
) -> None:
    from prefect_aws import AwsCredentials

    saved = AwsCredentials(aws_access_key_id=KEY, aws_secret_access_key=SecretStr("hush-hush"))
    saved.save("team", overwrite=True)
    told: dict[str, Any] = {"aws_region": REGION, "bedrock_endpoint_url": server.url}
    (team,) = ModelAccount(**told, aws_credentials="team").account().accesses
    (nobody,) = ModelAccount(**told, aws_credentials="nobody").account().accesses
    engine = BedrockEngine(team)
    engine.image(wish())
    engine.close()
    assert len(server.bill) == 1
    with pytest.raises(SettingError, match="no usable AWS Credentials block called 'nobody'"):
        BedrockEngine(nobody).image(wish())


def test_the_environment_s_credentials_are_used_where_the_region_is_told(
    server: BedrockServer, home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_BEDROCK_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
    account = account_from_environment()
    engine = BedrockEngine(account.accesses_of(catalogue()[MODEL])[0])
    engine.image(wish())
    engine.close()
    assert len(server.bill) == 1


def test_an_account_check_tells_what_a_region_reaches_and_pays_nothing(
    server: BedrockServer,
) -> None:
    check = check_account(Account((access(server), access(server, "AKIABAD"))))
    good, bad = check.accesses
    assert good.way == "Amazon Bedrock in us-west-2"
    assert good.reached == BEDROCKS
    assert bad.error_kind == "bad_key"
    assert server.bill == []
