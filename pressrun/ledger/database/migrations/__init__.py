"""Migrates a ledger's tables to the shape of :mod:`pressrun.ledger.database.schema` (Alembic)."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from pressrun.errors import LedgerError

#: The newest revision; a test compares it with the scripts. Known without Alembic, whose
#: import would cost every command a tenth of a second.
HEAD = "0013"


def revision(connection: Connection) -> str | None:
    """Reads the revision that the tables have; None for an empty database.

    Raises:
        LedgerError: The tables were made by a newer Pressrun.
    """
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is not None and found > HEAD:
        raise LedgerError(
            f"The ledger was written by a newer Pressrun (revision {found}, known {HEAD}). "
            "Update Pressrun, or point PRESSRUN_LEDGER_URL at another ledger."
        )
    return found


def upgrade(connection: Connection) -> None:
    """Runs the missing migrations inside the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - see HEAD
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
