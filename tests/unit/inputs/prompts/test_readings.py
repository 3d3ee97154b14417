"""How a document is divided: what is sure is right, and what is left out is said."""

import subprocess
import sys
from itertools import product

import pytest

from pressrun.errors import InputError
from pressrun.inputs.prompts.documents import ENOUGH, parse_prompts
from tests.support.pace import slowness

FENCE = "`" * 3
#: What people paste, in small: the document, and its prompts.
PASTED = {
    "labelled lines beside a prompt": (
        (
            "# Book\n\n### Page 1 - The mill\n**Scene**: a mill at noon\n**Light**: hard\n\n"
            "**Prompt**: A mill with slow sails, gouache\n\n### Page 2 - The weir\n"
            "**Scene**: a weir in spring\n**Light**: soft\n\n**Prompt**: A weir in flood, gouache\n"
        ),
        ["A mill with slow sails, gouache", "A weir in flood, gouache"],
    ),
    "entries with keys that nobody knows": (
        (
            "### Kite\n- Maker: A Studio\n- MakerUrl: https://example.org\n"
            "- Prompt: A kite over dunes\n"
            "- Remark: Good for posters.\n\n### Sledge\n- Maker: A Studio\n"
            "- MakerUrl: https://example.org\n- Prompt: A sledge on ice\n"
            "- Remark: Good for cards.\n"
        ),
        ["A kite over dunes", "A sledge on ice"],
    ),
    "a long section of notes": (
        (
            "## May\nA field of poppies under high clouds, wide.\n\n## June\n"
            "A pier at low tide, wide."
            "\n\n"
            "## Implementation Notes\n- **Room**: keep the middle empty\n- **Shape**: square\n"
            "- **Names**: with dashes\n- **Proof**: by two people\n"
        ),
        ["A field of poppies under high clouds, wide.", "A pier at low tide, wide."],
    ),
    "a table of sounds beside one of pictures": (
        (
            "## Icons\n| File | Prompt |\n|---|---|\n| `a.png` | pixel art of a lantern |\n"
            "| `b.png` | pixel art of a rope |\n\n## Sounds\n| File | Description |\n|---|---|\n"
            "| `c.wav` | A dull knock. |\n"
        ),
        ["pixel art of a lantern", "pixel art of a rope"],
    ),
    "titles in boxes of marks": (
        (
            "====================\nSHOP - PROMPTS\n====================\nCopia cada prompt.\n\n"
            "====================\nCOVER\n====================\n\n--- 1. COVER: cup ---\n\n"
            "A white cup on slate, seen from above.\n\n--- 2. COVER: jug ---\n\n"
            "A clay jug on oak.\n"
        ),
        ["A white cup on slate, seen from above.", "A clay jug on oak."],
    ),
    "a quotation below the label": (
        (
            "### 1. HERO\n**Goal:** Show calm.\n**Prompt:**\n> A potter at the wheel. --ar 16:9\n\n"
            "### 2. DETAIL\n**Goal:** Show craft.\n**Prompt:**\n> Hands in wet clay. --ar 3:2\n"
        ),
        ["A potter at the wheel.", "Hands in wet clay."],
    ),
    "code blocks of many lines": (
        (
            f'## PROMPT 1 - Groups\n\n{FENCE}\nDark chart, 1000x1400px.\n\nTITLE: "ONE"\n'
            f"{FENCE}\n\n"
            f'## PROMPT 2 - Final\n\n{FENCE}\nPale chart, 900x1100px.\n\nTITLE: "TWO"\n{FENCE}\n'
        ),
        ['Dark chart, 1000x1400px.\n\nTITLE: "ONE"', 'Pale chart, 900x1100px.\n\nTITLE: "TWO"'],
    ),
    "sentences, one a line": (
        (
            "A grey heron stands in the shallow water and waits for a fish.\n"
            "A steam train crosses a high viaduct in the first morning light.\n"
            "An old clock tower rises above the wet roofs of a small town.\n"
        ),
        [
            "A grey heron stands in the shallow water and waits for a fish.",
            "A steam train crosses a high viaduct in the first morning light.",
            "An old clock tower rises above the wet roofs of a small town.",
        ],
    ),
    "lines that begin alike": (
        (
            "ink drawing of a beetle on moss, white paper\n"
            "ink drawing of a wasp on a pear, white paper\n"
            "ink drawing of a moth on bark, white paper\n"
        ),
        [
            "ink drawing of a beetle on moss, white paper",
            "ink drawing of a wasp on a pear, white paper",
            "ink drawing of a moth on bark, white paper",
        ],
    ),
    "commands of other tools": (
        "/imagine prompt: a brass lamp, smoke --ar 16:9\n/imagine prompt: a green door --ar 1:1\n",
        ["a brass lamp, smoke", "a green door"],
    ),
    "flags with prompts in them": (
        (
            '--prompt "a fort on a hill, (dusk:1.2)" --negative_prompt "blur" --steps 30\n'
            '--prompt "a mill by a brook, (mist:1.1)" --negative_prompt "blur" --steps 30\n'
        ),
        ["a fort on a hill, (dusk:1.2)", "a mill by a brook, (mist:1.1)"],
    ),
    "file names before colons": (
        "one.jpg: a rope bridge in mist\ntwo.jpg: a market street at noon\n",
        ["a rope bridge in mist", "a market street at noon"],
    ),
    "note words as names": (
        (
            "## 1. FAQ\n**Prompt:**\nA desk with a bell, soft light.\n\n## 2. Overview\n"
            "**Prompt:**\n"
            "A town from above at dawn.\n"
        ),
        ["A desk with a bell, soft light.", "A town from above at dawn."],
    ),
    "some in a table and some in quotations": (
        (
            "## Tokens\n| File | Prompt |\n|---|---|\n"
            "| a.png | a small blob with wet eyes, flat |\n"
            "| b.png | a clock in a bathrobe, yawning |\n\n## Board\n### Ground\n"
            "**File:** c.png\n\n"
            "> A board seen from above, dark navy\n\n### Marble\n**File:** d.png\n\n"
            "> A glass marble, gold and red inside\n"
        ),
        [
            "a small blob with wet eyes, flat",
            "a clock in a bathrobe, yawning",
            "A board seen from above, dark navy",
            "A glass marble, gold and red inside",
        ],
    ),
}


