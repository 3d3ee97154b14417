"""Batches know the result store block that they are delivered through, and their layout."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the two columns; what is there was delivered to plain folders."""
    op.add_column("batches", sa.Column("store", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "batches",
        sa.Column("layout", sa.Text(), nullable=False, server_default="{item}/{file}"),
    )
