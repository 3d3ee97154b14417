"""Shapes of documents that people paste, in words of our own: what is sure, and what is asked."""

import json

import pytest

from pressrun.inputs.prompts.documents import parse_prompts
from pressrun.inputs.prompts.pictures import picturing
from pressrun.inputs.prompts.tables import split_tags
from pressrun.inputs.prompts.tongues import spoken, tongue

FENCE = "`" * 3
SEA = "A lighthouse on a black cliff at dusk, heavy swell, gulls, oil painting, muted blues"
OVEN = "A baker pulling bread from a stone oven, warm light from the left, flour, 35mm photo"
TRAM = "An empty tram at night seen from the last seat, rain on the windows, neon, cinematic"
FOX = "A red fox asleep under a fir in the first snow, soft light, watercolor on rough paper"
RECORDS = json.dumps([{"prompt": SEA}, {"prompt": OVEN}], indent=2)


def fenced(text: str) -> str:
    return f"{FENCE}\n{text}\n{FENCE}\n"


SURE = {
    "a label in a quotation above the words": (
        f"### One\n> **Prompt:**\n> {SEA}\n\n### Two\n> **Prompt:**\n> {OVEN}\n",
        [SEA, OVEN],
    ),
    "names in plain type above labels": (
        f"Act 1: The sea\nPROMPT:\n{SEA}\n\nAct 2: The oven\nPROMPT:\n{OVEN}\n",
        [SEA, OVEN],
    ),
    "fields in a block of code": (
        (
            f"## Sea\n{fenced(f'Positive: {SEA}{chr(10)}Negative: blur{chr(10)}Steps: 20')}\n"
            f"## Oven\n{fenced(f'Positive: {OVEN}{chr(10)}Negative: blur{chr(10)}Steps: 30')}"
        ),
        [SEA, OVEN],
    ),
    "the text of a page beside its picture": (
        (
            f"Page 1\nText: The keeper woke.\nIllustration: {SEA}\n\n"
            f"Page 2\nText: He smelled bread.\nIllustration: {OVEN}\n"
        ),
        [SEA, OVEN],
    ),
    "a key that nobody knows below each picture": (
        (
            f"## Escena 1\nDescripción visual: {SEA}\nVoz en off: La noche era larga.\n\n"
            f"## Escena 2\nDescripción visual: {OVEN}\nVoz en off: El pan.\n"
        ),
        [SEA, OVEN],
    ),
    "prompts of films beside those of pictures": (
        (
            f"## 1\n**Image prompt:** {SEA}\n**Video prompt:** slow push in\n\n"
            f"## 2\n**Image prompt:** {OVEN}\n**Video prompt:** hands move\n"
        ),
        [SEA, OVEN],
    ),
    "strings of a program": (
        f'{FENCE}python\nprompts = [\n    "{SEA}",\n    "{OVEN}",\n]\n{FENCE}\n',
        [SEA, OVEN],
    ),
    "records in a block of code": (
        (f"# Prompts\n\n{FENCE}json\n{RECORDS}\n{FENCE}\n"),
        [SEA, OVEN],
    ),
    "values of settings": (f"PROMPT_SEA={SEA}\nPROMPT_OVEN={OVEN}\n", [SEA, OVEN]),
    "callouts": (
        f"> [!quote] Sea\n> {SEA}\n\n> [!quote] Oven\n> {OVEN}\n",
        [SEA, OVEN],
    ),
    "a style for all by its title": (
        (
            f"## Shared Style Foundation\n{fenced('soft shapes, pale paper, thin lines')}\n"
            f"## Sea\n{fenced(SEA)}\n## Oven\n{fenced(OVEN)}\n## Tram\n{fenced(TRAM)}"
        ),
        [SEA, OVEN, TRAM],
    ),
    "a style for all in another language": (
        (
            f"## BLOC STYLE (à coller au début de CHAQUE prompt)\n{fenced('soft, pale')}\n"
            f"## Mer\n{fenced(SEA)}\n## Four\n{fenced(OVEN)}"
        ),
        [SEA, OVEN],
    ),
    "a template that is called one among prompts": (
        "".join(f"## {n}\n{fenced(text)}\n" for n, text in enumerate((SEA, OVEN, TRAM, FOX), 1))
        + f"## Template\n{fenced('A [SUBJECT] in [PLACE], oil painting, muted blues')}",
        [SEA, OVEN, TRAM, FOX],
    ),
    "an answer among its flags": (
        f"{SEA} --ar 3:2\n\n{OVEN} --ar 3:2\n\nThe hands are wrong.\n\n{TRAM} --ar 3:2\n",
        [SEA, OVEN, TRAM],
    ),
    "remarks in the language of the author": (
        (
            f"> {SEA}\n\n> {OVEN}\n\n> {TRAM}\n\n"
            "> Das Bild für die Seite ist noch nicht fertig, und der Grund muss heller werden.\n"
        ),
        [SEA, OVEN, TRAM],
    ),
    "blocks that are not called prompts beside those that are": (
        f"## Sea\n**Prompt:**\n{fenced(SEA)}\n## Oven\n{fenced(OVEN)}\n## Tram\n{fenced(TRAM)}",
        [SEA, OVEN, TRAM],
    ),
}


