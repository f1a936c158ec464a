"""Running a command: one transaction, refusals kept in the history, concurrent changes told."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from cases import audit
from cases.models import Case
from cases.queries.lists import normal_reference
from cases.rights import Asker
from config.errors import Conflict, Refused

T = TypeVar("T")
_LOST_RACES = ("deadlock detected", "could not serialize", "unique constraint", "duplicate key")


def perform(
    sessions: sessionmaker[Session],
    asker: Asker | None,
    now: datetime,
    action: str,
    reference: str | None,
    work: Callable[[Session], T],
    *,
    claimed: str = "unknown",
) -> T:
    """Runs `work` in a transaction of its own and returns what it returns.

    A Refused is written to the history of the case (`reference`) under `action` before it goes on; `claimed` is
    who an unknown person said to be. A change by somebody else in the meantime is a Conflict: nothing was written.
    """
    try:
        with sessions.begin() as session:
            audit.lock(session)
            return work(session)
    except Refused as refusal:
        record_refusal(sessions, asker.email if asker else claimed, now, action, reference, str(refusal))
        raise
    except StaleDataError as error:
        raise _somebody_else(reference) from error
    except DBAPIError as error:
        if any(words in str(error.orig).lower() for words in _LOST_RACES):
            raise _somebody_else(reference) from error
        raise


def _somebody_else(reference: str | None) -> Conflict:
    return Conflict(f"{reference or 'this'} was changed by somebody else at the same moment: look again and repeat")


def record_refusal(
    sessions: sessionmaker[Session], actor: str, now: datetime, action: str, reference: str | None, reason: str
) -> None:
    """Writes a Refused event in a transaction of its own, with the case where the reference is one."""
    with sessions.begin() as session:
        case = None
        if reference:
            case = session.scalar(select(Case).where(Case.reference == normal_reference(reference)))
        after = {"action": action, "reference": reference}
        audit.record(session, kind="Refused", actor=actor, at=now, case=case, after=after, cause=reason)
