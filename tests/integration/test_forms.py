"""The forms of the flows, as Prefect makes them, are the ones kept in ``forms/``.

After a change that is meant: ``pytest tests/integration/test_forms.py --keep-forms``.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from flows.article_batch import article_batch
from flows.image_batch import image_batch
from flows.model_comparison import model_comparison
from flows.slideshow_batch import slideshow_batch
from pressrun.kinds import parameters

FORMS = Path(__file__).parent / "forms"


@pytest.mark.parametrize(
    "flow", [slideshow_batch, image_batch, article_batch, model_comparison], ids=lambda f: f.name
)
def test_a_form_is_as_it_was_kept(
    flow: Flow[..., Any], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Prices are those of today.
    monkeypatch.setattr(parameters, "price_words", lambda _: "what it costs")
    kept = FORMS / f"{flow.name}.json"
    form = parameter_schema(flow).model_dump_for_openapi()
    if request.config.getoption("--keep-forms"):
        kept.write_text(json.dumps(form, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(json.dumps(form)) == json.loads(kept.read_text("utf-8"))
    # The order is that of the fields on the screen.
    assert list(form["properties"]) == list(json.loads(kept.read_text("utf-8"))["properties"])


def test_no_form_shows_what_the_action_was_called_before() -> None:
    for kept in FORMS.glob("*.json"):
        properties = json.loads(kept.read_text("utf-8"))["properties"]
        assert "action" in properties
        assert "what" not in properties
