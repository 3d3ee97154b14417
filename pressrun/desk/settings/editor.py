"""A block is made or changed: read, checked at once, and saved; what is refused is shown again.

Keys that were typed are not sent back to a page: they wait in :mod:`.pending` until the next try.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pressrun.desk.server import PrefectServer
from pressrun.desk.settings.checks import NEW_KEYS, CheckResult, Misfit, keys_of
from pressrun.desk.settings.edit_page import (
    KEYS_SLUG,
    EditPage,
    limit_rows,
    model_choices,
    reference_to,
)
from pressrun.desk.settings.forms import FieldGroup, Typed, read, read_rows, show
from pressrun.desk.settings.pending import Pending
from pressrun.desk.settings.saved import BlockShape, SavedBlocks, StoredBlock, require_name
from pressrun.desk.settings.sections import SettingsSection
from pressrun.desk.settings.usage import naming_block, users_of
from pressrun.errors import InputError
from pressrun.ledger import Ledger

#: What an address of a sort begins with; who types a bucket's name alone means that.
_SCHEMES = {"s3": "s3://", "drive": "drive://"}

#: The choice of a store's form that stands for keys which are typed there.
NEW = "+new"


@dataclass(slots=True)
class _Attempt:
    """One try to save.

    Attributes:
        keys: Secrets that were typed, now or at the try before.
    """

    section: SettingsSection
    sort: str
    shape: BlockShape
    block: StoredBlock | None
    name: str
    typed: Typed
    keys: dict[str, Any]


class BlockEditor:
    """Shows and saves blocks.

    Args:
        server: Prefect's.
        open_ledger: Gives the ledger, or raises a LedgerError.
        pending: Where typed keys wait.
    """

    def __init__(self, server: PrefectServer, open_ledger: Callable[[], Ledger], pending: Pending):
        self._server, self._open_ledger, self._pending = server, open_ledger, pending
        self.blocks = SavedBlocks(server)

    def page(self, section: SettingsSection, name: str, sort: str) -> EditPage:
        """Builds the form of a block, or of a new one.

        Raises:
            InputError: There is none of that name, or no such sort.
        """
        block = self.blocks.find(section.slug, name) if name else None
        sort = section.sort_of(block.data) if block else sort
        section.groups_of(sort)
        shape = self.blocks.shape(section.slug)
        return self._page(_Attempt(section, sort, shape, block, "", Typed(), {}), fresh=True)

    def save(
        self, section: SettingsSection, name: str, sort: str, form: Mapping[str, str], session: str
    ) -> EditPage | str:
        """Checks what a person sent and saves it: gives what is said, or the page to mend it.

        Raises:
            InputError: The block is gone.
            ServerAway: Prefect's server does not answer; nothing is saved.
        """
        attempt = self._read(section, name, sort, form, session)
        if attempt.typed.errors:
            return self._refused(attempt, session)
        fields = self._fields(attempt)
        try:
            check = section.check(fields, self._open_ledger)
        except Misfit as misfit:
            attempt.typed.errors |= misfit.errors
            return self._refused(attempt, session)
        result = None
        if form.get("do") != "unchecked" and check:
            result = check()
            if not result.ok:
                return self._refused(attempt, session, result)
        self._write(attempt, fields)
        return _said(attempt, result)

    def check(self, section: SettingsSection, name: str) -> CheckResult:
        """Tries a block as it is saved.

        Raises:
            InputError: It is gone, or cannot be tried.
        """
        try:
            check = section.check(self.blocks.whole(section.slug, name), self._open_ledger)
        except Misfit as misfit:
            raise InputError(
                "It cannot be used as it is saved:", [*misfit.errors.values()]
            ) from None
        if check is None:
            raise InputError("It is tried by the store or the account that uses it.")
        return check()

    def users(self, section: SettingsSection, block: StoredBlock) -> list[str]:
        """Lists what names a block: deployments, batches that are not over, other blocks."""
        found = users_of(self._server, naming_block(block.id, block.slug, block.name))
        if section.path == "keys":
            for other in self.blocks.listed("model-account", "result-store"):
                if other.data.get("aws_credentials") == block.name:
                    found.append(f"The {other.slug.replace('-', ' ')} {other.name} uses it.")
        return found

    def _read(
        self, section: SettingsSection, name: str, sort: str, form: Mapping[str, str], session: str
    ) -> _Attempt:
        block = self.blocks.find(section.slug, name) if name else None
        sort = section.sort_of(block.data) if block else sort
        shape = self.blocks.shape(section.slug)
        typed = read(section.groups_of(sort), shape, form)
        known = self._pending.take_fields(session, form.get("held", ""))
        known |= {name: value for name, value in typed.data.items() if value}
        secret = shape.secrets | {NEW_KEYS[1]}
        keys = {n: v for n, v in known.items() if n in secret and not form.get(f"remove.{n}")}
        attempt = _Attempt(section, sort, shape, block, name, typed, keys)
        if section.rows:
            rows = read_rows(section.rows, shape.rows[section.rows], form)
            typed.data |= rows.data
            typed.shown |= rows.shown
            typed.errors |= rows.errors
        _read_address(attempt)
        if sort == "s3":
            _read_new_keys(attempt, form)
        if block is None:
            self._read_name(attempt, form)
        elif form.get("as_of") != block.updated:
            typed.errors[""] = (
                f"Somebody changed {name} while you did. What you typed stands here; save again "
                "to put it over theirs."
            )
        return attempt

    def _read_name(self, attempt: _Attempt, form: Mapping[str, str]) -> None:
        attempt.name = form.get("name", "").strip()
        try:
            require_name(attempt.name)
            if self.blocks.has(attempt.section.slug, attempt.name):
                raise InputError(f"There is already one called {attempt.name}. Choose another.")
        except InputError as error:
            attempt.typed.errors["name"] = str(error)

    def _fields(self, attempt: _Attempt) -> dict[str, Any]:
        """Gives all fields of the block as it would be."""
        block = attempt.block
        saved = self.blocks.whole(block.slug, block.name) if block else {}
        return saved | attempt.typed.data | attempt.keys

    def _write(self, attempt: _Attempt, fields: Mapping[str, Any]) -> None:
        data = attempt.typed.data | {n: v for n, v in attempt.keys.items() if n not in NEW_KEYS}
        if fields.get(NEW_KEYS[0]):
            data["aws_credentials"] = self._save_keys(attempt.name, keys_of(fields))
        data = {name: value for name, value in data.items() if name not in NEW_KEYS}
        if attempt.block:
            self.blocks.change(attempt.block, data)
        else:
            self.blocks.create(attempt.section.slug, attempt.name, data)

    def _save_keys(self, store: str, keys: Mapping[str, str]) -> str:
        taken = {block.name for block in self.blocks.listed(KEYS_SLUG)}
        names = (f"{store}-{number}" if number else store for number in range(len(taken) + 1))
        name = next(name for name in names if name not in taken)
        self.blocks.create(KEYS_SLUG, name, keys)
        return name

    def _refused(
        self, attempt: _Attempt, session: str, result: CheckResult | None = None
    ) -> EditPage:
        held = self._pending.keep(session, attempt.keys) if attempt.keys else ""
        return self._page(attempt, held=held, result=result)

    def _page(
        self,
        attempt: _Attempt,
        *,
        fresh: bool = False,
        held: str = "",
        result: CheckResult | None = None,
    ) -> EditPage:
        section, block, typed = attempt.section, attempt.block, attempt.typed
        groups = section.groups_of(attempt.sort)
        choices = self._choices(section, groups)
        kept = frozenset(attempt.keys)
        shown = show(groups, attempt.shape, block, None if fresh else typed, choices, kept)
        on_page = {one.name for group in shown for one in group.fields}
        rows = [*limit_rows(section, block, None if fresh else typed)]
        elsewhere = {
            "name",
            *NEW_KEYS,
            *on_page,
            *(f"{section.rows}.{r.at}.{f}" for r in rows for f in r.errors),
        }
        return EditPage(
            section,
            attempt.sort,
            block.name if block else "",
            attempt.name,
            shown,
            block.updated if block else "",
            held,
            kept,
            [words for name, words in typed.errors.items() if name not in elsewhere],
            typed.errors.get("name", ""),
            result,
            rows,
            model_choices() if section.rows else (),
            attempt.shape.rows[section.rows] if section.rows else None,
            _new_keys(typed) if attempt.sort == "s3" else None,
        )

    def _choices(
        self, section: SettingsSection, groups: Iterable[FieldGroup]
    ) -> Mapping[str, Sequence[tuple[str, str]]]:
        wanted = {name for group in groups for name in group.fields}
        choices = {}
        for name, slugs in (section.names_in or {}).items():
            if name not in wanted:
                continue
            found = [reference_to(block) for block in self.blocks.listed(*slugs)]
            own = [("", "what the machine itself has")]
            new = [(NEW, "a key that I give here")] if section.path == "stores" else []
            choices[name] = [*own, *((name, name) for name in found), *new]
        return choices


def _read_new_keys(attempt: _Attempt, form: Mapping[str, str]) -> None:
    """Reads the keys that stand in a store's form, if it is to have its own."""
    typed, (key_id, secret, region) = attempt.typed, NEW_KEYS
    if typed.data.get("aws_credentials") != NEW:
        for name in NEW_KEYS:
            attempt.keys.pop(name, None)
        return
    for name in (key_id, region):
        typed.data[name] = typed.shown[name] = form.get(name, "").strip()
    if form.get(secret, "").strip():
        attempt.keys[secret] = form[secret].strip()
    if not typed.data[key_id]:
        typed.errors[key_id] = "Give the id of the key."
    if secret not in attempt.keys:
        typed.errors[secret] = "Give the secret of the key."


def _read_address(attempt: _Attempt) -> None:
    """Takes the name of a bucket, or a folder's id in Drive, as the address that is meant."""
    scheme, address = _SCHEMES.get(attempt.sort, ""), attempt.typed.shown.get("destination", "")
    if not scheme or not address or "://" in address:
        return
    if address.startswith(("/", ".", "~")):
        attempt.typed.errors["destination"] = f"This is a path. An address begins with {scheme}."
        return
    for said in (attempt.typed.shown, attempt.typed.data):
        said["destination"] = scheme + address


def _new_keys(typed: Typed) -> dict[str, tuple[str, str]]:
    return {name: (typed.shown.get(name, ""), typed.errors.get(name, "")) for name in NEW_KEYS}


def _said(attempt: _Attempt, result: CheckResult | None) -> str:
    what = f"{attempt.section.one[:1].upper()}{attempt.section.one[1:]} {attempt.name} is saved"
    if result is None:
        return f"{what}, unchecked." if attempt.section.path != "keys" else f"{what}."
    return f"{what}. {'. '.join(finding.what for finding in result.findings)}: ok."
