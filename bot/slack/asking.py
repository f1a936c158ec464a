"""A question from Slack and its one answer: who asks, where it may be shown, worked out once, sent once."""

import asyncio
import base64
import html
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.slack.deliveries import Delivery
from bot.slack.growing import Growing
from bot.slack.identity import Refusal
from bot.slack.privacy import Audience, may_all_see
from bot.slack.replying import Place, Replies
from bot.slack.streams import Streams
from bot.slack.threads import DaemonThreads
from bot.views.phrases import language_of, phrase
from cases.database import read_session
from cases.models import Conversation, SeenDelivery
from cases.rights import Asker

if TYPE_CHECKING:
    from bot.assistant.answer import Answer
    from bot.slack.deps import SlackDeps

MODEL_THREADS = 64
SIGN_AFTER = 0.25  # seconds without an answer after which a sign of life is given
log = logging.getLogger("creditdesk.slack")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question and where it was put. `root` is the message that the thread hangs on."""

    team: str
    channel: str
    user: str
    text: str
    root: str = ""
    ts: str = ""
    direct: bool = False  # a direct message
    asked: bool = True  # mentioned, or direct; False: a follow-up in a thread
    response_url: str = ""  # a command or a click on what only one person saw: the answer goes there
    alone: bool = False  # the conversation is of this question only (a command)

    @property
    def thread(self) -> str:
        """The name of the conversation."""
        return f"slack:{self.team}:{self.channel}:{self.root}"

    @property
    def place(self) -> Place:
        """Where the answer goes."""
        return Place(self.team, self.channel, self.root or None, self.user, self.response_url, self.direct, self.ts)


class Asking:
    """Answers questions: those of one thread one after the other."""

    def __init__(self, deps: "SlackDeps") -> None:
        self._deps = deps
        self._replies = Replies(deps)
        self._streams = Streams(deps.sender)
        self._threads: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[str] = Counter()
        # Rules answer by computing: a second thread would only take turns with the event loop. A model is waited for.
        self._answering = DaemonThreads(1 if deps.assistant.agent is None else MODEL_THREADS, "answering")

    async def work(self, delivery: Delivery) -> None:
        """Answers the question of a delivery."""
        ask = Ask(**delivery.payload)
        self._waiting[ask.thread] += 1
        try:
            async with self._threads[ask.thread]:
                await self._answered(ask, delivery)
        finally:
            self._waiting[ask.thread] -= 1
            if not self._waiting[ask.thread]:
                del self._waiting[ask.thread], self._threads[ask.thread]

    async def _answered(self, ask: Ask, delivery: Delivery) -> None:
        asker = await self._deps.identity.who(ask.user, ask.team)
        if isinstance(asker, Refusal):
            if not asker.silent and ask.asked:
                await self._replies.say(ask.place, phrase(asker.reason, language_of(ask.text)), delivery)
            return
        if not ask.asked and not await self._deps.in_thread(self._takes_part, asker, ask.thread):
            return
        growing = None
        if delivery.progress is None:
            growing = await self._growing(ask, asker, delivery)
            working = asyncio.create_task(self._work_out(ask, asker, delivery, growing))
            done, _ = await asyncio.wait({working}, timeout=SIGN_AFTER)
            sign = None if done else await self._replies.sign(ask.place, ask.ts, language_of(ask.text))
            try:
                progress = await working
            finally:
                if sign:
                    await self._replies.unsign(ask.place, sign)
            if progress is None:
                return
        await self._replies.answer(ask.place, delivery, language_of(ask.text), growing.begun if growing else None)

    async def _growing(self, ask: Ask, asker: Asker, delivery: Delivery) -> Growing | None:
        """Shows a model's answer while it is written, where everybody may see whatever it will hold."""
        if self._deps.assistant.agent is None or ask.response_url:
            return None
        if not (await self._audience(ask, asker)).trusted:
            return None
        return Growing(self._deps.sender, self._streams, ask.place, f"{delivery.key}#0", again=delivery.again)

    def _takes_part(self, asker: Asker, thread: str) -> bool:
        """Whether the person has asked in this thread before: then it goes on without a mention."""
        with read_session(self._deps.database) as session:
            mine = exists().where(Conversation.person == asker.email, Conversation.thread == thread)
            return bool(session.scalar(select(mine)))

    async def _work_out(
        self, ask: Ask, asker: Asker, delivery: Delivery, growing: Growing | None
    ) -> dict[str, Any] | None:
        """The answer, kept before it is sent; None: a remark in a thread that asks nothing."""
        answer: Answer | None = None
        readers = asyncio.create_task(self._audience(ask, asker))  # Slack is asked while the answer is worked out
        try:
            answer, state = await self._replied(asker, ask, growing.heard if growing else None)
        except Exception:
            log.exception("a question could not be answered")
        if growing:
            await growing.end()
        if answer is None:
            begun = growing.begun if growing else None
            await self._replies.say(ask.place, phrase("failed", language_of(ask.text)), delivery, begun)
            return None
        if not ask.asked and answer.kind == "smalltalk":
            return None
        audience = await readers
        if self._deps.assistant.agent is not None:  # a model takes its time: somebody may have joined meanwhile
            audience = await self._audience(ask, asker)
        shown = may_all_see(answer, audience, self._deps.rules().rights)
        progress = as_progress(answer, private=not shown, many=audience.unknown)
        await self._deps.in_thread(self._keep, ask, asker, answer, state, delivery, progress)
        return progress

    async def _audience(self, ask: Ask, asker: Asker) -> Audience:
        """Who else reads the place of the answer."""
        if ask.direct or ask.response_url:
            return Audience()
        present = await self._deps.identity.present(ask.channel, ask.team, but=(ask.user, self._deps.sender.bot_user))
        return Audience(unknown=True) if present is None else Audience(tuple(present))

    async def _replied(
        self, asker: Asker, ask: Ask, on_text: Callable[[str], None] | None = None
    ) -> "tuple[Answer, dict[str, Any]]":
        # Read by the few threads that share this work: were each of a model's many to begin with it, all of them
        # would compute at once, and acknowledgements would wait for their turn among them.
        state = {} if ask.alone else await self._deps.in_thread(self._state, asker, ask.thread)
        assistant = self._deps.assistant
        assistant.rules = self._deps.rules()
        return await self._answering.run(lambda: assistant.reply(asker, ask.text, self._deps.clock(), state, on_text))

    def _state(self, asker: Asker, thread: str) -> dict[str, Any]:
        from bot.assistant.conversation import load_state

        with read_session(self._deps.database) as session:
            return load_state(session, asker.email, thread)

    def _keep(
        self,
        ask: Ask,
        asker: Asker,
        answer: "Answer",
        state: dict[str, Any],
        delivery: Delivery,
        progress: dict[str, Any],
    ) -> None:
        """The turn of the conversation and the answer to be sent, in one transaction."""
        from bot.assistant.conversation import keep_turn

        with self._deps.sessions.begin() as session:
            keep_turn(session, asker.email, ask.thread, ask.text, answer.as_json(), state, self._deps.clock())
            self._deps.deliveries.keep(session, delivery, progress)

    async def shared(self, delivery: Delivery) -> None:
        """Puts into the thread what everybody there may see of an answer that was private."""
        ask = Ask(**delivery.payload["ask"])
        asker = await self._deps.identity.who(ask.user, ask.team)
        if isinstance(asker, Refusal):
            return
        question = await self._deps.in_thread(self._question, asker, ask.thread, delivery.payload["answer"])
        audience = await self._audience(ask, asker)
        least = audience.least(asker)
        if question is None or least is None:
            await self._replies.say(ask.place, phrase("nothing_to_share", "en"), delivery)
            return
        answer, _ = await self._replied(least, replace(ask, text=question, alone=True))
        language = language_of(question)
        if answer.refused:  # else it is what the one with the fewest rights here may see
            await self._replies.say(ask.place, phrase("nothing_to_share", language), delivery)
            return
        delivery.progress = as_progress(answer, private=False, many=False)
        delivery.progress["by"] = asker.name
        public = replace(ask.place, response_url="")
        await self._replies.answer(public, delivery, language)

    def _question(self, asker: Asker, thread: str, answer_id: str) -> str | None:
        with read_session(self._deps.database) as session:
            turn = turn_of(session, asker.email, thread, answer_id)
            return turn.question if turn else None


