"""What every test stands on: folders of its own, and no key of the machine's owner."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

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
