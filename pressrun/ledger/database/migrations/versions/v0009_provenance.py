"""A file's provenance, where it stands beside the file and not in it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds the column; files made before say in themselves where they came from."""
    op.add_column("deliveries", sa.Column("provenance", sa.JSON))