def specific(text: str, read_as: str = "auto") -> list[str]:
    return [task.specific_prompt for task in parse_prompts(text, read_as).tasks]


@pytest.mark.parametrize("name", PASTED)
def test_what_people_paste_is_read_with_confidence(name: str) -> None:
    text, prompts = PASTED[name]
    parsed = parse_prompts(text)
    assert [task.specific_prompt for task in parsed.tasks] == prompts
    assert parsed.confidence >= ENOUGH


@pytest.mark.parametrize("name", PASTED)
def test_every_line_with_words_has_become_something(name: str) -> None:
    text, _ = PASTED[name]
    told = {line.line for line in parse_prompts(text).lines}
    marks = (FENCE, "|---")
    lines = enumerate(text.splitlines(), 1)
    lost = [n for n, line in lines if any(map(str.isalnum, line)) and n not in told]
    assert [n for n in lost if not text.splitlines()[n - 1].startswith(marks)] == []


def test_what_is_for_every_prompt_goes_to_every_prompt() -> None:
    parsed = parse_prompts(
        "Global constraints (append to every prompt):\n- muted\n- no frame\n\n## Cards\n\n"
        "### Knight\nA knight in reeds.\n\n### Witch\nA witch with a staff.\n"
    )
    assert [task.prompt for task in parsed.tasks] == [
        "A knight in reeds. muted, no frame",
        "A witch with a staff. muted, no frame",
    ]
    assert [task.suffix for task in parsed.tasks] == ["muted, no frame"] * 2


