"""Looking at the ledger: rows as the contract of `messages list` has them, and one message in full."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import StoredMessage
from ingest.ledger import references_of


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which messages; empty: all."""

    state: str | None = None
    limit: int | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A message in a list; the names are the contract's."""

    id: int
    digest: str
    message_id: str | None
    state: str
    intent: str | None
    cases: list[str]
    reason: str | None
    subject: str | None
    sender: str | None
    received_at: datetime
    engine: str | None
    attempts: int


def ledger_rows(session: Session, wanted: LedgerFilter) -> Iterator[LedgerRow]:
    """The rows in the order in which they came (or the newest first), however many there are."""
    order = StoredMessage.id.desc() if wanted.newest_first else StoredMessage.id
    query = select(*(getattr(StoredMessage, name) for name in _COLUMNS)).order_by(order)
    if wanted.state:
        query = query.where(StoredMessage.state == wanted.state)
    if wanted.limit:
        query = query.limit(wanted.limit)
    for group in session.execute(query.execution_options(yield_per=500)).partitions():
        references = references_of(session, [row.id for row in group])
        for row in group:
            yield LedgerRow(**row._mapping, cases=references[row.id])


_COLUMNS = tuple(field.name for field in fields(LedgerRow) if field.name != "cases")
