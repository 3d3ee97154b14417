"""The list of batches: what has begun, what is in work, what has ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from pressrun.desk.batches.view import IN_WORK, BatchView
from pressrun.desk.batches.views import LIVE_S, BatchViews
from pressrun.desk.kept import Kept
from pressrun.desk.prefect_api import ServerAway
from pressrun.desk.server import Begun, PrefectServer
from pressrun.errors import InputError
from pressrun.kinds.registry import find_kind, kind_names
from pressrun.ledger import Ledger
from pressrun.ledger.listing import Listed, read_batches, read_known, read_owners, read_stamp
from pressrun.ledger.records import OVER

#: Batches in work that are shown.
_IN_WORK = 100
#: Seconds for which what was read is shown to everybody.
_BEGUN_S, _ENDED_S = 4.0, 600


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants to see of the list."""

    words: str = ""
    kind: str = ""
    owner: str = ""
    most: int = 50

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out by choice."""
        return not (self.words or self.kind or self.owner)


@dataclass(frozen=True, slots=True)
class ListView:
    """The list of batches.

    Attributes:
        begun: Runs whose batch is not planned yet.
        without: Runs that ended lately without a batch: refused, or only quoted.
        left_out: Whether some in work are left out.
        more: Whether older ones are left out.
    """

    begun: Sequence[Begun]
    without: Sequence[Begun]
    left_out: bool
    in_work: Sequence[BatchView]
    ended: Sequence[Listed]
    more: bool
    owners: Sequence[str] = field(default=())


class BatchList:
    """Reads the list; each thing once for all who ask at the same time.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        server: Prefect's.
        kept: Answers of the last seconds.
        views: Reads each batch in work.
    """

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        server: PrefectServer,
        kept: Kept,
        views: BatchViews,
    ):
        self._open_ledger, self._server, self._kept = open_ledger, server, kept
        self._views = views

    def read(self, choice: Choice) -> ListView:
        """Reads the list.

        Raises:
            LedgerError: The ledger does not answer.
        """
        live = self._kept.get(("live", choice), LIVE_S, partial(self._live, choice))
        stamp = self._kept.get("stamp", LIVE_S, self._stamp)
        # What has ended stays as it is until another one ends.
        ended = self._kept.get(("ended", choice, stamp), _ENDED_S, partial(self._ended, choice))
        owners = self._kept.get(("owners", stamp), _ENDED_S, self._owners)
        runs = self._kept.get("begun", _BEGUN_S, self._begun) if choice.is_all else []
        over = [run for run in runs if run.is_over]
        return ListView(
            [run for run in runs if run not in over],
            over,
            len(live) > _IN_WORK,
            [self._views.of_list(batch.id) for batch in live[:_IN_WORK]],
            ended[: choice.most],
            more=len(ended) > choice.most,
            owners=owners,
        )

    def _begun(self) -> list[Begun]:
        try:
            runs = self._server.begun({find_kind(kind).flow: kind for kind in kind_names()})
        except (ServerAway, InputError):
            return []  # the page says so anyway
        # One that ended well has a batch that was deleted since, or was only a quote.
        runs = [run for run in runs if run.type != "COMPLETED" or run.name == "Quoted"]
        known = read_known(self._open_ledger().database, [run.id for run in runs])
        return [run for run in runs if run.id not in known]

    def _live(self, choice: Choice) -> list[Listed]:
        return read_batches(
            self._open_ledger().database,
            owner=choice.owner,
            most=_IN_WORK + 1,
            statuses=IN_WORK,
            kind=choice.kind,
            words=choice.words,
        )

    def _ended(self, choice: Choice) -> list[Listed]:
        return read_batches(
            self._open_ledger().database,
            owner=choice.owner,
            most=choice.most + 1,
            statuses=OVER,
            kind=choice.kind,
            words=choice.words,
        )

    def _stamp(self) -> tuple[object, ...]:
        return read_stamp(self._open_ledger().database)

    def _owners(self) -> list[str]:
        return read_owners(self._open_ledger().database)
