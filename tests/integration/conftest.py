"""One Prefect server for the whole session, started when the first flow needs it."""

import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import Artifact
from prefect.context import _temporary_global_settings_context, get_settings_context

from tests.servers.prefect_server import prefect_server as real_server
from tests.support.other_server import asked

#: Nothing here is scheduled, late or watched by automations: those tests have servers of their own.
_IDLE_SERVICES = (
    "CANCELLATION_CLEANUP", "CLEANUP_RECONCILER", "EVENT_PERSISTER", "FOREMAN", "LATE_RUNS",
    "REPOSSESSOR", "SCHEDULER", "TRIGGERS",
)  # fmt: skip


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    idle = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _IDLE_SERVICES}
    folder = tmp_path_factory.mktemp("prefect")
    # Not Prefect's own harness: that loads the whole server into this process. Nor as `make up`
    # has it, which writes task runs down a second later: tests read them at once.
    with (
        real_server(folder, settings=idle) as url,
        asked(url),
        _temporary_global_settings_context(get_settings_context()),
    ):
        yield


class Written(logging.Handler):
    """What a person would read in the logs, stack traces and all."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
        if record.levelno >= logging.ERROR:
            self.errors.append(self.lines[-1])

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def logs() -> Iterator[Written]:
    """Everything that is logged, also by Prefect's loggers, which do not tell pytest."""
    written = Written()
    names = ("", "prefect", "prefect.flow_runs", "prefect.task_runs")
    silent = [n for n in names if not n or not logging.getLogger(n).propagate]
    for name in silent:
        logging.getLogger(name).addHandler(written)
    for name in names:  # as in a fresh process: what a flow filters, it filters by itself
        logging.getLogger(name).filters.clear()
    yield written
    for name in silent:
        logging.getLogger(name).removeHandler(written)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task's own retries and condition, without the minutes between them."""
    from tasks import batch
    from tasks.generate import generate

    quick = generate.with_options(retry_delay_seconds=0.05, retry_jitter_factor=0)
    monkeypatch.setattr(batch, "generate", quick)


def artifacts_of(run_id: UUID) -> ArtifactFilter:
    """The artifacts of one flow run: the session's server has more than go into one answer."""
    return ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))


def artifacts_by_subject(run_id: UUID) -> dict[str, Artifact]:
    """A run's artifacts by what they are about: ``quote``, ``summary`` and so on."""
    with get_client(sync_client=True) as client:
        mine = client.read_artifacts(artifact_filter=artifacts_of(run_id))
    by_subject = {str(a.key).removeprefix("pressrun-").rsplit("-", 1)[0]: a for a in mine}
    assert len(by_subject) == len(mine)
    return by_subject
