"""Answers without a model: reads the question, decides what it wants, calls the tools, follows the conversation."""

import re
from collections.abc import Sequence
from typing import Any

from bot.assistant.building import build
from bot.assistant.draft import Action, Draft
from bot.assistant.follow import SHORT, follows_figures, follows_manual, follows_status, picked_option
from bot.assistant.intents import confidential_fields, decide, hardly_figures, proposal_of, wants_list, weigh
from bot.assistant.question import LONGEST, clean, read_question
from bot.assistant.reading import Reading, names_company, read
from bot.assistant.statistics_route import answer_figures, answer_limits, answer_list, answer_sent, as_file
from bot.assistant.status_route import answer_status, choose, of_those, told, unknown_name
from bot.assistant.wording import Say
from bot.tools import ToolContext, call
from bot.tools.proposals import Proposal
from bot.tools.status import CaseSearch, find_cases
from cases.name_index import Named
from cases.periods import Period
from cases.statistics import StatisticsQuery
from config.errors import DeskError, Refused, WrongUse

State = dict[str, Any]


def route(text: str, context: ToolContext, state: State) -> Draft:
    """The answer to a question in a conversation; never raises for what people type."""
    if context.asker is None:
        return Draft(Say(_language(text))("refused_unknown"), "permission", refused=True)
    if len(text) > LONGEST:
        return Draft(Say(_language(text[:500]))("too_long", count=len(text), most=LONGEST), "unknown")
    bare = clean(text)
    if not bare:
        return Draft(Say("en")("empty"), "smalltalk")
    if not re.search(r"[a-zA-ZÀ-ɏ]", bare) and not re.search(r"\d", bare):
        return Draft(Say("en")("language"), "unknown")
    context.index.refresh(context.session)
    return _answered(bare, context, state, None)


def _language(text: str) -> str:
    from bot.assistant.question import language_of
    from cases.folding import fold

    return language_of([fold(word) for word in text[:1000].split()])


def _answered(text: str, context: ToolContext, state: State, chosen: Named | None) -> Draft:
    question = read_question(text, context.index)
    say = Say(question.language if not _bare_choice(question.words) else state.get("language", question.language))
    try:
        reading = read(question, context.index, context.now, context.rules.fiscal_year_starts, _period_of(state))
        draft = _routed(reading, context, say, state, chosen)
    except Refused as error:
        draft = Draft(say("refused_other", reason=str(error)), "permission", refused=True)
    except WrongUse as error:
        draft = Draft(str(error)[:1].upper() + str(error)[1:] + ".", "unknown")
    except DeskError as error:
        draft = Draft(str(error), "unknown")
    draft.state.setdefault("language", say.language)
    return draft


def _bare_choice(words: list[Any]) -> bool:
    """A name or number alone says nothing about the language."""
    return all(word.role != "stop" for word in words)


def _period_of(state: State) -> Period | None:
    query = state.get("query")
    return StatisticsQuery.from_json(query).period if query else None


def _routed(reading: Reading, context: ToolContext, say: Say, state: State, chosen: Named | None) -> Draft:
    subject = bool(reading.references or reading.companies or reading.identifiers or state.get("references"))
    weights = weigh(reading)
    secrets = confidential_fields(reading, subject)
    about_rules = weights.manual > 0 and not (reading.references or reading.companies or reading.identifiers)
    if secrets and not context.confidential and not (about_rules and not reading.by and not reading.says("pretend")):
        return Draft(say("refused_confidential"), "permission", refused=True)
    if chosen is None and (pending := state.get("pending")):
        option = picked_option(reading, pending)
        if option is not None:
            again = pending["question"] if pending["question"] != "status" else f"status {option.register_name}"
            return _answered(again, context, state | {"pending": None}, option)
    follow = _follow_up(reading, context, say, state, secrets, chosen)
    if follow is not None:
        return follow
    return _fresh(reading, context, say, state, secrets, chosen)


def _follow_up(
    reading: Reading, context: ToolContext, say: Say, state: State, secrets: list[str], chosen: Named | None
) -> Draft | None:
    """An answer that builds on the one before; None for a question that stands by itself."""
    weights = weigh(reading)
    wants_file = reading.still_says("excel") or reading.still_says("chart")
    if state.get("query"):
        base = StatisticsQuery.from_json(state["query"])
        if wants_file and len(reading.question.words) <= 8 and not reading.metrics:
            return as_file(base, context, say, chart=reading.still_says("chart"))
        if follows_figures(reading, weights, state):
            return _figures(reading, context, say, chosen, base, bool(state.get("listing")))
    elif wants_file and len(reading.question.words) <= 5:
        return Draft(say("nothing_to_export"), "unknown")
    if state.get("references") and follows_status(reading, weights, state):
        found = find_cases(context, CaseSearch(references=state["references"], confidential=bool(secrets)))
        named = [Named(one["kind"], one["name"], one["country"] or None) for one in state.get("companies", [])]
        cases = of_those(found.cases, reading) if reading.says("which_of") else found.cases
        return told(cases, say, secrets, named) if cases else None
    if follows_manual(reading, weights, state):
        return answer_procedure(reading, context, say, state["question"], state.get("cited", []))
    return None


