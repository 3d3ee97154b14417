"""The files for servers: read by what reads them, and told nothing that the code does otherwise.

The schemas of Compose and of Prefect's charts, and hadolint, are asked by
``make check-deployments``, which needs the network.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.utilities.templating import apply_values
from prefect_aws.workers.ecs_worker import ECSJobConfiguration
from ruamel.yaml import YAML

from pressrun import __version__

FOLDER = Path(__file__).parents[3] / "deployments"
CHECKOUT = FOLDER.parent
_PLACEHOLDER = re.compile(r"\{\{ (\w+) \}\}")
#: Within which the runs of a stopped worker pause themselves, and some time to end after it.
GRACE_S = 90


def _yaml(path: str) -> Any:
    return YAML(typ="safe").load((FOLDER / path).read_text("utf-8"))


def _templates() -> dict[str, Any]:
    chart = _yaml("helm/prefect-worker.yaml")["worker"]["config"]["baseJobTemplate"]
    return {
        "ecs": json.loads((FOLDER / "ecs/base-job-template.json").read_text("utf-8")),
        "helm": json.loads(chart["configuration"]),
    }


@pytest.mark.parametrize("kind", ["ecs", "helm"])
def test_a_job_template_names_only_variables_that_it_has(kind: str) -> None:
    template = _templates()[kind]
    used = set(_PLACEHOLDER.findall(json.dumps(template["job_configuration"])))
    assert used == set(template["variables"]["properties"])


def test_ecs_takes_the_template_and_gives_its_runs_time_to_stop() -> None:
    template = _templates()["ecs"]
    given = {
        name: told["default"]
        for name, told in template["variables"]["properties"].items()
        if "default" in told
    }
    read_ = ECSJobConfiguration.model_validate(apply_values(template["job_configuration"], given))
    read_.prepare_for_flow_run(FlowRun(id=uuid4(), flow_id=uuid4(), name="a batch"))
    (container,) = read_.task_definition["containerDefinitions"]
    assert container["stopTimeout"] == GRACE_S
    assert container["secrets"][0]["name"] == "PRESSRUN_LEDGER_URL"
    assert {one["name"] for one in container["environment"]} >= {"PRESSRUN_VAULT"}
    assert read_.task_run_request["overrides"]["taskRoleArn"].endswith(":role/pressrun-run")


def test_every_way_gives_runs_the_same_time_to_stop() -> None:
    spec = _templates()["helm"]["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] == GRACE_S
    unit = (FOLDER / "systemd/pressrun-worker.service").read_text("utf-8")
    assert f"TimeoutStopSec={GRACE_S}\n" in unit
    assert "KillMode=mixed\n" in unit
    assert _yaml("compose/compose.yaml")["services"]["worker"]["stop_grace_period"] == f"{GRACE_S}s"


def test_the_files_name_this_version_and_the_image_is_locked_and_nobodys() -> None:
    for path in ("compose/compose.yaml", "helm/prefect-worker.yaml", "ecs/base-job-template.json"):
        named = re.findall(r"pressrun:(\d[\d.]*\d)", (FOLDER / path).read_text("utf-8"))
        assert set(named) == {__version__}, path
    image = (FOLDER / "image/Dockerfile").read_text("utf-8")
    assert re.search(r"^USER \d+$", image, re.MULTILINE)
    joined = image.replace("\\\n", " ")
    installs = [line for line in joined.splitlines() if "pip install" in line]
    steps = [step for line in installs for step in line.split("&&") if "pip install" in step]
    assert len(steps) == 4
    for step in steps:
        assert re.search(r"--constraints requirements\.lock|--require-hashes|--no-deps", step), step
    for source in re.findall(r"^COPY (?!--from)(\S+)", image, re.MULTILINE):
        assert (CHECKOUT / source).exists(), source


def test_policies_allow_no_action_on_everything_but_what_has_no_narrower_form() -> None:
    wide = {
        action
        for path in (FOLDER / "ecs").glob("*-role.json")
        for one in json.loads(path.read_text("utf-8"))["Statement"]
        if one["Resource"] == "*"
        for action in one["Action"]
    }
    assert {action for action in wide if not re.search(r":(Describe|List|Get)", action)} == {
        "ecs:RegisterTaskDefinition"
    }


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed.")
@pytest.mark.parametrize("name", ["server", "worker", "desk"])
def test_a_unit_is_read_by_systemd_and_hardened(name: str) -> None:
    unit = FOLDER / f"systemd/pressrun-{name}.service"

    def analyzed(*command: str) -> str:
        ran = subprocess.run(
            ["systemd-analyze", *command, str(unit)], capture_output=True, text=True, check=False
        )
        return ran.stdout + ran.stderr

    said = [line for line in analyzed("verify").splitlines() if unit.name in line]
    assert [line for line in said if "is not executable" not in line] == []
    found = re.search(r"exposure level for \S+: ([\d.]+)", analyzed("security", "--offline=yes"))
    assert found is not None
    assert float(found[1]) <= 2.0
