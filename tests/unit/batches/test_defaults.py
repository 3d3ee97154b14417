"""What new batches begin with, for each kind of batch what it can use of it."""

from typing import Any

import pytest

from pressrun.batches.defaults import BatchDefaults, UnfitDefaults
from pressrun.kinds.registry import find_kind

WANTED = BatchDefaults(
    budget_usd=5, owner="Ana", model="gemini-3-pro-image", text_model="gemini-3.8-flash", size="2K"
)


def test_each_kind_takes_what_it_knows() -> None:
    common: dict[str, Any] = {"budget_usd": 5, "owner": "Ana"}
    pictures = {"model": "gemini-3-pro-image", "size": "2K"}
    text = {"text_model": "gemini-3.8-flash"}
    assert WANTED.parameters(find_kind("slideshow")) == common | pictures | text
    # There a text model would read the prompts, which nobody has asked for.
    assert WANTED.parameters(find_kind("image")) == common | pictures
    assert WANTED.parameters(find_kind("article")) == common | pictures | text
    assert WANTED.parameters(find_kind("comparison")) == common | {"size": "2K"}
    assert BatchDefaults().parameters(find_kind("image")) == {}


def test_a_model_that_sees_no_pictures_is_none_for_slideshows() -> None:
    blind = BatchDefaults(model="stable-image-core")
    assert blind.parameters(find_kind("slideshow")) == {}
    assert blind.parameters(find_kind("image")) == {"model": "stable-image-core"}


def test_a_form_keeps_what_did_not_come_from_the_defaults() -> None:
    kind, ids = find_kind("image"), {"store": "1"}
    held = {"review": True, "format": "PNG", "size": "4K"}
    first = WANTED.form(kind, BatchDefaults(), held, ids)
    reference = {"$ref": {"block_document_id": "1"}}
    # What somebody set in the form itself goes before.
    assert first == {
        **held, "model": "gemini-3-pro-image", "budget_usd": 5, "owner": "Ana", "store": reference
    }  # fmt: skip
    with_store = BatchDefaults(**WANTED.model_dump() | {"store": "shelf"})
    assert BatchDefaults().form(kind, with_store, first, {}) == held


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model": "gpt-9"}, "There is no model 'gpt-9'"),
        ({"text_model": "gemini-3-pro-image"}, "There is no model"),
        ({"model": "stable-image-core", "size": "4K"}, "stable-image-core is made in"),
        ({"size": "8K"}, "A picture is made in 1K, 2K, 4K"),
        ({"ask_over_usd": -1}, "It has to be at least 0"),
        ({"budget_usd": float("nan")}, "number"),
        ({"owner": "x" * 101}, "100"),
    ],
)
def test_what_cannot_be_is_said(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UnfitDefaults) as found:
        BatchDefaults.of(given)
    (name,) = found.value.fields
    assert (name in given, words in found.value.fields[name]) == (True, True)
    assert f"{name}:" not in str(found.value)  # a person does not know the parameters' names


@pytest.mark.parametrize("value", [None, "x", 5, {"model": "gone"}, {"ask_over_usd": "much"}])
def test_a_variable_of_no_use_sets_nothing(value: object) -> None:
    assert BatchDefaults.read(value) == BatchDefaults()
    assert BatchDefaults.read({"ask_over_usd": 50, "of_later": 1}).ask_over_usd == 50
