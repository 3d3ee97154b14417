"""The wheel in a bare environment, far from the checkout: the demo, and a worker's batch."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import OF_THE_MACHINE
from tests.e2e.conftest import CHECKOUT, running_up

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(600)]

LOCK = CHECKOUT / "requirements.lock"


def _run(command: Sequence[str | Path], cwd: Path, timeout_s: float = 400) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "PYTHON"))}
    del clean["SSL_CERT_FILE"]  # a package that is in no cache is fetched
    if machine := clean.get(OF_THE_MACHINE):
        clean["SSL_CERT_FILE"] = machine
    ran = subprocess.run(
        command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=timeout_s
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _uv(*arguments: str | Path) -> str:
    return _run([Path(sys.executable).with_name("uv"), *arguments], CHECKOUT)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _uv("build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable,
        "--out-dir", folder, CHECKOUT)  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment that holds what the lock file says, no more."""
    place = tmp_path_factory.mktemp("bare") / "venv"
    _uv("venv", "--quiet", "--python", sys.executable, place)
    arguments = ("pip", "install", "--quiet", "--python", place / "bin/python",
                 "--constraints", LOCK, f"{wheel}[postgresql,redis]")  # fmt: skip
    try:
        _uv(*arguments, "--offline")  # what `make` has just installed is in uv's cache
    except AssertionError:
        _uv(*arguments)
    return place / "bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a person of another project stands: its packages have the names of ours."""
    folder = tmp_path / "project"
    for name in ("flows", "tasks", "deployments"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    return folder


def test_the_wheel_holds_what_a_worker_needs_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {
        "pressrun", "flows", "tasks", "deployments"
    }  # fmt: skip
    there = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "pressrun").rglob("*")
             if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    assert there <= set(names)
    assert "deployments/prefect.yaml" in names
    assert "pressrun/samples/CREDITS.md" in names


def test_the_demo_runs_from_any_folder(programs: Path, folder: Path) -> None:
    said = _run([programs / "pressrun-up", "demo"], folder)
    assert "4 of 4 completed, $0.00" in said
    found = re.search(r"Look at (.+/gallery\.html)", said)
    assert found is not None, said
    assert Path(found[1]).is_relative_to(folder / "output/demo")
    assert "data:image/jpeg;base64," in Path(found[1]).read_text("utf-8")


def test_a_worker_needs_no_checkout(programs: Path, folder: Path, tmp_path: Path) -> None:
    where = "from pressrun.boundary.files import SAMPLES; print(SAMPLES)"
    samples = Path(_run([programs / "python", "-P", "-c", where], folder).strip())
    assert not samples.is_relative_to(CHECKOUT)
    given = {
        "slides": str(samples / "slideshows/space"),
        "photo": str(samples / "products/mug.jpg"),
        "description": "Orbit Mug: a wide cup",
        "photo_variations": 1,
        "text_variations": 1,
        "title": "From the wheel",
    }
    with running_up(tmp_path, {}, [str(programs / "pressrun-up")], folder) as up:
        deployed = up.ask("GET", "deployments/name/slideshow-batch/slideshows").json()
        assert str(tmp_path) not in json.dumps(deployed)  # no path of this machine
        asked = {"parameters": given}
        run = up.ask("POST", f"deployments/{deployed['id']}/create_flow_run", json=asked).json()
        state = up.wait_for_run(run["id"])
        assert (state["type"], state["message"]) == ("COMPLETED", "1 of 1 completed")
    (manifest,) = (tmp_path / "output").glob("From the wheel */manifest.json")
    assert json.loads(manifest.read_text("utf-8"))["totals"]["completed"] == 1


def test_a_package_that_is_not_the_locked_one_is_refused(wheel: Path, tmp_path: Path) -> None:
    place, lock = tmp_path / "venv", tmp_path / "requirements.lock"
    _uv("venv", "--quiet", "--python", sys.executable, place)
    shutil.copy(LOCK, lock)
    changed = re.sub(r"(?<=sha256:)[0-9a-f]{4}", "0000", lock.read_text())
    lock.write_text(changed)
    with pytest.raises(AssertionError, match=r"(?i)hash"):
        _uv("pip", "install", "--python", place / "bin/python", "--offline", "--constraints", lock,
            "--only-binary", ":all:", wheel)  # fmt: skip
