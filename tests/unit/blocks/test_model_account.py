"""Model accounts: shown masked, and turned into accounts."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from pressrun.blocks import ModelAccount, account_of, account_reader
from pressrun.engines.limits import Limits
from pressrun.errors import SettingError


def test_the_key_shows_in_no_repr() -> None:
    block = ModelAccount(
        api_key="very-secret", more_keys=["very-secret-too"], openai_key="very-secret-three"
    )
    assert "very-secret" not in repr(block) + str(block) + repr(block.account())
    assert "very-secret" not in block.model_dump_json()
    assert keys_of(block) == ["very-secret", "very-secret-too", "very-secret-three"]


def keys_of(block: ModelAccount) -> list[str]:
    return [access.api_key for access in block.account().accesses]


@pytest.mark.parametrize("more", ["b c", " b,\n c ; b", ["b", "c"], [SecretStr("b"), "c"]])
def test_more_keys_are_accesses_of_their_own_and_none_is_one_twice(more: Any) -> None:
    block = ModelAccount(api_key=" a\n", more_keys=more, base_url=" https://x.example/ ")
    assert keys_of(block) == ["a", "b", "c"]
    assert {access.base_url for access in block.account().accesses} == {"https://x.example/"}


def test_a_project_of_vertex_needs_no_key() -> None:
    (access,) = ModelAccount(vertex_project="p", vertex_location="us-central1").account().accesses
    assert (access.project, access.location, access.api_key) == ("p", "us-central1", "")


@pytest.mark.parametrize(
    ("chosen", "of_keys", "of_vertex"),
    [
        ({}, "v1beta", ""),
        ({"api_version": None}, "v1beta", ""),
        ({"api_version": " "}, "v1beta", ""),
        ({"api_version": "v1"}, "v1", "v1"),
        ({"api_version": " v1\n"}, "v1", "v1"),
    ],
)
def test_the_version_is_the_one_that_was_chosen_or_the_one_that_fits(
    chosen: dict[str, Any], of_keys: str, of_vertex: str
) -> None:
    block = ModelAccount(api_key="k", more_keys="l", vertex_project="p", **chosen)
    versions = [access.version for access in block.account().accesses]
    assert versions == [of_keys, of_keys, of_vertex]


def test_a_block_may_lead_to_several_providers() -> None:
    block = ModelAccount(
        api_key="g",
        openai_key=" o\n",
        openai_base_url="https://x.example/v1 ",
        aws_region="us-west-2",
        aws_credentials="team",
    )
    gemini, openai, bedrock = block.account().accesses
    assert (gemini.engine, gemini.api_key, gemini.base_url) == ("gemini", "g", None)
    assert (openai.engine, openai.api_key) == ("openai", "o")
    assert openai.base_url == "https://x.example/v1"
    assert (bedrock.engine, bedrock.region, bedrock.credentials) == ("bedrock", "us-west-2", "team")
    only = ModelAccount(openai_key="o").account()
    assert [access.engine for access in only.accesses] == ["openai"]


@pytest.mark.parametrize(
    "limits",
    [
        {"gemini-3.8-flash": 300},
        {"gemini-3.8-flash": {"requests_per_minute": 300}},
        [{"model": "gemini-3.8-flash", "requests_per_minute": 300}],
    ],
)
def test_limits_are_told_in_a_list_or_by_the_model_s_name(limits: Any) -> None:
    account = ModelAccount(api_key="k", limits=limits, daily_usd=5).account()
    assert account.limits == {"gemini-3.8-flash": Limits(requests_per_minute=300)}
    assert (account.daily_usd, account.monthly_usd) == (5, None)


def test_an_account_that_was_never_saved_stays_as_it_is() -> None:
    read = account_reader(ModelAccount(api_key="k"))
    assert read() is read()


def test_the_form_has_one_input_for_each_field_and_the_model_s_name_first() -> None:
    schema = ModelAccount.model_json_schema()
    limits = schema["definitions"]["ModelLimits"]["properties"]
    assert next(iter(limits)) == "model"
    assert not [name for name, field in (schema["properties"] | limits).items() if "anyOf" in field]
    assert sorted(schema["secret_fields"]) == ["api_key", "more_keys", "openai_key"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Give an API key, or the project of Vertex AI"),
        ({"api_key": " ", "more_keys": ""}, "Give an API key, or the project of Vertex AI"),
        ({"api_key": "k", "base_url": "example.com"}, "has to begin with https://"),
        ({"api_key": "k", "base_url": "https://a:b@x.example"}, "must have no password in it"),
        ({"vertex_project": "p", "vertex_location": "evil.example/"}, "should match pattern"),
        ({"vertex_project": "p/../q"}, "should match pattern"),
        ({"api_key": "k", "limits": {"m": 0}}, "greater than 0"),
        ({"api_key": "k", "limits": [{"requests_per_minute": 3}]}, "Field required"),
        ({"api_key": "k", "daily_usd": 0}, "greater than 0"),
        ({"openai_base_url": "https://x.example/v1"}, "a key of OpenAI or a region of AWS"),
        ({"openai_key": "k", "openai_base_url": "x.example"}, "has to begin with https://"),
        ({"aws_region": "evil.example/"}, "should match pattern"),
        ({"api_key": "k", "aws_credentials": "team"}, "Give the region of Bedrock"),
    ],
)
def test_an_account_that_cannot_work_cannot_be_made(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ModelAccount(**fields)


def test_a_model_without_a_key_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(SettingError, match=r"gemini-3\.8-flash needs a key"):
        account_of(None, "sketch", "gemini-3.8-flash")
    assert not account_of(None, "sketch", "no such model").accesses[0].usable
