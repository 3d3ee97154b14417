"""What Pressrun stands on: every package has a licence; an audit that cannot be made says so."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).parents[2]


def script(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, CHECKOUT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_pinned_package_is_listed_with_a_licence() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text()
    pinned = re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE)
    rows = re.findall(
        r"^\| (\S+) \| (\S+) \| (.+) \|$", script("docs/licences.py").page(), re.MULTILINE
    )
    listed = [(name, version) for name, version, _ in rows if name not in {"package", "---"}]
    assert listed == pinned
    assert [row for row in rows if "not say" in row[2]] == []


def test_an_audit_that_cannot_look_anything_up_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As where there is no network, or something else answers in its place.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert script(".ci/audit.py").main() == 0
    assert "known faults were NOT looked up." in capsys.readouterr().out
