"""Drafts of batches: what a person has typed so far, kept on the server at every change.

A draft is a file of its own in the desk's folder. Two tabs may change one: each value remembers
at which version it was changed, so that nothing is overwritten that a tab has not seen.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from pressrun.boundary.files import make_private, reason
from pressrun.errors import InputError, StoreError
from pressrun.kinds.parameters import with_present_names

#: A draft that nobody typed anything into, and one whose batch was started, are kept so long.
_EMPTY_S, _STARTED_S = 24 * 3600.0, 30 * 24 * 3600.0
_MOST_BYTES = 8 * 2**20
_ID = re.compile(r"[0-9a-f]{32}")


class ChangedElsewhere(InputError):
    """Another tab has changed the same values meanwhile.

    Attributes:
        names: Of the values.
        theirs: What stands there now, in words, where it is one value.
    """

    def __init__(self, names: list[str], theirs: str = ""):
        self.names = names
        now = f" to {theirs}" if theirs else ""
        super().__init__(f"Another tab or browser has changed this{now} meanwhile.")


@dataclass(frozen=True, slots=True)
class BatchDraft:
    """A batch that is not started yet.

    Attributes:
        flow: Of the kind of batch.
        version: Counts the changes.
        values: What was typed or chosen, by the parameter's name; what is left as it is by default
            is not there. A kind's page may keep more under names of its own.
        stamps: The version at which each value was last changed.
        run_id: The run that was started from it; empty if none was.
        usual: What held for new batches when it was made, in place of the kind's own defaults.
        by: Who made it, where a proxy knows the user.
        without_defaults: Whether that could not be read, so that nothing of it holds.
    """

    id: str
    flow: str
    created_at: float
    changed_at: float
    version: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    stamps: Mapping[str, int] = field(default_factory=dict)
    run_id: str = ""
    usual: Mapping[str, Any] = field(default_factory=dict)
    without_defaults: bool = False
    by: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """What holds: the values, and below them what was usual."""
        return {**self.usual, **self.values}


class Drafts:
    """The drafts in a folder.

    Args:
        folder: Made when the first draft is.
        clock: Gives Unix seconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time):
        self._folder, self._clock, self._lock = folder, clock, threading.Lock()

    def new(
        self,
        flow: str,
        values: Mapping[str, Any] | None = None,
        usual: Mapping[str, Any] | None = None,
        *,
        without_defaults: bool = False,
        by: str = "",
    ) -> BatchDraft:
        """Makes a draft, of these values or of none."""
        with self._lock:
            self._clean()
            now, given = self._clock(), dict(values or {})
            stamps = dict.fromkeys(given, 0)
            held = dict(usual or {})
            draft = BatchDraft(uuid4().hex, flow, now, now, 0, given, stamps, usual=held)
            return self._write(replace(draft, without_defaults=without_defaults, by=by))

    def read(self, draft_id: str) -> BatchDraft:
        """Reads a draft.

        Raises:
            InputError: There is none.
        """
        try:
            if not _ID.fullmatch(draft_id):
                raise FileNotFoundError
            kept = json.loads(self._place(draft_id).read_text("utf-8"))
            # A draft may be older than the names that its values have today.
            named = [name for name in ("values", "usual") if name in kept]
            present = {name: with_present_names(kept[name]) for name in named}
            return BatchDraft(**kept | present)
        except FileNotFoundError as error:
            raise InputError("There is no such draft. It may have been deleted.") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError("This draft's file is damaged and cannot be read.") from error

    def is_open(self, draft_id: str) -> bool:
        """Says whether there is a draft that was not started."""
        try:
            return not self.read(draft_id).run_id
        except InputError:
            return False

    def all(self) -> list[BatchDraft]:
        """Lists the drafts that hold something and are not started, the newest change first."""
        open_ = [draft for draft in self._all() if draft.values and not draft.run_id]
        return sorted(open_, key=lambda draft: -draft.changed_at)

    def named(self) -> Iterator[str]:
        """Gives every text that stands in a draft, started ones too: uploads are named there."""
        for draft in self._all():
            yield json.dumps(draft.values, ensure_ascii=False)

    def change(
        self, draft_id: str, values: Mapping[str, Any], seen: int | Mapping[str, int] | None = None
    ) -> BatchDraft:
        """Takes over values that a person changed.

        Args:
            draft_id: The draft's.
            values: By name; None takes one out.
            seen: The version that the person's page shows, of all or of each value; None changes
                it whatever there is.

        Raises:
            ChangedElsewhere: One of these values was changed after that version, to another.
            InputError: There is no such draft, it was started, or it is too large.
        """
        with self._lock:
            draft = self._open(draft_id)
            new = _differing(draft, values)
            shown = seen if isinstance(seen, Mapping) else dict.fromkeys(new, seen)
            lost = [name for name in new if _is_newer(draft.stamps.get(name, 0), shown.get(name))]
            if lost:
                raise ChangedElsewhere(lost)
            return self._changed(draft, new)

    def update(
        self, draft_id: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> BatchDraft:
        """Changes values by what stands there, which no other tab changes meanwhile.

        Args:
            draft_id: The draft's.
            change: Takes the values; gives those that it changes, None to take one out. It does
                not take long.

        Raises:
            InputError: As :meth:`change`, or what ``change`` raises.
        """
        with self._lock:
            draft = self._open(draft_id)
            return self._changed(draft, _differing(draft, change(draft.values)))

    def require_open(self, draft_id: str) -> BatchDraft:
        """Reads a draft that was not started.

        Raises:
            InputError: There is none, or it was started.
        """
        with self._lock:
            return self._open(draft_id)

    def started(self, draft: BatchDraft, run_id: str) -> None:
        """Notes the run that was started from a draft, also if it was deleted meanwhile."""
        with self._lock:
            now = self.read(draft.id) if self._place(draft.id).exists() else draft
            self._write(replace(now, run_id=run_id, changed_at=self._clock()))

    def of_run(self, run_id: str) -> BatchDraft | None:
        """Finds the draft from which a run was started."""
        return next((draft for draft in self._all() if draft.run_id == run_id), None)

    def delete(self, draft_id: str) -> None:
        """Deletes a draft; one that is not there any more is no error."""
        if _ID.fullmatch(draft_id):
            self._place(draft_id).unlink(missing_ok=True)

    def _all(self) -> Iterator[BatchDraft]:
        for file in self._folder.glob("*.json"):
            try:
                yield self.read(file.stem)
            except InputError:
                continue  # deleted meanwhile, or damaged: its own page says so

    def _open(self, draft_id: str) -> BatchDraft:
        draft = self.read(draft_id)
        if draft.run_id:
            raise InputError("This draft was started: what it says stands. Copy it to change it.")
        return draft

    def _changed(self, draft: BatchDraft, new: Mapping[str, Any]) -> BatchDraft:
        if not new:
            return draft
        version = draft.version + 1
        kept = {name: now for name, now in {**draft.values, **new}.items() if now is not None}
        stamps = {**draft.stamps, **dict.fromkeys(new, version)}
        at = self._clock()
        return self._write(
            replace(draft, version=version, changed_at=at, values=kept, stamps=stamps)
        )

    def _place(self, draft_id: str) -> Path:
        return self._folder / f"{draft_id}.json"

    def _write(self, draft: BatchDraft) -> BatchDraft:
        data = json.dumps(asdict(draft), ensure_ascii=False).encode("utf-8", "replace")
        if len(data) > _MOST_BYTES:
            raise InputError(
                f"That is too much for one draft ({len(data) / 2**20:.0f} MB; up to "
                f"{_MOST_BYTES // 2**20} MB are kept). Split it into several batches."
            )
        place, beside = self._place(draft.id), self._folder / f"{draft.id}.{uuid4().hex}.new"
        try:
            make_private(self._folder)
            beside.write_bytes(data)
            beside.replace(place)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise StoreError(
                f"The draft cannot be kept on the desk's disk ({reason(error)}). Free some space."
            ) from error
        return draft

    def _clean(self) -> None:
        now = self._clock()
        for draft in list(self._all()):
            most = _STARTED_S if draft.run_id else _EMPTY_S if not draft.values else None
            if most is not None and now - draft.changed_at > most:
                self.delete(draft.id)
        for left in self._folder.glob("*.new"):  # of a desk that died while it wrote
            if now - left.stat().st_mtime > _EMPTY_S:
                left.unlink(missing_ok=True)


def _is_newer(stamp: int, seen: int | None) -> bool:
    return seen is not None and stamp > seen


def _differing(draft: BatchDraft, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: now for name, now in values.items() if draft.values.get(name) != now}
