"""Problems of tasks: found before anything is paid, each with its line."""

import pytest

from pressrun.inputs.prompts.documents import Task, parse_list
from pressrun.inputs.prompts.tasks import MOST_LETTERS, check_tasks
from pressrun.moderation.words import moderator


def tasks(*prompts: str) -> tuple[Task, ...]:
    return parse_list(prompts).tasks


def kinds(*prompts: str, blocked: str = "") -> list[tuple[int, str]]:
    return [(p.line, p.kind) for p in check_tasks(tasks(*prompts), moderator(blocked).check)]


def test_good_prompts_have_no_problem() -> None:
    assert kinds("a cat", "a dog", "a cat and a dog") == []


def test_a_prompt_is_too_long_by_a_single_character() -> None:
    assert kinds("x" * MOST_LETTERS, "y" * (MOST_LETTERS + 1)) == [(2, "too_long")]


@pytest.mark.parametrize(
    ("again", "kind"),
    [
        ("a  red\tfox", "duplicate"),
        ("A red fox.", "near_duplicate"),
        ("the fox, red", "near_duplicate"),
        ("a réd fox", "near_duplicate"),
    ],
)
def test_duplicates_are_told_from_near_ones(again: str, kind: str) -> None:
    assert kinds("a red fox", again) == [(2, kind)]


def test_a_word_more_or_another_colour_is_no_duplicate() -> None:
    assert kinds("a red fox", "a red fox sleeping", "a blue fox", "two red foxes") == []


@pytest.mark.parametrize(
    "prompt", ["A Nude statue", "nude", "(nude)", "\uff2e\uff35\uff24\uff25 art"]
)
def test_a_blocked_word_is_found_whatever_its_case(prompt: str) -> None:
    assert kinds("a cat", prompt, blocked="gore, nude ,") == [(2, "blocked")]


def test_a_blocked_word_inside_another_is_none() -> None:
    assert kinds("a denuded hill", "C++ logo", blocked="nude, C") == [(2, "blocked")]


def test_a_problem_says_the_line_and_what_is_wrong() -> None:
    (problem,) = check_tasks(tasks("a cat", "a cat"))
    assert str(problem) == "line 2: The prompt is that of line 1 again. It is made once."
    assert problem.final
