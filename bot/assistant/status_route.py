"""Answers about cases: which ones are meant, what to say of them, whom to ask about when several fit."""

from bot.assistant.draft import Action, Draft
from bot.assistant.reading import Reading
from bot.assistant.status_text import COLUMNS, LINES, fact_row, short_case, whole_case
from bot.assistant.wording import Say
from bot.tools import ToolContext
from bot.tools.status import CaseList, CaseSearch, Company, company_condition, find_cases
from cases.name_index import Named, NameMatch
from cases.status import CaseFacts, cases_where
from cases.vocabulary import Status

OUTCOMES = {
    "approved": ("approved", "partially_approved"),
    "partially_approved": ("partially_approved",),
    "declined": ("declined",),
    "withdrawn": ("withdrawn",),
}
OFFERED = 8  # candidates named in a question back


def choose(reading: Reading, context: ToolContext, say: Say, chosen: Named | None) -> list[Named] | Draft:
    """The companies meant, one for each match; a draft that asks back where several fit."""
    settled: list[Named] = []
    open_matches: list[NameMatch] = []
    for match in reading.companies:
        options = _narrowed(match, reading, chosen)
        if len(_distinct(options)) == 1:
            settled.append(_both_parts(options))
        else:
            open_matches.append(NameMatch(tuple(options), match.first, match.last, match.likeness))
    for match in open_matches:
        options = _with_cases(list(match.candidates), settled, context)
        if len(_distinct(options)) != 1:
            return _ask_back(reading, options or list(match.candidates), match, context, say)
        settled.append(_both_parts(options))
    return settled


def _narrowed(match: NameMatch, reading: Reading, chosen: Named | None) -> list[Named]:
    options = [one for one in match.candidates if one.kind != "person"]
    if chosen is not None:
        picked = [one for one in options if (one.register_name, one.country) == (chosen.register_name, chosen.country)]
        if picked:
            return picked
    countries = set(reading.where.get("country", ()))
    if countries and len(options) > 1:
        options = [one for one in options if one.country in countries] or options
    return options


def _distinct(options: list[Named]) -> set[tuple[str, str | None]]:
    """Different companies: the same name as buyer and client is one, in two countries two."""
    buyers = {(one.register_name, one.country) for one in options if one.kind == "buyer"}
    names = {name for name, _ in buyers}
    return buyers | {
        (one.register_name, None) for one in options if one.kind != "buyer" and one.register_name not in names
    }


def _both_parts(options: list[Named]) -> Named:
    """The buyer where the name is one, else the client, else the broker."""
    for kind in ("buyer", "client", "broker"):
        for one in options:
            if one.kind == kind:
                return one
    return options[0]


def _with_cases(options: list[Named], settled: list[Named], context: ToolContext) -> list[Named]:
    """Only candidates that share a case with the company already settled."""
    if not settled:
        return options
    known = [company_condition(_company(one)) for one in settled]
    return [
        one
        for one in options
        if cases_where(context.session, company_condition(_company(one)), *known, *context.visible(), limit=1)
    ]


def _company(one: Named) -> Company:
    kind = "buyer" if one.kind == "person" else one.kind
    return Company(kind=kind, name=one.register_name, country=one.country)


def label(one: Named, say: Say) -> str:
    """`Nordwind GmbH (Germany)`."""
    return f"{one.register_name} ({say.country(one.country)})" if one.country else one.register_name


def _ask_back(reading: Reading, options: list[Named], match: NameMatch, context: ToolContext, say: Say) -> Draft:
    if not options:
        options = list(match.candidates)
    allowed = context.known.accounts if context.visible() else None
    shown: dict[tuple[str, str | None], Named] = {}
    for one in options:
        if allowed is None or one.kind != "client" or one.name in allowed:
            shown.setdefault((one.register_name, one.country), one)
    named = list(shown.values())
    texts = [label(one, say) for one in named[:OFFERED]]
    names = ", ".join(texts)
    if len(named) > OFFERED:
        names = say("clarify_more", names=names, count=len(named) - OFFERED)
    words = " ".join(word.text for word in reading.question.words[match.first : match.last + 1])
    text = f"{say('clarify_number', text=words)} {say('clarify', names=names)}"
    options_json = [{"kind": one.kind, "name": one.register_name, "country": one.country or ""} for one in named]
    return Draft(
        text,
        "clarify",
        columns=["name", "country"],
        rows=[[one.register_name, one.country] for one in named[:OFFERED]],
        actions=[Action(text, "ask", text) for text in texts],
        state={"pending": {"question": reading.question.original, "options": options_json}},
    )


def search_of(reading: Reading, companies: list[Named], *, mine: bool = False) -> CaseSearch:
    """Which cases the question is about; the state is chosen by its words."""
    state = "any"
    if reading.says("open_words") and not reading.says("all_words"):
        state = "open"
    return CaseSearch(
        references=reading.references[:20],
        identifiers=reading.identifiers[:10],
        companies=[_company(one) for one in companies[:5]],
        mine=mine,
        state="any" if reading.references else state,
        missing_documents=False,
        confidential=context_free(reading),
    )


def context_free(reading: Reading) -> bool:
    """Whether grade or note are asked for (rights are checked by the tool)."""
    return (
        reading.says("confidential", "risk_grade")
        or reading.says("confidential", "note_weak")
        or reading.says("confidential", "underwriter_note")
    )


