"""A batch as its page shows it, read once for all."""

from pathlib import Path

from pressrun.batches.control import RunState
from pressrun.desk.batches.views import BatchViews
from pressrun.desk.kept import Kept
from pressrun.ledger import open_ledger
from tests.unit.desk.test_attacks import made


def test_a_batch_that_has_ended_waits_for_no_worker(home: Path) -> None:
    batch = made(home)
    states = [
        RunState("PENDING", "Pending", asks=False),
        RunState("COMPLETED", "Completed", asks=False),
    ]

    class Server:
        def state(self, run_id: str) -> RunState:
            assert run_id == batch.id
            return states.pop(0) if len(states) > 1 else states[0]

    kept = Kept("It is still read.")
    view = BatchViews(open_ledger, Server(), kept).batch(batch.id)  # type: ignore[arg-type]
    assert view.said.words == "Completed"
    kept.close()
