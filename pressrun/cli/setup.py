"""What a Prefect server needs before batches run: made where it is missing, else left alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Literal, cast
from uuid import UUID

from typer import Option

from pressrun.cli.options import Json
from pressrun.cli.output import print_json, print_line
from pressrun.cli.server import answering_server
from pressrun.errors import SettingError
from pressrun.settings import settings

#: Items of all batches together that the limit allows at first; the UI's Concurrency page edits it.
ITEMS_AT_ONCE = 500
#: The result store that every installation begins with.
LOCAL_FOLDER = "local-folder"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the server needs, and whether it was made or existed already."""

    what: str
    did: Literal["made", "kept"]


def setup(
    notify: Annotated[
        str,
        Option(
            metavar="SLUG/NAME",
            help="Notification block that is told of every run's end, such as slack-webhook/team.",
        ),
    ] = "",
    check: Annotated[
        bool,
        Option("--check", help="Make nothing; say what would lose results or cannot work."),
    ] = False,
    as_json: Json = False,
) -> int:
    """Make what Pressrun needs on the Prefect server.

    It also makes the ledger's tables. With --check all is only looked at, with this machine's
    settings, stores and accounts; where there are several machines, each should be checked: it
    leaves a note for the others.

    Exit code 1 with --check: something would lose results or cannot work.
    """
    if check:
        return _check(as_json=as_json)
    steps = set_up(notify)
    if as_json:
        print_json([asdict(step) for step in steps])
    else:
        for step in steps:
            print_line(f"{step.did}  {step.what}")
    return 0


def set_up(notify: str = "") -> Sequence[Step]:
    """Makes what is missing on the server of PREFECT_API_URL; what a user changed stays.

    Args:
        notify: Notification block that is notified when any run ends or waits; empty for none.

    Raises:
        SettingError: No server is named, it does not answer, or it has no such block.
        LedgerError: The ledger cannot be reached, or is of a newer version.
    """
    from prefect.settings import get_current_settings

    if not get_current_settings().api.url:
        raise SettingError(
            "PREFECT_API_URL is not set. Start the server with `make up`, then set it: "
            "export PREFECT_API_URL=http://127.0.0.1:4200/api"
        )
    with answering_server():
        steps = [*_register_blocks(), _make_local_folder(), _make_limit(), _make_tables()]
        return [*steps, *_make_automations(notify)]


def _check(*, as_json: bool) -> int:
    from pressrun.cli.installation import check_installation

    found = check_installation()
    wrong = any(finding.level == "error" for finding in found)
    if as_json:
        print_json({"ok": not wrong, "findings": [asdict(finding) for finding in found]})
    else:
        for finding in found:
            print_line(f"{finding.level}  {finding.says}")
        if not found:
            print_line("ok  Nothing was found that would lose results.")
    return 1 if wrong else 0


def _make_tables() -> Step:
    """Makes the ledger's tables, or brings them to this version, before any worker does."""
    from pressrun.ledger import open_ledger
    from pressrun.ledger.database.connection import look

    seen = look(settings().ledger)
    if seen and seen.current:
        return Step("tables of the ledger", "kept")
    open_ledger()
    return Step("tables of the ledger", "made")


def _register_blocks() -> Sequence[Step]:
    from prefect.client.orchestration import get_client

    from pressrun.blocks import ModelAccount, ResultStore
    from pressrun.blocks.notification import Mail

    with get_client(sync_client=True) as client:
        known = {kind.slug for kind in client.read_block_types()}
    steps = []
    for block in (ModelAccount, ResultStore, Mail):
        block.register_type_and_schema()
        slug = block.get_block_type_slug()
        steps.append(Step(f"block type {slug}", "kept" if slug in known else "made"))
    return steps


def _make_local_folder() -> Step:
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    from pressrun.blocks import ResultStore, target_of

    slug = ResultStore.get_block_type_slug()
    what = f"block {slug}/{LOCAL_FOLDER}"
    with get_client(sync_client=True) as client:
        try:
            client.read_block_document_by_name(LOCAL_FOLDER, slug, include_secrets=False)
        except ObjectNotFound:
            ResultStore(destination=target_of(None).address).save(LOCAL_FOLDER)
            return Step(what, "made")
    return Step(what, "kept")


def _make_limit() -> Step:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
    from prefect.exceptions import ObjectAlreadyExists

    from pressrun.batches.item_queue import LIMIT

    limit = GlobalConcurrencyLimitCreate(name=LIMIT, limit=ITEMS_AT_ONCE)
    what = f"global concurrency limit {LIMIT}"
    with get_client(sync_client=True) as client:
        try:
            client.create_global_concurrency_limit(limit)
        except ObjectAlreadyExists:
            return Step(what, "kept")
    return Step(what, "made")


def _make_automations(notify: str) -> Sequence[Step]:
    from prefect.client.orchestration import get_client

    from pressrun.cli.automations import automations, notification

    wanted = [*automations()]
    if notify:
        wanted.append(notification(notify, _notification_id(notify)))
    steps = []
    with get_client(sync_client=True) as client:
        for automation in wanted:
            there = client.read_automations_by_name(automation.name)
            if not there:
                client.create_automation(automation)
            what = f"automation {automation.name}"
            steps.append(Step(what, "kept" if there else "made"))
    return steps


def _notification_id(name: str) -> UUID:
    from pressrun.blocks.notification import notification_named

    return cast("UUID", notification_named(name)._block_document_id)