def turn_of(session: Session, person: str, thread: str, answer_id: str) -> Any:
    """The turn in which a person got an answer; None: it is not kept any more."""
    from cases.models import ConversationTurn

    turns = session.scalars(
        select(ConversationTurn)
        .join(Conversation, Conversation.id == ConversationTurn.conversation_id)
        .where(Conversation.person == person, Conversation.thread == thread)
        .order_by(ConversationTurn.id.desc())
    )
    return next((turn for turn in turns if turn.answer.get("id") == answer_id), None)


def as_progress(answer: "Answer", *, private: bool, many: bool) -> dict[str, Any]:
    """An answer as it is kept until it stands in Slack."""
    files = [[file.name, base64.b64encode(file.content).decode()] for file in answer.files]
    return {"answer": answer.as_json(), "files": files, "private": private, "many": many}


def payload_of(ask: Ask) -> dict[str, Any]:
    """An ask as a delivery's payload."""
    return asdict(ask)


def thread_is_ours(session: Session, team: str, channel: str, root: str) -> bool:
    """Whether somebody asked in this thread: its first message was a question, or a conversation runs in it."""
    first = exists().where(SeenDelivery.key == f"message:{team}:{channel}:{root}")
    runs = exists().where(Conversation.thread == f"slack:{team}:{channel}:{root}")
    return bool(session.scalar(select(first | runs)))


_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
_LABELLED = re.compile(r"<(?:#[A-Z0-9]+|(?:https?|mailto|tel):[^|>]*)\|([^>]*)>")
_BARE = re.compile(r"<((?:https?|mailto|tel):[^>]*)>")


def words_of(text: str, bot_user: str) -> str:
    """What a person typed: without the mention of the app, and without Slack's own marks."""

    def name(match: re.Match[str]) -> str:
        return "" if match[1] == bot_user else f"@{match[2] or match[1]}"

    found = _MENTION.sub(name, text)
    found = _BARE.sub(r"\1", _LABELLED.sub(r"\1", found))
    return html.unescape(found).strip()
