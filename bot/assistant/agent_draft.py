"""From a model's text and the calls it made to an answer: the text is checked, everything else comes from the results."""

from bot.assistant.agent_tools import SECRETS, Desk, Record
from bot.assistant.checked_text import Checked, CheckedText, cited_numbers
from bot.assistant.claims import REFERENCE
from bot.assistant.draft import Action, Draft
from bot.assistant.intents import proposal_of
from bot.assistant.reading import Reading
from bot.assistant.statistics_route import figures_draft
from bot.assistant.statistics_text import footer
from bot.assistant.status_route import label, told, unknown_name
from bot.assistant.status_text import LINE_HEADS, line_row
from bot.assistant.wording import Say
from bot.tools.limits import LimitList, SentList
from bot.tools.procedures import Passages
from bot.tools.proposals import Proposal
from bot.tools.statistics import Lines, ListArguments, StatisticsArguments, statistics, to_query
from bot.tools.status import CaseList, NameList
from cases.name_index import Named
from cases.status import CaseFacts
from config.errors import NotFound, Refused

LEAST_KEPT = 0.4  # of the text's characters; with less the answer is not believed


def compose(text: str, desk: Desk, reading: Reading, say: Say, checker: CheckedText) -> Draft | None:
    """The answer; None where the text is no use, and the router is to answer."""
    last = _last(desk.records)
    if last is not None and isinstance(last.error, Refused):
        return Draft(say("refused_other", reason=str(last.error)), "permission", refused=True)
    if last is None or last.result is None:
        return _without_result(desk, reading, say, checker.check(text))
    from_manual = isinstance(last.result, Passages)
    if from_manual and not cited_numbers(text, len(desk.passages)):
        return Draft(say("unknown_manual"), "unknown")
    checked = checker.check(text, from_manual)
    if checked.kept < LEAST_KEPT or not checked.text:
        return None
    draft = _draft(last, desk, checked.text, say)
    if draft is None:
        return None
    _add_citations(draft, checked.text, desk)
    _add_proposals(draft, desk, reading, say)
    draft.state.setdefault("language", say.language)
    return draft


def _last(records: list[Record]) -> Record | None:
    """The call that the answer rests on: the last one that gave something, else the last refused or empty one."""
    telling = [one for one in records if not isinstance(one.result, NameList | Proposal)]
    full = [one for one in telling if one.result is not None and not _empty(one)]
    refused = [one for one in telling if isinstance(one.error, Refused)]
    if refused and (not full or records.index(refused[-1]) > records.index(full[-1])):
        return refused[-1]
    cases = [one for one in full if not isinstance(one.result, Passages)]
    return next(reversed(cases or full), None)


def _empty(record: Record) -> bool:
    result = record.result
    if isinstance(result, CaseList | Lines):
        return not result.cases
    if isinstance(result, Passages):
        return not result.passages
    return False


def _without_result(desk: Desk, reading: Reading, say: Say, checked: Checked) -> Draft | None:
    """Nothing but names, or nothing at all: a question back, or that nothing was found."""
    names = [one.result for one in desk.records if isinstance(one.result, NameList)]
    offered = _offered(names, checked.text) if "?" in checked.text or "？" in checked.text else []
    if len(offered) > 1:
        return _ask_back(offered, checked.text, reading, say)
    searched = [one for one in desk.records if one.name == "find_names"]
    if searched and not any(one.exact for one in names):
        words = " ".join(dict.fromkeys(reading.unmatched)) or str(searched[-1].arguments.get("words", ""))
        return unknown_name(words, desk.context, say)
    missing = [one for one in desk.records if isinstance(one.error, NotFound) or _empty(one)]
    if missing and any(one.name == "search_manual" for one in missing):
        return Draft(say("unknown_manual"), "unknown")
    return None


def _offered(names: list[NameList], text: str) -> list[Named]:
    """Companies of the results that the text names."""
    found: dict[tuple[str, str | None], Named] = {}
    for result in names:
        for one in result.companies:
            if one.name in text and one.kind != "either":
                found.setdefault((one.name, one.country), Named(one.kind, one.name, one.country))
    return list(found.values())


