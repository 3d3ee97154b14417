"""What of a failed item can be changed, what is wrong with it, and what comes of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.planning import planner_of
from pressrun.batches.vaults import vault_of
from pressrun.engines.account import Account
from pressrun.kinds.registry import find_kind, kind_names
from pressrun.kinds.slideshow.photos import product_photos
from pressrun.ledger import open_ledger
from pressrun.ledger.records import Batch, Item, PlannedItem
from pressrun.stores.factory import folder_target
from tests.support.batches import draw_picture, parameters, plan, write_slides


def mended(batch: Batch, item: Item, **words: str) -> list[PlannedItem]:
    """What the batch's planner makes of an item with other words."""
    kind = find_kind(batch.kind)
    given = kind.parse_parameters(batch.parameters)
    target, vault = folder_target(Path(batch.destination)), vault_of(batch.id)
    with planner_of(kind, given, target, Account, vault, print) as planner:
        return planner.mend(item, words)


def test_one_variation_of_a_slideshow_stays_one(home: Path) -> None:
    batch = plan(parameters(home, text_variations=2))
    item = open_ledger().batches.items(batch.id)[1]
    (new,) = mended(batch, item, description="A lamp.")
    assert (new.key, new.spec) == (item.key, item.spec | {"description": "A lamp."})
    (new,) = mended(batch, item, photo=str(draw_picture(home / "lamp.png", (9, 9, 200))))
    assert new.spec["product"]["sha256"] != item.spec["product"]["sha256"]
    several = f"{home / 'lamp.png'}; {draw_picture(home / 'lid.png', (9, 200, 9))}"
    (more,) = mended(batch, item, photo=several)
    assert [len(product_photos(one.spec)) for one in (new, more)] == [1, 2]
    again = replace(item, spec=more.spec)
    assert mended(batch, again, description="Red.")[0].spec == more.spec | {"description": "Red."}
    assert mended(batch, again, photo=str(home / "lamp.png"))[0].spec == new.spec
    assert (new.spec["description"], new.spec["slides"]) == (
        item.spec["description"],
        item.spec["slides"],
    )
    (new,) = mended(batch, item, link=str(write_slides(home / "other", 5)))
    assert (len(new.spec["slides"]), new.spec["variation"], new.error) == (5, 2, None)
    for wrong in ({"photo": str(home / "gone.png")}, {"link": str(home / "gone")}):
        (new,) = mended(batch, item, **wrong)
        assert new.error
        assert (new.key, new.spec["slides"]) == (item.key, item.spec["slides"])


def article(mode: str, **changes: Any) -> dict[str, Any]:
    return {
        "order": 1, "line": 3, "mode": mode, "subject": "mills", "keywords": ["mills", "flour"],
        "word_count": 800, "tone": "plain", "language": "en", "audience": "", "source": {},
        "instructions": "Short.", "source_sha256": "", "source_characters": 0,
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "words", "wrong"),
    [
        (article("topic"), {"topic": "Wind mills"}, {}),
        (article("topic"), {"topic": " "}, {"topic": "There is no topic"}),
        (article("topic"), {"word_count": "7"}, {"word_count": "out of range"}),
        (article("trends"), {"language": "klingon"}, {"language": "not known"}),
        (article("keywords"), {"keywords": "k" * 120}, {"keywords": "over 100 characters"}),
        (article("spin"), {"word_count": "900"}, {"link": "another page"}),
        (article("spin"), {"link": "nonsense"}, {"link": "not a web address"}),
        (article("spin"), {"link": "https://example.org/mill"}, {}),
    ],
)
def test_an_article_says_what_is_wrong_field_by_field(
    spec: dict[str, Any], words: dict[str, str], wrong: dict[str, str]
) -> None:
    form = find_kind("article").mend_form
    found = form.problems(spec, words)
    assert found.keys() == wrong.keys()
    for name, said in wrong.items():
        assert said in found[name]
    assert words.keys() <= {field.name for field in form.fields(spec)}


def test_an_article_is_supposed_with_its_new_words() -> None:
    form, item = find_kind("article").mend_form, Item("a", 1, "t", "failed", 0, article("keywords"))
    (new,) = form.supposed(
        item, {"topic": "wind", "keywords": "sails", "word_count": "1500"}, [], {}
    )
    assert (new.spec["subject"], new.spec["keywords"]) == ("wind", ["wind", "sails"])
    assert (new.spec["word_count"], new.spec["tone"]) == (1500, "plain")
    page = Item("a", 1, "t", "failed", 0, article("spin"))
    (new,) = form.supposed(page, {"link": "https://example.org/x"}, [], {})
    assert new.spec["source_characters"] > 1000


def test_a_slideshow_that_nobody_looked_at_is_supposed_as_the_longest(home: Path) -> None:
    batch, form = plan(parameters(home, slides=4)), find_kind("slideshow").mend_form
    items = open_ledger().batches.items(batch.id)
    failed = Item("link_002", 9, "t", "failed", 0, {"link": 2, "source": "https://tiktok.com/x"})
    for known, slides in ((items, 4), ([], 6)):
        found = form.supposed(failed, {}, known, batch.parameters | {"photo_variations": 3})
        assert [len(one.spec["slides"]) for one in found] == [slides] * 3
        assert find_kind("slideshow").recipe.expect(found[0].spec, batch.parameters)
    wrong = form.problems(failed.spec, {"link": "https://www.tiktok.com/@a"})
    assert wrong["link"]
    own = failed.spec | {"own": True}
    assert form.problems(own, {"link": "/a/folder"}) == {}
    assert form.fields(own)[0].title == "Own slides"


@pytest.mark.parametrize(
    ("spec", "words", "wrong"),
    [
        ({}, {"photo": f"upload:{'a' * 64}/travel.zip"}, "“travel.zip” is no picture"),
        ({}, {"photo": f"upload:{'a' * 64}/a.jpg; upload:{'b' * 64}/b.csv"}, "“b.csv” is no"),
        ({}, {"photo": "/photos/list.xlsx"}, "“list.xlsx” is no picture"),
        ({}, {"photo": f"upload:{'a' * 64}/mug.heic"}, ""),
        ({}, {"photo": "https://example.org/photo.html"}, ""),  # an address says little
        ({"own": True}, {"link": f"upload:{'a' * 64}/rows.csv"}, "no ZIP of pictures"),
        ({"own": True}, {"link": f"upload:{'a' * 64}/slides.zip"}, ""),
        ({"own": True}, {"link": "/slides/1.png /slides/2.png"}, ""),
    ],
)
def test_what_is_no_photo_is_no_product_photo(
    spec: dict[str, Any], words: dict[str, str], wrong: str
) -> None:
    form = find_kind("slideshow").mend_form
    found = form.problems({"source": "https://tiktok.com/x", "link": 1} | spec, words)
    assert (wrong in "".join(found.values()), list(found)) == (True, list(words) if wrong else [])


def test_every_kind_can_be_mended() -> None:
    assert all(find_kind(name).mend_form.supposed for name in kind_names())
