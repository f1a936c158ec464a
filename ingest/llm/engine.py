"""The engine that reads with the model and with rules, and answers with rules alone whenever the model fails."""

import logging

from cases.understanding import Dropped, Triage
from cases.vocabulary import EngineName
from ingest.engine import Engine, ReadingContext
from ingest.grounding import ground
from ingest.llm.answers import FormReader, parse_form
from ingest.llm.client import ModelClient, ModelFailed, Question
from ingest.llm.examples import example_messages
from ingest.llm.learned import learned_messages
from ingest.llm.render import Rendered, render
from ingest.llm.schema import json_schema
from ingest.message import Message
from ingest.reconcile import reconcile
from ingest.trust import rate
from prompts.loader import load_prompt

_LOG = logging.getLogger(__name__)
_INVENTED_SHARE = 0.5  # an answer of which more than this had to be dropped is not believed at all
_INVENTED_LEAST = 3


class MixedEngine:
    """Reads with both engines and reconciles them; implements `ingest.engine.Engine`."""

    name = EngineName.LLM

    def __init__(self, rules: Engine, client: ModelClient) -> None:
        self._rules, self._client = rules, client
        self._warned: set[str] = set()

    def triage(self, message: Message, context: ReadingContext) -> Triage:
        """What the message says; never raises for what the model does."""
        by_rules = self._rules.triage(message, context)
        try:
            by_model = self._by_model(message, context)
        except ModelFailed as failure:
            return self._without_model(by_rules, str(failure))
        return rate(reconcile(by_rules, by_model), message)

    def _by_model(self, message: Message, context: ReadingContext) -> Triage:
        rendered = render(message, context)
        question = question_of(rendered, learned_messages(message, context.hints), message.digest)
        answer = self._client.ask(question, _check)
        form = parse_form(answer.content)
        read = FormReader(message, rendered.part_names).read(form)
        received = context.received_at.date() if context.received_at else None
        grounded = ground(read, message, received)
        if _mostly_invented(grounded):
            raise ModelFailed("most of what it said does not stand in the message")
        if rendered.left_out > 0:
            grounded.warnings.append(f"{rendered.left_out} characters were not shown to the model (too long)")
        return grounded

    def _without_model(self, by_rules: Triage, reason: str) -> Triage:
        if reason not in self._warned:
            self._warned.add(reason)
            _LOG.warning("the model gave no usable answer (%s): rules answered", reason)
        note = f"read by rules alone: the model gave no usable answer ({reason})"
        return by_rules.model_copy(update={"warnings": [*by_rules.warnings, note]})


def question_of(rendered: Rendered, learned: tuple[tuple[str, str], ...] = (), digest: str = "") -> Question:
    """The whole question: the rules of the desk, the worked examples (those learned last), the message."""
    prompt = load_prompt("triage")
    messages = (("system", prompt.text), *example_messages(), *learned, ("user", rendered.text))
    return Question("triage", messages, json_schema(), digest)


def _check(content: str) -> None:
    parse_form(content)


def _mostly_invented(triage: Triage) -> bool:
    dropped: list[Dropped] = triage.dropped
    kept = len({one.path for one in triage.evidence if not one.path.startswith("intent")})
    return len(dropped) >= _INVENTED_LEAST and len(dropped) > _INVENTED_SHARE * (kept + len(dropped))
