"""Uploads in a batch's parameters, wherever a path or an address may stand."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pressrun.batches.planning import planner_of
from pressrun.batches.uploads import open_uploads
from pressrun.engines.account import Account
from pressrun.errors import InputError
from pressrun.kinds.registry import find_flow
from pressrun.ledger import open_ledger
from pressrun.ledger.records import PlannedItem
from pressrun.ledger.vault import Vault
from pressrun.settings import settings
from pressrun.stores import sources
from pressrun.stores.factory import folder_target
from pressrun.stores.sources import Sources
from tests.support.batches import parameters
from tests.support.uploads import packed, picture

RED, BLUE, GREEN = (picture(colour=one) for one in ((200, 0, 0), (0, 0, 200), (0, 200, 0)))


def uploaded(name: str, data: bytes) -> str:
    return open_uploads().put(name, io.BytesIO(data)).reference


def planned(flow: str, given: Mapping[str, Any], notes: list[str] | None = None) -> "Plan":
    kind = find_flow(flow)
    vault = Vault(settings().vault_folder / "b1")
    target = folder_target(settings().output)
    told = [] if notes is None else notes
    with planner_of(
        kind, kind.parse_parameters(given), target, Account, vault, lambda _: None, told.append
    ) as planner:
        return Plan(planner.plan(), vault)


class Plan:
    def __init__(self, items: list[PlannedItem], vault: Vault):
        self.items, self._vault = items, vault

    def photos(self) -> list[bytes]:
        return [self._vault.get(item.spec["product"]["sha256"]) for item in self.items]

    def slides(self) -> list[list[bytes]]:
        return [
            [self._vault.get(slide["sha256"]) for slide in item.spec["slides"]]
            for item in self.items
        ]

    def errors(self) -> list[str]:
        return [str(item.error) for item in self.items if item.error]


def test_a_photo_and_slides_are_uploads(home: Path) -> None:
    shows = "\n".join(
        [
            uploaded("anna.zip", packed({"2.jpg": BLUE, "1.jpg": RED})),
            f"{uploaded('b.jpg', GREEN)} {uploaded('a.jpg', RED)}",
            f"{uploaded('only.jpg', BLUE)}\t{uploaded('tee.jpg', GREEN)}\tA tee",
        ]
    )
    given = parameters(home) | {"slides": shows, "photo": uploaded("mug.jpg", RED)}
    plan = planned("slideshow-batch", given)
    assert plan.errors() == []
    assert plan.slides() == [[RED, BLUE], [GREEN, RED], [BLUE]]
    assert plan.photos() == [RED, RED, GREEN]
    assert [item.spec["user"] for item in plan.items] == ["anna", "b", "only"]
    assert list((home / "data" / "downloads").iterdir()) == []


def test_photos_are_a_zip_or_one_upload_after_another(home: Path) -> None:
    given = parameters(home, shows=3) | {"photo": ""}
    zipped = uploaded("photos.zip", packed({"3.jpg": RED, "1.jpg": BLUE, "sub/2.jpg": GREEN}))
    assert planned("slideshow-batch", given | {"photos": zipped}).photos() == [BLUE, GREEN, RED]
    listed = [("show_3.jpg", RED), ("show_1.jpg", BLUE), ("2_mug.jpg", GREEN)]
    photos = "\n".join(uploaded(name, data) for name, data in listed)
    assert planned("slideshow-batch", given | {"photos": photos}).photos() == [BLUE, GREEN, RED]


def test_a_zip_of_photos_that_lies_on_the_worker_is_read_too(home: Path) -> None:
    (home / "photos.zip").write_bytes(packed({"2.jpg": RED, "1.jpg": BLUE, "notes.txt": b"x"}))
    given = parameters(home, shows=2) | {"photo": "", "photos": str(home / "photos.zip")}
    assert planned("slideshow-batch", given).photos() == [BLUE, RED]


def test_how_photos_went_with_rows_is_told(home: Path) -> None:
    photos = packed({"1_a.jpg": RED, "1_b.jpg": BLUE, "show_2.jpg": GREEN, "x.jpg": RED})
    given = parameters(home, shows=2) | {"photo": "", "photos": uploaded("photos.zip", photos)}
    notes: list[str] = []
    plan = planned("slideshow-batch", given, notes)
    assert "“1_a.jpg” and “1_b.jpg” could be meant" in plan.errors()[0]
    assert any("photo without a row: “x.jpg”" in note for note in notes)


def test_a_manifest_is_an_upload_and_names_uploads(home: Path) -> None:
    gone = f"upload:{'a' * 64}/cup.jpg"
    rows = "".join(
        f"https://www.tiktok.com/@a/{n},{photo},A mug\n"
        for n, photo in enumerate([uploaded("mug, blue.jpg", BLUE), gone])
    )
    manifest = uploaded("rows.csv", f"link,photo,description\n{rows}".encode())
    plan = planned("slideshow-batch", parameters(home) | {"manifest": manifest})
    mug, cup = plan.errors()  # their links are bad; of the photos only one is
    assert "photo" not in mug
    assert "“cup.jpg” was uploaded and is no longer kept" in cup
    assert [item.error is None for item in plan.items] == [False, False, True]


@pytest.mark.parametrize(
    ("flow", "text"),
    [("image-batch", "- a red cat on a mat\n- a blue dog in a bog\n"), ("article-batch", "")],
)
def test_a_document_is_an_upload(
    home: Path, flow: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = text or "".join(f"How to grow beans, part {n}\n" for n in range(1, 11))
    plan = planned(flow, {"file": uploaded("list.txt", text.encode())})
    assert plan.errors() == []
    assert len(plan.items) == len(text.splitlines())


def test_what_is_no_longer_kept_fails_its_own_row_by_its_name(home: Path) -> None:
    gone = f"upload:{'a' * 64}/My%20mug.jpg"
    given = parameters(home, shows=2)
    first, second = given["slides"].splitlines()
    uploaded("other.jpg", RED)
    plan = planned("slideshow-batch", given | {"slides": f"{first}\t{gone}\n{second}"})
    (error,) = plan.errors()
    assert "“My mug.jpg” was uploaded and is no longer kept. Upload it again" in error
    assert "aaaa" not in error + plan.items[0].title
    with pytest.raises(InputError, match=r"“rows.csv” was uploaded and is no longer kept"):
        planned("slideshow-batch", given | {"manifest": f"upload:{'a' * 64}/rows.csv"})


def test_a_reference_that_was_cut_is_told(home: Path) -> None:
    given = parameters(home) | {"photo": "upload:abc/mug.jpg"}
    with pytest.raises(InputError, match="names no upload: that is upload:, 64 letters"):
        planned("slideshow-batch", given)


def test_uploads_that_are_too_large_together_refuse_the_batch(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pressrun.batches.uploads import kept

    given = parameters(home) | {"photo": uploaded("mug.jpg", RED)}
    monkeypatch.setattr(kept, "MOST_BATCH_BYTES", 100)
    with pytest.raises(InputError, match="The uploads of this batch have 0 MiB together"):
        planned("slideshow-batch", given)


def test_what_is_copied_counts_once_also_where_only_a_manifest_names_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = Sources(
        folder_target(home), open_ledger().remote_ids, home / "copies", open_uploads
    ).download
    mug, tee = uploaded("mug.jpg", RED), uploaded("tee.jpg", BLUE)
    monkeypatch.setattr(sources, "MOST_BATCH_BYTES", len(RED) + 10)
    assert Path(download(mug)).read_bytes() == RED
    assert download(f" {mug} ") == download(mug)
    assert Path(download(mug.replace("mug.jpg", "same.jpg"))).name == "same.jpg"
    with pytest.raises(InputError, match="The uploads of this batch have 0 MiB together"):
        download(tee)
