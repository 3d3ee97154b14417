"""Looks up known faults of the pinned packages; says so where that cannot be done.

    python .ci/audit.py [--strict]

With --strict it ends with 1 where a package has a known fault, or too few could be looked up:
before a release. A change does not
fail for a fault that became known since. Where pip-audit's source cannot be reached, nothing is
looked up and that is said: pip-audit itself would say that all is well.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

LOCK = Path(__file__).parent.parent / "requirements.lock"
_PACKAGE = re.compile(r"^\S+==(?:.*\\\n)*.*\n", re.MULTILINE)
#: Seconds for one package, and for all.
_PROBE_S, _LONGEST_S = 15, 60


def main() -> int:
    """Audits the lock file; returns the exit code."""
    first = _PACKAGE.search(LOCK.read_text())
    if first is None:
        print("pip-audit: the lock file names no package.")
        return 1
    with TemporaryDirectory() as folder:
        probe = Path(folder, "one.txt")
        probe.write_text(first.group())
        known = _known(probe, _PROBE_S)
    if not known:
        print("pip-audit: its source cannot be reached: known faults were NOT looked up.")
        return 1 if "--strict" in sys.argv else 0
    packages = _known(LOCK, _LONGEST_S)
    if not packages:
        print(f"pip-audit: not done in {_LONGEST_S} s: known faults were NOT looked up.")
        return 1 if "--strict" in sys.argv else 0
    faults = [package for package in packages if package["vulns"]]
    for package in faults:
        ids = ", ".join(fault["id"] for fault in package["vulns"])
        print(f"pip-audit: {package['name']} {package['version']}: {ids}")
    return 1 if faults and "--strict" in sys.argv else 0


def _known(requirements: Path, timeout_s: float) -> list[dict[str, Any]]:
    """The packages that could be looked up, with their faults."""
    command = ["-m", "pip_audit", "-r", str(requirements), "--disable-pip", "--format", "json"]
    try:
        found = subprocess.run(
            [sys.executable, *command, "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
        packages = json.loads(found.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return [package for package in packages if "skip_reason" not in package]


if __name__ == "__main__":
    sys.exit(main())
