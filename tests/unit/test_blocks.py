"""Blocks: shown masked, registered whole, and turned into accounts."""

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite

from pressrun.blocks import ModelAccount, account_of
from pressrun.errors import SettingError


class TestModelAccountMeetsPrefectsStandards(BlockStandardTestSuite):
    @pytest.fixture
    def block(self) -> type[Block]:
        return ModelAccount

    def test_has_a_valid_image(self, block: type[Block]) -> None:
        # The suite downloads it; here the address is enough, so that no test needs the internet.
        assert str(block._logo_url).startswith("https://")
        assert str(block._logo_url).endswith(".png")


def test_the_key_shows_in_no_repr() -> None:
    block = ModelAccount(api_key="very-secret", limits={"gemini-3.8-flash": 300})
    assert "very-secret" not in repr(block) + str(block) + repr(block.account())
    assert block.account().api_key == "very-secret"


def test_a_model_without_a_key_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(SettingError, match=r"gemini-3\.8-flash needs a key"):
        account_of(None, "sketch", "gemini-3.8-flash")
    assert account_of(None, "sketch", "no such model").api_key == ""


def test_googles_own_variables_make_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "one")
    monkeypatch.setenv("GOOGLE_API_KEY", "two")
    assert account_of(None, "gemini-3.8-flash").api_key == "two"
