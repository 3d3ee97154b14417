"""Spending caps, and what of a batch may change while it runs."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the tables and columns; batches that are there have no cap."""
    op.create_table(
        "budgets",
        sa.Column("scope", sa.String(length=160), nullable=False),
        sa.Column("spent_nusd", sa.BigInteger(), nullable=False),
        sa.Column("held_nusd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
    op.create_table(
        "holds",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.String(length=160), nullable=False),
        sa.Column("nusd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "scope"),
    )
    for column in (
        sa.Column("concurrency", sa.Integer(), nullable=False, server_default="5"),
        sa.Column("priority", sa.String(length=8), nullable=False, server_default="normal"),
        sa.Column("budget_usd", sa.Float(), nullable=True),
    ):
        op.add_column("batches", column)
