"""What this machine itself knows: its packages, settings, ledger, clock and vault.

Changes nothing: a ledger that has no tables yet gets none.
"""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pressrun
from pressrun.cli.installation.flaw import Flaw
from pressrun.errors import LedgerError, PressrunError
from pressrun.settings import settings

#: Clocks that differ by more than this delay or hurry a quota that is reset at a given moment.
CLOCK_S = 5.0
_PACKAGES = ("flows", "tasks", "deployments")


def check_machine() -> Iterator[Flaw]:
    """Gives what is wrong with this machine."""
    yield from _packages()
    several, told = settings().several_machines, settings()
    if several and told.ledger.startswith("sqlite"):
        yield Flaw(
            "error",
            "ledger",
            "Several machines cannot share a ledger in a SQLite file, so each would pay for itself "
            "and pass the caps: set PRESSRUN_LEDGER_URL to one PostgreSQL database on all, or "
            "PRESSRUN_MACHINES=one.",
        )
    yield from _ledger()
    if several and not told.vault:
        yield Flaw(
            "warning",
            "vault",
            "Paid pictures that are not delivered yet are lost with their machine and paid again, "
            "within the caps: set PRESSRUN_VAULT to s3://bucket/prefix on all machines.",
        )
    elif told.vault and ledger_is_current():
        yield from _vault()
    if told.traces_url:
        yield from _traces(told.traces_url)


def _packages() -> Iterator[Flaw]:
    ours = Path(pressrun.__file__).parents[1]
    for name in _PACKAGES:
        spec = find_spec(name)
        places = list(spec.submodule_search_locations or ()) if spec else []
        if not places or Path(places[0]).parent != ours:
            where = f"is found in {places[0]}" if places else "is not installed"
            yield Flaw(
                "error",
                "packages",
                f"The package {name} of Pressrun {where}, not beside the package pressrun in "
                f"{ours}, so runs would start other code or none: install Pressrun in an "
                "environment of its own.",
            )


def _ledger() -> Iterator[Flaw]:
    from pressrun.ledger.database.connection import look

    try:
        seen = look(settings().ledger)
    except LedgerError as error:
        yield Flaw("error", "ledger", str(error))
        return
    if seen is None or seen.current:
        pass
    elif seen.revision is None:
        yield Flaw(
            "error",
            "ledger",
            "The ledger has no tables yet: run `pressrun setup` once before workers start.",
        )
    else:
        yield Flaw(
            "error",
            "ledger",
            f"The ledger's tables are older (revision {seen.revision}) than this Pressrun "
            f"({seen.newest}): stop the workers, back the ledger up, and run `pressrun setup`.",
        )
    if seen and abs(seen.clock_ahead_s) > CLOCK_S:
        yield clocks_apart("the ledger's server", seen.clock_ahead_s)


def ledger_is_current() -> bool:
    """Says whether the ledger can be opened without changing it."""
    from pressrun.ledger.database.connection import look

    try:
        seen = look(settings().ledger)
    except LedgerError:
        return False
    return seen is not None and seen.current


def clocks_apart(whose: str, ahead_s: float) -> Flaw:
    """Says that a clock differs from this machine's."""
    way = "ahead of" if ahead_s > 0 else "behind"
    return Flaw(
        "error",
        "clock",
        f"The clock of {whose} is {abs(ahead_s):.0f} s {way} this machine's, so quotas and "
        "schedules are kept at wrong moments: let both follow a time server (timedatectl "
        "set-ntp true).",
    )


def _traces(url: str) -> Iterator[Flaw]:
    """Sends no trace, as OTLP allows, and says what a run would only write into its log."""
    import httpx

    try:
        import pressrun.boundary.telemetry.otlp  # noqa: F401 - whether it can be
    except ImportError:
        yield Flaw(
            "warning",
            "traces",
            "PRESSRUN_TRACES_URL is set and what sends traces is not installed, so none are sent: "
            "pip install 'pressrun[tracing]', or remove the setting.",
        )
        return
    try:
        kind = {"Content-Type": "application/x-protobuf"}
        answer = httpx.post(url, headers=kind, timeout=CLOCK_S)
        refused = "" if answer.is_success else f"it answers {answer.status_code}"
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return  # runs say in their headers who they are (OTEL_EXPORTER_OTLP_HEADERS)
    except httpx.HTTPError as error:
        refused = f"nothing answers ({type(error).__name__})"
    if refused:
        yield Flaw(
            "warning",
            "traces",
            f"PRESSRUN_TRACES_URL ({url}) takes no traces, {refused}, so they are lost: give the "
            "whole address of a collector's OTLP over HTTP, which ends with /v1/traces.",
        )


def _vault() -> Iterator[Flaw]:
    from pressrun.batches.vaults import try_vault

    begun = time.monotonic()
    try:
        try_vault()
    except PressrunError as error:
        yield Flaw(
            "error",
            "vault",
            f"PRESSRUN_VAULT ({settings().vault}) does not take files: {error} It needs to be the "
            "same on all machines, with PRESSRUN_VAULT_ENDPOINT_URL and credentials that may "
            "write, read and delete there.",
        )
        return
    if (took := time.monotonic() - begun) > CLOCK_S:
        yield Flaw(
            "warning",
            "vault",
            f"PRESSRUN_VAULT took {took:.0f} s for one small file, and every paid picture waits "
            "for it: choose one nearer to the workers.",
        )
