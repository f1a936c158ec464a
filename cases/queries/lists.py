"""Lists of cases: a typed filter, one query, rows that stream (a million cases never stand in memory as objects)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, String, Text, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cases.models import Case, CaseMessage, StoredMessage
from cases.names import name_key
from cases.rights import Asker
from cases.vocabulary import ENDED, CaseKind, Role, Status
from config.errors import Conflict, NotFound

_LOOSE_REFERENCE = re.compile(r"\s*(CR|EN)[-\s_/]*(\d{4})[-\s_/]*(\d{1,9})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases; empty fields do not count, the others must all hold."""

    kind: CaseKind | None = None
    statuses: tuple[Status, ...] = ()
    open_only: bool = False
    teams: tuple[str, ...] = ()
    mine: Asker | None = None  # by sales contact for sales, by person for the others
    due_by: date | None = None  # open, with a next action on that day or before
    policyholder: str | None = None  # any spelling
    policyholders_only: tuple[str, ...] | None = None  # what a person is limited to; () shows nothing
    buyer: str | None = None  # any spelling, or a part of the name
    policy_number: str | None = None
    text: str | None = None  # in reference, names or policy number
    references: tuple[str, ...] = ()
    received_from: datetime | None = None  # inclusive
    received_until: datetime | None = None  # exclusive
    include_merged: bool = True
    order: Literal["newest", "oldest", "due", "reference"] = "newest"
    limit: int | None = None


class CaseRow(NamedTuple):
    """One line of the register; amounts in `currency`, `messages` are digests in the order they came."""

    reference: str
    kind: str
    status: str
    request_type: str | None
    buyer_name: str | None
    buyer_country: str | None
    policyholder_name: str | None
    policy_number: str | None
    amount: Decimal | None
    currency: str | None
    team: str | None
    assignee: str | None
    missing_documents: list[str]
    next_action_due: date | None
    messages: list[str]
    version: int
    # beyond the contract
    id: int
    received_at: datetime
    status_since: datetime
    decided_at: datetime | None
    amount_approved: Decimal | None
    underwriter: str | None
    sales_contact: str | None
    broker: str | None
    sector: str | None
    channel: str
    payment_terms_days: int | None
    next_action: str | None
    needs_review: bool
    intent: str | None

    def as_json(self) -> dict[str, object]:
        """The keys that `cases list --json` promises, with plain values."""
        return {
            "reference": self.reference,
            "kind": self.kind,
            "status": self.status,
            "request_type": self.request_type,
            "buyer_name": self.buyer_name,
            "buyer_country": self.buyer_country,
            "policyholder_name": self.policyholder_name,
            "policy_number": self.policy_number,
            "amount": self.amount,
            "currency": self.currency,
            "team": self.team,
            "assignee": self.assignee,
            "missing_documents": self.missing_documents,
            "next_action_due": self.next_action_due,
            "messages": self.messages,
            "version": self.version,
            "received_at": self.received_at,
            "decided_at": self.decided_at,
            "amount_approved": self.amount_approved,
            "underwriter": self.underwriter,
        }


_MESSAGES, _DOCUMENTS = CaseRow._fields.index("messages"), CaseRow._fields.index("missing_documents")
_DOCUMENTS_TEXT = cast(Case.missing_documents, Text)  # read here: most are empty


def iter_cases(session: Session, wanted: CaseFilter = CaseFilter()) -> Iterator[CaseRow]:
    """The cases that the filter lets through, as they come from one streaming query."""
    digests = (
        select(func.aggregate_strings(cast(CaseMessage.id, String) + literal(":") + StoredMessage.digest, " "))
        .select_from(CaseMessage)
        .join(StoredMessage, StoredMessage.id == CaseMessage.message_row_id)
        .where(CaseMessage.case_id == Case.id)
        .correlate(Case)
        .scalar_subquery()
    )
    special: dict[str, ColumnElement[Any]] = {"messages": digests, "missing_documents": _DOCUMENTS_TEXT}
    query = _filtered(
        select(*(special[name] if name in special else getattr(Case, name) for name in CaseRow._fields)), wanted
    )
    for row in session.execute(query.execution_options(yield_per=5000)):
        values: list[Any] = list(row)
        values[_DOCUMENTS] = _listed(values[_DOCUMENTS])
        values[_MESSAGES] = _in_order(values[_MESSAGES])
        yield CaseRow._make(values)


def list_cases(session: Session, wanted: CaseFilter = CaseFilter()) -> list[CaseRow]:
    """The cases that the filter lets through; complete unless it has a limit."""
    return list(iter_cases(session, wanted))


def count_cases(session: Session, wanted: CaseFilter = CaseFilter()) -> int:
    """How many cases the filter lets through (without its limit)."""
    return session.execute(select(func.count()).select_from(Case).where(*_conditions(wanted))).scalar_one()


