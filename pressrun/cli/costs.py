"""What a batch will cost, what batches did cost, and how their calls went."""

import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from pressrun.boundary.files import read_text
from pressrun.cli.options import By, Json, Owner
from pressrun.cli.output import print_json, print_note, print_notes
from pressrun.cli.server import answering_server
from pressrun.errors import InputError

if TYPE_CHECKING:
    from pressrun.engines.account import Account
    from pressrun.kinds.base import Kind
    from pressrun.ledger.records import PlannedItem
    from pressrun.stores.factory import Target

_MOST_BYTES = 64 * 2**20
_SPAN_S = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}

CountedBy = Annotated[By, Option(help="What is counted together.")]
Since = Annotated[str, Option(metavar="WHEN", help="Since 2026-11-01 (UTC), or 7d ago.")]


def quote(
    flow: Annotated[str, Argument(metavar="FLOW", help="Such as slideshow-batch or image-batch.")],
    params: Annotated[Path, Option(metavar="FILE", help="The flow's parameters as JSON.")],
    as_json: Json = False,
) -> int:
    """Say what a batch will cost and how long it will take.

    Plans as the flow does, but writes no batch and pays nothing.
    """
    from pressrun.kinds.registry import find_flow
    from pressrun.ledger import open_ledger
    from pressrun.reports.artifacts.quote import over_budget
    from pressrun.reports.quote import quote_items

    kind, given = find_flow(flow), _parameters(params)
    account, target = _account(given.pop("account", None)), _target(given.pop("store", None))
    parameters = kind.parse_parameters(given | {"action": "quote"})  # no model reads for it
    parameters = parameters.with_account(account)
    print_notes(account, kind.recipe.models(parameters.model_dump()))
    notes: list[str] = []
    planned = _plan(kind, parameters, target, account, notes.append)
    quoted = quote_items(
        open_ledger(),
        kind.name,
        [item for item in planned if not item.error],
        parameters.model_dump(),
        parameters.concurrency,
        account,
    )
    if as_json:
        print_json(asdict(quoted))
    else:
        from pressrun.reports.terminal import print_quote

        print_quote(quoted)
    short = over_budget(quoted, parameters.budget_usd or None, kind.items)
    for note in filter(None, [short, *notes]):
        print_note(note)
    return 0


def costs(
    by: CountedBy = "model",
    since: Since = "",
    owner: Owner = "",
    as_csv: Annotated[bool, Option("--csv", help="Print CSV.")] = False,
    as_json: Json = False,
) -> int:
    """Say what calls did cost."""
    from pressrun.engines.limits import NANO
    from pressrun.ledger import open_ledger
    from pressrun.ledger.costs import read_bills

    bills = read_bills(open_ledger().database, by, _moment(since), owner)
    if as_json:
        rows = [asdict(bill) | {"cost_usd": bill.cost_usd} for bill in bills]
        nusd = sum(bill.cost_nusd for bill in bills)
        print_json({"by": by, "cost_nusd": nusd, "cost_usd": nusd / NANO, "rows": rows})
    elif as_csv:
        from pressrun.reports.costs import write_bills

        write_bills(bills, by, sys.stdout)
    else:
        from pressrun.reports.terminal import print_bills

        print_bills(bills, by)
    return 0


def stats(
    by: CountedBy = "model", since: Since = "", owner: Owner = "", as_json: Json = False
) -> int:
    """Say how calls went: success, latency, failures."""
    from pressrun.ledger import open_ledger
    from pressrun.ledger.call_statistics import read_stats

    found = read_stats(open_ledger().database, by, _moment(since), owner=owner)
    if as_json:
        print_json({"by": by, "rows": [asdict(stat) for stat in found]})
    else:
        from pressrun.reports.terminal import print_stats

        print_stats(found, by)
    return 0


def _moment(text: str) -> float:
    """Parses ``2026-11-01`` (UTC), or ``7d``, ``12h``, ``90m``, ``2w`` ago, to Unix seconds."""
    if not text:
        return 0.0
    if ago := re.fullmatch(r"(\d{1,6})([mhdw])", text):
        return time.time() - int(ago[1]) * _SPAN_S[ago[2]]
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise InputError(
            f"{text[:40]!r} is no date. Write 2026-11-01 (UTC), or 7d, 12h, 90m for a time ago."
        ) from error


def _parameters(file: Path) -> dict[str, Any]:
    try:
        given = json.loads(read_text(file, _MOST_BYTES))
    except ValueError as error:
        raise InputError(f"{file} is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise InputError(f"{file} does not hold a JSON object with the flow's parameters.")
    return given


def _plan(
    kind: "Kind",
    parameters: Any,
    target: "Target",
    account: "Account",
    note: Callable[[str], None],
) -> "list[PlannedItem]":
    """Plans the items that the flow would make; removes what was fetched for them afterwards."""
    from pressrun.batches.planning import planner_of
    from pressrun.ledger.vault import Vault

    with TemporaryDirectory(prefix="pressrun-") as folder:
        vault = Vault(Path(folder))
        with planner_of(
            kind, parameters, target, lambda: account, vault, print_note, note
        ) as planner:
            return planner.plan()


def _account(name: object) -> "Account":
    """Finds the account, which needs no key: only its limits matter here."""
    if not name:
        from pressrun.engines.account import account_from_environment

        return account_from_environment()
    with answering_server():
        from pressrun.blocks import account_named

        return account_named(_block(name, "model-account"))


def _target(name: object) -> "Target":
    """Finds the target whose credentials reach sources in S3 or Drive; delivers nothing."""
    if not name:
        from pressrun.settings import settings
        from pressrun.stores.factory import folder_target

        return folder_target(settings().output)
    with answering_server():
        from pressrun.blocks import target_named

        return target_named(_block(name, "result-store"), "")


def _block(name: object, kind: str) -> str:
    if not isinstance(name, str):
        raise InputError(f"Give the {kind} block in the parameters by its name.")
    return name.removeprefix(f"{kind}/")
