"""*Connect Google Drive*: from the client of a person's project to a store that takes files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pressrun.desk.settings.pending import Pending
from pressrun.desk.settings.saved import SavedBlocks, StoredBlock, require_name
from pressrun.desk.settings.sections import SECTIONS
from pressrun.errors import InputError
from pressrun.ledger import Ledger
from pressrun.stores.drive.connected import FOLDER, connected, folder_id_of
from pressrun.stores.drive.consent import (
    GOOGLE,
    Consent,
    ConsentRefused,
    GoogleAddresses,
    GoogleClient,
)

#: Where Google sends a person back to.
RETURN = "/settings/drive/return"
_SECRETS = ("client_secret", "client_file")
_STORES = SECTIONS["stores"]


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """The form that begins a connection.

    Attributes:
        store: The Drive store that gets new credentials; empty for a new one.
        redirect_uri: Where Google sends the person back to.
        texts: What was typed, without secrets.
        held: The word for secrets that were typed.
        url: Google's page, once all is there; the form is no longer needed then.
    """

    store: str
    redirect_uri: str
    texts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    held: str = ""
    url: str = ""

    @property
    def is_local(self) -> bool:
        """Whether the desk is reached at this machine's own address."""
        return urlsplit(self.redirect_uri).hostname in {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class _UnderWay:
    consent: Consent
    name: str
    block: StoredBlock | None
    folder: str
    folder_id: str


class DriveConnection:
    """Sign-ins under way.

    Args:
        blocks: Of the server.
        open_ledger: Gives the ledger, or raises a LedgerError.
        pending: Where they are kept.
        addresses: Google's.
    """

    def __init__(
        self,
        blocks: SavedBlocks,
        open_ledger: Callable[[], Ledger],
        pending: Pending,
        addresses: GoogleAddresses = GOOGLE,
    ):
        self._blocks, self._open_ledger, self._pending = blocks, open_ledger, pending
        self._addresses = addresses

    def page(self, origin: str, store: str) -> ConnectPage:
        """Builds the form.

        Raises:
            InputError: There is no Drive store of that name.
        """
        self._drive_store(store)
        texts = {"name": store or "drive", "folder": FOLDER}
        return ConnectPage(store, f"{origin}{RETURN}", texts)

    def begin(self, form: Mapping[str, str], origin: str, store: str, session: str) -> ConnectPage:
        """Reads the form: gives Google's page, or the form with what is wrong.

        Raises:
            InputError: There is no Drive store of that name any more.
            ServerAway: Prefect's server does not answer.
        """
        block = self._drive_store(store)
        kept = self._pending.take_fields(session, form.get("held", ""))
        known = {name: kept[name] for name in _SECRETS if name in kept}
        typed = known | {name: form[name] for name in _SECRETS if form.get(name, "").strip()}
        errors: dict[str, str] = {}

        def said(name: str, ask: Callable[[], str]) -> str:
            try:
                return ask()
            except InputError as error:
                errors[name] = str(error)
                return ""

        name = store or said("name", lambda: self._new_name(form.get("name", "").strip()))
        folder_id = said("folder_id", lambda: folder_id_of(form.get("folder_id", "")))
        client = None
        try:
            client = _client(form, typed)
        except InputError as error:
            errors["client_file" if typed.get("client_file") else "client_id"] = str(error)
        uri = f"{origin}{RETURN}"
        if errors or client is None:
            texts = {key: text for key, text in form.items() if key not in _SECRETS}
            held = self._pending.keep(session, typed) if typed else ""
            return ConnectPage(store, uri, texts, errors, held)
        all_files = bool(folder_id or (block and form.get("all_files")))
        consent = Consent(client, uri, all_files=all_files, addresses=self._addresses)
        folder = form.get("folder", "").strip()
        under_way = _UnderWay(consent, name, block, folder, folder_id)
        self._pending.keep(session, under_way, consent.state)
        return ConnectPage(store, uri, {"name": name}, url=consent.url)

    def finish(self, answer: Mapping[str, str], session: str) -> str:
        """Takes what Google sent the person back with; saves the store and tries it.

        Raises:
            ConsentRefused: Nothing came of it; says why.
            StoreError: Drive makes no folder.
            ServerAway: Prefect's server does not answer.
        """
        under_way = self._pending.take(session, answer.get("state", ""))
        if not isinstance(under_way, _UnderWay):
            raise ConsentRefused(
                "No sign-in is under way that this answer belongs to: it was finished, or is older "
                "than a quarter of an hour. Begin the connection again."
            )
        info = under_way.consent.finish(answer)
        block, name = under_way.block, under_way.name
        fields = connected(
            block.data if block else None,
            info,
            folder=under_way.folder,
            folder_id=under_way.folder_id,
            addresses=self._addresses,
        )
        if block:
            self._blocks.change(block, fields)
        else:
            self._blocks.create(_STORES.slug, name, fields)
        return self._tried(name)

    def _tried(self, name: str) -> str:
        check = _STORES.check(self._blocks.whole(_STORES.slug, name), self._open_ledger)
        result = check() if check else None
        said = f"Google Drive is connected: the store {name} is saved"
        if result is None or result.ok:
            return f"{said}, and takes files."
        return f"{said}, but takes no files yet. {result.findings[0].error}"

    def _drive_store(self, name: str) -> StoredBlock | None:
        if not name:
            return None
        block = self._blocks.find(_STORES.slug, name)
        if _STORES.sort_of(block.data) != "drive":
            raise InputError(f"The store {name} is not in Google Drive.")
        return block

    def _new_name(self, name: str) -> str:
        require_name(name)
        if self._blocks.has(_STORES.slug, name):
            raise InputError(f"There is already one called {name}. Choose another.")
        return name


def _client(form: Mapping[str, str], typed: Mapping[str, str]) -> GoogleClient:
    if typed.get("client_file") and not form.get("client_secret", "").strip():
        return GoogleClient.of_file(typed["client_file"])
    return GoogleClient.of(form.get("client_id", ""), typed.get("client_secret", ""))
