"""The policyholders, policies and buyers behind the rows of a register: found, or made where they are new."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cases.imports.entry import Entry
from cases.models import Buyer, Policy, Policyholder
from cases.names import legal_form, name_key

_BuyerKey = tuple[str, str | None]


class Parties:
    """Looks all parties of a file up at once; missing policyholders and buyers are added, policies are not."""

    LINKS: ClassVar[frozenset[str]] = frozenset({"policyholder_id", "policy_id", "buyer_id"})

    def __init__(self, session: Session, entries: Sequence[Entry], now: datetime) -> None:
        self._session, self._now = session, now
        newest_first = sorted(entries, key=lambda entry: entry.received_at, reverse=True)
        self._policies = {number: (row, holder) for number, row, holder in session.execute(
            select(Policy.number, Policy.id, Policy.policyholder_id)
        )}  # fmt: skip
        self._holders = self._all_holders()
        self._add_holders(newest_first)
        self._by_vat: dict[str, int] = {}
        self._by_name: dict[_BuyerKey, list[tuple[int, str]]] = {}
        self._learn_buyers()
        self._add_buyers(newest_first)

    def links(self, entry: Entry) -> dict[str, int | None]:
        """The ids of the parties of a row; None where the desk does not know one."""
        policy, _ = self._policies.get(entry.policy_number or "", (None, None))
        return {
            "policyholder_id": self._holder(entry.policyholder_name) if entry.policyholder_name else None,
            "policy_id": policy,
            "buyer_id": self._buyer(entry),
        }

    def _all_holders(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, number in self._session.execute(select(Policyholder.name, Policyholder.id)):
            found[name] = number
        return found

    def _holder(self, name: str) -> int | None:
        return self._holders.get(name)

    def _add_holders(self, newest_first: Sequence[Entry]) -> None:
        contacts: dict[str, str | None] = {}
        for entry in newest_first:
            if entry.policyholder_name:
                contacts[entry.policyholder_name] = contacts.get(entry.policyholder_name) or entry.sales_contact
        fresh = [name for name in contacts if name not in self._holders]
        if fresh:
            rows: list[dict[str, object]] = [
                {
                    "name": name,
                    "name_key": name_key(name),
                    "email_domains": [],
                    "contacts": [],
                    "sales_contact": contacts[name],
                    "created_at": self._now,
                }
                for name in sorted(fresh)
            ]
            self._session.execute(insert(Policyholder), rows)
            self._holders = self._all_holders()
        without = select(Policyholder).where(Policyholder.sales_contact.is_(None))
        for holder in self._session.scalars(without):
            holder.sales_contact = contacts.get(holder.name)
        self._session.flush()

    def _learn_buyers(self) -> None:
        query = select(Buyer.id, Buyer.name, Buyer.name_key, Buyer.country, Buyer.vat_id).order_by(Buyer.id)
        self._by_vat, self._by_name = {}, {}
        for number, name, key, country, vat in self._session.execute(query):
            if vat:
                self._by_vat.setdefault(vat, number)
            self._by_name.setdefault((key, country), []).append((number, name))

    def _buyer(self, entry: Entry) -> int | None:
        """By VAT id, then by name and country; a name with another legal form is another company."""
        if entry.buyer_vat_id and (number := self._by_vat.get(entry.buyer_vat_id)):
            return number
        if not entry.buyer_name:
            return None
        named = self._by_name.get((name_key(entry.buyer_name), entry.buyer_country), [])
        form = legal_form(entry.buyer_name)
        fitting = [number for number, name in named if legal_form(name) == form]
        if entry.buyer_vat_id:  # another VAT id stands for another company
            taken = set(self._by_vat.values())
            fitting = [number for number in fitting if number not in taken]
        return fitting[0] if len(fitting) == 1 else None

    def _add_buyers(self, newest_first: Sequence[Entry]) -> None:
        """New buyers with what their newest row says of them."""
        made: dict[object, dict[str, object]] = {}
        for entry in newest_first:
            if not entry.buyer_name or self._buyer(entry) is not None:
                continue
            name = (name_key(entry.buyer_name), entry.buyer_country, legal_form(entry.buyer_name))
            key = entry.buyer_vat_id or self._same_in(made, name) or name
            row = made.setdefault(
                key,
                {
                    "name": entry.buyer_name,
                    "name_key": name[0],
                    "country": entry.buyer_country,
                    "vat_id": entry.buyer_vat_id,
                    "watch": False,
                    "created_at": self._now,
                    "sector": None,
                    "risk_grade": None,
                },
            )
            row["sector"] = row["sector"] or entry.sector
            row["risk_grade"] = row["risk_grade"] or entry.risk_grade
        if made:
            self._session.execute(insert(Buyer), list(made.values()))
            self._learn_buyers()

    @staticmethod
    def _same_in(made: dict[object, dict[str, object]], name: tuple[str, str | None, str | None]) -> object:
        """The key under which a company of that name is being made already, with its VAT id."""
        for key, row in made.items():
            if (row["name_key"], row["country"], legal_form(str(row["name"]))) == name:
                return key
        return None
