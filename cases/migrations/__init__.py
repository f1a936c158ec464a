"""Alembic migrations. `HEAD` is the newest; a test compares it and the tables with the models."""

HEAD = "0001"
