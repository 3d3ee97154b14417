"""One process for each batch, a retry of some items only, and an end to crash loops."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the table and the columns."""
    op.create_table(
        "holders",
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("beat_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id"),
    )
    op.add_column("batches", sa.Column("only", sa.JSON(), nullable=True))
    crashes = sa.Column("crashes", sa.Integer(), nullable=False, server_default="0")
    op.add_column("batches", crashes)
