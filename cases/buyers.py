"""Which buyer of the register a request means: by identifier first, then by name with candidates."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, String, and_, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from cases.models import Buyer, BuyerAlias, Case
from cases.names import name_key, similarity
from config.desk import Checks

_BY_IDS = (
    select(Buyer)
    .options(joinedload(Buyer.aliases))
    .where(Buyer.id.in_(bindparam("ids", expanding=True)))
    .order_by(Buyer.id)
)

LEAST_ALIKE = 70  # per cent: keys less alike are not looked at
NAME_SUPPORTS = 0.5  # an identifier's buyer whose name is less alike than this is doubtful


@dataclass(frozen=True, slots=True)
class Candidate:
    """A buyer that may be meant; certainty from 0 to 1."""

    buyer: Buyer
    certainty: float
    how: str

    def as_json(self) -> dict[str, object]:
        """As kept in `Case.candidates`."""
        return {
            "kind": "buyer",
            "id": self.buyer.id,
            "name": self.buyer.name,
            "country": self.buyer.country,
            "certainty": round(self.certainty, 3),
            "how": self.how,
        }


@dataclass(slots=True)
class BuyerMatch:
    """The buyer if there is no doubt, else candidates (best first); `faults` are identifiers that cannot be right."""

    buyer: Buyer | None = None
    certainty: float = 0.0
    candidates: list[Candidate] = field(default_factory=list)
    how: str = "not in the register"
    faults: list[str] = field(default_factory=list)
    conflict: str | None = None


def identify(
    session: Session,
    name: str | None,
    country: str | None = None,
    registration_number: str | None = None,
    vat_id: str | None = None,
    lei: str | None = None,
    duns: str | None = None,
    *,
    rules: Checks | None = None,
) -> BuyerMatch:
    """The buyer meant. Identifiers with wrong check digits identify nobody; several buyers are left to a person."""
    rules = rules or Checks()
    match = BuyerMatch(faults=identifier_faults(country, vat_id, lei, duns))
    found = _by_identifiers(session, country, registration_number, vat_id, lei, duns)
    found = [c for c in found if c.how != "registration number" or _name_supports(name, c.buyer)]
    distinct = {c.buyer.id: c for c in reversed(found)}
    if len(distinct) == 1:
        best = found[0]
        match.buyer, match.certainty, match.how = best.buyer, best.certainty, best.how
        if name and not _name_supports(name, best.buyer):
            match.conflict = f"the {best.how} belongs to {best.buyer.name}"
        return match
    if distinct:
        match.candidates = list(reversed(distinct.values()))
        match.conflict = "the identifiers belong to different buyers"
        return match
    return _by_name(session, name, country, rules, match, vat_id, lei)


def identify_case(session: Session, case: Case, rules: Checks) -> BuyerMatch:
    """The buyer of a case as its fields stand."""
    return identify(
        session,
        case.buyer_name,
        case.buyer_country,
        case.buyer_registration_number,
        case.buyer_vat_id,
        case.buyer_lei,
        case.buyer_duns,
        rules=rules,
    )


def identifier_faults(country: str | None, vat_id: str | None, lei: str | None, duns: str | None) -> list[str]:
    """Identifiers whose check digits or form are wrong, each in a sentence."""
    faults = []
    if vat_id and not _vat_holds(vat_id):
        faults.append(f"VAT id {vat_id} has wrong check digits")
    if vat_id and country and vat_id[:2].isalpha() and _vat_country(vat_id) != country:
        faults.append(f"VAT id {vat_id} is of another country than {country}")
    if lei and not _lei_holds(lei):
        faults.append(f"LEI {lei} has wrong check digits")
    if duns and not re.fullmatch(r"\d{9}", duns):
        faults.append(f"D-U-N-S {duns} has not nine digits")
    return faults


def _vat_country(vat_id: str) -> str:
    return {"EL": "GR", "XI": "GB"}.get(vat_id[:2], vat_id[:2])


def _vat_holds(vat_id: str) -> bool:
    from stdnum import vatin
    from stdnum.exceptions import InvalidComponent, ValidationError

    try:
        vatin.validate(vat_id)
    except InvalidComponent:
        return True  # a country whose numbers we cannot verify is not a fault
    except ValidationError:
        return False
    return True


def _lei_holds(lei: str) -> bool:
    from stdnum import lei as rules_of_lei

    return bool(rules_of_lei.is_valid(lei))


def _compact(number: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def _by_identifiers(
    session: Session,
    country: str | None,
    registration_number: str | None,
    vat_id: str | None,
    lei: str | None,
    duns: str | None,
) -> list[Candidate]:
    found: list[Candidate] = []
    if registration_number:
        spellings = {registration_number, registration_number.strip(), _compact(registration_number)}
        query = select(Buyer).where(Buyer.registration_number.in_(spellings))
        if country:
            query = query.where((Buyer.country == country) | Buyer.country.is_(None))
        found += [Candidate(b, 1.0, "registration number") for b in session.scalars(query.limit(5))]
    for value, column, how in (
        (vat_id if vat_id and _vat_holds(vat_id) else None, Buyer.vat_id, "VAT id"),
        (lei if lei and _lei_holds(lei) else None, Buyer.lei, "LEI"),
        (duns if duns and len(duns) == 9 else None, Buyer.duns, "D-U-N-S number"),
    ):
        if value:
            found += [Candidate(b, 1.0, how) for b in session.scalars(select(Buyer).where(column == value).limit(5))]
    return found


def _name_supports(name: str | None, buyer: Buyer) -> bool:
    """Whether the name does not speak against the buyer; registers of different courts give equal numbers."""
    return not name or _alike(name, buyer) >= NAME_SUPPORTS


def _alike(name: str, buyer: Buyer) -> float:
    return max([similarity(name, buyer.name), *(similarity(name, alias.name) for alias in buyer.aliases)])


def _by_name(
    session: Session,
    name: str | None,
    country: str | None,
    rules: Checks,
    match: BuyerMatch,
    vat_id: str | None,
    lei: str | None,
) -> BuyerMatch:
    if not name or not (key := name_key(name)):
        match.how = "no name given"
        return match
    rated = [
        Candidate(b, _alike(name, b), "name")
        for b in _near(session, key, country)
        if not (_differs(vat_id, b.vat_id) or _differs(lei, b.lei))
    ]
    rated.sort(key=lambda c: (-c.certainty, c.buyer.country != country, c.buyer.name, c.buyer.id))
    offered = [c for c in rated if c.certainty >= rules.name_match_offer]
    certain = [c for c in offered if c.certainty >= rules.name_match_certain]
    if len(certain) == 1 and (country is not None or len(offered) == 1):
        match.buyer, match.certainty, match.how = certain[0].buyer, certain[0].certainty, "name"
        return match
    match.candidates = offered[:5]
    match.how = "several buyers of that name" if len(certain) > 1 else match.how
    return match


def _differs(given: str | None, known: str | None) -> bool:
    """Two identifiers of one kind that are not equal: two companies."""
    return bool(given and known and given != known)


def _near(session: Session, key: str, country: str | None) -> list[Buyer]:
    """Buyers whose key, or an alias's, equals the key, and those whose key begins and reads like it.

    Only of the country, where one is given, and of buyers whose country is not known.
    """
    from rapidfuzz import fuzz, process

    sqlite = session.get_bind().dialect.name == "sqlite"
    values = {"key": key, "country": country or "", "begin": key[:4], "end": f"{key[:4]}\U0010ffff"}
    rows = session.execute(_near_query(sqlite, bool(country)), values).all()
    ids = {row.id for row in rows if row.exact}
    keys = {row.id: row.name_key for row in rows if not row.exact}
    near = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE, limit=20)
    ids |= {buyer_id for _, _, buyer_id in near} | {i for i, k in keys.items() if f"{k} ".startswith(f"{key} ")}
    if not ids:
        return []
    return list(session.scalars(_BY_IDS, {"ids": sorted(ids)[:100]}).unique())


@cache
def _near_query(sqlite: bool, in_country: bool) -> CompoundSelect[Any]:
    """One statement for the three ways to a name; made once, since that costs as much as running it."""
    country: ColumnElement[str] = bindparam("country", type_=String)
    here = [or_(Buyer.country == country, Buyer.country.is_(None))] if in_country else []
    key: ColumnElement[str] = bindparam("key", type_=String)
    start: ColumnElement[str] = bindparam("begin", type_=String)
    if sqlite:  # by index where the database compares text byte by byte
        begins = and_(Buyer.name_key >= start, Buyer.name_key < bindparam("end", type_=String))
    else:
        begins = Buyer.name_key.startswith(start)
    near = select(Buyer.id, Buyer.name_key, literal(0).label("exact")).where(begins, *here).limit(5000).subquery()
    exact = select(Buyer.id, Buyer.name_key, literal(1).label("exact")).limit(50)
    named = exact.where(Buyer.name_key == key, *here).subquery()
    aliased = (
        exact.join(BuyerAlias, BuyerAlias.buyer_id == Buyer.id).where(BuyerAlias.name_key == key, *here).subquery()
    )
    return union_all(select(near), select(named), select(aliased))


def adopt(session: Session, case: Case, now: datetime) -> Buyer | None:
    """Puts a buyer that a person confirmed, and that the register lacks, into the register; None: no name."""
    if not case.buyer_name or not case.buyer_country:
        return None
    buyer = Buyer(
        name=case.buyer_name,
        name_key=name_key(case.buyer_name),
        country=case.buyer_country,
        registration_number=case.buyer_registration_number,
        vat_id=case.buyer_vat_id,
        lei=case.buyer_lei,
        duns=case.buyer_duns,
        sector=case.sector,
        created_at=now,
    )
    session.add(buyer)
    session.flush()
    return buyer
