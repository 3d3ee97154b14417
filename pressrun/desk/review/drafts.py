"""Answers that are still being typed, kept at every change: a file for each question of a batch.

Two tabs may type into one. Each field remembers at which change it was typed, so that nothing is
overwritten which a tab has not seen. Knows neither batches nor pages.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressrun.boundary.files import make_private
from pressrun.errors import SettingError

#: A draft that nobody has changed for so long is removed.
_OLD_S = 60 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class TypedField:
    """A field as it was typed last.

    Attributes:
        at: The number of that change among all of the draft.
        tab: Which page typed it.
    """

    value: Any
    at: int
    tab: str


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """What was typed for one question.

    Attributes:
        changes: How many there were.
        plan: Digest of the plan that was shown.
    """

    changes: int = 0
    plan: str = ""
    fields: Mapping[str, TypedField] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the fields, by their names."""
        return {name: typed.value for name, typed in self.fields.items()}


@dataclass(frozen=True, slots=True)
class SavedChanges:
    """A draft after a change.

    Attributes:
        theirs: What other pages have typed since this one looked last.
        refused: Of that, fields which this page changed too: theirs stands.
    """

    draft: ReviewDraft
    theirs: Mapping[str, Any]
    refused: Mapping[str, Any]


class ReviewDrafts:
    """The drafts in a folder, which is made when the first of them is."""

    def __init__(self, folder: Path):
        self._folder, self._lock = folder, threading.Lock()

    def read(self, batch_id: str, number: int, plan: str) -> ReviewDraft:
        """Reads what was typed for a question, or for the one before if the plan is the same.

        Args:
            batch_id: The batch.
            number: Of its question.
            plan: Digest of the plan that it shows.
        """
        for one in (number, number - 1):
            draft = self._read(batch_id, one)
            if draft and draft.plan == plan:
                return draft
        return ReviewDraft(plan=plan)

    def save(
        self,
        batch_id: str,
        number: int,
        plan: str,
        changes: Mapping[str, Any],
        seen: int,
        tab: str,
    ) -> SavedChanges:
        """Keeps changed fields; a field that another tab has changed meanwhile stays as it is.

        Args:
            batch_id: The batch.
            number: Of its question.
            plan: Digest of the plan that was shown.
            changes: New values by field; the value of None empties a field.
            seen: How many changes the tab knows.
            tab: Which one it is.

        Raises:
            SettingError: The draft cannot be written.
        """
        with self._lock:
            draft = self.read(batch_id, number, plan)
            fields = dict(draft.fields)
            newer = {n: t for n, t in fields.items() if t.at > seen and t.tab != tab}
            refused = {
                name: newer[name].value
                for name, value in changes.items()
                if name in newer and newer[name].value != value
            }
            taken = {name: value for name, value in changes.items() if name not in refused}
            count = draft.changes + 1 if taken else draft.changes
            fields |= {name: TypedField(value, count, tab) for name, value in taken.items()}
            draft = ReviewDraft(count, plan, fields)
            if taken:
                self._write(batch_id, number, draft)
        return SavedChanges(draft, {name: typed.value for name, typed in newer.items()}, refused)

    def _read(self, batch_id: str, number: int) -> ReviewDraft | None:
        try:
            kept = json.loads(self._place(batch_id, number).read_text("utf-8"))
            fields = {name: TypedField(*typed) for name, typed in kept["fields"].items()}
            return ReviewDraft(kept["changes"], kept["plan"], fields)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingError(
                f"What was typed for this question cannot be read: {error}. Its file is "
                f"{self._place(batch_id, number)}."
            ) from error

    def _write(self, batch_id: str, number: int, draft: ReviewDraft) -> None:
        place = self._place(batch_id, number)
        fields = {name: [typed.value, typed.at, typed.tab] for name, typed in draft.fields.items()}
        content = {"changes": draft.changes, "plan": draft.plan, "fields": fields}
        try:
            if not place.exists():
                make_private(self._folder)
                self._clean()
            new = place.with_suffix(".new")
            new.write_text(json.dumps(content), "utf-8")
            os.replace(new, place)  # noqa: PTH105 - both are in one folder
        except OSError as error:
            raise SettingError(
                f"What you typed cannot be kept on the server ({error.strerror}); it stands on "
                "this page only. Free some space."
            ) from error

    def _clean(self) -> None:
        for place in self._folder.glob("*.json"):
            if place.stat().st_mtime < time.time() - _OLD_S:
                place.unlink(missing_ok=True)

    def _place(self, batch_id: str, number: int) -> Path:
        # Whatever the id is, it is no path.
        name = hashlib.sha256(batch_id.encode()).hexdigest()[:32]
        return self._folder / f"{name}-{number}.json"
