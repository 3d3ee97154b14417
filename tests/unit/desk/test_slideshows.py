"""A new slideshow batch: rows pasted and dropped, looked at behind, priced meanwhile."""

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote

import pytest

import pressrun.settings
from flows.slideshow_batch import slideshow_batch
from pressrun.desk import app
from pressrun.desk.new.desk import NewBatches
from pressrun.desk.new.drafts import Drafts
from pressrun.desk.new.slideshow.face import SlideshowFace
from pressrun.desk.new.slideshow.rows import (
    MOVED,
    DraftRow,
    given,
    rows_of,
    with_column,
    without,
)
from pressrun.errors import SourceError
from pressrun.inputs.slides import Slideshow
from pressrun.inputs.tables.rows import read_rows
from pressrun.inputs.tiktok.links import TikTokLink, check_link
from pressrun.kinds.registry import find_flow
from pressrun.kinds.slideshow.posts import Posts
from pressrun.kinds.slideshow.shelf import PostShelf
from pressrun.ledger import open_ledger
from pressrun.pictures.picture import read_picture
from pressrun.settings import Settings
from tests.benchmarks import desk as benchmark
from tests.servers.tiktok import picture, snowflake
from tests.unit.desk.conftest import ADDRESS, Asked

HEADERS = {"Origin": ADDRESS, "X-Desk": "1"}


def post(number: int) -> str:
    """The address of a post."""
    return f"https://www.tiktok.com/@user{number}/photo/{snowflake(number)}"


@dataclass
class Visitor:
    """TikTok as one visitor sees it.

    Attributes:
        fails: What the post of an address answers in place of four slides.
        open: Whether it answers yet.
        asked: What it was asked, in order.
    """

    fails: dict[str, SourceError] = field(default_factory=dict)
    open: Event = field(default_factory=Event)
    asked: list[str] = field(default_factory=list)
    pause_s: tuple[float, float] = (0.0, 0.0)

    def fetch(self, canonical: str) -> Slideshow:
        self.open.wait(30)
        self.asked.append(canonical)
        if error := self.fails.get(canonical):
            raise error
        slide = read_picture(picture(540, 960), "slide")
        user = canonical.partition("@")[2].partition("/")[0]
        return Slideshow((slide,) * 4, "A caption", user, canonical)

    def resolve(self, link: TikTokLink) -> TikTokLink:
        self.open.wait(30)
        self.asked.append(link.link)
        return check_link(post(7))


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    visitor = Visitor()

    def opened(_: Settings) -> list[Visitor]:
        return [visitor]

    monkeypatch.setattr(app, "open_visitors", opened)
    yield visitor
    visitor.open.set()


