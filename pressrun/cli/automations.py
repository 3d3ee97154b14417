"""Automations of the server: two that let a batch go on after its process died, one that notifies.

They act on runs that carry the tag ``pressrun``, as all deployments here do. The two are
proactive: they act when something that should have come did not.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.utilities.urls import url_for

_RUN = ResourceSpecification.model_validate({"prefect.resource.id": "prefect.flow-run.*"})
_OURS = ResourceSpecification.model_validate(
    {"prefect.resource.id": "prefect.tag.pressrun", "prefect.resource.role": "tag"}
)
#: Three heartbeats at the 30 s of deployments/prefect.yaml.
SILENT_S = 90
_ENDED = ("Completed", "Failed", "Cancelled", "Crashed", "Suspended", "Paused", "AwaitingRetry")
#: Names of our own final states.
_NAMED = ("PartiallyFailed", "Quoted", "TooManyCrashes", "Rejected")
#: What people are notified of. Not AwaitingRetry: every retry passes through it.
_TOLD = (
    *("Completed", "PartiallyFailed", "Failed", "TooManyCrashes", "Crashed"),
    *("Cancelled", "Rejected", "Suspended", "Paused"),
)
#: What a chat reads as a mention, and markdown as a link, in the words of a state or a run.
_CALM = (
    "|replace('@', '\uff20')|replace('<', '\u2039')|replace('>', '\u203a')|replace('](', '] (')"
    "|replace('`', '')|replace('\\n', ' ')|truncate(500)"
)
_STATE = "{{ event.resource['prefect.state-name'] }}"
#: Name of the automation that schedules a crashed run again.
GOES_ON = "Pressrun: a crashed run goes on"
_UNDER_WAY = ("Pending", "Scheduled", "AwaitingRetry", "Running", "Cancelled", "Completed")


def automations() -> Sequence[AutomationCore]:
    """Makes the two automations that let a batch go on, as the server keeps them."""
    return _zombie(), _auto_resume()


def notification(name: str, block_document_id: UUID) -> AutomationCore:
    """Makes the automation that notifies of every run that ends or waits for somebody.

    Args:
        name: Of the notification block, with its slug.
        block_document_id: The block's id on the server.
    """
    return AutomationCore(
        name=f"Pressrun: {name} is told of ends",
        description="Tells of every run that ended or waits for somebody.",
        trigger=EventTrigger(
            posture=Posture.Reactive,
            match=_RUN,
            match_related=_OURS,
            expect={f"prefect.flow-run.{state}" for state in _TOLD},
            for_each={"prefect.resource.id"},
            threshold=1,
            within=timedelta(0),
        ),
        actions=[
            SendNotification(
                block_document_id=block_document_id,
                subject=f"Pressrun: {{{{ flow_run.name{_CALM} }}}}: {_STATE}",
                body=f"{{{{ flow.name }}}}: {{{{ flow_run.name{_CALM} }}}} is {_STATE}.\n"
                f"{{{{ event.resource['prefect.state-message']{_CALM} }}}}\n"
                f"{{{{ flow_run|ui_url or '{_ui()}' ~ flow_run.id }}}}",
            )
        ],
    )


def _ui() -> str:
    """Gives the start of the address of a run's page, for a server that does not know its own."""
    return (url_for("flow-run", obj_id="ID") or "").removesuffix("ID")


def _zombie() -> AutomationCore:
    """Makes the automation that marks a run as crashed whose heartbeat has stopped.

    Such a run is dead, whatever its state says.
    """
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
    """Makes the automation that schedules a crashed run again.

    The run then pays only for what was in flight.
    """
    return AutomationCore(
        name=GOES_ON,
        description="The ledger knows what is paid; the run goes on where it was.",
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match=_RUN,
            match_related=_OURS,
            after={"prefect.flow-run.Crashed"},
            expect={f"prefect.flow-run.{name}" for name in _UNDER_WAY},
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