def _figures(
    reading: Reading, context: ToolContext, say: Say, chosen: Named | None, base: StatisticsQuery | None, listed: bool
) -> Draft:
    companies = choose(reading, context, say, chosen)
    if isinstance(companies, Draft):
        return companies
    query = build(reading, context, companies, base)
    narrowed = reading.says("only") and bool(reading.where) and not listed  # "show Germany only"
    which = base is not None and reading.says("listing") and not (reading.by or reading.metrics or narrowed)
    if (
        which
        or (listed and base is not None and not reading.by and not reading.count)
        or (base is None and wants_list(reading))
    ):
        if query.metrics[0] in ("expiring_limits", "exposure"):
            return answer_limits(reading, query.where, context, say)
        return answer_list(query.with_(by=(), compare=None, share=False), reading, context, say)
    if (reading.still_says("excel") or reading.still_says("chart")) and base is None:
        return as_file(query, context, say, chart=reading.still_says("chart"))
    return answer_figures(query, context, say)


def _fresh(
    reading: Reading, context: ToolContext, say: Say, state: State, secrets: list[str], chosen: Named | None
) -> Draft:
    weights = weigh(reading)
    intent = decide(reading, weights)
    if intent == "smalltalk":
        thanks = re.search(r"\b(?:thanks|thank|thx|cheers|danke\w*|dank|merci)\b", reading.question.plain)
        return Draft(say("thanks") if thanks else say("smalltalk"), "smalltalk")
    if intent == "procedure":
        goes_on = state.get("kind") == "procedure" and len(reading.question.words) <= SHORT
        return answer_procedure(reading, context, say, "", state.get("cited", ()) if goes_on else ())
    if intent == "mine":
        return answer_status(reading, context, say, [], secrets, mine=True)
    if intent == "sent":
        call(context, "what_was_sent", {})  # the tool's own rule decides who may know
        return answer_sent(reading.periods[0].period, context, say)
    if intent in ("statistics", "listing"):
        rule = answer_procedure(reading, context, say) if hardly_figures(reading, weights) else None
        if rule is not None and rule.kind == "procedure":
            return rule
        return _figures(reading, context, say, chosen, None, False)
    if intent == "limits":
        companies = choose(reading, context, say, chosen)
        if isinstance(companies, Draft):
            return companies
        query = build(reading, context, companies, None)
        return answer_limits(reading, query.where, context, say)
    if intent in ("status", "propose"):
        return _status(reading, context, say, secrets, chosen, propose=intent == "propose")
    return _other(reading, context, say, state)


def _status(
    reading: Reading, context: ToolContext, say: Say, secrets: list[str], chosen: Named | None, *, propose: bool
) -> Draft:
    companies = choose(reading, context, say, chosen)
    if isinstance(companies, Draft):
        return companies
    draft = answer_status(reading, context, say, companies, secrets)
    action = proposal_of(reading) if propose else None
    if action and len(draft.state.get("references", [])) == 1:
        arguments = {"reference": draft.state["references"][0]}
        proposal = call(context, f"propose_{action}", arguments)
        assert isinstance(proposal, Proposal)
        draft.actions = [Action(proposal.label, proposal.action, proposal.value)]
        draft.text = say("propose", label=proposal.label) + "\n" + draft.text
    return draft


def answer_procedure(
    reading: Reading, context: ToolContext, say: Say, previous: str = "", cited: Sequence[str] = ()
) -> Draft:
    """What the manual says, cited; nothing fits → says so.

    `previous` is what was asked of it before, where this goes on, and `cited` the sections of that answer.
    """
    if context.knowledge is None or context.knowledge.is_empty:
        return Draft(say("no_manual"), "unknown")
    found = context.knowledge.answer(reading.question.original, say.language, previous, cited)
    remembered: State = {
        "kind": "procedure",
        "question": f"{previous} {reading.question.original}".strip()[-600:],
        "cited": [f"{one.source} › {one.section}" for one in found.citations],
    }
    if not found.found and found.citations:
        citations = [one.as_json() for one in found.citations]
        return Draft(say("nearest_says", text=found.text), "unknown", citations=citations, state=remembered)
    if not found.found:
        near = " " + say("nearest_sections", names="; ".join(found.nearest[:3])) if found.nearest else ""
        return Draft(say("unknown_manual") + near, "unknown", state=remembered if previous else {})
    return Draft(
        found.text,
        "procedure",
        citations=[one.as_json() for one in found.citations],
        state=remembered,
    )


def _other(reading: Reading, context: ToolContext, say: Say, state: State) -> Draft:
    """Nothing clear: a company that is not there, the manual, or an honest "nothing found"."""
    name = " ".join(dict.fromkeys(reading.unmatched))
    if name and (names_company(reading) or reading.says("status_strong")):
        return unknown_name(name, context, say)
    if reading.says("status_frames") and not name and not reading.metrics and state.get("references"):
        found = find_cases(context, CaseSearch(references=state["references"]))
        return told(found.cases, say, [], [])
    draft = answer_procedure(reading, context, say)
    if draft.kind != "unknown":
        return draft
    if name and reading.says("status_frames") and not (draft.citations and name == name.lower()):
        return unknown_name(name, context, say)
    return draft if draft.citations else Draft(say("unknown"), "unknown")