@dataclass(frozen=True)
class Page:
    """A draft's page as its scripts use it."""

    desk: Asked
    place: str

    def act(self, act: str, **told: Any) -> Any:
        body = {"act": act, **told}
        return self.desk.client.post(f"{self.place}/rows", json=body, headers=HEADERS)

    def done(self, act: str, **told: Any) -> dict[str, Any]:
        answer = self.act(act, **told)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def upload(self, name: str, data: bytes) -> str:
        headers = HEADERS | {"X-Name": quote(name)}
        sent = self.desk.client.post(f"{self.place}/uploads", content=data, headers=headers)
        assert sent.status_code == 200, sent.text
        return str(sent.json()["reference"])

    def set(self, **values: Any) -> None:
        sent = self.desk.client.post(
            f"{self.place}/values", json={"values": values}, headers=HEADERS
        )
        assert sent.status_code == 200, sent.text

    def shows(self, *words: str, ended: Callable[[str], bool] = lambda _: True) -> str:
        """The page once all these words stand in it."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            page = self.desk.page(f"{self.place}/live")
            if all(one in page for one in words) and ended(page):
                return page
            time.sleep(0.05)
        raise AssertionError(f"{words} are not all in {page}")


@pytest.fixture
def page(visitor: Visitor, desk: Asked) -> Page:
    place = desk.client.get("/new/slideshow-batch", follow_redirects=False).headers["location"]
    return Page(desk, place)


def ids(page: str) -> list[str]:
    """The rows of a page, by id."""
    return [part.partition('"')[0] for part in page.split('data-row="')[1:]]


def test_pasted_links_are_rows_at_once_and_the_price_is_between_bounds_until_all_are_looked_at(
    page: Page, visitor: Visitor
) -> None:
    lines = [f"{post(n)}\thttps://shop.example/{n}.jpg\tMug {n}" for n in (1, 2, 3)]
    page.done("paste", text="\n".join(lines))
    page.set(model="gemini-3-pro-image")
    before = page.shows("3 posts still to be looked at", " to $", "3 ready")
    assert 'id="start" class="main"' in before
    assert 'id="start" class="main" disabled' not in before
    visitor.open.set()
    after = page.shows("@user3 · 4 slides", "18 items", ended=lambda now: "still to be" not in now)
    assert "Start for $" in after
    assert " to $" not in after.rpartition('id="start"')[2]
    thumb = page.desk.client.get(f"/posts/{snowflake(2)}/thumb")
    assert (thumb.status_code, thumb.content[:2]) == (200, b"\xff\xd8")


def test_a_post_is_asked_for_once_by_all_drafts_and_a_started_one_asks_no_more(
    page: Page, visitor: Visitor
) -> None:
    visitor.open.set()
    page.done("paste", text=f"{post(7)} and https://vm.tiktok.com/ZMdemo123/")
    shown = page.shows("The same post as in row 1")
    assert shown.count("No product photo") == 1  # of the row that is made, not of its repeat
    other = page.desk.client.get("/new/slideshow-batch", follow_redirects=False)
    Page(page.desk, other.headers["location"]).done("paste", text=post(7))
    Page(page.desk, other.headers["location"]).shows("@user7 · 4 slides")
    assert sorted(visitor.asked) == ["https://vm.tiktok.com/ZMdemo123/", post(7)]


def test_a_bad_link_is_named_in_its_row_and_mended_in_place(page: Page, visitor: Visitor) -> None:
    visitor.fails[post(2)] = SourceError("This post is a video.", kind="not_slideshow")
    visitor.fails[post(3)] = SourceError("TikTok refuses.", kind="blocked", retryable=True)
    visitor.open.set()
    page.set(description="A mug", photo="https://shop.example/mug.jpg")
    page.done(
        "paste", text="\n".join(["https://www.tiktok.com/@someone", post(2), post(3), post(4)])
    )
    shown = page.shows("This is the page of a person", "This post is a video.", "@user4")
    shown = page.shows(
        "TikTok refuses. The batch asks again.",
        "1 ready, 1 complete, not read yet (the batch asks again)",
    )
    first, second, third, _ = ids(shown)
    page.done("cell", id=first, cell="link", value=post(5), was="https://www.tiktok.com/@someone")
    page.done("remove", id=second)
    del visitor.fails[post(3)]
    page.done("look_again", id=third)
    page.shows("@user5 · 4 slides", "@user3 · 4 slides", "1 row removed", "3 ready")
    page.done("restore")
    shown = page.shows("3 ready, 1 incomplete", "18 items + 1 row that cannot be made")
    assert len(ids(shown)) == 4
    assert "Start 3, leave 1 out: free" in shown


def test_a_description_that_the_rules_forbid_is_named_in_its_row(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_BLOCKED_WORDS", "forbidden mug")
    pressrun.settings.settings.cache_clear()
    page.done("paste", text=f"{post(1)}\thttps://a.example/1.jpg\tA forbidden mug")
    page.shows("A description that is blocked by the rule", "No row is ready")


def test_two_tabs_work_on_different_rows_and_are_told_where_they_meet(page: Page) -> None:
    page.done("paste", text=f"{post(1)}\n{post(2)}")
    called = f"2 slideshows, from {post(1).removeprefix('https://www.')}"
    assert called in page.desk.page("/")  # among the drafts
    first, second = ids(page.shows("2 slideshows"))
    page.done("cell", id=first, cell="description", value="A mug", was="")
    page.done("cell", id=second, cell="description", value="A lamp", was="")
    late = page.act("cell", id=first, cell="description", value="A jug", was="")
    assert (late.status_code, "changed this to “A mug” meanwhile" in late.text) == (409, True)
    page.done("cell", id=first, cell="description", value="A jug")
    page.done("remove", id=second)
    gone = page.act("cell", id=second, cell="description", value="A lamp and more", was="A lamp")
    assert (gone.status_code, "was removed" in gone.text) == (400, True)
    assert "A jug" in page.shows("1 slideshow")


def test_dropped_photos_go_to_their_rows_and_are_corrected(page: Page) -> None:
    page.done("paste", text="\n".join(map(post, (1, 2, 3))))
    photos = [page.upload(name, picture(90, 90 + n)) for n, name in enumerate(("3.jpg", "01.jpg"))]
    bad = page.done("products", references=[*photos, f"upload:{'0' * 64}/x.jpg"], last=True)
    assert "uploaded" in bad["refused"][0]
    shown = page.shows("by the row&#39;s number in its name", "No product photo")
    _, second, third = ids(shown)
    page.done("row_photo", id=second, references=[photos[0]])
    page.done("cell", id=third, cell="photo", value="", was=None)
    page.done("photo_for_all", references=[photos[1]])
    page.set(description="A mug")
    page.shows("3 ready", "(for all)")
    thumb = page.desk.client.get(f"/uploads/{photos[0][7:71]}/thumb")
    assert (thumb.status_code, thumb.headers["content-type"]) == (200, "image/jpeg")


def test_photos_go_by_their_order_once_a_row_that_cannot_be_made_is_gone(page: Page) -> None:
    page.done("paste", text=f"{post(1)}\n{post(2)}\n{post(3)}\n{post(4)}")
    sent = [page.upload(f"IMG_20{n}.jpg", picture(90, 90 + n)) for n in (34, 35, 36)]
    page.done("products", references=sent[:2], last=True)
    shown = page.shows(
        "2 photos go with no row: nothing in their names says which.",
        "4 rows have no photo, so the",
    )
    page.done("cell", id=ids(shown)[3], cell="link", value="https://www.instagram.com/p/x/")
    page.done("products", references=sent[2:], last=True)
    shown = page.shows("by its place in the order")  # three photos, and three rows to be made
    assert shown.count("by its place in the order") == 3
    page.done("clear")
    page.done("paste", text=f"{post(1)}\n{post(2)}\n{post(3)}\n{post(4)}")
    shown = page.shows("3 photos go with no row")
    page.done("remove", id=ids(shown)[1])
    assert page.shows("by its place in the order").count("by its place in the order") == 3


def test_photos_of_one_product_go_together_and_are_added_moved_and_taken_out(page: Page) -> None:
    page.done("paste", text=f"{post(1)}\t\tMug: wide\n{post(2)}\t\tLamp: bright")
    names = ("mug-2.jpg", "a.jpg", "mug-1.jpg", "b.jpg", "c.jpg", "d.jpg")
    sent = {name: page.upload(name, picture(90, 90 + n)) for n, name in enumerate(names)}
    two, a, one, b, *others = sent.values()
    folders = {b: "photos/lamp"}
    said = page.done("products", references=[two, a, one, b], folders=folders, last=True)
    assert "row 1 has 2 (“mug-1.jpg”, “mug-2.jpg”: by the product in its name)" in said["words"]
    shown = page.shows("2 photos go with no row", "Move mug-2.jpg of row 1 forward")
    assert f'data-all="{one}; {two}"' in shown
    first, second = ids(shown)
    page.done("cell", id=first, cell="photo", value=f"{two}; {one}", was=f"{one}; {two}")
    late = page.act("cell", id=first, cell="photo", value=one, was=f"{one}; {two}")
    assert late.status_code == 409
    assert f'data-all="{two}; {one}"' in page.shows("Move mug-1.jpg of row 1 forward")
    page.done("main_photo", id=first, references=[a])
    page.done("row_photo", id=first, references=[*others, one])
    page.shows(f'data-all="{a}; {one}; {"; ".join(others)}"')
    over = [page.upload(f"{n}.jpg", picture(90, 190 + n)) for n in range(8)]
    refused = page.act("row_photo", id=first, references=over)
    assert (refused.status_code, "up to 9 of a product" in refused.text) == (400, True)
    page.done("cell", id=first, cell="photo", value=one)
    # What was matched by its order alone gives way to what a person drops, and that is said.
    page.done("forget_photo", references=[two, a, *others])
    assert "without a row" not in page.done("match")["words"]
    said = page.done("row_photo", id=second, references=[a])
    assert said["words"] == "“b.jpg” was matched by the order alone, and gave way."
    page.done("photo_for_all", references=[b, one])
    page.shows("Photos for all rows that have none", "b.jpg, mug-1.jpg", "2 ready")


def test_a_folder_a_product_is_several_photos_of_it_also_in_an_archive(page: Page) -> None:
    page.done("paste", text=f"{post(1)}\t\tMug: wide\n{post(2)}\t\tLamp: bright")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        for n, name in enumerate(("all/lamp/1.jpg", "all/lamp/2.jpg", "all/mug/1.jpg")):
            into.writestr(name, picture(90, 160 + n))
    page.done("products", references=[page.upload("p.zip", archive.getvalue())], last=True)
    page.shows("2 ready", "Photos of the product of row 2", "Move 2.jpg of row 2 forward")


def test_a_zip_of_photos_and_a_table_are_taken_as_the_readers_know_them(page: Page) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        for name in ("b.jpg", "a.jpg", "read me.txt"):
            into.writestr(name, picture(90, 160, "red" if name[0] == "a" else "blue"))
    table = f"link,photo,description\n{post(1)},b.jpg,A mug\n{post(2)},,A lamp\n".encode()
    sent = [page.upload("rows.csv", table), page.upload("photos.zip", archive.getvalue())]
    said = page.done("products", references=sent, last=True)
    assert "rows.csv: 2 rows" in said["words"]
    assert "read me.txt" in said["refused"][0]
    page.shows("2 ready", "by the file name in the row", "A lamp")
    wrong = page.upload("wrong.csv", b"name,price\nMug,5\nLamp,6\n")
    refused = page.done("products", references=[wrong], last=True)["refused"]
    assert "no column with links" in refused[0]
    notes = page.upload("notes.txt", b"Ask Lena for the photos\n")
    (said,) = page.done("products", references=[notes], last=True)["refused"]
    assert said.startswith("“notes.txt” is a text without a link.")
    page.shows("2 ready", "2 slideshows")


def test_a_table_that_names_a_photo_goes_before_what_was_only_supposed(page: Page) -> None:
    page.done("paste", text=f"{post(1)}\n{post(2)}\n{post(3)}")
    names = ("c.jpg", "mug.jpg", "lamp.jpg")
    sent = {name: page.upload(name, picture(90, 90 + n)) for n, name in enumerate(names)}
    page.done("products", references=[*sent.values()], last=True)
    shown = page.shows("by its place in the order")
    third = ids(shown)[2]
    page.done("row_photo", id=third, references=[sent["lamp.jpg"]])  # chosen, so it stays
    table = f"link,photo,description\n{post(1)},mug.jpg,Mug\n{post(2)},new.jpg,New\n"
    table += f"{post(3)},c.jpg,Lamp\n"
    rows = page.upload("rows.csv", table.encode())
    said = page.done("products", references=[rows], last=True)["words"]
    assert "Row 3 keeps the photo chosen for it; “c.jpg” is not taken." in said
    shown = page.shows("by the file name in the row", "No photo called “new.jpg” was dropped")
    assert re.findall(r'/([^/"]+)" selected>', shown) == ["mug.jpg", "lamp.jpg"]
    assert "1 photo goes with no row" in shown


def test_a_photo_that_another_row_names_gives_way_and_that_is_said(page: Page) -> None:
    page.done("paste", text=f"{post(1)}\n{post(2)}")
    sent = [page.upload(name, picture(90, 90 + n)) for n, name in enumerate(("b.jpg", "a.jpg"))]
    page.done("products", references=sent, last=True)
    page.shows("by its place in the order")
    rows = page.upload("rows.csv", f"link,photo\n{post(2)},b.jpg\n".encode())
    said = page.done("products", references=[rows], last=True)["words"]
    assert "Row 2 names “b.jpg”, which was only supposed to be row 1's." in said
    shown = page.shows("by the file name in the row")
    assert re.findall(r'/([^/"]+)" selected>', shown) == ["a.jpg", "b.jpg"]


def test_two_photos_of_a_product_go_to_no_strangers_row(page: Page) -> None:
    page.done("paste", text="\n".join(map(post, (1, 2, 3))))
    names = ("mug-1.jpg", "mug-2.jpg", "lamp.jpg")
    sent = [page.upload(name, picture(90, 90 + n)) for n, name in enumerate(names)]
    page.done("products", references=sent, last=True)
    page.shows("3 photos go with no row", "are taken for one product", "3 rows have no photo, so")
    page.done("photo_for_all", references=sent[2:])
    shown = page.shows("2 photos go with no row", "Photo for all rows that have none")
    assert "have no photo" not in shown


def test_photos_go_in_the_order_of_the_drop_and_within_a_zip_by_their_numbers(page: Page) -> None:
    page.done("paste", text="\n".join(map(post, (1, 2, 3, 4))))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        for name in ("shots/x10.jpg", "shots/x9.jpg"):
            into.writestr(name, picture(90, 150 + len(name)))
    dropped = (
        ("z.jpg", picture(90, 161)),
        ("pair.zip", archive.getvalue()),
        ("a.jpg", picture(90, 163)),
    )
    sent = [page.upload(name, data) for name, data in dropped]
    page.done("products", references=sent, last=True)
    shown = page.shows("by its place in the order")
    chosen = re.findall(r'/([^/"]+)" selected>', shown)
    assert chosen == ["z.jpg", "x9.jpg", "x10.jpg", "a.jpg"]
    page.done("column", text="A vase\nA cup\nA tray\nA bowl")
    assert re.findall(r">(A \w+)</textarea>", page.shows("4 ready")) == [
        *("A vase", "A cup", "A tray", "A bowl"),
    ]


def test_own_slides_are_rows_like_the_others(page: Page) -> None:
    page.set(description="A mug", photo="https://shop.example/mug.jpg", model="gemini-3-pro-image")
    names = ("slide_10.jpg", "slide_2.jpg")
    sent = [page.upload(name, picture(540, 960, "red")) for name in names]
    page.done("slides", references=sent, value="Autumn")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        into.writestr("1.jpg", picture())
    page.done("slides", references=[page.upload("space.zip", archive.getvalue())])
    page.done("paste", text=post(1))
    shown = page.shows('value="Autumn"', ">2 slides", 'value="space"', ">1 slide", "3 ready")
    # Nothing moves that stands there: what is new stands below.
    assert shown.index("Autumn") < shown.index("space") < shown.index(post(1))
    refused = page.act("slides", references=[page.upload("a.csv", b"a,b\n1,2\n")])
    assert refused.status_code == 400
    first, second, _ = ids(shown)
    page.done("cell", id=first, cell="name", value="Autumn  mugs", was="Autumn")
    page.done("cell", id=second, cell="name", value="")
    shown = page.shows('value="Autumn mugs"', 'aria-label="Name of slideshow 2"')
    assert 'value="space"' not in shown
    loose = [page.upload("loose.jpg", picture(540, 960, "blue"))]
    page.done("slides", references=loose)
    assert 'value="loose"' not in page.shows("4 ready")  # a file of it is no name for all


def test_own_slides_have_the_caption_beside_them_and_other_files_are_left_out_and_said(
    page: Page,
) -> None:
    page.set(description="A mug", photo="https://shop.example/mug.jpg")
    sent = [page.upload(f"slide {n}.jpg", picture(540, 950 + n)) for n in (10, 2)]
    sent.append(page.upload("Caption.txt", "Good morning ☕".encode()))
    sent.append(page.upload("notes.csv", b"a,b\n1,2\n"))
    said = page.done("slides", references=sent, value="Morning: coffee")
    assert said["refused"] == ["Left out of “Morning: coffee”: “notes.csv”."]
    page.shows('value="Morning: coffee"', ">2 slides", "1 ready")
    drafts = Drafts(pressrun.settings.settings().data / "desk" / "drafts")
    (row,) = drafts.read(page.place.rpartition("/")[2]).values["rows"]
    assert row["own"]["caption"] == "Good morning ☕"
    assert [size[1] for size in row["own"]["sizes"]] == [952, 960]
    assert row["slides"].endswith(".zip")
    refused = page.act("slides", references=sent[3:])
    assert (refused.status_code, refused.text.startswith("“notes.csv”: no slides.")) == (400, True)


def test_an_archive_of_several_folders_is_a_slideshow_a_folder(page: Page) -> None:
    page.set(description="A mug", photo="https://shop.example/mug.jpg")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        for folder, slides in (("all/tips 10", 3), ("all/tips 2", 2), ("all/one", 1)):
            for number in range(slides):
                into.writestr(f"{folder}/{number}.jpg", picture(540, 950 + number))
        into.writestr("all/tips 2/caption.txt", "Save more")
        into.writestr("all/tips 2/notes.md", "by Ana")
        into.writestr("all/broken/1.jpg", picture()[:300])
        into.writestr("logo.png", picture(90, 90))
        into.writestr("all/1.jpg", picture(90, 91))
        into.writestr("all/caption.txt", "Of which?")
        into.writestr("all/Thumbs.db", b"x")
        into.writestr("__MACOSX/all/tips 2/._0.jpg", b"x")
    said = page.done("slides", references=[page.upload("week.zip", archive.getvalue())])
    assert said["refused"][:3] == [
        f"Left out, since it is in no folder of slides: “{name}”."
        for name in ("all/1.jpg", "all/caption.txt", "logo.png")
    ]
    assert said["refused"][3].startswith("The slides in “broken.zip” cannot be used:")
    assert said["refused"][4:] == ["Left out of “tips 2”: “notes.md”."]
    page.shows("3 ready", ">1 slide", ">2 slides", ">3 slides")
    drafts = Drafts(pressrun.settings.settings().data / "desk" / "drafts")
    rows = drafts.read(page.place.rpartition("/")[2]).values["rows"]
    assert [row["name"] for row in rows] == ["one", "tips 2", "tips 10"]
    assert [row["own"]["caption"] for row in rows] == ["", "Save more", ""]


def test_an_archive_whose_folders_are_all_refused_becomes_no_row(page: Page) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        for place in ("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"):
            into.writestr(place, picture()[:300])
    refused = page.act("slides", references=[page.upload("week.zip", archive.getvalue())])
    assert refused.status_code == 400
    assert "The slides in “a.zip” cannot be used" in refused.text
    assert "The slides in “b.zip” cannot be used" in refused.text


def test_too_many_links_are_said_and_nothing_is_lost(page: Page) -> None:
    text = "\n".join(f"{post(n)}\thttps://shop.example/a.jpg\tA mug" for n in range(1, 102))
    page.done("paste", text=text)
    shown = page.shows("Only 100 links fit into one batch", "100 ready, 1 incomplete")
    assert post(101) in shown
    assert "These are 101 links, and one batch takes 100" in shown
    refused = page.act("paste", text="\n".join(map(post, range(1, 400))))
    assert (refused.status_code, "500 rows" in refused.text) == (400, True)
    assert len(ids(page.shows("100 ready"))) == 101


def test_what_is_wrong_with_many_rows_is_said_once_with_their_numbers(page: Page) -> None:
    foreign = [f"https://www.instagram.com/p/C{n}/" for n in range(100)]
    page.done("paste", text="\n".join([*foreign[:40], post(1), *foreign[40:]]))
    why = "This link does not lead to TikTok."
    advice = "Paste the link of a TikTok slideshow."
    shown = page.shows(f"100 rows (1 to 40 and 42 to 101): {why} {advice}")
    assert shown.count(advice) == 1
    assert shown.count(f">{why}<") == 100


def test_a_column_fills_descriptions_and_says_where_counts_differ() -> None:
    rows = [DraftRow("a", "x"), DraftRow("b", "y"), DraftRow("c", "z", description="Mine")]
    filled, said = with_column(rows, 'A mug\n"A ""big""\nlamp"\n')
    assert [row.description for row in filled] == ["A mug", 'A "big" lamp', "Mine"]
    assert said == "2 descriptions for 3 rows: the last row keeps what it had."
    filled, said = with_column(rows, "One\nTwo\nThree", "b")
    assert [row.description for row in filled] == ["", "One", "Two"]
    assert "3 descriptions for 2 rows: the last one is left out." in said


def test_what_all_rows_lack_leads_to_its_field(page: Page) -> None:
    page.done("paste", text=f"{post(1)}\n{post(2)}")
    shown = page.shows("No row is ready yet: 2 rows without a product photo, 2 rows without a desc")
    assert '<a href="#f-description" data-to-field>Write one description for all</a>' in shown
    assert 'href="#for-all" data-to-field>Drop one photo for all' in shown
    page.set(description="A mug", photo="https://shop.example/mug.jpg")
    assert "data-to-field" not in page.shows("Start, free")


CELLS = ("", "A mug", 'A "big" mug', '"quoted"', "a, b; c", "=1+1", "# head", "- a", "“smart”")
MORE = ("https://shop.example/a.jpg", post(5), "mug.jpg", "null", '"', "line | pipe", '{"a":1}')


@pytest.mark.parametrize("link", [post(1), "https://vm.tiktok.com/ZGdhVtER2/", "garbage", ""])
@pytest.mark.parametrize(
    "photo",
    [
        "",
        f"upload:{'a' * 64}/m_ug-1.jpg",
        "mug.jpg",
        f"a b.jpg; upload:{'a' * 64}/c.jpg; https://x/y",
    ],
)
def test_a_run_reads_rows_as_they_stand_on_the_page(link: str, photo: str) -> None:
    rows = [DraftRow(str(n), link, photo, cell) for n, cell in enumerate((*CELLS, *MORE))]
    rows = [row for row in rows if not row.is_blank]
    text = given(rows)["links"]
    back = [(row.link, row.photo, row.description) for row in read_rows(text).rows]
    assert back == [(row.link, row.photo, row.description) for row in rows]
    assert [replaced(row) for row in rows_of({"links": text})] == [replaced(row) for row in rows]


def replaced(row: DraftRow) -> tuple[str, ...]:
    """What a row says, without its id."""
    return row.link, row.slides, row.photo, row.description, row.name


UPLOADS = f"upload:{'a' * 64}/1.jpg upload:{'b' * 64}/2.jpg"


@pytest.mark.parametrize("slides", [UPLOADS, "/a folder/x.zip", "https://a.example/1.jpg"])
@pytest.mark.parametrize("own", [1, 30])
def test_a_run_numbers_links_and_own_slides_as_the_page_does(slides: str, own: int) -> None:
    shows = [DraftRow(str(n), slides=f"{slides}{n}", description=f"Mug {n}") for n in range(own)]
    rows = [*shows, DraftRow("a", post(1), "mug.jpg", "A cup"), DraftRow("b", slides=slides)]
    told = given(rows)
    assert told["slides"] == slides
    assert [replaced(row) for row in rows_of(told)] == [replaced(row) for row in rows]


def test_a_name_goes_with_its_own_slides_into_the_run_and_back() -> None:
    rows = [DraftRow("a", slides=UPLOADS, name="Autumn"), DraftRow("b", slides="/a/b.zip")]
    told = given(rows)
    head, named = told["links"].splitlines()
    assert head.split("\t")[-1] == "slideshow name"
    assert named.split("\t")[-1] == "Autumn"
    assert told["slides"] == "/a/b.zip"
    assert [replaced(row) for row in rows_of(told)] == [replaced(row) for row in rows]
    earlier = {"id": "a", "slides": UPLOADS, "own": {"name": "Autumn", "sizes": [[9, 16]]}}
    assert rows_of({"rows": [earlier]})[0].name == "Autumn"


def test_a_photo_that_a_number_found_says_so_only_while_the_number_stands() -> None:
    rows = [DraftRow(str(n), post(n), by="number") for n in (1, 2, 3)]
    assert [row.by for row in without(rows, "2")] == ["number", MOVED]


def test_what_a_run_was_given_becomes_rows_again() -> None:
    links = f"{post(1)}\thttps://a.example/1.jpg\tMug\n{post(2)}\t\t\n"
    values = {"links": links, "slides": "/a/b\tmug.jpg\tLamp", "descriptions": "One\nTwo"}
    first, second, own = rows_of(values)
    assert replaced(first) == (post(1), "", "https://a.example/1.jpg", "Mug", "")
    assert second.description == "Two"
    assert (own.slides, own.photo, own.description) == ("/a/b", "mug.jpg", "Lamp")
    assert find_flow("slideshow-batch").parse_parameters(given([first, second, own]))


def test_its_flow_takes_all_that_a_run_is_given(tmp_path: Path) -> None:
    face = SlideshowFace(Posts(list, PostShelf(tmp_path)))
    new = NewBatches(open_ledger, None, Drafts(tmp_path), [face], None, None)  # type: ignore[arg-type]
    told = new.given(
        Drafts(tmp_path).new("slideshow-batch", {"rows": [{"id": "a", "link": post(1)}]})
    )
    assert told["links"] == f"link\tphoto\tdescription\n{post(1)}\t\t\n"
    assert set(told) <= set(signature(slideshow_batch.fn).parameters)


def test_the_benchmark_pastes_and_prices_in_short(page: Page) -> None:
    """Its figures are in docs/benchmarks.md; here only that it measures what is there."""
    page.desk.client.headers["Origin"] = ADDRESS
    page.desk.client.follow_redirects = False
    took, draft = benchmark.paste(page.desk.client)
    assert took < 30
    assert benchmark.price(page.desk.client, draft, benchmark.MODELS[0]) < 30


def test_nobody_who_is_signed_out_and_no_other_page_changes_rows(page: Page) -> None:
    body = {"act": "paste", "text": post(1)}
    foreign = {"Origin": "https://evil.example"}
    assert (
        page.desk.client.post(f"{page.place}/rows", json=body, headers=foreign).status_code == 403
    )
    for wrong in ({"act": "delete"}, {"act": "paste", "text": "x" * 3_000_000}, {"act": "cell"}):
        assert page.act(**wrong).status_code in (400, 422)
    for place in ("/posts/1/thumb", f"/uploads/{'0' * 64}/thumb", "/uploads/..%2f/thumb"):
        assert page.desk.client.get(place).status_code in (400, 404)
    page.desk.client.cookies.clear()
    away = page.desk.client.post(
        f"{page.place}/rows", json=body, headers=HEADERS, follow_redirects=False
    )
    assert away.status_code == 303
