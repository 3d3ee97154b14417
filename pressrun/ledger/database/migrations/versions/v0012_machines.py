"""Several machines: bytes that any of them can read, and which one a batch is bound to."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Adds the table and the columns."""
    op.create_table(
        "copies",
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "sha256"),
    )
    machine = sa.Column("machine", sa.String(length=36), nullable=False, server_default="")
    op.add_column("holders", machine)
    for name in ("machine", "machine_name"):
        op.add_column("batches", sa.Column(name, sa.Text(), nullable=False, server_default=""))
