"""Calls and deliveries by their moment: bills of some days, and metrics, read no more than that."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Adds the indexes."""
    op.create_index("calls_settled_at", "calls", ["settled_at"])
    op.create_index("deliveries_delivered_at", "deliveries", ["delivered_at"])
