"""Looks up known faults of the pinned packages; says so where their source cannot be reached.

    python .ci/audit.py

Ends with 1 where a package has a known fault. Without network nothing is looked up, and nothing
fails: CI has the network.
"""

import re
import subprocess
import sys
from pathlib import Path

import httpx

LOCK = Path(__file__).parent.parent / "requirements.lock"
#: What pip-audit asks for each package.
SOURCE = "https://pypi.org/pypi/{}/{}/json"


def main() -> int:
    """Audits the lock file; returns the exit code."""
    if why := _unreachable():
        print(f"pip-audit: {SOURCE.partition('{')[0]} {why}: known faults were NOT looked up.")
        return 0
    command = ["-m", "pip_audit", "-r", str(LOCK), "--disable-pip", "--progress-spinner", "off"]
    return subprocess.run([sys.executable, *command], check=False).returncode


def _unreachable() -> str:
    """Asks for one package as pip-audit would, which takes a missing answer for no fault."""
    name, version = re.findall(r"^([\w.-]+)==(\S+)", LOCK.read_text("utf-8"), re.MULTILINE)[0]
    try:
        answer = httpx.get(SOURCE.format(name, version), timeout=10, follow_redirects=True)
        known = answer.is_success and "vulnerabilities" in answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return f"cannot be reached ({type(error).__name__})"
    return "" if known else f"does not know {name} ({answer.status_code})"


if __name__ == "__main__":
    sys.exit(main())
