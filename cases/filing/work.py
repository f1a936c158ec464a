"""What filing one message works on and gathers."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.calendar import local_day
from cases.models import Case, CaseMessage, StoredMessage
from cases.policies import Party
from cases.understanding import MessageFacts, Triage
from config.desk import DeskRules

DESK = "desk"  # the actor of what happens without a person
CLIENT = "client"


@dataclass(slots=True)
class Work:
    """One message on its way into cases."""

    session: Session
    stored: StoredMessage
    triage: Triage
    facts: MessageFacts
    rules: DeskRules
    now: datetime
    party: Party
    reply_to: str | None = None  # where an unattended answer may go; None: nowhere
    own_addresses: tuple[str, ...] = ()
    slack_channel: str = ""
    opened: list[Case] = field(default_factory=list)
    joined: list[Case] = field(default_factory=list)
    completed: list[Case] = field(default_factory=list)  # joined ones whose documents are complete now
    appeal_of: Case | None = None
    attached: set[tuple[int, int]] = field(default_factory=set)  # case and position of each link made

    @property
    def received_at(self) -> datetime:
        """When the client wrote; a date in the future is not believed."""
        return min(self.facts.received_at, self.now)

    @property
    def day(self) -> date:
        """The day of the request in the desk's time zone."""
        return local_day(self.received_at, self.rules.calendar)

    @property
    def text(self) -> str:
        """Subject and what the authors wrote."""
        return f"{self.facts.subject}\n{self.facts.text}"

    @property
    def touched(self) -> list[Case]:
        """All cases of this message, each once."""
        return list({case.id: case for case in (*self.opened, *self.joined)}.values())

    @property
    def files(self) -> list[tuple[str, str]]:
        """Type and name of each document that came."""
        return [(str(d.type), d.filename) for d in self.triage.documents]

    def attach(self, case: Case, relation: str, position: int = 0, *, new: bool = False) -> None:
        """Links the message to a case; once, unless it is a new case, which can have no link yet."""
        if (case.id, position) in self.attached:
            return
        self.attached.add((case.id, position))
        known = select(CaseMessage.id).where(
            CaseMessage.case_id == case.id,
            CaseMessage.message_row_id == self.stored.id,
            CaseMessage.position == position,
        )
        if new or self.session.scalar(known) is None:
            self.session.add(
                CaseMessage(case_id=case.id, message_row_id=self.stored.id, position=position, relation=relation)
            )
