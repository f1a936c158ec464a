"""Outbox rows of the channel `slack`: rendered, posted once, remembered as a card."""

import logging
import time

from sqlalchemy.orm import Session

from bot.slack.deps import SlackDeps
from bot.slack.identity import Refusal
from bot.slack.outgoing import ROUNDS, Rendered, as_text
from bot.slack.sending import CONTENT, Sender, SlackAway, SlackRefusal
from cases.database import read_session
from cases.models import OutboxItem, SlackCard
from runtime.outbox import Failed, Outcome, Retry, Sent

PATIENCE = 20.0  # seconds for one try; the row's lease is longer
MENDABLE = 300.0  # seconds until a refusal that people can mend is tried again
NO_COLLEAGUE = "not_a_colleague"
_GONE = frozenset(
    {
        NO_COLLEAGUE,
        "user_disabled",
        "user_not_found",
        "users_not_found",
        "is_archived",
        "cannot_dm_bot",
        "message_not_found",
    }
)

log = logging.getLogger("creditdesk.slack")


class SlackTransport:
    """Called by the outbox worker's thread; the calls themselves run on the app's loop."""

    def __init__(self, deps: SlackDeps) -> None:
        self._deps = deps
        self._sender: Sender = deps.sender

    def send(self, item: OutboxItem) -> Outcome:
        """Posts the row's message, unless it stands already."""
        rendered = self._rendered(item)
        try:
            channel, ts = self._posted(item, rendered)
            if rendered.replaces is not None:
                self._catch_up(item, rendered)
        except SlackAway as away:
            return Retry(str(away), after=min(max(away.after, 1.0), 600.0))
        except SlackRefusal as refusal:
            return self._refused(item, refusal)
        if not ts:
            return Sent()
        return Sent(lambda session: self._remember(session, item, channel, ts, rendered.seen))

    def _rendered(self, item: OutboxItem) -> Rendered:
        with read_session(self._deps.database) as session:
            return self._deps.renderers.render(session, item)

    def _catch_up(self, item: OutboxItem, shown: Rendered) -> None:
        """What changed between reading and showing may have been shown by others before: then the newer goes out again."""
        for _ in range(ROUNDS):
            newer = self._rendered(item)
            if newer.blocks == shown.blocks:
                return
            self._posted(item, newer)
            shown = newer

    def _posted(self, item: OutboxItem, rendered: Rendered) -> tuple[str, str]:
        try:
            found: tuple[str, str] = self._sender.from_thread(lambda: self._post(item, rendered), PATIENCE + 15)
        except SlackRefusal as refusal:
            if refusal.code not in CONTENT:
                raise
            log.error("outbox row %s: Slack does not take its blocks, it goes out as text: %s", item.id, refusal)
            plain = as_text(item)
            found = self._sender.from_thread(lambda: self._post(item, plain), PATIENCE + 15)
        return found

    async def _post(self, item: OutboxItem, rendered: Rendered) -> tuple[str, str]:
        deadline = time.monotonic() + PATIENCE
        channel = await self._place(item.to)
        if rendered.replaces is not None:
            ts, mark = rendered.replaces
            await self._sender.update(
                channel, ts, text=rendered.text, blocks=rendered.blocks, mark=mark, patience=PATIENCE
            )
            return channel, ""
        if rendered.ephemeral_to:
            await self._sender.whisper(
                channel, rendered.ephemeral_to, text=rendered.text, blocks=rendered.blocks,
                thread_ts=rendered.thread_ts, patience=PATIENCE,
            )  # fmt: skip
            return channel, ""
        ts = await self._sender.post(
            channel, text=rendered.text, blocks=rendered.blocks, thread_ts=rendered.thread_ts,
            mark=f"outbox:{item.key}", patience=max(1.0, deadline - time.monotonic()), look_first=item.attempts > 1,
        )  # fmt: skip
        return channel, ts

    async def _place(self, to: str) -> str:
        """The channel of a row: as it is, or the direct message with a person (Slack id or e-mail)."""
        if "@" in to:
            found = await self._sender.call("users.lookupByEmail", email=to, patience=PATIENCE)
            to = str(found["user"]["id"])
        if not to.startswith(("U", "W")):
            return to
        asker = await self._deps.identity.who(to)
        if isinstance(asker, Refusal):  # whom Slack or the desk shuts out is told nothing, whatever was written
            raise SlackRefusal("a direct message", NO_COLLEAGUE, [f"{to}: {asker.reason}"])
        opened = await self._sender.call("conversations.open", users=to, patience=PATIENCE)
        return str(opened["channel"]["id"])

    def _refused(self, item: OutboxItem, refusal: SlackRefusal) -> Outcome:
        """A place that is gone fails for good; what people can mend (invite the app, a token, a scope) is tried again."""
        log.error("outbox row %s cannot be posted: %s", item.id, refusal)
        if refusal.code in CONTENT | _GONE:
            return Failed(str(refusal))
        return Retry(str(refusal), after=MENDABLE)

    def _remember(self, session: Session, item: OutboxItem, channel: str, ts: str, seen: int) -> None:
        session.add(
            SlackCard(
                team_id=self._sender.team,
                channel=channel,
                ts=ts,
                kind=item.kind[:24],
                case_id=item.case_id,
                message_row_id=item.message_row_id,
                outbox_id=item.id,
                shown=seen,
                created_at=self._deps.clock(),
            )
        )
