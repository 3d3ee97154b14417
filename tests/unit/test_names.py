"""Names of folders: a person's words kept, whatever could lead elsewhere left out."""

from datetime import UTC, datetime

import pytest

from pressrun.names import handle, safe_name

MOMENT = datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Summer sale", "Summer sale"),
        ("Été 夏 Лето", "Été 夏 Лето"),
        ("a/b\\c", "a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows", "C-Windows"),
        ("tab\tand\nbreak", "tab-and-break"),
        ("  much   space  ", "much space"),
        ("what? *now* <b>|", "what- -now- -b"),
        (".hidden", "hidden"),
        ("right\u202eleft", "right-left"),
        ("///", "Batch"),
        ("", "Batch"),
        (". . .", "Batch"),
    ],
)
def test_a_title_becomes_one_safe_folder_name(title: str, name: str) -> None:
    assert safe_name(title, "Batch") == name


def test_a_long_title_is_cut_between_characters() -> None:
    name = safe_name("夏" * 100, "Batch")
    assert name == "夏" * 26  # 78 of at most 80 bytes


def test_equal_looking_titles_have_equal_names() -> None:
    assert safe_name("Cafe\u0301", "Batch") == safe_name("Caf\u00e9", "Batch")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("some.user_1", "some.user_1"),
        ("../evil", ".._evil"),
        ("my slides (2)", "my_slides_2"),
        ("夏", "unknown"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_handle_keeps_the_letters_that_handles_have(text: str, name: str) -> None:
    assert handle(text) == name
