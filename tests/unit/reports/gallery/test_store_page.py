"""``index.html`` at a store's root: all batches of the destination, and nobody else's page."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import InputError, StoreError
from pressrun.ledger import Ledger
from pressrun.ledger.deliveries import DeliveredFile
from pressrun.ledger.records import Batch, PlannedItem
from pressrun.reports.gallery.store_page import MOST, read_entries, store_index, write_store_index
from pressrun.settings import settings
from pressrun.stores.base import Parcel, unthrottled
from pressrun.stores.folder import FolderStore
from tests.support.batches import folder_of, parameters, plan, work
from tests.unit.reports.gallery.test_gallery import EVIL, Page

pytestmark = pytest.mark.usefixtures("home")


@dataclass
class Listing:
    """A destination with its ledger."""

    ledger: Ledger
    store: FolderStore
    ended: list[str] = field(default_factory=list)

    @property
    def page(self) -> Path:
        return self.store.folder / "index.html"

    def end(self, name: str, status: str = "completed", **changes: Any) -> None:
        """Ends a batch as ``finish`` does: its gallery stands, its status is in the ledger."""
        batch = Batch(name, "image", name, self.store.destination, f"{name}-1", {}, status=status)
        batch = replace(batch, created_at=1_767_225_600.0 + 60 * len(self.ended), **changes)
        failed = InputError("No.", kind="blocked")
        self.ledger.batches.create(batch, [PlannedItem("a", 0, "a", {}, failed)])
        report = DeliveredFile(
            "gallery.html", "", "text/html", 1, "0" * 64, "verified", "file:///x"
        )
        self.ledger.deliveries.note_report(name, report)
        self.ended.append(name)

    def write(self, store: FolderStore | None = None) -> None:
        write_store_index(self.ledger, self.store.destination, store or self.store)

    def titles(self) -> list[str]:
        return [row.split()[0].removesuffix("-1") for row in self.rows()]

    def rows(self) -> list[str]:
        body = self.page.read_text("utf-8").partition("<tbody>")[2].partition("</tbody>")[0]
        return [" ".join(Page(row.encode()).text.split()) for row in body.split("</tr>")[:-1]]


@pytest.fixture
def listing(tmp_path: Path) -> Listing:
    return Listing(
        Ledger(f"sqlite:///{tmp_path / 'ledger.db'}"), FolderStore(tmp_path / "delivered")
    )


def test_it_lists_the_batches_of_its_destination_newest_first(listing: Listing) -> None:
    listing.end("one")
    listing.end("elsewhere", destination="/mnt/other")
    listing.end("two", status="failed")
    listing.end("slashed", destination=f"{listing.store.destination}/")
    listing.write()
    assert listing.rows() == [
        "slashed-1 image completed 0 of 1, 1 failed $0.00 2026-01-01 00:03 UTC",
        "two-1 image failed 0 of 1, 1 failed $0.00 2026-01-01 00:02 UTC",
        "one-1 image completed 0 of 1, 1 failed $0.00 2026-01-01 00:00 UTC",
    ]


def test_it_links_galleries_beside_it_and_none_that_is_not_there(listing: Listing) -> None:
    listing.end("one", root="bulk/ana/Cards #1")
    listing.end("two", status="running")
    listing.ledger.deliveries.drop("two", "gallery.html")
    listing.write()
    links = [a["href"] for a in Page(listing.page.read_bytes()).all("a")]
    assert links == ["bulk/ana/Cards%20%231/gallery.html"]


def test_figures_of_a_batch_in_work_are_not_told(listing: Listing) -> None:
    listing.end("one", status="running")
    listing.write()
    assert listing.rows() == ["one-1 image running 1 planned \N{EN DASH} 2026-01-01 00:00 UTC"]


def test_a_signed_link_is_signed_anew_and_another_stays(listing: Listing) -> None:
    for name, url in (("signed", "https://b.example/g?sig=old"), ("drive", "https://d.example/g")):
        listing.end(name)
        report = DeliveredFile("gallery.html", "", "text/html", 1, "0" * 64, "verified", url)
        listing.ledger.deliveries.note_report(name, report)

    class Signing(FolderStore):
        def link(self, path: str) -> str:
            return f"https://b.example/{path}?sig=new"

    entries = read_entries(listing.ledger, listing.store.destination)
    made = Page(store_index(entries, Signing(listing.store.folder)))
    links = [a["href"] for a in made.all("a")]
    assert links == ["https://d.example/g", "https://b.example/signed-1/gallery.html?sig=new"]


def test_titles_stay_words(listing: Listing) -> None:
    listing.end("one", title=EVIL, root="one")  # named by its title, since its folder is an id
    listing.write()
    made = Page(listing.page.read_bytes())
    assert len(made.all("script")) == 1
    assert not made.all("img")
    assert EVIL in made.text


def test_written_again_it_is_replaced(listing: Listing) -> None:
    listing.end("one")
    listing.write()
    first = listing.page.read_bytes()
    listing.write()
    assert listing.page.read_bytes() == first
    listing.end("two")
    listing.write()
    assert listing.titles() == ["two", "one"]
    assert [path.name for path in listing.store.folder.iterdir()] == ["index.html"]


def test_the_list_goes_with_the_last_batch(listing: Listing) -> None:
    listing.end("one")
    listing.write()
    listing.ledger.batches.remove("one")
    listing.write()
    assert list(listing.store.folder.iterdir()) == []


def test_somebody_elses_page_is_left_as_it_is(
    listing: Listing, caplog: pytest.LogCaptureFixture
) -> None:
    listing.store.folder.mkdir()
    listing.page.write_text("<h1>My own site</h1>")
    listing.end("one")
    listing.write()
    assert listing.page.read_text() == "<h1>My own site</h1>"
    assert "PRESSRUN_STORE_INDEX=false" in caplog.text


def test_a_setting_leaves_it_out(listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_STORE_INDEX", "false")
    settings.cache_clear()
    listing.end("one")
    listing.write()
    assert not listing.page.exists()


class Interrupted(FolderStore):
    """Lets something happen right before a file is put."""

    def __init__(self, folder: Path, happen: Callable[[], None]):
        super().__init__(folder)
        self._happen: Callable[[], None] | None = happen

    def put(
        self, parcel: Parcel, *, replace: bool = False, throttle: Callable[[], None] = unthrottled
    ) -> str:
        happen, self._happen = self._happen, None
        if happen:
            happen()
        return super().put(parcel, replace=replace, throttle=throttle)


@pytest.mark.parametrize("standing", [True, False], ids=["replaced", "first"])
def test_a_batch_that_ends_while_another_writes_is_not_lost(
    listing: Listing, standing: bool
) -> None:
    if standing:
        listing.end("zero")
        listing.write()
    listing.end("one")

    def another_ends() -> None:
        listing.end("two")
        listing.write()

    # The page made before "two" had ended lands after the one made by "two".
    listing.write(Interrupted(listing.store.folder, another_ends))
    assert listing.titles() == ["two", "one", "zero"][: 2 + standing]


def test_many_that_end_at_once_are_all_there(listing: Listing) -> None:
    for number in range(12):
        listing.end(f"b{number:02d}", status="running")

    def end(name: str) -> None:
        listing.ledger.batches.mark(name, status="completed")
        listing.write()

    threads = [threading.Thread(target=end, args=(name,)) for name in listing.ended]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = listing.rows()
    assert len(rows) == 12
    assert all("completed" in row for row in rows)


def test_a_store_that_refuses_it_is_a_warning(
    listing: Listing, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing(FolderStore):
        def put(self, *_: object, **__: object) -> str:
            raise StoreError("The disk is full.")

    listing.end("one")
    with caplog.at_level(logging.WARNING):
        listing.write(Refusing(listing.store.folder))
    assert "not up to date: The disk is full." in caplog.text


def test_of_more_than_it_holds_the_newest_are_listed(listing: Listing) -> None:
    listing.end("one")
    (entry,) = read_entries(listing.ledger, listing.store.destination)
    made = Page(store_index([entry] * (MOST + 1), listing.store))
    assert len(made.all("tr")) == 1 + MOST
    assert "Only the newest 1,000 batches stand here" in made.text


def test_a_batch_that_is_made_is_listed_with_its_figures_and_its_gallery(home: Path) -> None:
    batch = plan(parameters(home))
    assert work(batch).whole
    index = home / "output" / "index.html"
    made = Page(index.read_bytes())
    assert "1 of 1" in made.text
    (link,) = [str(a["href"]) for a in made.all("a")]
    assert (folder_of(batch) / "gallery.html").as_uri() == f"{index.parent.as_uri()}/{link}"