def _ask_back(options: list[Named], text: str, reading: Reading, say: Say) -> Draft:
    texts = [label(one, say) for one in options]
    pending = [{"kind": one.kind, "name": one.register_name, "country": one.country or ""} for one in options]
    return Draft(
        text,
        "clarify",
        columns=["name", "country"],
        rows=[[one.register_name, one.country] for one in options],
        actions=[Action(one, "ask", one) for one in texts],
        state={"pending": {"question": reading.question.original, "options": pending}},
    )


def _draft(last: Record, desk: Desk, text: str, say: Say) -> Draft | None:
    result = last.result
    if isinstance(result, CaseList | CaseFacts):
        return _status(desk, text, say)
    if isinstance(result, Passages):
        return _procedure(desk, text)
    if last.name == "statistics":
        return _figures(desk, text, say)
    if isinstance(result, Lines):
        query = to_query(desk.context, _statistics_arguments(last.arguments))
        state = {
            "kind": "statistics",
            "listing": True,
            "query": query.as_json(),
            "references": [one.reference for one in result.cases[:20]],
        }
        return Draft(text, "statistics", list(LINE_HEADS), [line_row(one) for one in result.cases], state=state)
    if isinstance(result, LimitList | SentList):
        rows = result.limits if isinstance(result, LimitList) else result.items
        columns = list(type(rows[0]).model_fields) if rows else []
        return Draft(text, "status", columns, [list(one.model_dump().values()) for one in rows])
    return None


def _status(desk: Desk, text: str, say: Say) -> Draft:
    """All cases that were read, or those that the text names where it names any."""
    cases: dict[str, CaseFacts] = {}
    for record in desk.records:
        if isinstance(record.result, CaseFacts):
            cases[record.result.reference] = record.result
        elif isinstance(record.result, CaseList):
            cases |= {one.reference: one for one in record.result.cases}
    named = {match[0].upper() for match in REFERENCE.finditer(text)}
    chosen = [one for one in cases.values() if one.reference in named] or list(cases.values())
    secrets = [name for name in SECRETS if any(getattr(one, name) is not None for one in chosen)]
    draft = told(chosen, say, secrets, [])
    draft.text = text
    return draft


def _procedure(desk: Desk, text: str) -> Draft:
    asked = [str(one.arguments.get("question", "")) for one in desk.records if one.name == "search_manual"]
    return Draft(text, "procedure", state={"kind": "procedure", "question": asked[-1][-600:]})


def _figures(desk: Desk, text: str, say: Say) -> Draft:
    """The last figures in full; rows of others that were asked with the same columns before it."""
    done = [one for one in desk.records if one.name == "statistics" and one.result is not None]
    results = [statistics(desk.context, to_query(desk.context, _statistics_arguments(one.arguments))) for one in done]
    draft = figures_draft(results[-1], desk.context, say)
    others = [figures_draft(one, desk.context, say) for one in results[:-1]]
    draft.rows = [row for one in others if one.columns == draft.columns for row in one.rows] + draft.rows
    draft.confidential = draft.confidential or any(one.confidential for one in others)
    draft.text = "\n".join([text, *footer(results[-1], say, desk.context.index.emails)])
    return draft


def _statistics_arguments(arguments: dict[str, object]) -> StatisticsArguments:
    """The arguments of a call that was accepted, without those of a list."""
    whole = ListArguments.model_validate(arguments)
    return StatisticsArguments.model_validate(whole.model_dump(exclude={"order", "limit"}))


def _add_citations(draft: Draft, text: str, desk: Desk) -> None:
    """Sources by number, looked up here; the numbers in the text then count the sources."""
    numbers = cited_numbers(text, len(desk.passages))
    for number in numbers:
        one = desk.passages[number - 1]
        draft.citations.append(
            {"source": one["source"], "section": one["section"], "quote": one["quote"], "page": one["page"]}
        )
    places = {number: place for place, number in enumerate(numbers, 1)}
    for number in sorted(places):
        draft.text = draft.text.replace(f"[{number}]", f"[\x00{places[number]}]")
    draft.text = draft.text.replace("[\x00", "[")


def _add_proposals(draft: Draft, desk: Desk, reading: Reading, say: Say) -> None:
    """Buttons for what the question itself asks for; other proposals are not shown."""
    wanted = proposal_of(reading)
    for record in desk.records:
        if isinstance(record.result, Proposal) and record.result.action == wanted:
            button = Action(record.result.label, record.result.action, record.result.value)
            if button not in draft.actions:
                draft.actions.append(button)
