"""Plans of drafts, kept by what they depend on: a changed model or title plans nothing anew."""

import hashlib
import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cachetools import LRUCache

from pressrun.boundary.uploads import is_upload
from pressrun.ledger.records import PlannedItem

_MOST = 16


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """What was planned.

    Attributes:
        said: The lines that the planner said.
        read: What was read for it, of a type that its page knows.
    """

    items: Sequence[PlannedItem]
    said: Sequence[str] = ()
    read: Any = None


class KeptPlans:
    """The plans of one kind of batch. One instance serves many threads.

    Args:
        names: Of the parameters that a plan depends on.
    """

    def __init__(self, names: Sequence[str]):
        self._names, self._lock = names, Lock()
        self._kept: MutableMapping[str, KeptPlan] = LRUCache(_MOST)

    def get(
        self, given: Mapping[str, Any], plan: Callable[[], tuple[KeptPlan, bool]], *more: object
    ) -> KeptPlan:
        """Gives the plan of these parameters.

        Args:
            given: The parameters.
            plan: Plans; says whether what it gives may be kept. May raise.
            *more: What the plan depends on besides.
        """
        said = [given.get(name) for name in self._names]
        key = hashlib.sha256(json.dumps([said, more]).encode("utf-8", "replace")).hexdigest()
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        found, may_stay = plan()
        # What lies under a path changes without a word; an upload is named by its content.
        file = str(given.get("file") or "")
        if may_stay and (not file or is_upload(file)):
            with self._lock:
                self._kept[key] = found
        return found
