"""``<file>.json`` beside a picture: model, prompts, parameters, batch, moment and safety."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from pressrun.engines.base import ImageRequest
from pressrun.kinds.comparison.sidecar import Origin, Safety, sidecar, sidecar_path
from pressrun.pictures.picture import Picture, read_picture
from tests.support.batches import draw_picture

REQUEST = ImageRequest(
    model="stable-image-core",
    prompt="a cat, richly told",
    aspect_ratio="2:3",
    seed=7,
    options={"negative_prompt": "dogs"},
)
MOMENT = datetime(2026, 11, 22, 9, 30, 5, 123_456, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    return read_picture(draw_picture(tmp_path / "cat.png").read_bytes(), "cat.png")


def told(picture: Picture, safety: Safety | None = None, **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"batch": "b1", "item": "p1", "prompt": "a cat", "request": REQUEST}
    origin = Origin(**facts | {"created": MOMENT, "dropped": ["steps 30 dropped"]} | changes)
    made: dict[str, Any] = json.loads(
        sidecar("p1/cat.png", picture, origin, safety or Safety(), cost_usd=0.04)
    )
    return made


def test_it_says_what_was_asked_of_whom_and_what_came(picture: Picture) -> None:
    made = told(picture)
    assert made["file"] == "cat.png"
    assert made["sha256"] == picture.sha256
    assert (made["width"], made["height"], made["bytes"]) == (90, 160, len(picture.data))
    assert made["model"] == "stable-image-core"
    assert (made["prompt"], made["enhanced_prompt"]) == ("a cat", "a cat, richly told")
    assert made["parameters"] == {
        "aspect_ratio": "2:3",
        "size": "1K",
        "seed": 7,
        "negative_prompt": "dogs",
    }
    assert made["dropped"] == ["steps 30 dropped"]
    assert (made["batch"], made["item"], made["cost_usd"]) == ("b1", "p1", 0.04)
    assert made["ai_generated"] is True


def test_the_moment_is_in_utc_to_the_second(picture: Picture) -> None:
    assert told(picture)["created"] == "2026-11-22T07:30:05+00:00"
    assert told(picture, created=MOMENT.astimezone(UTC))["created"] == "2026-11-22T07:30:05+00:00"


def test_a_prompt_that_nobody_enhanced_stands_there_once(picture: Picture) -> None:
    assert told(picture, prompt=REQUEST.prompt)["enhanced_prompt"] is None


@pytest.mark.parametrize(
    ("safety", "checks", "reason"),
    [(Safety(), ["words"], None), (Safety("model", "STOP"), ["words", "model"], "STOP")],
)
def test_safety_says_who_looked_and_how_the_provider_ended(
    picture: Picture, safety: Safety, checks: list[str], reason: str | None
) -> None:
    assert told(picture, safety)["safety"] == {
        "prompt_checked_by": checks,
        "blocked": False,
        "finish_reason": reason,
    }


def test_half_of_a_surrogate_pair_is_no_reason_to_fail(picture: Picture) -> None:
    request = ImageRequest(model="sketch", prompt="a \ud83d", options={"negative_prompt": "\udc00"})
    made = told(picture, prompt="a \ud83d", request=request, dropped=["\ud83d dropped"])
    assert (made["prompt"], made["parameters"]["negative_prompt"]) == ("a ?", "?")


def test_it_lies_beside_its_picture() -> None:
    assert sidecar_path("a/cat.png") == "a/cat.png.json"
