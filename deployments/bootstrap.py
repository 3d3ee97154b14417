"""What a Prefect server needs before a batch can run: blocks, work pool, deployments.

``python -m deployments.bootstrap`` with PREFECT_API_URL set; running it again changes nothing
that a user changed.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists

from pressrun.cli.setup import set_up
from pressrun.errors import PressrunError

POOL = "pressrun"
CHECKOUT = Path(__file__).parent.parent


def bootstrap() -> None:
    """Makes what is missing; raises ``SystemExit`` with the reason if it cannot."""
    try:
        set_up()
    except PressrunError as error:
        raise SystemExit(str(error)) from error
    with get_client(sync_client=True) as client, suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    deployed = subprocess.run(
        # As a module, so that the checkout is importable.
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=CHECKOUT,
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