def answer_status(
    reading: Reading, context: ToolContext, say: Say, companies: list[Named], secrets: list[str], *, mine: bool = False
) -> Draft:
    """The cases of the question; nothing found says so with the nearest names."""
    search = search_of(reading, companies, mine=mine)
    if mine and not reading.says("all_words") and not ({"decided", "approved", "declined"} & set(reading.states)):
        search = search.model_copy(update={"state": "open"})
    found = find_cases(context, search)
    if reading.references and not found.cases:
        return _unknown_case(found, say)
    if reading.identifiers and found.unknown and not companies:
        return Draft(say("unknown_case", reference=", ".join(found.unknown)), "unknown")
    if not found.cases:
        return _nothing(reading, context, say, companies, mine)
    chosen = of_those(found.cases, reading) if mine else found.cases
    if not mine and not reading.references:
        chosen = pick(found.cases, reading, companies)
    if not chosen:
        return _nothing(reading, context, say, companies, mine)
    return told(chosen, say, secrets, companies)


def of_those(cases: list[CaseFacts], reading: Reading) -> list[CaseFacts]:
    """Of some cases those in the state, or with the missing documents, that the question names."""
    if states := reading.where.get("status"):
        return [one for one in cases if one.status in states]
    if wanted := reading.where.get("missing_document"):
        return [one for one in cases if set(wanted) & set(one.missing_documents)]
    if reading.says("attributes", "missing"):
        return [one for one in cases if one.missing_documents] or cases
    if reading.says("due_first") and (days := [one.next_action_due for one in cases if one.next_action_due]):
        return [one for one in cases if one.next_action_due == min(days)]
    return cases


def pick(cases: list[CaseFacts], reading: Reading, companies: list[Named]) -> list[CaseFacts]:
    """Of a company's cases those that the question is about: open ones first, else the newest decided."""
    cases = _of_kind(cases, reading)
    if reading.says("attributes", "missing") and any(one.missing_documents for one in cases):
        return [one for one in cases if one.missing_documents]
    if reading.says("open_words") and any(one.is_open for one in cases):
        return [one for one in cases if one.is_open]
    if reading.says("all_words") or reading.says("listing_all"):
        return cases
    if reading.says("outcome") and any(one.is_decided for one in cases):
        ended = [one for one in cases if one.is_decided or one.status == Status.WITHDRAWN]
        if reading.says("why") or reading.says("attributes", "when"):
            ended = [one for one in ended if any(one.status in OUTCOMES.get(s, ()) for s in reading.states)] or ended
        if reading.order == "newest":
            return sorted(ended, key=lambda one: one.since, reverse=True)[:1]
        return ended[:LINES]
    still = [one for one in cases if one.is_open]
    if still:
        return still
    return cases[:1]


def _of_kind(cases: list[CaseFacts], reading: Reading) -> list[CaseFacts]:
    """Those of the country, kind, currency, team or state that the question names, where there are such."""
    for name in ("country", "request_type", "currency", "team", "status"):
        wanted = set(reading.where.get(name, ()))
        if wanted == {"new"} and not reading.says("new_limit"):
            continue  # "anything new?" is no kind of request
        cases = [one for one in cases if getattr(one, name) in wanted] or cases
    return cases


def told(cases: list[CaseFacts], say: Say, secrets: list[str], companies: list[Named]) -> Draft:
    """One case in full, several as lines; all as data."""
    state: dict[str, object] = {
        "kind": "status",
        "references": [one.reference for one in cases[:LINES]],
        "companies": [{"kind": one.kind, "name": one.register_name, "country": one.country or ""} for one in companies],
    }
    columns, rows = list(COLUMNS), [fact_row(one) for one in cases]
    for field in secrets:
        columns.append(field)
        for row, one in zip(rows, cases, strict=True):
            row.append(getattr(one, field))
    if len(cases) == 1:
        text = whole_case(cases[0], say, secrets)
    else:
        lines = [say("cases_fit", count=len(cases))]
        for one in cases[:LINES]:
            lines.append("• " + short_case(one, say))
            if secrets:
                from bot.assistant.status_text import secrets as secret_lines

                lines += ["   " + line for line in secret_lines(one, say, secrets)]
        if len(cases) > LINES:
            lines.append(say("more", count=len(cases) - LINES))
        text = "\n".join(lines)
    return Draft(text, "status", columns=columns, rows=rows, state=state, confidential=bool(secrets))


def _unknown_case(found: CaseList, say: Say) -> Draft:
    numbers = [
        " of ".join(reversed(text.split("-")[1:])) for text in found.unknown
    ]  # a reference would look like a hit
    return Draft(say("unknown_case", reference=", ".join(numbers)), "unknown")


def _nothing(reading: Reading, context: ToolContext, say: Say, companies: list[Named], mine: bool) -> Draft:
    if mine:
        return Draft(
            say("no_mine", state=say("open_")),
            "status",
            columns=list(COLUMNS),
            state={"kind": "status", "references": []},
        )
    names = ", ".join(one.register_name for one in companies) or ", ".join(reading.identifiers)
    if reading.says("open_words"):
        everything = find_cases(context, search_of(reading, companies).model_copy(update={"state": "any"}))
        draft = told(everything.cases[:1], say, [], companies) if everything.cases else None
        if draft is not None:
            draft.text = say("no_open", name=names) + "\n" + draft.text
            return draft
    return unknown_name(names, context, say)


def unknown_name(name: str, context: ToolContext, say: Say) -> Draft:
    """No such company: the nearest names, nothing invented."""
    allowed = context.known.accounts if context.visible() else None
    near = [
        one for one in context.index.nearest(name) if allowed is None or one.kind != "client" or one.name in allowed
    ]
    text = say("unknown_name", name=name)
    names = ", ".join(label(one, say) for one in near)
    text += " " + (say("nearest", names=names) if near else say("no_nearest"))
    actions = [Action(label(one, say), "ask", one.register_name) for one in near]
    state = {
        "pending": {
            "question": "status",
            "options": [{"kind": one.kind, "name": one.register_name, "country": one.country or ""} for one in near],
        }
    }
    return Draft(text, "unknown", actions=actions, state=state)
