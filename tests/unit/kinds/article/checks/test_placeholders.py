"""What is a placeholder or a refusal, and what only looks like one."""

import pytest

from pressrun.kinds.article.checks.placeholders import is_refusal, placeholders


@pytest.mark.parametrize(
    "text",
    [
        "Lorem ipsum dolor sit amet.",
        "Visit [insert link] today.",
        "We at [Your Company Name] care.",
        "Call [your phone number].",
        "Dear [name], hello.",
        "[TBD]",
        "[Add an example here]",
        "Write to <your email address>.",
        "Hello {{name}}, welcome.",
        "Hello {{ user.first_name }}.",
        "TODO: write the ending",
        "The ending is TODO",
        "FIXME this is not right",
        "Welcome to Your company name, the best.",
        "Your Company Name is the leading maker.",
        "Put your company name here.",
        "As an AI language model, I have no bees.",
        "It is hard, as a large language model, to say.",
        "And so it goes \u2026(continued)",
        "And so it goes (to be continued)",
        "(continued in the next part)",
        "And then... continued",
        "[The rest of the article goes on like this]",
    ],
)
def test_what_is_still_to_be_written_is_found(text: str) -> None:
    assert placeholders(f"Bees dance.\n{text}\nThey fly.")


@pytest.mark.parametrize(
    "text",
    [
        "Write a todo list every morning.",
        "A TODO list is a plan; TODO comments are debt, and TODOs rot.",
        "To do this, add salt.",
        "Choose your company name with care. Your company name is your face.",
        "The war continued (and the winter continued too) until 1945.",
        "It ran from 1990 (continued until 1995 by others).",
        "The model said \u201cAs an AI language model, I cannot\u201d and stopped.",
        "He wrote that [the] bees [sic] dance [1] and [2, p. 3].",
        "The function f(x) = {x | x > 2} and the set {{1}, {2}} matter.",
        "Insert the key, add water, enter the room.",
        "The price <was 5 and is> 3.",
        "Use 3 < 5 and your <b>head</b>.",
        "Placeholder text helps designers.",
        "An include file and [includes] are two things.",
    ],
)
def test_prose_that_only_looks_so_is_left_in_peace(text: str) -> None:
    assert placeholders(text) == []


def test_todo_is_a_word_in_some_languages() -> None:
    assert placeholders("ESTO ES TODO lo que hay.", "es") == []
    assert placeholders("TODO: escribir el final", "es") == ["TODO:"]


def test_each_placeholder_is_named_once() -> None:
    assert placeholders("[insert name] and [insert name]") == ["[insert name]"]


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that request.",
        "I\u2019m sorry, but I can\u2019t assist with that.",
        "I cannot write this article.",
        "I am unable to provide content on this topic.",
        "Sorry, I can't do that.",
        "**I won't create an article about it.**",
    ],
)
def test_a_refusal_is_known_by_its_beginning(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot help smiling when bees dance.",
        "I can't write without coffee, and that is where this story begins.",
        "I cannot create a garden without bees.",
        "Bees say: I'm sorry, but I can't help with that.",
        "We are sorry to see the bees go.",
    ],
)
def test_an_essay_that_begins_with_i_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)
