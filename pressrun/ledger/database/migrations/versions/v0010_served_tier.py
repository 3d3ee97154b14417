"""The tier of service in which a call was served, since its price depends on it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds the column; of calls made before nothing is known, as of those in the usual tier."""
    tier = sa.Column("tier", sa.String(length=40), nullable=False, server_default="")
    op.add_column("calls", tier)
