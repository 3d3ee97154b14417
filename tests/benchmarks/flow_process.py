"""A process that works on one run of the slideshow flow, as a worker's does, when it is told to.

It takes the flow's parameters as a line of JSON, answers with a line when all is imported and the
run is made, and begins with the next one: several such processes begin together.
"""

import json
import sys


def main() -> None:
    """Runs the batch."""
    # What every run does before its first call: here before the start.
    from google import genai  # noqa: F401
    from prefect.client.orchestration import get_client
    from prefect.flow_engine import run_flow

    from flows.slideshow_batch import slideshow_batch
    from pressrun.boundary.telemetry import traces
    from pressrun.ledger import open_ledger

    traces.provider()
    open_ledger()
    parameters = json.loads(sys.stdin.readline())
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(slideshow_batch, parameters=parameters)
    print("ready", flush=True)
    sys.stdin.readline()
    run_flow(slideshow_batch, flow_run=run, parameters=parameters, return_type="state")


if __name__ == "__main__":
    main()
