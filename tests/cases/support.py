"""A small invented desk for the tests of the register: people, a policyholder, a policy, buyers, requests."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from sqlalchemy.orm import Session

from cases.commands.opening import blank_case
from cases.models import Buyer, Case, FieldEvidence, Person, Policy, Policyholder
from cases.names import name_key
from cases.rights import Asker
from cases.vocabulary import CaseKind, Role, Status
from config.desk import DeskRules, load_desk_rules

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

OFFICER = Asker("olga@desk.example", "Olga Officer", Role.OFFICER, "Credit Back Office")
OTHER_OFFICER = Asker("otto@desk.example", "Otto Officer", Role.OFFICER, "Credit Back Office")
UNDERWRITER = Asker("uma@desk.example", "Uma Underwriter", Role.UNDERWRITER, "Domestic")
SALES = Asker("sven@desk.example", "Sven Sales", Role.SALES, "Sales North", ("Alder Tools Ltd",))
MANAGER = Asker("mia@desk.example", "Mia Manager", Role.MANAGER, "Credit Management")
ADMIN = Asker("adam@desk.example", "Adam Admin", Role.ADMIN, "IT")
EVERYBODY = (OFFICER, OTHER_OFFICER, UNDERWRITER, SALES, MANAGER, ADMIN)


@cache
def rules() -> DeskRules:
    """The rules that ship."""
    return load_desk_rules()


def furnish(session: Session) -> Policy:
    """People, one policyholder with a policy, one buyer."""
    for asker in EVERYBODY:
        session.add(
            Person(
                name=asker.name,
                email=asker.email,
                role=asker.role.value,
                team=asker.team,
                accounts=list(asker.accounts),
                absences=[],
                active=True,
            )
        )
    holder = Policyholder(name="Alder Tools Ltd", name_key=name_key("Alder Tools Ltd"), created_at=NOW)
    session.add(holder)
    session.flush()
    policy = Policy(
        number="TC-900100",
        number_key="TC900100",
        policyholder_id=holder.id,
        status="active",
        currency="EUR",
        maximum_liability=Decimal(5_000_000),
        covered_countries=["DE", "FR"],
        max_terms_days=90,
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
    )
    session.add(policy)
    session.add(Buyer(name="Birke Bau GmbH", name_key=name_key("Birke Bau GmbH"), country="DE", created_at=NOW))
    session.flush()
    return policy


def request(session: Session, status: Status = Status.IN_REVIEW, amount: int | None = 100_000) -> Case:
    """A request on the buyer of `furnish`, put into a state without going there."""
    case = blank_case(session, CaseKind.REQUEST, NOW)
    policy = session.query(Policy).one()
    buyer = session.query(Buyer).filter_by(name="Birke Bau GmbH").order_by(Buyer.id).limit(1).one()
    case.policy_id, case.policy_number = policy.id, policy.number
    case.policyholder_id, case.policyholder_name = policy.policyholder_id, "Alder Tools Ltd"
    case.buyer_id, case.buyer_name, case.buyer_name_key = buyer.id, buyer.name, buyer.name_key
    case.buyer_country, case.request_type = "DE", "new"
    case.amount = None if amount is None else Decimal(amount)
    case.currency, case.payment_terms_days = "EUR", 60
    case.status = status.value
    session.add(
        FieldEvidence(
            case_id=case.id,
            field="amount",
            value=str(amount),
            quote="EUR 100,000",
            part="body",
            start=10,
            end=21,
            engine="rules",
            state="proposed",
            set_at=NOW,
            current=True,
        )
    )
    session.flush()
    return case


def enquiry(session: Session, status: Status = Status.RECEIVED) -> Case:
    """An enquiry in a state."""
    case = blank_case(session, CaseKind.ENQUIRY, NOW)
    case.status = status.value
    session.flush()
    return case
