"""Run by Alembic inside the connection (and transaction) that cases.database gives it."""

from alembic import context

from cases.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
# The caller owns the transaction: a kill in the middle leaves the database as it was.
context.run_migrations()