def test_a_style_of_the_whole_document_is_the_prefix() -> None:
    parsed = parse_prompts(
        "## Baseline Style Prompt\nHeavy ink, dirty colours.\n\n## Card Prompts\n\n### Strike\n"
        "Prompt: A claw through a shield.\n\n### Heal\nPrompt: Light on a wound.\n"
    )
    assert parsed.prefix == "Heavy ink, dirty colours."
    assert len(parsed.tasks) == 2


def test_notes_and_negative_prompts_stay_with_their_prompt() -> None:
    parsed = parse_prompts(
        "a fox in snow\nNegative: blurry\n---\nan owl at dusk\nNegative: wings\nMood: calm\n"
    )
    assert [(t.specific_prompt, t.negative, t.notes) for t in parsed.tasks] == [
        ("a fox in snow", "blurry", ()),
        ("an owl at dusk", "wings", ("Mood: calm",)),
    ]


def test_a_prompt_of_several_paragraphs_keeps_them() -> None:
    text = (
        "## One\n> A hall of mirrors.\n>\n> Cold light from the left.\n\n## Two\n> A red stair.\n"
    )
    assert specific(text) == ["A hall of mirrors.\n\nCold light from the left.", "A red stair."]


def test_entries_that_look_like_numbers_of_pictures_are_prompts() -> None:
    assert specific("- picture 1\n- picture 2\n") == ["picture 1", "picture 2"]


def test_places_to_fill_are_said() -> None:
    (warning,) = parse_prompts("- a photo of {NAME} in [CITY]\n- a photo of a dog\n").warnings
    assert warning.startswith("1 of 2 prompts with places to fill")
    assert warning.partition(": ")[2].startswith("{NAME}, [CITY] (the first: “")


@pytest.mark.parametrize(
    "text",
    [
        "prompt,Count\nA red mug,2\nA blue mug,3\n",
        "| Prompt | Count |\n|---|---|\n| A red mug | 2 |\n| A blue mug | 3 |\n",
        '[{"prompt": "A red mug", "Count": 2}, {"prompt": "A blue mug", "Count": 3}]',
    ],
)
def test_how_often_a_prompt_is_wanted_is_noted_and_said(text: str) -> None:
    parsed = parse_prompts(text)
    assert [task.tags for task in parsed.tasks] == [(), ()]
    assert [task.notes for task in parsed.tasks] == [("Count: 2",), ("Count: 3",)]
    assert parsed.warnings == (
        "“Count” is only noted: every prompt is made as often as the settings say.",
    )


UNSURE = "\n\n".join(
    f"## {name}\n\nA {name} at the sea, wide and calm.\n\nThe same {name} in rain, from above."
    for name in ("Harbour", "Bridge", "Tower")
)


def test_each_way_can_be_chosen_and_is_offered_with_its_count() -> None:
    parsed = parse_prompts(UNSURE)
    assert {way.name: way.count for way in parsed.readings} == {
        "headings": 3,
        "paragraphs": 6,
    }
    assert len(specific(UNSURE, "headings")) == 3
    assert len(specific(UNSURE, "paragraphs")) == 6
    assert parse_prompts(UNSURE, "paragraphs").confidence == 1.0


def test_a_way_that_the_text_lacks_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(InputError, match=r"no quotations.*headings: 3"):
        parse_prompts(UNSURE, "quotations")


def test_a_text_with_too_many_lines_is_one_sentence() -> None:
    with pytest.raises(InputError, match="Split it"):
        parse_prompts("a, b\n" * 500_000)


# --- shapes drawn by a generator ---------------------------------------------------------------

