"""References of cases: CR-2026-000123 for requests, EN-2026-000123 for enquiries; a number is never given twice."""

import re
from functools import cache
from typing import Literal

from sqlalchemy import Executable, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cases.models import CaseReference

Prefix = Literal["CR", "EN"]
REFERENCE = re.compile(r"(CR|EN)-(\d{4})-(\d{6,})")


def next_reference(session: Session, prefix: Prefix, year: int) -> str:
    """The next free reference of a year; its number is spent even if the case is never finished."""
    return f"{prefix}-{year}-{_count(session, prefix, year, None):06d}"


def parse(reference: str) -> tuple[str, int, int] | None:
    """Prefix, year and number of a well-formed reference; None for any other text."""
    found = REFERENCE.fullmatch(reference.strip().upper())
    return (found[1], int(found[2]), int(found[3])) if found else None


def raise_counter(session: Session, prefix: str, year: int, number: int) -> None:
    """Makes sure that numbers up to `number` are not given again (after an import)."""
    _count(session, prefix, year, number)


def _count(session: Session, prefix: str, year: int, at_least: int | None) -> int:
    """One atomic step of the counter on either database; returns where it stands then."""
    connection = session.connection()
    upsert = _upsert(connection.dialect.name == "postgresql", at_least is None)
    values = {"prefix": prefix, "year": year, "last": 1 if at_least is None else at_least}
    reached: int = connection.execute(upsert, values).scalar_one()
    return reached


@cache
def _upsert(postgres: bool, next_one: bool) -> Executable:
    """Made once: putting a statement together costs as much as running it."""
    statement = (postgresql if postgres else sqlite).insert(CaseReference.metadata.tables["case_references"])
    last = CaseReference.last
    higher = func.greatest if postgres else func.max
    raised = last + 1 if next_one else higher(last, statement.excluded.last)
    upsert = statement.on_conflict_do_update(index_elements=["prefix", "year"], set_={"last": raised})
    counted: Executable = upsert.returning(last)
    return counted
