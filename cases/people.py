"""Colleagues: who asks, who works in a team on a day, who is away."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import audit
from cases.models import Person
from cases.rights import Asker, require
from cases.vocabulary import Role
from config.errors import Conflict, InvalidValue, NotFound


def to_asker(person: Person) -> Asker:
    """The person as one who asks."""
    return Asker(
        email=person.email,
        name=person.name,
        role=Role(person.role),
        team=person.team,
        accounts=tuple(person.accounts or ()),
        slack_user_id=person.slack_user_id,
    )


def person_by_email(session: Session, email: str) -> Person | None:
    """The person of an address, disabled ones too."""
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def asker_by_email(session: Session, email: str) -> Asker | None:
    """The active person of an address; None: unknown or disabled, and so without rights."""
    person = person_by_email(session, email)
    return to_asker(person) if person is not None and person.active else None


def asker_by_slack_id(session: Session, slack_user_id: str) -> Asker | None:
    """The active person of a Slack id; None: unknown or disabled."""
    if not slack_user_id:
        return None
    people = session.scalars(select(Person).where(Person.slack_user_id == slack_user_id, Person.active)).all()
    return to_asker(people[0]) if len(people) == 1 else None


def find_person(session: Session, words: str) -> Person:
    """The active person of an e-mail, or of a full name. Raises NotFound, or Conflict where a name fits several."""
    if "@" in words and (person := person_by_email(session, words)) is not None and person.active:
        return person
    named = session.scalars(select(Person).where(func.lower(Person.name) == words.strip().lower(), Person.active)).all()
    if len(named) == 1:
        return named[0]
    if named:
        raise Conflict(f"{words} is the name of {len(named)} people: give the e-mail address")
    raise NotFound(f"no active person {words!r}: `creditdesk people list` shows who there is")


def is_absent(person: Person, on: date) -> bool:
    """Whether an absence of the person covers the day (both ends count)."""
    day = on.isoformat()
    return any(a.get("from", "") <= day <= a.get("until", "") for a in person.absences or ())


def underwriters_of(session: Session, team: str, on: date, extra_emails: Iterable[str] = ()) -> list[Person]:
    """The active underwriters of a team who are there on the day, by e-mail.

    `extra_emails` are the members that desk.yaml lists for the team beside those of the people table.
    """
    extra = {email.lower() for email in extra_emails}
    people = session.scalars(
        select(Person).where(Person.role == Role.UNDERWRITER, Person.active).order_by(Person.email)
    )
    return [p for p in people if (p.team == team or p.email in extra) and not is_absent(p, on)]


def everyone(session: Session) -> list[Person]:
    """All people, by name."""
    return list(session.scalars(select(Person).order_by(Person.name, Person.email)))


def add(
    session: Session,
    asker: Asker,
    now: datetime,
    *,
    name: str,
    email: str,
    role: str,
    team: str | None = None,
    slack_user_id: str | None = None,
    accounts: Iterable[str] = (),
) -> Person:
    """Adds a person, or brings one back who was disabled. Raises InvalidValue, Conflict, Refused."""
    require(asker, "manage_people")
    address = checked_email(email)
    known = person_by_email(session, address)
    if known is not None and known.active:
        raise Conflict(f"{address} is there already as {known.name} ({known.role}): use `people disable` first")
    person = known or Person(email=address)
    person.name, person.role, person.active = name.strip() or address, checked_role(role).value, True
    person.team, person.slack_user_id, person.accounts = team, slack_user_id, list(accounts)
    person.absences = person.absences or []
    session.add(person)
    after = {"email": address, "name": person.name, "role": person.role, "team": team}
    audit.record(session, kind="PersonAdded", actor=asker.email, at=now, after=after)
    return person


def disable(session: Session, asker: Asker, now: datetime, email: str) -> Person:
    """Takes all rights from a person; what he did keeps his name. Raises NotFound, Refused."""
    require(asker, "manage_people")
    person = _known(session, email)
    if person.active:
        person.active = False
        audit.record(session, kind="PersonDisabled", actor=asker.email, at=now, after={"email": person.email})
    return person


def absent(session: Session, asker: Asker, now: datetime, email: str, first: date, last: date) -> Person:
    """Notes that a person is away (both days count); people may do this for themselves."""
    person = _known(session, email)
    if asker.email != person.email:
        require(asker, "manage_people")
    if last < first:
        raise InvalidValue(f"an absence cannot end on {last} before it begins on {first}: swap the dates")
    span = {"from": first.isoformat(), "until": last.isoformat()}
    if span not in person.absences:
        person.absences = [*person.absences, span]
        audit.record(session, kind="PersonAbsent", actor=asker.email, at=now, after={"email": person.email, **span})
    return person


def checked_email(text: str) -> str:
    """The address in lower case. Raises InvalidValue for what is none."""
    address = text.strip().lower()
    local, at, domain = address.partition("@")
    if not (local and at and domain) or any(c.isspace() for c in address) or "@" in domain or len(address) > 320:
        raise InvalidValue(f"{text!r} is no e-mail address: write it like name@company.example")
    return address


def checked_role(text: str) -> Role:
    """The role of that name. Raises InvalidValue listing the right ones."""
    try:
        return Role(text.strip().lower())
    except ValueError as error:
        roles = ", ".join(role.value for role in Role)
        raise InvalidValue(f"{text!r} is no role: choose one of {roles}") from error


def _known(session: Session, email: str) -> Person:
    person = person_by_email(session, email)
    if person is None:
        raise NotFound(f"no person {email!r}: `creditdesk people list` shows who there is")
    return person
