"""Outbox rows of the channel `slack`: each key is written once, however often the news is looked at."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import OutboxItem
from cases.vocabulary import Channel, OutboxState


def write(
    session: Session,
    key: str,
    kind: str,
    to: str,
    text: str,
    payload: Mapping[str, object],
    now: datetime,
    due: datetime,
    *,
    case_id: int | None = None,
) -> OutboxItem:
    """The row of a key; where there is one already, that one, unchanged. `due` is real time, `now` domain time."""
    known = session.scalar(select(OutboxItem).where(OutboxItem.key == key))
    if known is not None:
        return known
    row = OutboxItem(
        key=key, kind=kind, channel=Channel.SLACK.value, to=to, case_id=case_id, state=OutboxState.WAITING.value,
        text=text, payload=dict(payload), references=[], automatic=True, created_at=now, due_at=due,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
