"""Blocks and variables as they lie on Prefect's server, asked over its API.

Secrets are written and, where a check needs them, read once more; no page is given one: what it is
given says only which of them are set.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pressrun.desk.prefect_api import ServerRefused
from pressrun.desk.server import PrefectServer
from pressrun.errors import InputError

#: As Prefect takes them.
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?")
#: Types that are not ours. A server knows them by itself, unless that is switched off.
_REGISTERED_BY = {"aws-credentials": "prefect block register -m prefect_aws"}
_AT_ONCE, _SAVE_S = 200, 30.0


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block without its secrets.

    Attributes:
        slug: Of its type.
        data: Its fields; those that are secret, or as they were by default, are left out.
        secrets: The names of the secret fields that are set, where it was asked for.
        updated: When it was last changed, as the server writes it.
    """

    id: str
    slug: str
    name: str
    data: Mapping[str, Any]
    secrets: frozenset[str]
    updated: str


@dataclass(frozen=True, slots=True)
class BlockShape:
    """What a type of block has, as the server was told when it was registered.

    Attributes:
        fields: Title, description and bounds of each, as JSON schema has them.
        secrets: The names of secret fields.
        rows: Of a field that is a list of objects, the fields of each.
    """

    type_id: str
    schema_id: str
    fields: Mapping[str, Mapping[str, Any]]
    secrets: frozenset[str]
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]]


class SavedBlocks:
    """The blocks of a server.

    Args:
        server: Prefect's.
    """

    def __init__(self, server: PrefectServer):
        self._server = server

    def listed(self, *slugs: str, which_secrets: bool = False) -> list[StoredBlock]:
        """Lists the blocks of these types, by name.

        Args:
            slugs: Of the types.
            which_secrets: Whether it matters which secrets are set: masked ones do not say it, so
                they are read, and dropped here.

        Raises:
            ServerAway: The server does not answer.
        """
        asked = {"block_types": {"slug": {"any_": list(slugs)}}, "include_secrets": which_secrets}
        found = _every(self._server, "/block_documents/filter", asked)
        named = [document for document in found if document.get("name")]
        blocks = (_without_secrets(document, which_secrets=which_secrets) for document in named)
        return sorted(blocks, key=lambda block: (block.slug, block.name))

    def find(self, slug: str, name: str) -> StoredBlock:
        """Finds a block by its name.

        Raises:
            InputError: There is none.
            ServerAway: The server does not answer.
        """
        return _without_secrets(self._document(slug, name), which_secrets=True)

    def whole(self, slug: str, name: str) -> dict[str, Any]:
        """Reads a block's fields, secret ones too, for what is done here and shown to nobody."""
        return _chosen(self._document(slug, name))

    def has(self, slug: str, name: str) -> bool:
        """Says whether there is a block of that name."""
        return any(block.name == name for block in self.listed(slug))

    def shape(self, slug: str) -> BlockShape:
        """Reads what blocks of a type have.

        Raises:
            InputError: The server does not know the type.
        """
        try:
            kind = self._server.ask("GET", f"/block_types/slug/{_part(slug)}")
        except InputError as error:
            command = _REGISTERED_BY.get(slug, "pressrun setup")
            raise InputError(
                f"Prefect's server has no blocks of the type {slug}. `{command}` adds it."
            ) from error
        asked = {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}}
        schemas = self._server.ask("POST", "/block_schemas/filter", asked)
        newest = max(schemas, key=lambda schema: schema["created"])
        fields = newest["fields"]
        return BlockShape(
            kind["id"], newest["id"], fields["properties"], _secret_names(fields), _rows(fields)
        )

    def create(self, slug: str, name: str, data: Mapping[str, Any]) -> None:
        """Saves a new block.

        Raises:
            InputError: There is one of that name, or it is no name.
            ServerAway: The server does not answer; nothing is saved.
        """
        shape = self.shape(slug)
        asked = {"name": name, "data": dict(data), "block_type_id": shape.type_id}
        asked["block_schema_id"] = shape.schema_id
        try:
            self._server.ask("POST", "/block_documents/", asked, _SAVE_S)
        except ServerRefused as error:
            if not error.is_taken:
                raise
            raise InputError(f"There is already one called {name}. Choose another name.") from error

    def change(self, block: StoredBlock, data: Mapping[str, Any]) -> None:
        """Changes fields of a block; those that are not named stay."""
        asked = {"data": dict(data), "block_schema_id": self.shape(block.slug).schema_id}
        self._server.ask("PATCH", f"/block_documents/{_part(block.id)}", asked, _SAVE_S)

    def delete(self, block: StoredBlock) -> None:
        """Deletes a block."""
        self._server.ask("DELETE", f"/block_documents/{_part(block.id)}", patience_s=_SAVE_S)

    def _document(self, slug: str, name: str) -> dict[str, Any]:
        where = f"/block_types/slug/{_part(slug)}/block_documents/name/{_part(name)}"
        try:
            document: dict[str, Any] = self._server.ask("GET", f"{where}?include_secrets=true")
        except InputError as error:
            raise InputError(
                "There is none of that name any more. Somebody may have renamed or deleted it."
            ) from error
        return document


