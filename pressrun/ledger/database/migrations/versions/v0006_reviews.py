"""Batches that wait for a person, and whose they are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("batches", sa.Column("owner", sa.Text(), nullable=False, server_default=""))
    op.add_column("batches", sa.Column("reviews", sa.JSON(), nullable=True))
    op.execute("UPDATE batches SET status = 'running' WHERE status = 'processing'")
