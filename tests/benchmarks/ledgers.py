"""An empty ledger for a benchmark, on SQLite or PostgreSQL."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

KINDS = ("sqlite", "postgresql")
#: A server on which databases may be made.
POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@contextmanager
def ledger_url(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new ledger, which is gone after the block.

    Args:
        kind: ``sqlite``; or ``postgresql``, on the server that ``PRESSRUN_BENCH_POSTGRESQL``
            names, by default this machine's.
        folder: Where SQLite's file goes.
    """
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'ledger.db'}"
        return
    server = make_url(os.environ.get("PRESSRUN_BENCH_POSTGRESQL", POSTGRESQL))
    name = f"pressrun_bench_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
