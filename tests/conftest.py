"""What every test stands on: folders of its own, and no key of the machine's owner."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import trustme
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests import open_roots

# Before Prefect is imported anywhere: tests never touch a person's server or profile.
os.environ.update(
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    DO_NOT_TRACK="1",
)
_THEIRS = ("PRESSRUN_", "GEMINI_", "GOOGLE_", "OPENAI_", "AWS_")
for variable in [name for name in os.environ if name.startswith(_THEIRS)]:
    del os.environ[variable]
os.environ.pop("PREFECT_API_URL", None)
open_roots()
# What tests are made of stays: to search it for garbage takes a tenth of the time. Less rarely than
# a batch does (tasks/process.py), whose test compares.
gc.set_threshold(20_000, 10, 20)


def _leave_the_owners_data_alone() -> None:
    """Gives tests that need no data folder of their own an empty one, never the owner's."""
    folder = tempfile.mkdtemp(prefix="pressrun-tests-")
    os.environ["XDG_DATA_HOME"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


_leave_the_owners_data_alone()
# How long an example takes is the machine's matter.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


#: The authorities that the machine trusts, for what asks others than the local servers.
OF_THE_MACHINE = "SSL_CERT_FILE_OF_THE_MACHINE"


def _trust_one_authority() -> None:
    """Lets clients know one authority of no use in place of the 140 that most machines have.

    Each HTTP client reads them all, for 20 to 70 ms, and tests open thousands of clients. The
    processes that tests start inherit it, also where a machine has said which ones it trusts; who
    fetches packages finds that under another name.
    """
    os.environ.setdefault(OF_THE_MACHINE, os.environ.get("SSL_CERT_FILE", ""))
    handle, name = tempfile.mkstemp(suffix=".pem")
    os.close(handle)
    trustme.CA().cert_pem.write_to_path(name)
    os.environ["SSL_CERT_FILE"] = name
    atexit.register(Path(name).unlink, missing_ok=True)


_trust_one_authority()

#: Programs that some tests need, and the Debian packages that bring them.
_PROGRAMS = {
    "chromium": "chromium",
    "exiftool": "libimage-exiftool-perl",
    "PostgreSQL": "postgresql",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-programs",
        action="store_true",
        help="a test whose program (chromium, exiftool) is not installed fails in place of being "
        "skipped",
    )
    parser.addoption(
        "--keep-forms", action="store_true", help="keep the flows' forms as they are now"
    )
    parser.addoption(
        "--keep-requests", action="store_true", help="keep what models are asked as it is now"
    )
    parser.addoption(
        "--screenshots", metavar="FOLDER", help="where the first batch's pictures are kept (docs)"
    )


class _FileOrStack(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each process whole files; those that share one ``make up`` go together."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/e2e" if nodeid.startswith("tests/e2e/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _FileOrStack | None:
    return _FileOrStack(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None]:
    """Says at the very end what was not tried, and how it is."""
    yield
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for program, package in _PROGRAMS.items():
        if count := sum(_lacks(program) in reason for reason in skipped):
            terminalreporter.write_line(
                f"Not tried: {count} tests that need {program}. To try them: "
                f"apt-get install {package}, then make test again.",
                yellow=True,
            )


def _lacks(program: str) -> str:
    return f"{program} is not installed"


def _program(request: pytest.FixtureRequest, name: str) -> str:
    if found := shutil.which(name):
        return found
    reason = f"{_lacks(name)} (Debian's package {_PROGRAMS[name]})"
    if request.config.getoption("--all-programs"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> str:
    """Path of the browser; without one the test is skipped, or fails where all must run."""
    return _program(request, "chromium")


@pytest.fixture(scope="session")
def exiftool(request: pytest.FixtureRequest) -> str:
    """Path of exiftool, as :func:`chromium`."""
    return _program(request, "exiftool")


@pytest.fixture(autouse=True)
def quick_ledgers(monkeypatch: pytest.MonkeyPatch) -> None:
    """New ledgers of this process are copies, but for tests of the migrations."""
    from pressrun.ledger.database import migrations
    from tests.support.ledgers import copy_tables

    monkeypatch.setattr(migrations, "upgrade", copy_tables)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Data and output folders of this test alone; forgets the process's ledger before and after."""
    from pressrun.ledger import open_ledger
    from pressrun.settings import settings

    monkeypatch.setenv("PRESSRUN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PRESSRUN_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("PRESSRUN_TIKTOK_PAUSE_S", "0")
    # A day's quota opens again at some hour: nothing waits for it when tests run shortly before.
    monkeypatch.setenv("PRESSRUN_WAIT_FOR_QUOTA_S", "0")
    settings.cache_clear()
    open_ledger.cache_clear()
    yield tmp_path
    settings.cache_clear()
    open_ledger.cache_clear()


@pytest.fixture
def usual_umask() -> Iterator[None]:
    """The umask of most machines, with which other users read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)