class Variables:
    """The variables of a server.

    Args:
        server: Prefect's.
    """

    def __init__(self, server: PrefectServer):
        self._server = server

    def read(self, name: str) -> Any:
        """Reads a variable's value; None if there is none of that name."""
        asked = {"variables": {"name": {"any_": [name]}}}
        found = self._server.ask("POST", "/variables/filter", asked)
        return found[0]["value"] if found else None

    def beginning(self, prefix: str) -> dict[str, Any]:
        """Reads the variables whose names begin so, by the rest of their names."""
        asked = {"variables": {"name": {"like_": prefix}}}
        found = _every(self._server, "/variables/filter", asked)
        ours = (variable for variable in found if variable["name"].startswith(prefix))
        return {one["name"].removeprefix(prefix): one["value"] for one in ours}

    def write(self, name: str, value: Any) -> None:
        """Sets a variable."""
        try:
            self._change(name, {"value": value})
        except ServerRefused:
            raise
        except InputError:  # there is none yet
            self._server.ask("POST", "/variables/", {"name": name, "value": value}, _SAVE_S)

    def rename(self, name: str, new: str) -> None:
        """Gives a variable another name.

        Raises:
            InputError: There is none of the old name, or one of the new name.
        """
        if self.read(new) is not None:
            raise InputError("There is already one of that name. Choose another.")
        self._change(name, {"name": new})

    def delete(self, name: str) -> None:
        """Deletes a variable."""
        self._server.ask("DELETE", f"/variables/name/{_part(name)}", patience_s=_SAVE_S)

    def _change(self, name: str, content: Mapping[str, Any]) -> None:
        self._server.ask("PATCH", f"/variables/name/{_part(name)}", content, _SAVE_S)


def require_name(name: str) -> str:
    """Checks the name of a new block.

    Raises:
        InputError: Prefect takes no such name.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            "Give a name of lower case letters, digits and dashes, such as shop or shop-2."
        )
    return name


def _every(server: PrefectServer, path: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = server.ask("POST", path, {**asked, "limit": _AT_ONCE, "offset": len(found)})
        found += page
        if len(page) < _AT_ONCE:
            return found


def _without_secrets(document: Mapping[str, Any], *, which_secrets: bool) -> StoredBlock:
    names = _secret_names(document["block_schema"]["fields"])
    data = _chosen(document)
    return StoredBlock(
        document["id"],
        document["block_type"]["slug"],
        document["name"],
        {name: value for name, value in data.items() if name not in names},
        frozenset(name for name in names if which_secrets and data.get(name)),
        document["updated"],
    )


def _chosen(document: Mapping[str, Any]) -> dict[str, Any]:
    """Gives the fields that somebody chose.

    Prefect saves defaults too. One of the time when the block was saved does not hold for ever:
    see docs/decisions/0021.
    """
    told = document["block_schema"]["fields"].get("properties", {})
    usual = {name: field.get("default") for name, field in told.items()}
    return {n: value for n, value in document["data"].items() if value != usual.get(n)}


def _rows(fields: Mapping[str, Any]) -> dict[str, Any]:
    rows = {}
    for name, told in fields["properties"].items():
        _, _, kind = told.get("items", {}).get("$ref", "").rpartition("/")
        if kind:
            rows[name] = fields["definitions"][kind]["properties"]
    return rows


def _secret_names(fields: Mapping[str, Any]) -> frozenset[str]:
    # Of a secret with fields of its own, the name of the whole.
    return frozenset(name.split(".")[0] for name in fields.get("secret_fields", ()))


def _part(name: str) -> str:
    return quote(name, safe="")
