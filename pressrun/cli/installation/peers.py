"""What the other machines of this server have: each leaves a note there when it is checked.

Prefect's workers say neither which Pressrun their runs have nor where they keep anything, so two of
them can differ unnoticed. The note is a Prefect variable; it has no secret in it.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pressrun import __version__
from pressrun.cli.installation.flaw import Flaw
from pressrun.settings import settings

#: Begins the names of the variables.
NOTE = "pressrun_machine_"
#: A note that is older belongs to a machine that may be gone, and is removed.
KEPT_S = 24 * 3600.0
_SAME = {
    "version": "Pressrun",
    "ledger": "PRESSRUN_LEDGER_URL",
    "vault": "PRESSRUN_VAULT",
    "vault_endpoint": "PRESSRUN_VAULT_ENDPOINT_URL",
    "uploads": "PRESSRUN_UPLOADS",
}


def check_peers() -> Iterator[Flaw]:
    """Leaves this machine's note and gives what the others' notes have otherwise."""
    from prefect.client.orchestration import get_client

    from pressrun.batches.machine import machine_id

    if not settings().several_machines:
        return
    mine, name = note(), f"{NOTE}{machine_id().replace('-', '_')}"
    with get_client(sync_client=True) as client:
        others = [one for one in client.read_variables(limit=200) if one.name.startswith(NOTE)]
        _leave(name, mine)
        for other in others:
            if other.name == name or not isinstance(other.value, dict):
                continue
            if mine["at"] - float(other.value.get("at", 0)) > KEPT_S:
                client.delete_variable_by_name(other.name)
            else:
                yield from _differences(mine, other.value)


def note() -> dict[str, Any]:
    """Describes this machine to the others."""
    from pressrun.batches.machine import machine_name

    told = settings()
    return {
        "at": time.time(),
        "host": machine_name(),
        "version": __version__,
        "ledger": _without_login(told.ledger),
        "vault": told.vault,
        "vault_endpoint": told.vault_endpoint_url,
        "uploads": told.uploads,
    }


def _leave(name: str, mine: Mapping[str, Any]) -> None:
    from prefect.variables import Variable

    Variable.set(name, dict(mine), overwrite=True)


def _differences(mine: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Flaw]:
    for key, called in _SAME.items():
        here, there = str(mine[key]), str(other.get(key, ""))
        if here != there:
            yield Flaw(
                "error",
                f"peer {key}",
                f"The machine {other.get('host', '')} has {called} {there or '(none)'} and this "
                f"one {here or '(none)'}, so one cannot go on with what the other began: make them "
                f"the same, and check the other again (its note goes after a day).",
            )


def _without_login(url: str) -> str:
    """Writes host and database of a URL, by which two are seen to be the same."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').lower()}:{parts.port or 5432}{parts.path}"
