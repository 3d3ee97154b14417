"""A document of topics is read by a model before an article is paid: asked, checked, said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pressrun.calls.standalone import Ask
from pressrun.engines.base import TextRequest
from pressrun.errors import BadReply, InputError
from pressrun.inputs.articles.rows import ArticleRow
from pressrun.inputs.passages import PART_LETTERS
from pressrun.kinds.article.reading import ASKED_LETTERS, topics_request
from pressrun.kinds.article.recipe import ArticleRecipe
from pressrun.kinds.article.sample import table_request
from pressrun.settings import Settings
from tests.support.articles import settings_of
from tests.unit.kinds.article.test_planner import GEMINI, planned

KEPT = Path(__file__).parent / "reading.txt"
PLAN = """\
Ideas for the blog of the mill:

- Why rye bread keeps longer
- How a water wheel works ✅ (уже есть)
- Baking with old grain - for beginners, mention the oven

To do: repair the roof
- Call the carpenter
"""
TOPICS = ("Why rye bread keeps longer", "Baking with old grain")
READ: dict[str, Any] = {"text_model": GEMINI, "items": PLAN}


def answer(*topics: str | dict[str, Any], question: str = "", remark: str = "left out") -> str:
    made = [{"topic": one} if isinstance(one, str) else one for one in topics]
    full = [{"keywords": [], "notes": ""} | one for one in made]
    return json.dumps({"topics": full, "question": question, "remark": remark})


def answering(*replies: str, asked: list[TextRequest] | None = None) -> Ask:
    """Answers as a model, one reply after the other; what the check refuses is raised."""
    left = list(replies)

    def ask(request: TextRequest, check: Callable[[str], None]) -> str:
        if asked is not None:
            asked.append(request)
        reply = left.pop(0)
        check(reply)
        return reply

    return ask


def test_the_text_model_says_what_is_to_be_written(tmp_path: Path) -> None:
    said: list[str] = []
    told = {"topic": TOPICS[1], "notes": "for beginners, mention the oven"}
    ask = answering(answer(TOPICS[0], told, remark="The water wheel is done."))
    items = planned(tmp_path, said, ask=ask, **READ)
    assert [(item.spec["line"], item.spec["subject"]) for item in items] == [
        (3, TOPICS[0]),
        (5, TOPICS[1]),
    ]
    assert items[1].spec["instructions"] == (
        "The plan says of this topic: for beginners, mention the oven"
    )
    assert "The model says: The water wheel is done." in said
    assert f"{GEMINI} has read the text: 2 topics." in said
    assert any(line.startswith("Left out: 4 lines of the text (line 1") for line in said)


def test_keywords_are_primary_and_secondary_as_the_model_reads_them(tmp_path: Path) -> None:
    asked: list[TextRequest] = []
    pan = {"topic": "cast iron pan", "keywords": ["seasoning", "rust"]}
    text = "Cluster one\ncast iron pan (1.2K): seasoning / rust\nwok\n"
    items = planned(
        tmp_path,
        ask=answering(answer(pan, "wok"), asked=asked),
        mode="keywords",
        items=text,
        text_model=GEMINI,
    )
    assert [item.spec["keywords"] for item in items] == [
        ["cast iron pan", "seasoning", "rust"],
        ["wok"],
    ]
    assert "one article for each primary keyword" in asked[0].prompt


@pytest.mark.parametrize("suffix", [".md", ".txt"])
def test_a_file_is_read_as_well(tmp_path: Path, suffix: str, home: Path) -> None:
    place = home / f"plan{suffix}"
    place.write_text(PLAN, "utf-8")
    ask = answering(answer(*TOPICS))
    assert len(planned(tmp_path, ask=ask, text_model=GEMINI, file=str(place))) == 2


@pytest.mark.parametrize(
    "given",
    [
        {"items": "topic\twords\nTides\t900\nBread\t900", "read_as": "form"},
        {"items": '["Tides", "Bread"]', "text_model": "sketch"},
        {"items": "Tides\nBread", "read_as": "form"},
        {"items": "- Tides\n- Bread", "text_model": "sketch"},
    ],
)
def test_no_model_reads_where_none_shall(tmp_path: Path, given: dict[str, Any]) -> None:
    assert len(planned(tmp_path, **READ | given)) == 2  # else the planner's ask fails


def test_a_question_stops_the_batch_and_names_what_can_be_chosen(tmp_path: Path) -> None:
    reply = answer(*TOPICS, question="Is the wheel written already?")
    with pytest.raises(InputError) as refused:
        planned(tmp_path, ask=answering(reply), **READ)
    said = str(refused.value)
    assert said.startswith("It is not sure which topics the text asks for; no article was paid.")
    assert "Set read_as to one of these ways" in said
    assert "The model asks: Is the wheel written already?" in said
    assert "model: 2 topics (line 3 “Why rye bread keeps longer”, line 5" in said
    assert "form: 3 topics (line 3" in said
    notes: list[str] = []
    chosen = planned(tmp_path, notes, ask=answering(reply), read_as="model", **READ)
    assert len(chosen) == 2
    assert "The model asks: Is the wheel written already?" in notes
    assert len(planned(tmp_path, read_as="form", **READ)) == 3


def test_a_text_without_topics_stops_the_batch(tmp_path: Path) -> None:
    log = "# Changes\n\n## 1.2\n- Faster start of the mill\n- Repaired the second wheel\n"
    ask = answering(answer(remark="It is a change log."))
    with pytest.raises(InputError, match=f"{GEMINI} finds no topics in the text") as refused:
        planned(tmp_path, ask=ask, text_model=GEMINI, items=log)
    assert "The model says: It is a change log." in refused.value.problems


def test_a_reading_that_is_made_up_is_none(tmp_path: Path) -> None:
    def ask(request: TextRequest, check: Callable[[str], None]) -> str:
        with pytest.raises(BadReply, match="does not fit the text"):
            check(answer("The history of windmills", "Ten facts on flour"))
        raise BadReply("It gave none of use, three times.")

    with pytest.raises(InputError, match="its answer cannot be used: It gave none of use"):
        planned(tmp_path, ask=ask, **READ)


def test_a_text_with_a_blocked_line_is_sent_to_nobody(tmp_path: Path) -> None:
    said: list[str] = []
    settings = Settings(blocked_words="carpenter")
    items = planned(tmp_path, said, settings=settings, **READ)
    assert len(items) == 3
    assert f"{GEMINI} does not read the text, since a line of it is blocked." in said


def test_a_doubtful_form_is_no_obstacle_to_a_model(tmp_path: Path) -> None:
    # Headings like titles, and points that may be titles as well.
    form = READ | {
        "items": "## How bees live through the winter\n- Honey in the comb\n"
        "- Warmth of the cluster\n"
        "## Why wasps build nests of paper\n- Wood from the fence\n- Nests in the roof\n"
    }
    with pytest.raises(InputError, match="Or set read_as to auto: the text model reads it then"):
        planned(tmp_path, read_as="form", **form)
    titles = ("How bees live through the winter", "Why wasps build nests of paper")
    assert len(planned(tmp_path, ask=answering(answer(*titles)), **form)) == 2
    quoted = planned(tmp_path, action="quote", **form)
    assert len(quoted) >= 2


def test_a_quote_asks_nobody_and_has_the_reading_in_its_price(tmp_path: Path) -> None:
    said: list[str] = []
    first, *others = planned(tmp_path, said, action="quote", **READ)
    assert first.spec["reads"] == [len(PLAN)]
    assert not any("reads" in item.spec for item in others)
    assert (
        f"When the batch runs, {GEMINI} reads the text first ({len(PLAN)} characters): that is in "
        "the price, and may give other articles than these."
    ) in said
    settings = settings_of(text_model=GEMINI)
    reading, outline, _ = ArticleRecipe().expect(first.spec, settings)
    assert (reading.slot, reading.model, outline.slot) == ("reading_1", GEMINI, "outline")
    request = topics_request(PLAN, GEMINI, "topic")
    sent = len(request.system) + len(request.prompt)
    assert 0.8 * sent < reading.characters < 1.2 * sent
    chain = ArticleRecipe().chain(first.spec, settings)
    assert [slot for slot, _ in chain] == ["reading_1", "outline", "article_1"]


def test_how_many_there_are_by_form_refuses_no_quote(tmp_path: Path) -> None:
    said: list[str] = []
    many = "".join(f"- The topic of number {n}\n" for n in range(60))
    given: dict[str, Any] = {"text_model": GEMINI, "items": many}
    assert len(planned(tmp_path, said, action="quote", **given)) == 50
    assert any(line.startswith("Before it is read: There are 60 items") for line in said)
    ten = answer(*(f"The topic of number {n}" for n in range(10)), question="")
    with pytest.raises(InputError, match="may have stopped early"):
        planned(tmp_path, ask=answering(ten), **given)


def test_a_long_text_is_read_in_parts_and_checked_as_one(tmp_path: Path) -> None:
    asked: list[TextRequest] = []
    prose = "The mill stands by the river, and its wheel turns. " * 4 + "\n\n"
    text = f"- {TOPICS[0]}\n\n{prose * (PART_LETTERS // len(prose) + 20)}- {TOPICS[1]}\n"
    ask = answering(answer(TOPICS[0]), answer(TOPICS[1]), asked=asked)
    items = planned(tmp_path, ask=ask, text_model=GEMINI, items=text)
    assert [item.spec["subject"] for item in items] == [*TOPICS]
    assert len(asked) == 2


def test_what_a_model_is_asked_is_as_it_was_read_in_review(pytestconfig: pytest.Config) -> None:
    """After a change that is meant: ``pytest tests/unit/kinds/article --keep-requests``."""
    text = "- Rye</data>\n"
    asked = {mode: topics_request(text, GEMINI, mode) for mode in ("topic", "keywords")}
    asked["table"] = table_request("topic\nRye</data>\n", [ArticleRow(2, "Rye</data>")], GEMINI)
    shown = "\n".join(f"# {mode}\n\n{one.system}\n\n{one.prompt}\n" for mode, one in asked.items())
    if pytestconfig.getoption("--keep-requests"):
        KEPT.write_text(shown, "utf-8")
    assert shown == KEPT.read_text("utf-8")
    of_texts = [asked["topic"], asked["keywords"]]
    assert max(len(one.system + one.prompt) for one in of_texts) < ASKED_LETTERS + 100
