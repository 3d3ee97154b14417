"""The parameter ``what`` of batches is called ``action``, with shorter values."""

import hashlib
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ACTIONS = {"quote only": "quote", "preview first": "preview"}
_batches = sa.table(
    "batches", sa.column("id"), sa.column("parameters", sa.JSON), sa.column("reviews", sa.JSON)
)
_items = sa.table(
    "items",
    *(sa.column("batch_id"), sa.column("key"), sa.column("position")),
    sa.column("spec", sa.JSON),
)


def upgrade() -> None:
    """Translates the parameters; what a person approved stays approved."""
    connection = op.get_bind()
    for batch_id, before, reviews in connection.execute(sa.select(*_batches.c)).all():
        if "what" not in before:
            continue
        after = {name: value for name, value in before.items() if name != "what"}
        after["action"] = _ACTIONS.get(before["what"], before["what"])
        values: dict[str, Any] = {"parameters": after}
        if reviews and reviews.get("approved"):
            plan = _plan(connection, batch_id)
            values["reviews"] = _approved_anew(reviews, _digest(before, plan), _digest(after, plan))
        connection.execute(sa.update(_batches).where(_batches.c.id == batch_id).values(values))


def _approved_anew(reviews: dict[str, Any], before: str, after: str) -> dict[str, Any]:
    """Puts the plan's new digest into the reviews, wherever its old one was approved."""
    approved = {
        subject: said | {"plan_sha256": after} if said["plan_sha256"] == before else said
        for subject, said in reviews["approved"].items()
    }
    return reviews | {"approved": approved}


def _plan(connection: sa.Connection, batch_id: str) -> list[list[Any]]:
    mine = sa.select(_items.c.key, _items.c.spec).where(_items.c.batch_id == batch_id)
    return [list(row) for row in connection.execute(mine.order_by(_items.c.position))]


def _digest(parameters: dict[str, Any], plan: list[list[Any]]) -> str:
    # As the ledger makes it (``pressrun.ledger.reviews.plan_digest``), which may change later.
    whole = {"parameters": parameters, "items": plan}
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()
