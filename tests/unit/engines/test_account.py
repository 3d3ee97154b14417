"""Accounts: from Google's variables and the settings, named without telling a key."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from pressrun.engines.account import (
    Access,
    Account,
    account_from_environment,
    available,
    require_access,
)
from pressrun.engines.catalogue import catalogue
from pressrun.engines.limits import Limits
from pressrun.errors import SettingError
from pressrun.settings import ConfiguredLimits, settings

VARIABLES = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "PRESSRUN_BEDROCK_REGION",
    "PRESSRUN_GEMINI_API_VERSION",
    "GOOGLE_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_VERTEX_BASE_URL",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_GENAI_USE_ENTERPRISE",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
)
Environment = Callable[..., Account]


@pytest.fixture
def environment(home: object, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Gives the account of an environment that has these variables and no other of providers."""

    def account(**variables: str) -> Account:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return account_from_environment()

    return account


def test_google_s_first_variable_gives_the_key_without_its_margins(
    environment: Environment,
) -> None:
    account = environment(GEMINI_API_KEY="one", GOOGLE_API_KEY=" two\n")
    assert [access.api_key for access in account.accesses] == ["two"]


def test_vertex_is_asked_for_by_google_s_own_variables_and_no_key_is_used_then(
    environment: Environment,
) -> None:
    wanted = {"GOOGLE_GENAI_USE_VERTEXAI": "True", "GEMINI_API_KEY": "one"}
    (access,) = environment(**wanted, GOOGLE_CLOUD_PROJECT="p").accesses
    assert (access.project, access.location, access.api_key) == ("p", "global", "")
    (access,) = environment(
        **wanted, GOOGLE_CLOUD_PROJECT="p", GOOGLE_CLOUD_LOCATION="europe-west4"
    ).accesses
    assert access.location == "europe-west4"
    assert not environment(**wanted).accesses[0].usable


def test_a_project_alone_does_not_mean_vertex(environment: Environment) -> None:
    (access,) = environment(GOOGLE_CLOUD_PROJECT="p", GEMINI_API_KEY="one").accesses
    assert (access.project, access.api_key) == ("", "one")


@pytest.mark.parametrize(
    ("chosen", "of_keys", "of_vertex"),
    [("", "v1beta", ""), (" v1\n", "v1", "v1"), ("v1alpha", "v1alpha", "v1alpha")],
)
def test_the_version_is_the_setting_s_or_the_one_that_fits(
    environment: Environment, chosen: str, of_keys: str, of_vertex: str
) -> None:
    told = {"PRESSRUN_GEMINI_API_VERSION": chosen}
    (key,) = environment(GEMINI_API_KEY="k", **told).accesses
    (vertex,) = environment(
        GOOGLE_GENAI_USE_VERTEXAI="true", GOOGLE_CLOUD_PROJECT="p", **told
    ).accesses
    assert (key.version, vertex.version) == (of_keys, of_vertex)


def test_an_environment_without_a_key_is_for_offline_models_only(environment: Environment) -> None:
    account = environment()
    assert account.accesses == Account().accesses
    with pytest.raises(SettingError, match=r"gemini-3\.8-flash needs a key"):
        require_access(account, "gemini-3.8-flash")


def test_further_providers_are_asked_for_by_variables_of_their_own(
    environment: Environment,
) -> None:
    account = environment(
        GEMINI_API_KEY="g",
        OPENAI_API_KEY=" o\n",
        OPENAI_BASE_URL="http://x/v1",
        PRESSRUN_BEDROCK_REGION="us-west-2",
    )
    ways = [(way.engine, way.api_key, way.base_url, way.region) for way in account.accesses]
    assert ways == [
        ("gemini", "g", None, ""),
        ("openai", "o", "http://x/v1", ""),
        ("bedrock", "", None, "us-west-2"),
    ]


def test_a_region_that_is_set_for_s3_alone_does_not_mean_bedrock(
    environment: Environment,
) -> None:
    account = environment(AWS_REGION="us-west-2", AWS_ACCESS_KEY_ID="k", AWS_SECRET_ACCESS_KEY="s")
    assert account.accesses == Account().accesses


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("gemini-3.8-flash", "GEMINI_API_KEY"),
        ("gpt-image-2", "OPENAI_API_KEY"),
        ("stable-image-core", "PRESSRUN_BEDROCK_REGION"),
    ],
)
def test_each_provider_has_its_own_advice_and_another_one_s_key_does_not_help(
    environment: Environment, model: str, says: str
) -> None:
    variables = {
        "GEMINI_API_KEY": "g",
        "OPENAI_API_KEY": "o",
        "PRESSRUN_BEDROCK_REGION": "us-west-2",
    }
    require_access(environment(**variables), model)
    del variables[says]
    with pytest.raises(SettingError, match=f"{re.escape(model)} needs .*{says}"):
        require_access(environment(**variables), model)


def test_sketches_need_no_access() -> None:
    for name in available(Account()):
        require_access(Account(), name)
        assert catalogue()[name].free


