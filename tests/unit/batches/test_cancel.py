"""A run that is cancelled while its process still writes down its pause stays cancelled."""

from pathlib import Path
from typing import cast

import pytest

from pressrun.batches import control
from pressrun.batches.control import RunServer, RunState
from pressrun.ledger import open_ledger
from tests.support.batches import parameters, plan

PAUSED, CANCELLED = RunState("PAUSED", "Suspended"), RunState("CANCELLED", "Cancelled")


class LateRuns:
    """A server to which the process of a cancelled run says so late that it is paused."""

    def __init__(self, late: int):
        self._states = [PAUSED, *[CANCELLED] * late, PAUSED]
        self.cancelled = 0

    def state(self, run_id: str) -> RunState:
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]

    def cancel(self, run_id: str, message: str, *, at_once: bool) -> None:
        assert at_once
        self.cancelled += 1


@pytest.mark.parametrize("held", [True, False])
def test_what_a_dying_process_says_of_its_pause_is_taken_back(
    home: Path, monkeypatch: pytest.MonkeyPatch, *, held: bool
) -> None:
    batch, runs = plan(parameters(home)), LateRuns(late=2)
    monkeypatch.setattr(control, "is_held", lambda *_: held)
    monkeypatch.setattr(control, "_SETTLED_S", 0.0)
    assert control.cancel(cast("RunServer", runs), batch, lambda _: None, "a test")
    assert runs.cancelled == (2 if held else 1)  # without a process nobody says anything later
    assert open_ledger().batches.match(batch.id).status == "cancelled"
