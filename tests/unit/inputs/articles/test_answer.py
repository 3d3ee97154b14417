"""A model's reading of a document is held against its words, in any script."""

import pytest

from pressrun.errors import InputError
from pressrun.inputs.articles.answer import (
    AnsweredTopic,
    CheckedTopics,
    TopicsAnswer,
    check_topics,
    joined_topics,
)

PLAN = """\
Hi, here is what I would write about bees:

## Beginners
- **Your first hive** - for people with a balcony, keywords: bee hive, balcony bees
- Swarms in May ✅ (done)
- Why bees dance

## Winter
1. Feeding bees in winter
2. Feeding bees in winter

Tell me if you want more!
"""


def topic(words: str, keywords: tuple[str, ...] = (), notes: str = "") -> AnsweredTopic:
    return AnsweredTopic(topic=words, keywords=list(keywords), notes=notes)


def answer(*topics: AnsweredTopic | str, question: str = "", remark: str = "") -> TopicsAnswer:
    made = [topic(one) if isinstance(one, str) else one for one in topics]
    return TopicsAnswer(topics=made, question=question, remark=remark)


def checked(
    given: TopicsAnswer, text: str = PLAN, by_form: tuple[tuple[int, str], ...] = ()
) -> CheckedTopics:
    return check_topics(given, text, by_form, "topic")


def subjects(found: CheckedTopics) -> list[tuple[int, str]]:
    return [(one.line, one.given["topic"]) for one in found.fields]


def test_topics_stand_with_their_lines_keywords_and_notes() -> None:
    hive = topic("Your first hive", ("bee hive", "balcony bees"), notes="for people with a balcony")
    found = checked(answer(hive, "Why bees dance", "Feeding bees in winter"))
    assert subjects(found) == [
        (4, "Your first hive"),
        (6, "Why bees dance"),
        (9, "Feeding bees in winter"),
    ]
    assert found.fields[0].given["keywords"] == "bee hive; balcony bees"
    assert found.fields[0].given["remark"] == "for people with a balcony"
    assert found.doubts == ()
    (left_out,) = found.notes
    assert left_out == (
        "Left out: 6 lines of the text (line 1 “Hi, here is what I would write about be…”, line 3 "
        "“## Beginners”, line 5 “- Swarms in May ✅ (done)”, line 8 “## Winter”, …)."
    )


def test_what_is_made_up_is_left_out_and_decided_by_a_person() -> None:
    told = topic("Why bees dance", ("waggle dance",), notes="Mention Karl von Frisch")
    given = answer("Your first hive", told, "Feeding bees in winter", "Swarms in May", "Bee stings")
    found = checked(given)
    assert len(found.fields) == 4
    assert found.doubts == ("Not in the text, so it is left out: 'Bee stings'",)
    assert "A keyword that is not in the text is left out: 'waggle dance'" in found.notes
    assert "A note that is not in the text is left out: 'Mention Karl von Frisch'" in found.notes
    dance = next(one for one in found.fields if one.given["topic"] == "Why bees dance")
    assert dance.given == {"topic": "Why bees dance"}


def test_an_answer_of_which_much_is_made_up_is_none() -> None:
    with pytest.raises(InputError, match="does not fit the text") as refused:
        checked(answer("Your first hive", "Bee stings"))
    assert refused.value.problems == ("Not in the text, so it is left out: 'Bee stings'",)


def test_other_order_other_case_and_accents_are_the_same_words() -> None:
    text = "- WHY CAFÉS CLOSE\n- Tea_houses in Kyoto\n- Q&amp;A on [tea](https://a.example)\n"
    found = checked(answer("tea houses in Kyoto", "Why Cafe\u0301s close", "Q&A on tea"), text)
    assert subjects(found) == [
        (1, "Why Cafe\u0301s close"),
        (2, "tea houses in Kyoto"),
        (3, "Q&A on tea"),
    ]
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("- [x] Пчёлы зимой\n- Как выбрать улей (уже есть)\n- Мёд и погода\n", ["Мёд и погода"]),
        ("请写一篇关于蜜蜂过冬的文章, 再写一篇关于选蜂箱的。\n", ["蜜蜂过冬", "选蜂箱"]),
        (
            "1、ミツバチの冬越し: 初心者向け\n2、巣箱の選び方\n",
            ["ミツバチの冬越し", "巣箱の選び方"],
        ),
        ("- ~~الشتاء~~\n- كيف تختار خلية النحل\n", ["كيف تختار خلية النحل"]),
        ("Lunes | Blog | «Cómo elegir una colmena» | idea\n", ["Cómo elegir una colmena"]),
        ("* मधुमक्खी का छत्ता कैसे चुनें\n", ["मधुमक्खी का छत्ता कैसे चुनें"]),
    ],
)
def test_every_script_is_found_and_nothing_beside(text: str, topics: list[str]) -> None:
    found = checked(answer(*topics), text)
    assert [words for _, words in subjects(found)] == topics
    with pytest.raises(InputError):
        checked(answer("巣の掃除", "Чистка улья", "Limpiar"), text)