def test_a_key_of_another_provider_does_not_begin_the_day_s_cap_anew() -> None:
    gemini, other = Access("g"), Access("o", engine="openai")
    assert Account((gemini,)).name == Account((gemini, other)).name
    assert Account((Access(), other)).name != Account((Access(), Access("p", engine="openai"))).name


def test_limits_and_caps_come_from_the_settings(environment: Environment) -> None:
    account = environment(
        PRESSRUN_LIMITS='{"a": 300, "b": {"images_per_minute": 20, "burst": 4}}',
        PRESSRUN_DAILY_USD="5",
        PRESSRUN_MONTHLY_USD="50.5",
    )
    assert account.limits == {
        "a": Limits(requests_per_minute=300.0),
        "b": Limits(images_per_minute=20.0, burst=4),
    }
    assert (account.daily_usd, account.monthly_usd) == (5.0, 50.5)


@pytest.mark.parametrize(
    "limits",
    ['{"a": 0}', '{"a": {"burst": 0}}', '{"a": {"rpm": 3}}', '{"a": {"spend_usd": NaN}}', "300"],
)
def test_limits_that_cannot_be_are_refused_by_the_variable_s_name(
    environment: Environment, limits: str
) -> None:
    with pytest.raises(SettingError, match="PRESSRUN_LIMITS"):
        environment(PRESSRUN_LIMITS=limits)


def test_no_key_shows_in_a_name_or_a_repr() -> None:
    account = Account((Access("very-secret"),))
    assert "very-secret" not in repr(account) + account.name + account.accesses[0].name


def test_quotas_follow_the_key_and_spending_follows_the_block() -> None:
    old, new = (Account((Access(key),), label="team") for key in ("old", "new"))
    assert old.accesses[0].name != new.accesses[0].name
    assert old.name == new.name == "team"
    assert Account(old.accesses).name != Account(new.accesses).name


def test_accesses_have_one_name_each_that_lasts() -> None:
    ways = [
        Access("k"),
        Access("k", base_url="http://other"),
        Access("l"),
        Access(project="k"),
        Access(project="k", location="us-central1"),
        Access("k", engine="openai"),
        Access(engine="bedrock", region="us-west-2"),
        Access(engine="bedrock", region="us-west-2", credentials="team"),
    ]
    assert len({way.name for way in ways}) == len(ways)
    # The ledger keeps what a key's quota taught under it: a change here would lose that.
    assert Access("k").name == "aae5338ab0a7da32"


def test_a_quota_is_kept_under_the_same_name_at_every_version() -> None:
    assert len({Access("k", api_version=version).name for version in ("", "v1", "v1beta")}) == 1


@pytest.mark.parametrize(
    ("way", "models", "says"),
    [
        (Access("k", api_version="v1"), ["sketch", "gemini-3.8-flash"], "PRESSRUN_GEMINI_API_VER"),
        (Access("k", api_version="v1"), ["sketch", "gpt-image-2", "no such model", ""], ""),
        (Access("k", api_version="v1beta"), ["gemini-3.8-flash"], ""),
        (Access("k"), ["gemini-3.8-flash"], ""),
        # Vertex AI's v1 knows all that is asked.
        (Access(project="p", api_version="v1"), ["gemini-3.8-flash"], ""),
        (Access(api_version="v1"), ["gemini-3.8-flash"], ""),
    ],
)
def test_who_chose_v1_for_keys_is_told_what_it_lacks_and_nobody_else(
    way: Access, models: list[str], says: str
) -> None:
    account = Account((way, Access("o", engine="openai")))
    assert says in "".join(account.notes(models))
    assert bool(account.notes(models)) == bool(says)


def test_only_a_server_of_one_s_own_makes_a_moved_version_worth_a_word() -> None:
    google, own = Access("k"), Access("k", base_url="https://x.example")
    vertex = Access(project="p", base_url="https://x.example")
    assert Account((google, vertex), moved=True).notes(["gemini-3.8-flash"]) == []
    (note,) = Account((own,), moved=True).notes(["gemini-3.8-flash"])
    assert "asked at v1beta now" in note
    assert Account((own,)).notes(["gemini-3.8-flash"]) == []


@pytest.mark.parametrize(
    ("told", "held"),
    [
        (None, {"start_per_minute": 60}),
        ({"burst": 3}, {"start_per_minute": 60, "burst": 3}),
        ({"spend_usd": 10}, {"start_per_minute": 60, "spend_usd": 10}),
        ({"images_per_minute": 500}, {"images_per_minute": 500}),
        (700, {"requests_per_minute": 700}),
    ],
)
def test_calls_begin_at_the_catalogue_s_pace_where_no_other_one_is_told(
    told: Any, held: dict[str, Any]
) -> None:
    model = catalogue()["gemini-nano-banana-2.1"]
    limits = {} if told is None else {model.name: Limits.of(ConfiguredLimits.model_validate(told))}
    assert Account(limits=limits).limits_of(model) == Limits(**held)


def test_an_offline_model_has_no_pace() -> None:
    assert Account().limits_of(catalogue()["sketch"]).have_no_rate
