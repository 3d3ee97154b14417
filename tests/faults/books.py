"""What a batch came to, by three accounts: the ledger's, the provider's and the destination's."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from pressrun.engines.limits import NANO
from pressrun.kinds.slideshow.photos import product_photos
from pressrun.kinds.slideshow.prompt import draft_request
from pressrun.ledger import Ledger
from pressrun.ledger.database.schema import calls
from pressrun.ledger.records import Batch, Item
from pressrun.pictures.picture import Picture
from pressrun.stores.factory import Target, open_store
from tests.faults.destinations import Standing
from tests.servers.gemini_books import Call

_REPORTS = ("gallery.html", "items.csv", "manifest.json")
#: How the provider knows a question: its words by their digest, and its seed.
_Asked = tuple[str, int]
_Slot = tuple[str, str]


@dataclass
class Tally:
    """What came of batches under kills.

    Attributes:
        repaid_finished: Calls billed although their question had been settled before, or for
            which no kill accounts.
        repaid_in_flight: Calls billed again that were in flight at a kill.
        ledger_usd: What settled calls cost by the ledger.
        provider_usd: What they cost by the provider's bill.
        in_flight_usd: What the repeats of ``repaid_in_flight`` cost besides.
        unfinished: Batches that did not come to their end, or whose ledger does not say so.
    """

    kills: int = 0
    batches: int = 0
    items: int = 0
    calls: int = 0
    repaid_finished: int = 0
    repaid_in_flight: int = 0
    lost_files: int = 0
    duplicate_files: int = 0
    wrong_files: int = 0
    unfinished: int = 0
    ledger_usd: float = 0.0
    provider_usd: float = 0.0
    in_flight_usd: float = 0.0
    recovery_s: float = 0.0
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was paid twice that was finished, and nothing lost or doubled."""
        wrong = self.repaid_finished + self.lost_files + self.duplicate_files + self.wrong_files
        return not (wrong or self.unfinished) and abs(self.ledger_usd - self.provider_usd) < 1e-6


def compare(
    ledger: Ledger,
    batch: Batch,
    target: Target,
    bill: Sequence[Call],
    standing: Iterable[Standing],
    tally: Tally,
) -> None:
    """Adds a batch that has ended.

    Args:
        ledger: Pressrun's account.
        batch: The batch.
        target: Where it was delivered.
        bill: The provider's account of this batch.
        standing: What the destination has below the batch's root.
        tally: Where it is added.
    """
    items = ledger.batches.items(batch.id)
    tally.batches += 1
    tally.items += len(items)
    if {item.status for item in items} != {"completed"}:
        tally.unfinished += 1
        return
    _compare_files(ledger, batch, items, standing, tally)
    _compare_money(ledger, batch, _slots(ledger, batch, items, target), bill, tally)


def _compare_files(
    ledger: Ledger, batch: Batch, items: list[Item], standing: Iterable[Standing], tally: Tally
) -> None:
    made = {file.path: file.sha256 for file in ledger.deliveries.all(batch.id)}
    planned = sum(len(item.spec["slides"]) + 1 for item in items) + len(_REPORTS)
    standing = list(standing)
    counts = Counter(path for path, _ in standing)
    tally.lost_files += len(made.keys() - counts.keys()) + max(0, planned - len(made))
    tally.duplicate_files += sum(n - (path in made) for path, n in counts.items())
    tally.wrong_files += sum(path in made and made[path] != digest for path, digest in standing)


def _compare_money(
    ledger: Ledger, batch: Batch, slots: dict[_Asked, _Slot], bill: Sequence[Call], tally: Tally
) -> None:
    rows: dict[_Slot, list[Any]] = defaultdict(list)
    with ledger.database.read() as connection:
        for row in connection.execute(select(calls).where(calls.c.batch_id == batch.id)):
            rows[row.item_key, row.slot].append(row)
    billed: dict[_Slot | None, list[Call]] = defaultdict(list)
    for call in bill:
        billed[slots.get((call.prompt_sha256, call.seed))].append(call)
    tally.calls += len(bill)
    tally.repaid_finished += len(billed.pop(None, ()))  # asked by nobody that was delivered
    for slot in slots.values():
        settled = [row for row in rows[slot] if row.status == "settled"]
        if len(settled) != 1 or not billed[slot]:
            tally.unfinished += 1
            continue
        lost = sum(row.status == "lost" for row in rows[slot])
        repeats = len(billed[slot]) - 1
        late = sum(call.at > settled[0].settled_at for call in billed[slot])
        finished = max(late, repeats - lost)
        tally.repaid_finished += finished
        tally.repaid_in_flight += repeats - finished
        tally.ledger_usd += settled[0].cost_nusd / NANO
        tally.provider_usd += billed[slot][-1].cost_usd
        tally.in_flight_usd += sum(call.cost_usd for call in billed[slot][:-1])


def _slots(ledger: Ledger, batch: Batch, items: list[Item], target: Target) -> dict[_Asked, _Slot]:
    """Which slot of which item asked what: from the plan, and from what was delivered."""
    store = open_store(target, ledger.remote_ids)
    slots: dict[_Asked, _Slot] = {}
    for item in items:
        unseen = Picture(b"", "image/jpeg", 1, 1)
        shown = [unseen] * len(item.spec["slides"])
        photos = [unseen] * len(product_photos(item.spec))
        draft = draft_request(item.spec, batch.parameters, shown, photos)
        slots[_digest("\n".join((*draft.labels, draft.prompt))), draft.seed] = item.key, "analysis"
        (place,) = (
            file.path
            for file in ledger.deliveries.all(batch.id, item.key)
            if file.path.endswith("analysis.json")
        )
        with store.open(f"{batch.root}/{place}") as stream:
            slides = json.loads(stream.read())["slides"]
        for number, slide in enumerate(slides):
            asked = _digest("\n".join((*slide["labels"], slide["prompt"])))
            slots[asked, slide["seed"]] = item.key, f"slide_{number}"
    if len(slots) != sum(len(item.spec["slides"]) + 1 for item in items):
        raise ValueError("Two slots ask the same: their calls cannot be told apart.")
    return slots


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
