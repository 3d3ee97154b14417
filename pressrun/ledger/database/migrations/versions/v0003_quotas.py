"""Quotas keep all limits of a model in one row, with what refusals taught."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBERS = (
    "requests_tat",
    "images_tat",
    "tokens_tat",
    "spend_tat",
    "minute_at",
    "held_until",
    "wall",
    "floor",
    "flat_s",
    "used_s",
    "since_at",
    "told_at",
    "seen_at",
    "closed_until",
)


def upgrade() -> None:
    """Makes the table anew: what it held is of the last minute, or learned again from a refusal."""
    op.drop_table("quotas")
    op.create_table(
        "quotas",
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in _NUMBERS),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("day_count", sa.Integer(), nullable=False),
        sa.Column("minute_count", sa.Integer(), nullable=False),
        sa.Column("minute_before", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("closed_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "model"),
    )