SUBJECTS = [
    *("a copper kettle on a gas stove, steam, side light", "a wicker chair on a porch after rain"),
    *("two rowing boats on a flat lake, early mist", "a paper lantern above a narrow canal"),
    "a snow plough in a white street, seen from a roof",
]
SHAPES = {
    "bullets": lambda n, name, text: f"- {text}\n",
    "numbered": lambda n, name, text: f"{n}. {text}\n",
    "named bullets": lambda n, name, text: f"- **{name}**: {text}\n",
    "headings": lambda n, name, text: f"### {name}\n\n{text}\n\n",
    "numbered headings": lambda n, name, text: f"## {n}. {name}\n{text}\n\n",
    "fences": lambda n, name, text: f"### {name}\n\n{FENCE}\n{text}\n{FENCE}\n\n",
    "quotations": lambda n, name, text: f"### {name}\n\n> {text}\n\n",
    "labels": lambda n, name, text: f"### {name}\n**File:** f{n}.png\n**Prompt:** {text}\n\n",
    "label lines": lambda n, name, text: f"### {name}\n**Prompt:**\n{text}\n\n",
    "labelled fences": lambda n, name, text: (
        f"## {name}\n**Prompt:**\n{FENCE}\n{text}\n{FENCE}\n\n"
    ),
    "lines": lambda n, name, text: f"{text}\n",
    "paragraphs": lambda n, name, text: f"{text}\n\n",
    "rules": lambda n, name, text: f"{text}\n\n---\n\n",
    "prompt numbers": lambda n, name, text: f"Prompt {n}: {text}\n\n",
    "fields": lambda n, name, text: f"Name: {name}\nPrompt: {text}\nSeed: {n}\n\n",
}
BEFORE = {
    "nothing": "",
    "a title": "# Pictures for the shop\n\n",
    "a greeting": "Sure! Here are 5 prompts for your shop:\n\n",
    "a style": "Style: gouache on rough paper\n\n",
}
AFTER = {"nothing": "", "a closing": "\nLet me know if you need more!\n"}


@pytest.mark.parametrize(("shape", "before", "after"), list(product(SHAPES, BEFORE, AFTER)))
def test_a_drawn_document_is_read_right(shape: str, before: str, after: str) -> None:
    names = ["Kettle", "Chair", "Boats", "Lantern", "Plough"]
    entries = zip(range(1, 6), names, SUBJECTS, strict=True)
    text = BEFORE[before] + "".join(SHAPES[shape](*entry) for entry in entries) + AFTER[after]
    parsed = parse_prompts(text)
    assert [task.specific_prompt for task in parsed.tasks] == SUBJECTS
    assert parsed.prefix == ("gouache on rough paper" if before == "a style" else "")
    assert not parsed.unsure


# --- hostile texts -----------------------------------------------------------------------------

_CHILD = """
import signal, sys
from pressrun.errors import InputError
from pressrun.inputs.prompts.documents import parse_prompts
size = 500_000
units = ["a,b\\n", "a: b\\n", '"a\\n', "# h\\n", "**a ", "`", "`a", "[", "[" * 60 + "]", "> ", "- ",
         "|", "| a | b |\\n", "{", "<a", "<!-- ", "_", "=", "===\\n", "a:\\n", "**a**\\n", "Level ",
         "Level 1: a\\n", "Prompt: a\\n", "Negative: a\\n", "```\\n", "1. ", "( ", "a - ", "--ar ",
         "[1,", '{"a":', "\\u4e2d"]
texts = [(unit * (size // len(unit)))[:size] for unit in units]
texts += ["".join(" " * n + "- a b\\n" for n in range(990)), "prompt,name\\n" + '"a\\n' * 9_000]
texts += ["\\n".join(text.split("\\n")[:9_000]) for text in texts if text.count("\\n") > 9_000]
for text in texts:
    signal.setitimer(signal.ITIMER_PROF, float(sys.argv[1]))
    try:
        parse_prompts(text)
    except InputError:
        pass
"""


@pytest.mark.long
def test_no_hostile_text_takes_long() -> None:
    # A quarter of the longest text, in its share of processor time: the signal ends the child.
    limit = str(3 * slowness())
    done = subprocess.run([sys.executable, "-c", _CHILD, limit], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
