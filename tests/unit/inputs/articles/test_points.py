"""The points below the topics of a list are what each article shall cover."""

from pressrun.inputs.articles.rows import Defaults, rows_in_text

PLAN = """\
Hi Lena,

the topics for the blog, please by Friday.

1. How to roast coffee at home
   - Choose the beans
   - A pan, or a roaster?
   - Status: open
2. What cold brew is, and how it is made
   - How coarse to grind
     - By hand
   - Status: open
3. Where coffee comes from
   - Status: open

Regards
"""
SAID = "The plan says of this topic: "


def instructions(text: str) -> list[str]:
    given = rows_in_text(text, "topic", Defaults())
    return [row.instructions.removeprefix(SAID) for row in given.rows]


def test_points_are_given_to_the_writer_of_their_topic_and_that_is_said() -> None:
    assert instructions(PLAN) == [
        "Choose the beans; A pan, or a roaster?",
        "How coarse to grind; By hand",
        "",
    ]
    notes = rows_in_text(PLAN, "topic", Defaults()).notes
    assert "The points below 2 of 3 items are given to the writer as instructions." in notes
    (left,) = (note for note in notes if note.startswith("Left out"))
    assert "Choose the beans" not in left
    assert "Hi Lena" in left


def test_a_text_below_a_topic_is_no_point_of_it() -> None:
    long = "".join(f"   - {'word ' * 40}number {n}\n" for n in range(4))
    first, second, _ = instructions(PLAN.replace("   - Choose the beans\n", long))
    assert (first, second) == ("", "How coarse to grind; By hand")


def test_what_stands_behind_a_title_comes_before_its_points() -> None:
    text = (
        "Blog topics:\n"
        "- **Why bees hum in the dark**: for beginners\n  - The comb\n"
        "- **How wasps build nests of paper**: with pictures\n"
    )
    assert instructions(text) == ["for beginners; The comb", "with pictures"]


def test_keywords_have_no_points() -> None:
    given = rows_in_text("- bees\n  - honey\n- wasps\n  - nests\n", "keywords", Defaults())
    assert all(row.instructions == "" for row in given.rows)
