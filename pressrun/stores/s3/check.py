"""What the S3 store needs of a service, tried one by one with a small file.

Uses calls whose answers have a reason in them, which ``HeadBucket`` has not. Whatever is missing
is named, a line each, so that a person sees all of it at once.
"""

import hashlib
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import StoreError
from pressrun.stores.base import Parcel

if TYPE_CHECKING:
    from pressrun.stores.s3.store import S3Store

#: Kinds by which a service refuses a header that it does not know.
_UNKNOWN_HEADER = frozenset({"refused", "unsupported"})


def check(store: "S3Store") -> None:
    """Writes, reads, lists and removes a probe; a second write must be refused.

    Raises:
        StoreError: Nothing can be delivered. All that is missing, a line each.
    """
    with tempfile.TemporaryDirectory() as folder:
        probe = _probe(Path(folder))
        try:
            store.put(probe)
        except StoreError as error:
            raise _named(store, probe, error) from error
        problems = [_problem(step, store, probe) for step in (_read, _list, _write_again, _remove)]
    if found := [problem for problem in problems if problem]:
        raise _together(found)


def _probe(folder: Path) -> Parcel:
    source, data = folder / "probe", secrets.token_bytes(16)
    source.write_bytes(data)
    path = f".pressrun-probe-{secrets.token_hex(8)}/probe"
    digest = hashlib.sha256(data).hexdigest()
    return Parcel(path, source, "application/octet-stream", digest)


def _named(store: "S3Store", probe: Parcel, refusal: StoreError) -> StoreError:
    """Explains the refusal of the first write: it names the condition if only that is refused."""
    if refusal.kind not in _UNKNOWN_HEADER:
        return refusal
    try:
        store.put(probe, replace=True)
    except StoreError:
        return refusal
    missing = _unconditional(store, "refuses", str(refusal))
    problem = _problem(_remove, store, probe)
    return _together([missing, problem]) if problem else missing


def _problem(
    step: Callable[["S3Store", Parcel], StoreError | None], store: "S3Store", probe: Parcel
) -> StoreError | None:
    try:
        return step(store, probe)
    except StoreError as error:
        return error


def _read(store: "S3Store", probe: Parcel) -> StoreError | None:
    with store.open(probe.path) as stream:
        if stream.read() == probe.source.read_bytes():
            return None
    return StoreError(
        f"{store.destination} does not give back what was written. Is there a proxy or gateway in "
        "between?",
        kind="mismatch",
        retryable=False,
    )


def _list(store: "S3Store", probe: Parcel) -> StoreError | None:
    """Checks that the service lists the probe, which the audit needs."""
    folder = probe.path.rpartition("/")[0]
    if probe.path in [stored.path for stored in store.list(folder)]:
        return None
    return StoreError(
        f"{store.destination} does not list what was written (ListObjectsV2), so `pressrun audit` "
        "would take it for missing. Update the service, or deliver elsewhere.",
        kind="unsupported",
        retryable=False,
    )


def _write_again(store: "S3Store", probe: Parcel) -> StoreError | None:
    return None if store.refuses_to_overwrite(probe) else _unconditional(store, "ignores")


def _remove(store: "S3Store", probe: Parcel) -> StoreError | None:
    store.remove(probe.path)
    return None


def _unconditional(store: "S3Store", does: str, says: str = "") -> StoreError:
    return StoreError(
        f"The service of {store.destination} {does} If-None-Match, so that a file could be "
        f"overwritten unseen. Update the service, or deliver elsewhere. {says}".strip(),
        kind="unsupported",
        retryable=False,
    )


def _together(problems: list[StoreError]) -> StoreError:
    """Joins errors into one; those that say the same, once."""
    lines = list(dict.fromkeys(str(problem) for problem in problems))
    if len(lines) == 1:
        return problems[0]
    text = "\n".join([f"{len(lines)} things are missing:", *(f"  - {line}" for line in lines)])
    return StoreError(text, kind=problems[0].kind, retryable=False)
