"""Importing people, policies and exchange rates."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import audit
from cases.imports.sheet import Fault, ImportResult, Row, Sheet
from cases.models import FxRate, Person, Policy, Policyholder
from cases.names import name_key
from cases.people import checked_email, checked_role
from cases.policies import number_key
from cases.vocabulary import PolicyStatus
from config.errors import InvalidValue


def _each(sheet: Sheet, required: tuple[str, ...], take: Callable[[Row], str]) -> ImportResult:
    """Takes row after row; `take` returns added, changed or unchanged, or raises InvalidValue."""
    sheet.check(required)
    result = ImportResult()
    for line, values in sheet.records(result):
        try:
            outcome = take(Row(values))
        except InvalidValue as error:
            result.faults.append(Fault(line, str(error)))
            continue
        setattr(result, outcome, getattr(result, outcome) + 1)
    result.faults.sort(key=lambda fault: fault.line)
    return result


def _record(session: Session, kind: str, sheet: Sheet, result: ImportResult, actor: str, now: datetime) -> None:
    if result.added or result.changed:
        after = {"file": sheet.name, "added": result.added, "changed": result.changed, "faulty": len(result.faults)}
        audit.record(session, kind=kind, actor=actor, at=now, after=after)


def _apply(target: object, values: dict[str, object], row: Row) -> bool:
    """Sets what the file says otherwise (columns that it lacks stay); False where nothing differed."""
    changed = False
    for name, value in values.items():
        if row.lacks(name):
            continue
        if getattr(target, name) != value:
            setattr(target, name, value)
            changed = True
    return changed


def import_people(session: Session, sheet: Sheet, now: datetime, actor: str) -> ImportResult:
    """Colleagues by e-mail: name, email, role, team, slack_user_id, accounts (joined by semicolons)."""
    known = {person.email: person for person in session.scalars(select(Person))}

    def take(row: Row) -> str:
        email = checked_email(row.required("email", 320))
        values: dict[str, object] = {
            "name": row.required("name", 200),
            "role": checked_role(row.required("role")).value,
            "team": row.text("team", 100),
            "slack_user_id": row.text("slack_user_id", 32),
            "accounts": row.listed("accounts"),
        }
        if person := known.get(email):
            return "changed" if _apply(person, values, row) else "unchanged"
        known[email] = Person(email=email, active=True, absences=[], **values)
        session.add(known[email])
        return "added"

    result = _each(sheet, ("name", "email", "role"), take)
    session.flush()
    _record(session, "PeopleImported", sheet, result, actor, now)
    return result


def import_fx(session: Session, sheet: Sheet, now: datetime, actor: str) -> ImportResult:
    """Rates by currency and date: currency, eur_per_unit, date."""
    known = {(rate.currency, rate.date): rate for rate in session.scalars(select(FxRate))}

    def take(row: Row) -> str:
        currency = row.currency("currency")
        row.required("date")
        day = row.day("date")
        assert day is not None
        rate = row.amount("eur_per_unit")
        if rate is None or rate <= 0:
            raise InvalidValue(f"eur_per_unit of {currency} must be above 0")
        if found := known.get((currency, day)):
            return "changed" if _apply(found, {"eur_per_unit": float(rate)}, row) else "unchanged"
        known[currency, day] = FxRate(currency=currency, date=day, eur_per_unit=float(rate))
        session.add(known[currency, day])
        return "added"

    result = _each(sheet, ("currency", "eur_per_unit", "date"), take)
    session.flush()
    _record(session, "RatesImported", sheet, result, actor, now)
    return result


def import_policies(session: Session, sheet: Sheet, now: datetime, actor: str) -> ImportResult:
    """Policies by number, with their policyholders; columns as in policies.csv."""
    policies = {policy.number: policy for policy in session.scalars(select(Policy))}
    holders = {holder.name: holder for holder in session.scalars(select(Policyholder))}

    def take(row: Row) -> str:
        number = row.required("policy_number", 64)
        name = row.required("policyholder")
        values = _policy_values(row)
        holder = holders.get(name)
        if holder is None:
            holder = Policyholder(name=name, name_key=name_key(name), email_domains=[], contacts=[], created_at=now)
            session.add(holder)
            session.flush()
            holders[name] = holder
        if policy := policies.get(number):
            moved = policy.policyholder_id != holder.id
            policy.policyholder_id = holder.id
            return "changed" if _apply(policy, values, row) or moved else "unchanged"
        policies[number] = Policy(number=number, number_key=number_key(number), policyholder_id=holder.id, **values)
        session.add(policies[number])
        return "added"

    result = _each(sheet, ("policy_number", "policyholder", "status", "currency"), take)
    session.flush()
    _record(session, "PoliciesImported", sheet, result, actor, now)
    return result


def _policy_values(row: Row) -> dict[str, object]:
    starts, ends = row.day("valid_from"), row.day("valid_until")
    if starts and ends and ends < starts:
        raise InvalidValue(f"valid_until {ends} lies before valid_from {starts}")
    countries = [country.upper() for country in row.listed("covered_countries")]
    if odd := next((country for country in countries if len(country) != 2 or not country.isalpha()), None):
        raise InvalidValue(f"covered_countries has {odd!r}, which is no country code like DE")
    amounts: dict[str, Decimal | None] = {
        column: row.amount(column) for column in ("maximum_liability", "discretionary_limit")
    }
    return {
        "broker": row.text("broker"),
        "status": row.choice("status", [status.value for status in PolicyStatus]),
        "currency": row.currency("currency"),
        **amounts,
        "covered_countries": countries,
        "max_terms_days": row.whole("max_terms_days", 0, 3650),
        "overdue_reporting_days": row.whole("overdue_reporting_days", 0, 3650),
        "maximum_extension_days": row.whole("maximum_extension_days", 0, 3650),
        "valid_from": starts,
        "valid_until": ends,
    }
