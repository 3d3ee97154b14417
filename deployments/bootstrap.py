"""What a Prefect server needs before a batch can run: blocks, work pool, deployments.

``pressrun-up register`` with PREFECT_API_URL set; running it again changes nothing
that a user changed.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.schedules import SCHEDULE_TYPES
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.variables import Variable

from pressrun.batches.defaults import BLOCKS, VARIABLE, BatchDefaults
from pressrun.cli.setup import set_up
from pressrun.errors import PressrunError
from pressrun.kinds.registry import find_kind, kind_names

POOL = "pressrun"
_HERE = Path(__file__).parent


def bootstrap() -> None:
    """Makes what is missing; raises ``SystemExit`` with the reason if it cannot."""
    try:
        set_up()
    except PressrunError as error:
        raise SystemExit(str(error)) from error
    with get_client(sync_client=True) as client, suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    with _schedules_kept():
        _deploy()
    _fill_forms()
    for told in _earlier():
        print(told)


def _earlier() -> Iterator[str]:
    """Says which deployments have the name of earlier versions; people may have schedules there."""
    with get_client(sync_client=True) as client:
        for kind in map(find_kind, kind_names()):
            earlier = f"{kind.flow}/default"
            with suppress(ObjectNotFound):
                found = client.read_deployment_by_name(earlier)
                count = len(found.schedules)
                goes = "its schedule goes on" if count == 1 else f"its {count} schedules go on"
                yield (
                    f"{earlier} is of an earlier version: {kind.deployment} has taken its place. "
                    f"It still works{f' and {goes}' if count else ''}; when nothing of yours names "
                    f"it any more, `prefect deployment delete {earlier}`."
                )


@contextmanager
def _schedules_kept() -> Iterator[None]:
    """Keeps every deployment's schedules, which deploying would replace by those of the file."""
    with get_client(sync_client=True) as client:
        before = {deployment.id: deployment.schedules for deployment in client.read_deployments()}
        yield
        for deployment in client.read_deployments():
            kept = before.get(deployment.id)
            if kept is None or _said(kept) == _said(deployment.schedules):
                continue
            for schedule in deployment.schedules:
                client.delete_deployment_schedule(deployment.id, schedule.id)
            client.create_deployment_schedules(deployment.id, _said(kept))


def _fill_forms() -> None:
    """Lets the forms begin with the defaults that were set at the desk, in place of the file's."""
    defaults = BatchDefaults.read(Variable.get(VARIABLE))
    with get_client(sync_client=True) as client:
        ids = {}
        for name, slug in BLOCKS.items():
            if block := getattr(defaults, name):
                with suppress(ObjectNotFound):  # deleted since
                    ids[name] = str(client.read_block_document_by_name(block, slug).id)
        for name in kind_names():
            kind = find_kind(name)
            form = client.read_deployment_by_name(kind.deployment)
            filled = defaults.form(kind, BatchDefaults(), form.parameters, ids)
            if filled != form.parameters:
                client.update_deployment(form.id, DeploymentUpdate(parameters=filled))


def _said(schedules: Sequence[DeploymentSchedule]) -> list[tuple[SCHEDULE_TYPES, bool]]:
    return [(schedule.schedule, schedule.active) for schedule in schedules]


def _deploy() -> None:
    deployed = subprocess.run(
        [
            *(sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"),
            *("--prefect-file", str(_HERE / "prefect.yaml")),
        ],
        cwd=_HERE.parent,  # where flows and tasks lie
        capture_output=True,
        text=True,
        check=False,
    )
    if deployed.returncode:
        raise SystemExit(
            f"The deployments could not be registered:\n{deployed.stdout}{deployed.stderr}"
        )


if __name__ == "__main__":
    bootstrap()
