"""What a person types into a form of settings, as a block takes it."""

from typing import Any

import pytest

from pressrun.desk.settings.forms import FieldGroup, read, read_rows, show
from pressrun.desk.settings.pending import Pending
from pressrun.desk.settings.saved import BlockShape, SavedBlocks, StoredBlock, require_name
from pressrun.errors import InputError

FIELDS: dict[str, Any] = {
    "key": {"title": "Gemini: API key", "type": "string", "description": "Of AI Studio."},
    "credentials": {"title": "Drive: credentials", "anyOf": [{"type": "object"}, {"type": "null"}]},
    "url": {"title": "Base URL", "type": "string"},
    "place": {"title": "Vertex AI: location", "type": "string", "default": "global"},
    "cap": {"title": "Cap a day (USD)", "type": "number"},
    "hours": {"title": "Hours", "type": "integer", "default": 0},
    "share": {"title": "Share", "type": "boolean", "default": False},
}
SHAPE = BlockShape("t", "s", FIELDS, frozenset({"key", "credentials"}), {})
GROUPS = (
    FieldGroup("Gemini", ("key", "credentials", "url")),
    FieldGroup("More", ("place", "cap", "hours", "share"), folded=True),
)


def test_what_is_left_empty_is_the_default_and_a_secret_stays() -> None:
    typed = read(GROUPS, SHAPE, {"key": "  ", "url": "", "place": " ", "cap": "", "hours": ""})
    assert typed.data == {"url": None, "place": "global", "cap": None, "hours": 0, "share": False}
    assert not typed.errors


def test_secrets_are_read_and_never_shown() -> None:
    form = {"key": " planted ", "credentials": '{"refresh_token": "planted"}', "share": "yes"}
    typed = read(GROUPS, SHAPE, form | {"cap": "lots"})
    assert typed.data["key"] == "planted"
    assert typed.data["credentials"] == {"refresh_token": "planted"}
    assert typed.data["share"] is True
    assert "'lots' is no number" in typed.errors["cap"]
    pages = show(GROUPS, SHAPE, None, typed, {}, frozenset({"key", "credentials"}))
    assert "planted" not in repr(pages)
    assert pages[1].is_open  # something in it is wrong
    wrong = read(GROUPS, SHAPE, {"credentials": "planted, no JSON"})
    assert "planted" not in wrong.errors["credentials"]
    assert read(GROUPS, SHAPE, {"remove.key": "yes", "key": "x"}).data["key"] is None
    assert "far too long" in read(GROUPS, SHAPE, {"url": "x" * 30_000}).errors["url"]


def test_a_saved_block_is_shown_without_its_secrets() -> None:
    data = {"url": "http://x", "place": "europe-west4", "cap": 2.5, "share": True}
    block = StoredBlock("id", "slug", "name", data, frozenset({"key"}), "now")
    first, more = show(GROUPS, SHAPE, block, None, {"url": [("", "none")]})
    assert [one.title for one in first.fields] == ["API key", "Credentials", "Base URL"]
    assert [one.held for one in first.fields] == [True, False, False]
    # What cannot be chosen any more stands until somebody changes it.
    assert first.fields[2].choices[-1] == ("http://x", "http://x (not there any more)")
    assert [one.value for one in more.fields] == ["europe-west4", "2.5", "0", "yes"]
    assert not show(GROUPS, SHAPE, None, None, {})[1].is_open


class _Server:
    """Answers with one block, as a server without masks does."""

    def ask(self, method: str, path: str, content: object = None) -> Any:
        fields = {
            "properties": {
                "api_key": {"title": "Gemini: API key", "type": "string"},
                "openai_key": {"title": "OpenAI: API key", "type": "string"},
                "api_version": {"title": "API version", "default": "v1"},
                "place": {"title": "Place", "default": "global"},
            },
            "secret_fields": ["api_key", "openai_key", "credentials.*"],
        }
        data = {"api_key": "planted", "openai_key": None, "api_version": "v1", "place": "here"}
        document = {
            "id": "1", "name": "shop", "data": data, "updated": "now",
            "block_schema": {"fields": fields}, "block_type": {"slug": "model-account"},
        }  # fmt: skip
        return document if method == "GET" else [document]


def test_a_default_of_the_time_of_saving_is_no_choice_and_secrets_are_dropped() -> None:
    """As docs/decisions/0021 has it: v1 was once the default."""
    server: Any = _Server()
    block = SavedBlocks(server).find("model-account", "shop")
    assert block.data == {"place": "here"}
    assert block.secrets == {"api_key"}
    assert "planted" not in repr(block)
    assert SavedBlocks(server).whole("model-account", "shop") == {
        "api_key": "planted",
        "place": "here",
    }
    (listed,) = SavedBlocks(server).listed("model-account")
    assert listed.secrets == frozenset()  # masked, all would look as if they were set


def test_rows_that_are_empty_are_left_out() -> None:
    fields = {
        "model": {"title": "Model", "type": "string"},
        "burst": {"title": "Burst", "type": "integer", "default": 1},
    }
    form = {
        "limits.0.model": "",
        "limits.0.burst": "1",
        "limits.7.model": "m",
        "limits.7.burst": "x",
    }
    typed = read_rows("limits", fields, form | {"limits.x.model": "y", "limits.9999.model": "z"})
    assert typed.data == {"limits": [{"model": "m"}]}
    assert list(typed.errors) == ["limits.0.burst"]


def test_what_waits_is_of_one_session_once_and_not_for_ever() -> None:
    now = [0.0]
    pending = Pending(lambda: now[0])
    word = pending.keep("mine", "content")
    assert pending.take("theirs", word) is None
    assert pending.take("mine", word) == "content"
    assert pending.take("mine", word) is None
    late = pending.keep("mine", "content")
    now[0] = 901
    assert pending.take("mine", late) is None
    words = [pending.keep("mine", n) for n in range(150)]
    assert pending.take("mine", words[0]) is None
    assert pending.take("mine", words[-1]) == 149


@pytest.mark.parametrize(
    "name", ["", "Shop", "a b", "a/b", "../x", "-a", "a-", "ä", "x" * 101, "a\n"]
)
def test_names_are_those_that_prefect_takes(name: str) -> None:
    with pytest.raises(InputError, match="lower case letters"):
        require_name(name)
    assert require_name("shop-2") == "shop-2"
