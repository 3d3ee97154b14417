"""What was understood of drafts, worked out behind: the latest of each, and of few drafts only.

A draft of two thousand prompts takes megabytes, and every letter that is typed makes a version.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import Lock

from pressrun.desk.kept import Kept, TooSlow
from pressrun.desk.new.drafts import BatchDraft
from pressrun.desk.new.faces import SeenDraft

#: Seconds for which what was read and priced stands, if the draft does not change.
_FRESH_S = 600.0
_MOST_DRAFTS = 20


class SeenDrafts:
    """The drafts that somebody looks at. One instance serves many threads.

    Args:
        kept: Works out what is asked for; it gives up soon, and the page asks again.
    """

    def __init__(self, kept: Kept):
        self._kept, self._lock = kept, Lock()
        self._asked: OrderedDict[str, int] = OrderedDict()
        self._last: dict[str, tuple[int, SeenDraft]] = {}

    def get(self, draft: BatchDraft, read: Callable[[], SeenDraft]) -> SeenDraft | None:
        """Gives what is seen of a draft; None while that is worked out.

        Raises:
            PressrunError: What ``read`` raises.
        """
        self._ask(draft)
        key = (draft.id, draft.version)
        try:
            seen = self._kept.get(key, _FRESH_S, partial(self._read, draft, read))
        except TooSlow:
            # What was seen of the same draft a moment ago, if only what goes on behind is new.
            version, before = self._last.get(draft.id, (-1, None))
            return before if version == draft.version else None
        if seen.busy:
            self._kept.forget(key)
        with self._lock:
            if draft.id in self._asked:
                self._last[draft.id] = draft.version, seen
        return seen

    def last(self, draft_id: str) -> SeenDraft | None:
        """Gives what was seen of a draft last, of this version or an earlier one."""
        return self._last.get(draft_id, (-1, None))[1]

    def _read(self, draft: BatchDraft, read: Callable[[], SeenDraft]) -> SeenDraft:
        if self._asked.get(draft.id, draft.version) > draft.version:
            raise TooSlow("It has changed since.")  # whoever types makes many versions
        return read()

    def _ask(self, draft: BatchDraft) -> None:
        """Notes which version is asked for, and forgets the earlier ones and the oldest drafts."""
        with self._lock:
            before = self._asked.pop(draft.id, draft.version)
            self._asked[draft.id] = max(before, draft.version)
            gone = [(draft.id, before)] if before < draft.version else []
            while len(self._asked) > _MOST_DRAFTS:
                oldest, version = self._asked.popitem(last=False)
                self._last.pop(oldest, None)
                gone.append((oldest, version))
        for key in gone:
            self._kept.forget(key)
