"""What makes a batch go on by itself after its process died: two automations of the server.

They act on runs that carry the tag ``pressrun``, as all deployments here do. Both are proactive:
they act when something that should have come did not.
"""

from collections.abc import Sequence
from datetime import timedelta

from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

_RUN = ResourceSpecification.model_validate({"prefect.resource.id": "prefect.flow-run.*"})
_OURS = ResourceSpecification.model_validate(
    {"prefect.resource.id": "prefect.tag.pressrun", "prefect.resource.role": "tag"}
)
#: Three heartbeats at the 30 s of pyproject.toml.
SILENT_S = 90
_ENDED = ("Completed", "Failed", "Cancelled", "Crashed", "Suspended", "Paused", "AwaitingRetry")
#: Names of our own final states.
_NAMED = ("PartiallyFailed", "Quoted", "TooManyCrashes")
_GOES_ON = ("Pending", "Scheduled", "AwaitingRetry", "Running", "Cancelled", "Completed")


def automations() -> Sequence[AutomationCore]:
    """Both, as the server keeps them."""
    return _zombie(), _auto_resume()


def _zombie() -> AutomationCore:
    """A run whose heartbeat has stopped is dead, whatever its state says."""
    names = (f"prefect.flow-run.{name}" for name in (*_ENDED, *_NAMED))
    return AutomationCore(
        name="Pressrun: a silent run has crashed",
        description=f"No heartbeat for {SILENT_S} s: the process, or its machine, is gone.",
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match=_RUN,
            match_related=_OURS,
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *names},
            for_each={"prefect.resource.id"},
            threshold=1,
            within=timedelta(seconds=SILENT_S),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="Its heartbeat stopped.")],
    )


def _auto_resume() -> AutomationCore:
    """A crashed run is scheduled again, and pays only for what was in flight."""
    return AutomationCore(
        name="Pressrun: a crashed run goes on",
        description="The ledger knows what is paid; the run goes on where it was.",
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match=_RUN,
            match_related=_OURS,
            after={"prefect.flow-run.Crashed"},
            expect={f"prefect.flow-run.{name}" for name in _GOES_ON},
            for_each={"prefect.resource.id"},
            threshold=1,
            within=timedelta(seconds=15),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.SCHEDULED, name="AwaitingRetry", message="Goes on after a crash."
            )
        ],
    )
