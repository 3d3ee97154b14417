"""Alembic's entry: runs the scripts on the connection that :func:`upgrade` hands over."""

from alembic import context

from pressrun.ledger.database.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