@pytest.mark.parametrize("name", SURE)
def test_a_shape_is_read_with_confidence(name: str) -> None:
    text, prompts = SURE[name]
    parsed = parse_prompts(text)
    assert [task.specific_prompt for task in parsed.tasks] == prompts
    assert not parsed.unsure


ASKED = {
    "one prompt in sections": (
        "## Subject\nA lighthouse on a black cliff.\n\n## Style\nOil painting, muted blues.\n\n"
        "## Lighting\nLow sun behind the tower.\n\n## Composition\nTower at the left third.\n"
    ),
    "one prompt, or one a paragraph": (
        "A lighthouse stands on a cliff. Gulls circle the lamp.\n\n"
        "The light is low and golden. Long shadows fall over wet grass.\n\n"
        "Oil painting with thick strokes. No text, no frame.\n"
    ),
    "the same in two languages": (
        f"## 1\n**DE:** Ein Leuchtturm auf der Klippe und die See ist rau.\n**EN:** {SEA}\n\n"
        f"## 2\n**DE:** Ein Bäcker mit dem Brot und der Ofen ist heiß.\n**EN:** {OVEN}\n"
    ),
    "a prompt with a place to fill among others": (
        f"1. **Sea**: {SEA}\n2. **Oven**: {OVEN}\n3. **Key**: A rusty key, {{COLOR}} ribbon\n"
        f"4. **Tram**: {TRAM}\n5. **Fox**: {FOX}\n"
    ),
    "an opening that stands outside of the sections": (
        f"Gouache on rough paper, muted colours.\n\n## A\n{SEA}\n\n## B\n{OVEN}\n\n{TRAM}\n\n"
        f"## C\n{FOX}\n"
    ),
    "entries of which nothing says that they are pictures": (
        "# Tool\n\n## Parts\n- fast parser of tables\n- cache of answers\n\n## Plans\n"
        "- export to other formats\n\n## Thanks\n- everybody who wrote\n"
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_shape_in_doubt_is_asked_about(name: str) -> None:
    assert parse_prompts(ASKED[name]).unsure


def test_what_differs_is_left_out_by_name_until_a_person_chooses_the_way() -> None:
    text = ASKED["a prompt with a place to fill among others"]
    found, chosen = parse_prompts(text), parse_prompts(text, "list items")
    assert [(line.line, line.why) for line in found.left_out] == [(3, "unlike the other prompts")]
    assert found.readings[0].count == len(chosen.tasks) == 5
    assert chosen.tasks[2].specific_prompt == "A rusty key, {COLOR} ribbon"


def test_a_text_that_describes_no_picture_has_no_prompts_and_says_how_it_can_be_read() -> None:
    text = (
        "# mytool\n\nA command line tool.\n\n## Install\n\n- run the command and add it to your "
        "path\n- open the file and check the version\n"
    )
    parsed = parse_prompts(text)
    assert parsed.tasks == ()
    assert "describes a picture" in parsed.warnings[0]
    assert "list items" in parsed.warnings[0]
    assert len(parse_prompts(text, "list items").tasks) == 2


def test_what_is_called_a_prompt_in_json_comes_before_other_descriptions() -> None:
    book = {
        "characters": [{"name": "Keeper", "appearance": "old man with a beard"}],
        "pages": [{"text": "He wakes.", "imagePrompt": SEA}, {"text": "x", "imagePrompt": OVEN}],
    }
    assert [task.specific_prompt for task in parse_prompts(json.dumps(book)).tasks] == [SEA, OVEN]


@pytest.mark.parametrize(
    "value",
    [
        {"1": SEA, "2": OVEN},
        {"version": 2, "prompts": {"hero": SEA, "about": OVEN}},
        [{"prompt": {"positive": SEA, "negative": "blur"}}, {"prompt": {"positive": OVEN}}],
    ],
)
def test_keys_that_name_prompts_hold_them(value: object) -> None:
    assert [task.specific_prompt for task in parse_prompts(json.dumps(value)).tasks] == [SEA, OVEN]


def test_properties_of_pictures_in_json_are_asked_about() -> None:
    rooms = {"rooms": [{"elements": ["white sofa", "oak table"], "light": "soft"}]}
    assert parse_prompts(json.dumps(rooms)).unsure


def test_prompts_that_must_be_filled_in_first_are_asked_about() -> None:
    rooms = [{"prompt": f"{SEA}, in the colours {{palette}}"}, {"prompt": f"{OVEN}, {{palette}}"}]
    assert parse_prompts(json.dumps(rooms)).unsure


def test_words_show_or_tell() -> None:
    assert picturing(SEA) > 0.6
    assert picturing("You should run the command again if the file is not there") < 0.3
    assert picturing("Quux zork") == 0.5
    assert picturing("Use --ar 16:9 or --v 6 where the tool needs them, then generate again") < 0.5


def test_the_language_of_words_is_known_by_its_commonest() -> None:
    assert tongue("a house by the sea with a garden") == "en"
    assert tongue("das Haus und der Garten") == "de"
    assert tongue("白い猫がいる") == "ja"
    assert tongue("neon, chrome") == ""
    assert spoken([SEA, OVEN, "der Garten und das Haus ist alt"]) == ""


def test_a_decimal_comma_does_not_part_tags() -> None:
    assert split_tags("1,2 l, #stone|blue; 16,9") == ["1,2 l", "stone", "blue", "16,9"]
