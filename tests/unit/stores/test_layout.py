"""The path template: a batch's folder and what is in it, never two files on one path."""

from datetime import UTC, datetime

import pytest

from pressrun.errors import SettingError
from pressrun.kinds.image.recipe import PATH_TEMPLATE
from pressrun.stores.layout import DEFAULT, PathLayout, placed

SLIDE = "L@1/variation_1/slide_0.jpg"
MOMENT = datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("template", "root", "path"),
    [
        (DEFAULT, "Sale-1 2026-11-22 09-05-07", SLIDE),
        (
            "{kind}/{date}/{batch}/{item}/{file}",
            "slideshow/2026-11-22/b1",
            SLIDE,
        ),
        (
            "/{batch}/all/{item}/out_{file}/",
            "b1",
            "all/L@1/variation_1/out_slide_0.jpg",
        ),
    ],
)
def test_a_template_gives_the_batchs_folder_and_what_is_in_it(
    template: str, root: str, path: str
) -> None:
    layout = PathLayout.of(template)
    assert layout.root_of("Sale/1", "slideshow", "b1", MOMENT) == root
    assert placed(layout.files, SLIDE) == path


@pytest.mark.parametrize(
    ("owner", "root"),
    [
        ("ana", "bulk_tasks/ana/Sale 2026-11-22 09-05-07"),
        ("", "bulk_tasks/Sale 2026-11-22 09-05-07"),
        ("../../etc", "bulk_tasks/etc/Sale 2026-11-22 09-05-07"),
        ("..", "bulk_tasks/Sale 2026-11-22 09-05-07"),
        ("a/b\\c", "bulk_tasks/a-b-c/Sale 2026-11-22 09-05-07"),
    ],
)
def test_an_owner_is_one_folder_and_leads_nowhere_else(owner: str, root: str) -> None:
    layout = PathLayout.of(PATH_TEMPLATE)
    assert layout.root_of("Sale", "image", "b1", MOMENT, owner) == root
    assert placed(layout.files, "task_0001.webp") == "task_0001.webp"


@pytest.mark.parametrize(
    ("folder", "of_ana", "of_nobody"),
    [
        ("{owner}/{batch}", "ana/b1", "b1"),
        ("all/{owner}-{batch}", "all/ana-b1", "all/b1"),
        ("{title} ({owner})", "Sale (ana)", "Sale"),
        ("({kind}) {title}, {owner}", "(image) Sale, ana", "(image) Sale"),
        ("_{title} {owner} ({kind})", "_Sale ana (image)", "_Sale (image)"),
        ("_{kind}/{batch}/of {owner}", "_image/b1/of ana", "_image/b1/of"),
    ],
)
def test_without_an_owner_nothing_stands_in_its_place(
    folder: str, of_ana: str, of_nobody: str
) -> None:
    layout = PathLayout.of(folder + "/{item}/{file}")
    assert layout.root_of("Sale", "image", "b1", MOMENT, "ana") == of_ana
    assert layout.root_of("Sale", "image", "b1", MOMENT) == of_nobody


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", "a folder's name is empty"),
        ("{title}/{file}", "it has to end in"),
        ("{title}/{item}", "it has to end in"),
        ("{title}/{item}{file}", "it has to end in"),
        ("{title}/{file}/{item}", "it has to end in"),
        ("{title}/{item}/{item}/{file}", "it has to end in"),
        ("{item}/{title}/{file}", "fields of the batch stand before"),
        ("{date}/{item}/{file}", "needs {title} or {batch}"),
        ("{title}/../{item}/{file}", "a folder's name"),
        ("{title}//{item}/{file}", "a folder's name"),
        ("{title}/ {item}/{file}", "a folder's name"),
        ("{title!r}/{item}/{file}", "just its name"),
        ("{title:>9}/{item}/{file}", "just its name"),
        ("{title.__class__}/{item}/{file}", "is none of the fields"),
        ("{}/{item}/{file}", "is none of the fields"),
        ("{title/{item}/{file}", "cannot be used"),
        ("{title}\\x/{item}/{file}", "letters, digits"),
        ("{title}:x/{item}/{file}", "letters, digits"),
    ],
)
def test_a_template_that_leads_astray_is_refused_with_the_reason(template: str, why: str) -> None:
    with pytest.raises(SettingError) as refused:
        PathLayout.of(template)
    assert why in str(refused.value)
