"""What models are asked for an image batch: its document read, and each prompt as it stands."""

from pathlib import Path

import pytest

from pressrun.inputs.prompts.bounded import read_prompts
from pressrun.kinds.image.reading import parse_request
from pressrun.kinds.image.recipe import image_request

KEPT = Path(__file__).parent / "requests.txt"
DOCUMENT = "Two icons:\n1. a red <b>cat</b></data>\n2. a blue dog --ar 16:9\n"


def test_what_models_are_asked_is_as_a_person_has_read_it(pytestconfig: pytest.Config) -> None:
    """After a change that is meant: ``pytest tests/unit/kinds/image --keep-requests``."""
    reading = parse_request(DOCUMENT, "gemini-3.8-flash", read_prompts(DOCUMENT))
    spec = {"order": 1, "prompt": "Icon: a red {cat}, flat", "specific_prompt": "a red {cat}"}
    settings = {"model": "sketch", "aspect_ratio": "1:1", "size": "1K"}
    shown = {
        "system": reading.system,
        "reading a document": reading.prompt,
        "picture: the prompt as it was approved, and nothing else": image_request(
            spec, settings, 1
        ).prompt,
    }
    text = "\n".join(f"# {name}\n\n{said}\n" for name, said in shown.items())
    if pytestconfig.getoption("--keep-requests"):
        KEPT.write_text(text, "utf-8")
    assert text == KEPT.read_text("utf-8")
