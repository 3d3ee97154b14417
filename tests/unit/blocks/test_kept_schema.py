"""A block's schema is worked out once, and is nobody's to spoil."""

import pytest
from prefect.blocks.core import Block

from pressrun.blocks import ModelAccount, ResultStore
from pressrun.blocks.notification import Mail


@pytest.mark.parametrize("block", [ModelAccount, ResultStore, Mail])
def test_the_schema_is_prefects_and_a_copy(
    block: type[Block], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_prefect_has_it = Block.model_json_schema.__func__(block)  # type: ignore[attr-defined]
    block.model_json_schema()["properties"].clear()
    monkeypatch.setattr(Block, "model_json_schema", None)  # not asked again
    assert block.model_json_schema() == as_prefect_has_it
    assert as_prefect_has_it["properties"]
