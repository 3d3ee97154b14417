"""Who asks for batches, counted for limits; and models that are left alone for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the tables and the column; batches that are there were asked for by nobody known."""
    requested_by = sa.Column("requested_by", sa.Text(), nullable=False, server_default="")
    op.add_column("batches", requested_by)
    op.create_table(
        "requests",
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id"),
    )
    op.create_index("requests_at", "requests", ["at"])
    op.create_index("requests_requester", "requests", ["requester", "at"])
    op.create_table(
        "breakers",
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("failed_at", sa.Text(), nullable=False),
        sa.Column("wait_s", sa.Float(), nullable=False),
        sa.Column("open_until", sa.Float(), nullable=False),
        sa.Column("trial_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("model"),
    )
