"""Who acts on the command line: a person of the desk (`--as`), or the operator of the shell."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from cases.rights import Asker, require, shell_operator
from config.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

T = TypeVar("T")


def asker_for(session: "Session", email: str | None) -> Asker | None:
    """The person of `--as`; the shell's operator without it; None for an unknown or disabled person."""
    from cases.people import asker_by_email

    return shell_operator() if email is None else asker_by_email(session, email)


def seeing(session: "Session", email: str | None, action: str = "see_status") -> Asker:
    """The person who looks. Raises Refused for unknown people and for what their role may not see."""
    asker = asker_for(session, email)
    if asker is None:
        raise Refused(f"{email} is not known to the desk: `creditdesk people list` shows who is")
    require(asker, action)
    return asker


def doing(
    sessions: "sessionmaker[Session]",
    email: str | None,
    now: datetime,
    action: str,
    reference: str | None,
    work: "Callable[[Session, Asker], T]",
) -> T:
    """Runs a writing command as the person of `--as`, in one transaction; a refusal goes to the history."""
    from cases.commands import perform

    with sessions() as session:
        asker = asker_for(session, email)

    def as_asker(session: "Session") -> T:
        if asker is None:
            raise Refused(f"{email} is not known to the desk and may not {action.replace('_', ' ')}")
        return work(session, asker)

    return perform(sessions, asker, now, action, reference, as_asker, claimed=email or "unknown")
