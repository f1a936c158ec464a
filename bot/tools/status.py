"""Tools that tell where cases stand."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, or_

from bot.tools.context import ToolContext
from bot.tools.registry import Tool, register
from cases.models import Case
from cases.statistics.expressions import is_decided, is_open
from cases.status import (
    CaseFacts,
    buyer_condition,
    by_reference,
    cases_where,
    facts_of,
    identifier_condition,
    policy_condition,
)
from cases.vocabulary import Role
from config.errors import NotFound

MOST = 50  # cases in one answer


class Arguments(BaseModel):
    """Base of all tools' arguments: closed, of bounded length."""

    model_config = ConfigDict(extra="forbid", str_max_length=300)


class Company(Arguments):
    """A company as the register calls it."""

    kind: Literal["buyer", "client", "broker", "either"]
    name: str
    country: str | None = Field(default=None, max_length=2)


class CaseSearch(Arguments):
    """Which cases: all conditions hold together."""

    references: list[str] = Field(default_factory=list, max_length=20)
    identifiers: list[str] = Field(default_factory=list, max_length=10)  # VAT, registration, LEI, policy numbers
    companies: list[Company] = Field(default_factory=list, max_length=5)
    mine: bool = False
    state: Literal["any", "open", "decided"] = "any"
    missing_documents: bool = False
    confidential: bool = False  # grade and note, where the asker may see them
    limit: int = Field(default=MOST, ge=1, le=MOST)


class CaseList(BaseModel):
    """Facts of the cases found, newest first; `unknown` names what is not in the register."""

    cases: list[CaseFacts]
    unknown: list[str]


def find_cases(context: ToolContext, search: CaseSearch) -> CaseList:
    """The cases that meet the search, within what the asker may see."""
    unknown: list[str] = []
    found: list[Case] = []
    show = search.confidential and context.confidential
    if search.references:
        for reference in search.references:
            case = by_reference(context.session, reference)
            if case is None or not _visible(context, case):
                unknown.append(reference)
            elif case not in found:
                found.append(case)
    else:
        conditions = _conditions(context, search, unknown)
        if conditions is not None:
            found = cases_where(context.session, *conditions, limit=search.limit)
    told = facts_of(context.session, found[: search.limit], context.now, confidential=show)
    if search.missing_documents:
        told = [one for one in told if one.missing_documents]
    return CaseList(cases=told, unknown=unknown)


def _visible(context: ToolContext, case: Case) -> bool:
    conditions = context.visible()
    return not conditions or bool(cases_where(context.session, Case.id == case.id, *conditions))


def _conditions(context: ToolContext, search: CaseSearch, unknown: list[str]) -> list[ColumnElement[bool]] | None:
    conditions: list[ColumnElement[bool]] = [*context.visible()]
    for text in search.identifiers:
        policy = policy_condition(context.session, text)
        by_number = policy if policy is not None else identifier_condition(text)
        if not cases_where(context.session, by_number, *context.visible(), limit=1):
            unknown.append(text)
        conditions.append(by_number)
    conditions += [company_condition(company) for company in search.companies]
    if search.mine:
        conditions.append(mine(context))
    if search.state == "open":
        conditions.append(is_open())
    elif search.state == "decided":
        conditions.append(is_decided())
    return conditions


def company_condition(company: Company) -> ColumnElement[bool]:
    """Cases of a company in its part."""
    if company.kind == "client":
        return Case.policyholder_name == company.name
    if company.kind == "broker":
        return Case.broker == company.name
    on_buyer = buyer_condition(company.name, company.country)
    return on_buyer if company.kind == "buyer" else or_(on_buyer, Case.policyholder_name == company.name)


def mine(context: ToolContext) -> ColumnElement[bool]:
    """ "My cases": by sales contact for sales, by underwriter for underwriters, else by who has them."""
    asker = context.known
    if asker.role is Role.SALES:
        return Case.sales_contact == asker.email
    if asker.role is Role.UNDERWRITER:
        return or_(Case.underwriter == asker.name, Case.assignee == asker.email)
    return or_(Case.assignee == asker.email, Case.sales_contact == asker.email)


class ReferenceOnly(Arguments):
    """One case."""

    reference: str


def case_status(context: ToolContext, arguments: ReferenceOnly) -> CaseFacts:
    """One case with all that the asker may see; raises NotFound."""
    search = CaseSearch(references=[arguments.reference], confidential=True)
    found = find_cases(context, search)
    if not found.cases:
        raise NotFound(f"there is no case {arguments.reference}: check the reference")
    return found.cases[0]


register(
    Tool(
        "find_cases",
        "see_status",
        "Cases by reference, identifier, company, or the asker's own; with state, missing documents, who has them, what is next.",
        CaseSearch,
        find_cases,
    )
)
register(Tool("case_status", "see_status", "All facts of one case by its reference.", ReferenceOnly, case_status))


class NameSearch(Arguments):
    """Words that may name a company."""

    words: str = Field(min_length=1)


class NameList(BaseModel):
    """Companies whose names fit, best first, or the nearest where none does."""

    exact: bool
    companies: list[Company]


def find_names(context: ToolContext, arguments: NameSearch) -> NameList:
    """Companies of the register whose name fits the words."""
    from cases.folding import fold
    from cases.name_index import Word

    context.index.refresh(context.session)
    words = [Word(text, fold(text)) for text in re.split(r"[\s,;-]+", arguments.words) if text]
    matches = [match for match in context.index.match(words) if match.candidates[0].kind != "person"]
    named = matches[0].candidates if matches else context.index.nearest(arguments.words)
    allowed = context.known.accounts if context.visible() else None
    return NameList(
        exact=bool(matches),
        companies=[
            Company(kind=one.kind, name=one.register_name, country=one.country)
            for one in named
            if one.kind != "person" and (allowed is None or one.kind != "client" or one.name in allowed)
        ][:10],
    )


register(
    Tool("find_names", "see_status", "Buyers, clients and brokers whose names fit some words.", NameSearch, find_names)
)