def find_row(session: Session, reference: str) -> CaseRow:
    """One case by its reference. Raises NotFound."""
    rows = list_cases(session, CaseFilter(references=(reference,)))
    if not rows:
        raise _no_case(session, reference)
    return rows[0]


def find_case(session: Session, reference: str, *, version: int | None = None) -> Case:
    """The case of a reference, spelled in any usual way. Raises NotFound.

    `version` is the one that the asker looked at: where the case has moved on since, Conflict.
    """
    case = session.scalar(select(Case).where(Case.reference == normal_reference(reference)))
    if case is None:
        raise _no_case(session, reference)
    if version is not None and version != case.version:
        raise Conflict(f"{case.reference} was changed since you looked (version {case.version}): look again and repeat")
    return case


def normal_reference(text: str) -> str:
    """CR-2026-000123 for "cr 2026 123" and the like; other text only trimmed."""
    found = _LOOSE_REFERENCE.fullmatch(text)
    return f"{found[1].upper()}-{found[2]}-{int(found[3]):06d}" if found else text.strip()


def _no_case(session: Session, reference: str) -> NotFound:
    wanted = normal_reference(reference)
    if not _LOOSE_REFERENCE.fullmatch(reference):
        return NotFound(f"{reference!r} is no case reference: write it like CR-2026-000123")
    near = session.scalar(
        select(Case.reference).where(Case.reference < wanted).order_by(Case.reference.desc()).limit(1)
    )
    hint = f" (the nearest before it is {near})" if near and near[:7] == wanted[:7] else ""
    return NotFound(f"no case {wanted}{hint}: `creditdesk cases list` shows what there is")


def _listed(written: object) -> list[str]:
    """A JSON list of words."""
    return [str(word) for word in json.loads(written)] if isinstance(written, str) and written != "[]" else []


def _in_order(joined: object) -> list[str]:
    """Digests by the id before the colon, each once."""
    if not isinstance(joined, str):
        return []
    pairs = sorted((int(number), digest) for number, _, digest in (word.partition(":") for word in joined.split()))
    return list(dict.fromkeys(digest for _, digest in pairs))


def _filtered(query: Select[Any], wanted: CaseFilter) -> Select[Any]:
    orders = {
        "newest": (Case.received_at.desc(), Case.id.desc()),
        "oldest": (Case.received_at, Case.id),
        "due": (Case.next_action_due.is_(None), Case.next_action_due, Case.id),
        "reference": (Case.reference,),
    }
    return query.where(*_conditions(wanted)).order_by(*orders[wanted.order]).limit(wanted.limit)


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    held: list[ColumnElement[bool]] = []
    if wanted.kind:
        held.append(Case.kind == wanted.kind.value)
    if wanted.statuses:
        held.append(Case.status.in_([status.value for status in wanted.statuses]))
    if wanted.open_only or wanted.due_by:
        held.append(Case.status.not_in([status.value for status in ENDED]))
    if wanted.due_by:
        held.append(Case.next_action_due <= wanted.due_by)
    if wanted.teams:
        held.append(func.lower(Case.team).in_([team.lower() for team in wanted.teams]))
    if wanted.mine:
        held.append(_belongs_to(wanted.mine))
    if wanted.policyholders_only is not None:
        held.append(Case.policyholder_name.in_(wanted.policyholders_only))
    if wanted.references:
        held.append(Case.reference.in_([normal_reference(reference) for reference in wanted.references]))
    if wanted.policy_number:
        held.append(Case.policy_number == wanted.policy_number.strip())
    if wanted.received_from:
        held.append(Case.received_at >= wanted.received_from)
    if wanted.received_until:
        held.append(Case.received_at < wanted.received_until)
    if not wanted.include_merged:
        held.append(Case.merged_into_id.is_(None))
    return held + _name_conditions(wanted)


def _name_conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    held: list[ColumnElement[bool]] = []
    if wanted.policyholder:
        held.append(_contains(Case.policyholder_name, wanted.policyholder))
    if wanted.buyer:
        key = name_key(wanted.buyer)
        held.append(
            Case.buyer_name_key.contains(key, autoescape=True) if key else _contains(Case.buyer_name, wanted.buyer)
        )
    if wanted.text:
        key = name_key(wanted.text)
        places = [
            _contains(column, wanted.text)
            for column in (Case.reference, Case.buyer_name, Case.policyholder_name, Case.policy_number)
        ]
        held.append(or_(*places, Case.buyer_name_key.contains(key, autoescape=True)) if key else or_(*places))
    return held


def _contains(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], words: str
) -> ColumnElement[bool]:
    return column.icontains(words.strip(), autoescape=True)


def _belongs_to(asker: Asker) -> ColumnElement[bool]:
    if asker.role is Role.SALES:
        return Case.sales_contact == asker.email
    return or_(Case.assignee == asker.email, Case.underwriter == asker.name)
