"""The desk's address for Prometheus, open to whoever has its token and to nobody else."""

import hmac
from collections.abc import Callable

from fastapi import APIRouter, Request
from pydantic import SecretStr
from starlette.responses import PlainTextResponse, Response

from pressrun.desk.kept import Kept, TooSlow
from pressrun.errors import LedgerError
from pressrun.ledger import Ledger
from pressrun.ledger.metrics import LedgerFigures, LedgerMetrics
from pressrun.reports.metrics import write_metrics

#: Where Prometheus asks.
PATH = "/metrics"
#: Several that ask cost one reading in this time.
_FRESH_S = 5.0
_OFF = "There are no metrics here: set PRESSRUN_METRICS_TOKEN for the desk and start it again.\n"
_CLOSED = "Metrics need the token of PRESSRUN_METRICS_TOKEN: Authorization: Bearer …\n"


class _Reader:
    """Reads the figures of whatever ledger is open, while it stays the same."""

    def __init__(self, open_ledger: Callable[[], Ledger]):
        self._open_ledger = open_ledger
        self._metrics: tuple[Ledger, LedgerMetrics] | None = None

    def read(self) -> LedgerFigures:
        ledger = self._open_ledger()
        if not self._metrics or self._metrics[0] is not ledger:
            self._metrics = (ledger, LedgerMetrics(ledger.database))
        return self._metrics[1].read()


def metrics_routes(open_ledger: Callable[[], Ledger], token: SecretStr, kept: Kept) -> APIRouter:
    """Makes the address.

    Args:
        open_ledger: Gives the ledger, or raises a LedgerError.
        token: What a scraper has to say; empty for no metrics at all.
        kept: For what was read.
    """
    router, reader = APIRouter(), _Reader(open_ledger)
    expected = token.get_secret_value()

    @router.get(PATH)
    def _metrics(request: Request) -> Response:
        if not expected:
            return PlainTextResponse(_OFF, 404)
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        fits = hmac.compare_digest(said.strip().encode(), expected.encode())
        if scheme.lower() != "bearer" or not fits:
            return PlainTextResponse(_CLOSED, 401, {"WWW-Authenticate": "Bearer"})
        figures: LedgerFigures | None
        try:
            figures = kept.get(PATH, _FRESH_S, reader.read)
        except (LedgerError, TooSlow):
            figures = None
        text, content_type = write_metrics(figures, request.headers.get("accept", ""))
        return Response(text, headers={"Content-Type": content_type})

    return router
