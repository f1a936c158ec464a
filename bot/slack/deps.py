"""What every handler of the Slack app works with. Built once by the composition root."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from cases.clock import Clock
from config.desk import DeskRules

if TYPE_CHECKING:
    from bot.assistant.answer import Assistant
    from bot.slack.deliveries import Deliveries
    from bot.slack.identity import Identity
    from bot.slack.outgoing import Renderers
    from bot.slack.sending import Sender

T = TypeVar("T")


@dataclass
class SlackDeps:
    """Given to every `register(app, deps)`; nothing in it is framework state of one request."""

    sessions: sessionmaker[Session]
    database: Engine
    rules: Callable[[], DeskRules]
    clock: Clock  # domain time
    assistant: "Assistant"
    identity: "Identity"  # who asks
    sender: "Sender"  # every call to Slack
    deliveries: "Deliveries"  # what came in, taken once and worked on durably
    renderers: "Renderers"  # how an outbox row of a kind becomes a message
    desk_channel: str = ""
    stored: Callable[[], object] = lambda: None  # called when a message was put into the ledger
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(3, thread_name_prefix="slack"))

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """Runs database work or answering beside the event loop, which must stay free for acknowledgements."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work, *arguments)
