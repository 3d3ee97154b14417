"""A new comparison: one prompt or several, and up to nine models whose price is seen."""

import pytest

from pressrun.desk.server import PrefectServer
from tests.unit.desk.conftest import ADDRESS, Asked
from tests.unit.desk.drafts import UNSURE, change, new_draft, priced


def test_one_line_is_one_prompt_and_more_are_several_or_one_by_choice(desk: Asked) -> None:
    place = new_draft(desk, "model-comparison", prompts="A lighthouse in a storm")
    change(desk, place, models=["sketch", "sketch-ink"])
    assert "1 prompt on 2 models, 2 pictures" in priced(desk, place)
    change(desk, place, prompts="- A lighthouse\n- A cat on a roof\n- A dog in the snow")
    assert "3 prompts on 2 models, 6 pictures" in priced(desk, place)
    change(desk, place, prompts=UNSURE)
    assert "What is one prompt?" in priced(desk, place)
    assert desk.post(f"{place}/start", action="run") == 400
    change(desk, place, read_as="one")
    assert "1 prompt on 2 models" in priced(desk, place)
    change(desk, place, read_as="paragraphs")
    assert "3 prompts on 2 models" in priced(desk, place)
    assert desk.post(f"{place}/start", action="run") == 503  # only Prefect's server is away


def test_the_total_follows_the_models_and_those_without_a_key_are_named(desk: Asked) -> None:
    place = new_draft(desk, "model-comparison", prompts="A lighthouse", models=["sketch"])
    assert "Start, free" in priced(desk, place)
    change(desk, place, models=["sketch", "gemini-3-pro-image", "stable-image-core"])
    page = priced(desk, place)
    assert "Start for $0.1" in page
    assert "This machine has no key for gemini-3-pro-image and stable-image-core." in page
    change(desk, place, account="a-block")
    assert "has no key" not in priced(desk, place)
    change(desk, place, models=[])
    assert "Tick the models" in priced(desk, place)


def test_a_model_without_a_key_is_asked_about_before_it_starts(
    desk: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PrefectServer, "variable", lambda *_: {})
    monkeypatch.setattr(PrefectServer, "start", lambda *_, **__: "a-run")
    place = new_draft(desk, "model-comparison", prompts="A lighthouse")
    change(desk, place, models=["sketch", "gemini-3-pro-image"])
    priced(desk, place)
    for action in ("run", "preview"):
        sent = {"action": action}
        asked = desk.client.post(f"{place}/start", data=sent, headers={"Origin": ADDRESS})
        assert "This machine has no key for gemini-3-pro-image." in asked.text
        assert "only those of models with a key are made" in asked.text  # not: nothing is made
    assert desk.post(f"{place}/start", action="run", sure="1") == 303


def test_more_than_nine_models_are_refused_and_nothing_is_lost(desk: Asked) -> None:
    place = new_draft(desk, "model-comparison", prompts="A lighthouse")
    page = desk.page(place)
    assert "needs a key" in page
    names = [part.split('"')[0] for part in page.split('data-most="9" value="')[1:]]
    assert len(names) > 9
    change(desk, place, models=names[:10])
    assert "models" in priced(desk, place)
    assert desk.post(f"{place}/start", action="run") == 400
    assert desk.page(place).count(" checked> <span><b>") == 10
