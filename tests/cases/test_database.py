"""The database is made on first use and always stands where the models say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from cases.database import open_database
from cases.models import Base


def test_first_use_makes_the_schema_of_the_models(database: Engine) -> None:
    """A new database has exactly the tables and columns that the models describe."""
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_opening_again_changes_nothing(database: Engine, database_url: str) -> None:
    """A database at the newest schema is opened as it is."""
    again = open_database(database_url)
    with again.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), Base.metadata) == []
        )
    again.dispose()