def test_what_stands_there_twice_is_written_once_and_said() -> None:
    found = checked(answer("Feeding bees in winter", topic("Feeding bees in winter", ("bees",))))
    assert subjects(found) == [(9, "Feeding bees in winter")]
    assert found.fields[0].given["keywords"] == "bees"
    assert found.notes[0] == "Listed twice with the same words, and written once: 1 of them."


def test_a_question_is_decided_and_a_remark_is_said() -> None:
    found = checked(answer("Why bees dance", question="Winter too?", remark="Swarms are done."))
    assert found.doubts == ("The model asks: Winter too?",)
    assert found.notes[0] == "The model says: Swarms are done."


LIST = "".join(f"- Bees and the month number {n}\n" for n in range(1, 13))
BY_FORM = tuple((n, f"Bees and the month number {n}") for n in range(1, 13))


def test_a_model_that_stops_early_is_doubted() -> None:
    words = [words for _, words in BY_FORM]
    assert checked(answer(*words[:10]), LIST, BY_FORM).doubts == ()
    (doubt,) = checked(answer(*words[:8]), LIST, BY_FORM).doubts
    assert doubt.startswith("The model may have stopped early: behind its last topic 4 lines look")


def test_a_model_that_takes_few_of_the_list_that_the_form_takes_too_is_doubted() -> None:
    words = [words for _, words in BY_FORM]
    few = answer(*words[:3], words[11])
    (doubt,) = checked(few, LIST, BY_FORM).doubts
    assert doubt.startswith("The model took 4 topics; of the same list 8 lines look like one (line")
    assert checked(answer(*words[:5], words[11]), LIST, BY_FORM).doubts == ()


def test_a_list_below_another_heading_is_left_out_by_a_model_that_says_so() -> None:
    text = "## Posts\n- Bees\n- Wasps\n## Site\n- Search\n- Dark colours\n- Feeds\n- Tests\n"
    by_form = ((2, "Bees"), (3, "Wasps"), *((n, f"line {n}") for n in range(5, 9)))
    (doubt,) = checked(answer("Bees", "Wasps"), text, by_form).doubts
    assert doubt.startswith("The model may have stopped early")
    found = checked(answer("Bees", "Wasps", remark="Work on the site is left out."), text, by_form)
    assert found.doubts == ()
    assert found.notes[1].startswith("The model took for no topic: 4 lines look like one (line 5:")
    (doubt,) = checked(answer("Bees", "Search", remark="Some."), text, by_form).doubts
    assert doubt.startswith("The model may have stopped early")


def test_a_model_that_takes_other_lines_than_the_form_is_believed() -> None:
    text = "## Bees\n- hives\n- swarms\n- honey\n## Wasps\n- nests\n- stings\n- cakes\nThanks!\n"
    by_form = ((2, "hives"), (3, "swarms"), (4, "honey"), (6, "nests"), (7, "stings"))
    found = checked(answer(topic("Bees", notes="hives"), "Wasps"), text, by_form)
    assert [words for _, words in subjects(found)] == ["Bees", "Wasps"]
    assert found.doubts == ()


def test_no_topic_is_no_doubt() -> None:
    assert checked(answer(remark="It is a change log."), LIST, BY_FORM) == CheckedTopics(
        [], ("The model says: It is a change log.",)
    )


def test_answers_about_parts_are_one() -> None:
    joined = joined_topics([answer("a", remark="x"), answer("b", question="q?", remark="y")])
    assert joined == answer("a", "b", question="q?", remark="x y")
