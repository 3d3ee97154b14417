"""Whether what a person gave works, tried before it is saved: keys at providers, files in stores.

Blocks know how an account or a store is made of their fields; loading them loads Prefect, so it is
done when somebody checks or saves (decision 30), and only to make them: what is saved goes over
Prefect's API.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.boundary.files import why_no_output
from pressrun.boundary.problems import problem_words
from pressrun.engines.account import account_from_environment
from pressrun.errors import PressrunError
from pressrun.ledger import Ledger

if TYPE_CHECKING:
    from pressrun.engines.account import Account
    from pressrun.engines.account_check import AccountCheck
    from pressrun.stores.factory import Target

#: Fields that only belong to the desk's own form of a store.
NEW_KEYS = ("new_key_id", "new_secret", "new_region")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Attributes:
        error: Why it does not work and what to do; empty if it does.
        details: What else was seen, a line each.
    """

    what: str
    error: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check; ``notes`` are worth knowing although all works."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all that was tried works."""
        return not any(finding.error for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Misfit(Exception):
    """Fields that make no block; what is wrong, by the field's name (empty: all of it)."""

    errors: Mapping[str, str] = field(default_factory=dict)


def check_account_fields(fields: Mapping[str, Any]) -> Callable[[], CheckResult]:
    """Makes an account of a block's fields; gives what asks its providers, which costs nothing.

    Raises:
        Misfit: The fields make none.
    """
    from pressrun.blocks import ModelAccount  # noqa: PLC0415 - loads Prefect

    block = _made(ModelAccount, fields)
    return lambda: _checked(block.account())


def check_environment() -> CheckResult:
    """Asks the providers whose keys stand in the desk's own environment."""
    return _checked(account_from_environment())


def check_store_fields(fields: Mapping[str, Any], ledger: Ledger) -> Callable[[], CheckResult]:
    """Makes a store of a block's fields; gives what writes, reads back and removes a small file.

    Args:
        fields: Of the block; those of :data:`NEW_KEYS` stand in for saved keys of AWS.
        ledger: That remembers ids of files in Drive.

    Raises:
        Misfit: The fields make none.
    """
    from pressrun.blocks import ResultStore  # noqa: PLC0415 - loads Prefect

    block = _made(ResultStore, {k: v for k, v in fields.items() if k not in NEW_KEYS})
    try:
        target = block.target()
    except PressrunError as error:
        raise Misfit({"destination": str(error)}) from error
    if fields.get(NEW_KEYS[0]):
        target = _with_keys(target, keys_of(fields))
    return lambda: _tried(target, ledger)


def keys_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Gives the fields of an AWS Credentials block, of those that a store's form has."""
    key_id, secret, region = (str(fields.get(name) or "") for name in NEW_KEYS)
    keys = {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
    return keys | ({"region_name": region} if region else {})


def _with_keys(target: "Target", keys: Mapping[str, str]) -> "Target":
    from pressrun.blocks.saved import aws_client_of  # noqa: PLC0415 - loads Prefect

    endpoint_url = target.endpoint_url
    return replace(
        target,
        s3_client=lambda config: aws_client_of(keys, "s3", config, endpoint_url=endpoint_url),
    )


def _made(kind: Any, fields: Mapping[str, Any]) -> Any:
    from pydantic import ValidationError  # noqa: PLC0415

    # As Prefect fills in what a document lacks.
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return kind(**given)
    except ValidationError as error:
        # Without what was given, among which is a key.
        told = error.errors(include_input=False, include_url=False)
        raise Misfit({_field(one["loc"]): _sentence(problem_words(one)) for one in told}) from None


def _field(loc: tuple[int | str, ...]) -> str:
    return ".".join(map(str, loc))


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "?")) else f"{words}."


def _checked(account: "Account") -> CheckResult:
    from pressrun.engines.account_check import check_account  # noqa: PLC0415 - SDKs

    try:
        found = check_account(account)
    except PressrunError as error:
        return CheckResult((Finding("The account", str(error)),))
    return CheckResult(tuple(_finding(found)), found.notes)


def _finding(found: "AccountCheck") -> list[Finding]:
    findings = []
    for access in found.accesses:
        reached, asked = len(access.reached), len(access.models)
        lines = tuple(f"{model.model}: {model.error}" for model in access.models if model.error)
        works = f"{access.way} works, and reaches {reached} of {asked} models"
        what, error = (access.way, access.error) if access.error else (works, "")
        findings.append(Finding(what, error or "", () if access.error else lines))
    return findings


def _tried(target: "Target", ledger: Ledger) -> CheckResult:
    from pressrun.stores.probe import check_store  # noqa: PLC0415 - SDKs

    what = f"Writing, reading back and removing a small file in {target.address}"
    # Before anything is written where no run may deliver.
    refusal = why_no_output(Path(target.address)) if target.scheme == "folder" else None
    if refusal is None:
        refusal = check_store(target, ledger.remote_ids).error
    return CheckResult((Finding(what, refusal or ""),))
