"""What lies in the local Drive: accounts, shared drives, files and who may do what to them.

Names may repeat, ids may not, not even after a file is gone. Every method belongs under the
service's lock. Knows no HTTP.
"""

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.servers import drive_errors as errors

Json = dict[str, Any]
FOLDER = "application/vnd.google-apps.folder"
PROPERTY_BYTES = 124
_RANKS = {"reader": 1, "writer": 2, "fileOrganizer": 3, "organizer": 4, "owner": 4}


@dataclass
class Account:
    """Who calls; ``limit_bytes`` None is without limit, 0 is a service account."""

    email: str
    limit_bytes: int | None = None
    used_bytes: int = 0
    root_id: str = ""


@dataclass(frozen=True)
class Caller:
    """An account with what its token allows in this request.

    Attributes:
        only_own: The scope is ``drive.file``: only what the application made is there.
        all_drives: The request says ``supportsAllDrives``.
    """

    account: Account
    only_own: bool = False
    all_drives: bool = False


@dataclass
class Node:
    """A file or folder."""

    id: str
    name: str
    mime: str
    parent: str = ""
    owner: str = ""
    drive_id: str = ""
    data: bytes = b""
    properties: dict[str, str] = field(default_factory=dict)
    created: str = ""
    modified: str = ""
    trashed: bool = False
    by_app: bool = True
    permissions: list[Json] = field(default_factory=list)
    md5: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it can have children."""
        return self.mime == FOLDER

    def keep(self, data: bytes) -> None:
        """Takes new bytes."""
        self.data, self.md5 = data, hashlib.md5(data).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _new_id() -> str:
    return "1" + base64.urlsafe_b64encode(os.urandom(24)).decode()


class Library:
    """All files of all accounts."""

    def __init__(self, max_children: int):
        self.nodes: dict[str, Node] = {}
        self.accounts: dict[str, Account] = {}
        self.members: dict[str, dict[str, str]] = {}
        self._children: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._generated: set[str] = set()
        self._taken: set[str] = set()
        self._max_children = max_children

    # What tests set up.

    def add_account(self, email: str, limit_bytes: int | None = None) -> Account:
        """An account with an empty My Drive."""
        account = Account(email, limit_bytes)
        root = self._insert(Node(_new_id(), "My Drive", FOLDER, owner=email, by_app=False))
        account.root_id = root.id
        self.accounts[email] = account
        return account

    def add_shared_drive(self, name: str, members: dict[str, str]) -> str:
        """A shared drive; ``members`` gives each email its role. Returns its id."""
        drive_id = "0A" + _new_id()[:17]
        self._insert(Node(drive_id, name, FOLDER, drive_id=drive_id, by_app=False))
        self.members[drive_id] = members
        return drive_id

    def add_folder(self, name: str, parent: str, shared_with: dict[str, str]) -> str:
        """A folder that a person made by hand. Returns its id."""
        above = self.nodes[parent]
        permissions = [_permission("user", role, email) for email, role in shared_with.items()]
        node = Node(
            _new_id(),
            name,
            FOLDER,
            parent,
            above.owner,
            above.drive_id,
            by_app=False,
            permissions=permissions,
        )
        return self._insert(node).id

    # The API.

    def generate_ids(self, count: int) -> list[str]:
        """Ids that later creations may carry."""
        ids = [_new_id() for _ in range(count)]
        self._generated.update(ids)
        return ids

    def find(self, caller: Caller, file_id: str, need: str = "reader") -> Node:
        """The file, if the caller sees it and has the role.

        Raises:
            DriveFault: 404 if it is not to be seen, 403 if it is and may not be touched so.
        """
        node = self.nodes.get(caller.account.root_id if file_id == "root" else file_id)
        if node is None or not self.sees(caller, node):
            raise errors.not_found(file_id)
        if self._rank(caller, node) < _RANKS[need]:
            raise errors.no_permission(file_id)
        return node

    def sees(self, caller: Caller, node: Node) -> bool:
        """Whether the file exists for this caller."""
        if node.drive_id and not caller.all_drives:
            return False
        is_root = node.id == caller.account.root_id
        if caller.only_own and not node.by_app and not is_root:
            return False
        return self._rank(caller, node) > 0

    def may_create(self, caller: Caller, body: Json, size: int) -> Node:
        """The folder that a new file goes to, after every rule was asked."""
        file_id = body.get("id")
        if file_id in self._taken:
            raise errors.id_taken()
        if file_id is not None and file_id not in self._generated:
            raise errors.id_not_ours()
        _check_properties(body)
        parents = body.get("parents") or [caller.account.root_id]
        if len(parents) > 1:
            raise errors.bad_request("A file can have only one parent.")
        parent = self.find(caller, parents[0], "writer")
        if not parent.is_folder:
            raise errors.DriveFault(403, "parentNotAFolder", "The parent is not a folder.")
        if len(self._children[parent.id]) >= self._max_children:
            raise errors.too_many_children()
        self._check_storage(caller.account, parent, size)
        return parent

    def create(self, caller: Caller, body: Json, data: bytes, mime: str) -> Node:
        """A new file or folder."""
        parent = self.may_create(caller, body, len(data))
        owner = "" if parent.drive_id else caller.account.email
        node = Node(
            body.get("id") or _new_id(),
            body.get("name", "Untitled"),
            body.get("mimeType") or mime,
            parent.id,
            owner,
            parent.drive_id,
            data,
            dict(body.get("appProperties") or {}),
        )
        self._insert(node)
        node.created = body.get("createdTime", node.created)
        node.modified = body.get("modifiedTime", node.modified)
        return node

    def update(self, caller: Caller, file_id: str, body: Json, query: Json) -> Node:
        """Changes name, properties, place or the bin."""
        node = self.find(caller, file_id, "writer")
        _check_properties(body)
        if "trashed" in body:
            if node.drive_id and self._rank(caller, node) < _RANKS["fileOrganizer"]:
                raise errors.no_permission(file_id)
            node.trashed = bool(body["trashed"])
        node.name = body.get("name", node.name)
        node.properties |= body.get("appProperties") or {}
        if query.get("addParents"):
            self._move(caller, node, query["addParents"])
        node.modified = body.get("modifiedTime") or _now()
        return node

    def replace(self, caller: Caller, file_id: str, data: bytes, mime: str) -> Node:
        """New bytes for a file."""
        node = self.find(caller, file_id, "writer")
        self._check_storage(caller.account, node, len(data) - len(node.data))
        self._account_bytes(node, len(data) - len(node.data))
        node.keep(data)
        node.modified = _now()
        node.mime = mime or node.mime
        return node

    def delete(self, caller: Caller, file_id: str) -> None:
        """Removes for good, with all that lies below; not even the id comes back."""
        node = self.find(caller, file_id)
        if self._rank(caller, node) < _RANKS["organizer"]:
            raise errors.no_permission(file_id)
        self.drop(node)

    def permit(self, caller: Caller, file_id: str, body: Json) -> Json:
        """Shares a file; the same permission twice is one."""
        node = self.find(caller, file_id, "writer")
        made = _permission(body.get("type", ""), body.get("role", ""), body.get("emailAddress", ""))
        node.permissions = [p for p in node.permissions if p["id"] != made["id"]] + [made]
        return made

    def search(self, caller: Caller, test: Callable[[Json], bool], drive_id: str) -> list[Node]:
        """Every file that the caller sees and that passes, oldest first."""
        return [
            node
            for node in list(self.nodes.values())
            if node.parent
            and (not drive_id or node.drive_id == drive_id)
            and self.sees(caller, node)
            and test(self.resource(caller, node))
        ]

    def resource(self, caller: Caller, node: Node) -> Json:
        """The file as the API shows it, whole."""
        rank = self._rank(caller, node)
        kind = "drive/folders" if node.is_folder else "file/d"
        tail = "" if node.is_folder else "/view?usp=drivesdk"
        shown: Json = {
            "kind": "drive#file",
            "id": node.id,
            "name": node.name,
            "mimeType": node.mime,
            "trashed": self.in_bin(node),
            "createdTime": node.created,
            "modifiedTime": node.modified,
            "webViewLink": f"https://drive.google.com/{kind}/{node.id}{tail}",
            "capabilities": {
                "canAddChildren": node.is_folder and rank >= 2,
                "canEdit": rank >= 2,
                "canDelete": rank >= 4,
            },
            "appProperties": dict(node.properties),
        }
        shown |= {"parents": [node.parent]} if node.parent else {}
        shown |= {"driveId": node.drive_id} if node.drive_id else {}
        if not node.is_folder:
            shown |= {"size": str(len(node.data)), "md5Checksum": node.md5}
        return shown

    def in_bin(self, node: Node) -> bool:
        """Whether it, or a folder above it, was put in the bin."""
        return any(each.trashed for each in self._upwards(node))

    def path(self, node: Node) -> str:
        """Names from below My Drive or the shared drive down to the file."""
        return "/".join(reversed([each.name for each in self._upwards(node) if each.parent]))

    def _insert(self, node: Node) -> Node:
        node.keep(node.data)
        node.created = node.modified = _now()
        self.nodes[node.id] = node
        self._taken.add(node.id)
        self._children[node.parent][node.id] = None
        self._account_bytes(node, len(node.data))
        return node

    def drop(self, node: Node) -> None:
        """Forgets a file or folder and all in it."""
        for child in list(self._children.pop(node.id, ())):
            self.drop(self.nodes[child])
        self._children[node.parent].pop(node.id, None)
        self._account_bytes(node, -len(node.data))
        del self.nodes[node.id]

    def _move(self, caller: Caller, node: Node, parent_id: str) -> None:
        parent = self.find(caller, parent_id, "writer")
        self._children[node.parent].pop(node.id, None)
        node.parent = parent.id
        self._children[parent.id][node.id] = None

    def _account_bytes(self, node: Node, size: int) -> None:
        if node.owner in self.accounts:
            self.accounts[node.owner].used_bytes += size

    def _check_storage(self, caller: Account, node: Node, more: int) -> None:
        if node.drive_id or more <= 0 or caller.limit_bytes is None:
            return
        if caller.limit_bytes == 0:
            raise errors.service_account_storage()
        if caller.used_bytes + more > caller.limit_bytes:
            raise errors.storage_full()

    def _upwards(self, node: Node) -> Iterator[Node]:
        here: Node | None = node
        while here is not None:
            yield here
            here = self.nodes.get(here.parent)

    def _rank(self, caller: Caller, node: Node) -> int:
        email = caller.account.email
        ranks = [0]
        if node.drive_id:
            ranks.append(_RANKS.get(self.members[node.drive_id].get(email, ""), 0))
        for each in self._upwards(node):
            if each.owner == email:
                # Who owns a folder owns not the files of others in it, but may edit them.
                ranks.append(_RANKS["owner"] if each is node else _RANKS["writer"])
            ranks.extend(
                _RANKS[permission["role"]]
                for permission in each.permissions
                if permission["type"] == "anyone" or permission.get("emailAddress") == email
            )
        return max(ranks)


def _permission(kind: str, role: str, email: str) -> Json:
    if kind not in {"user", "group", "anyone"} or role not in _RANKS:
        raise errors.bad_request("The specified permission is invalid.")
    if kind == "anyone":
        return {"kind": "drive#permission", "id": "anyoneWithLink", "type": kind, "role": role}
    made = hashlib.sha256(email.encode()).hexdigest()[:20]
    return {"id": made, "type": kind, "role": role, "emailAddress": email}


def _check_properties(body: Json) -> None:
    for key, value in (body.get("appProperties") or {}).items():
        if len((key + value).encode()) > PROPERTY_BYTES:
            raise errors.bad_request(
                "The combined UTF-8 encoded string length of a property's key and value is "
                f"over {PROPERTY_BYTES} bytes."
            )
