"""A real SMTP server on the loopback that keeps what it is given and answers as scripted."""

import email
import email.policy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.doubles.imap_servers import HOST, free_port

DROP = "drop"  # a scripted answer: take the mail, then cut the connection without a word


@dataclass
class SmtpSink:
    """What came, and what is to be said next: scripted answers first, then 250."""

    port: int = 0
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)  # recipient, mail
    answers: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)  # of XOAUTH2, as they came
    on_mail: Callable[[], None] = lambda: None  # called when a mail is taken, before the answer
    arrived: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer != DROP and not answer.startswith("2"):
            self.refused.append(answer)
            return answer
        content = cast(bytes, envelope.content)
        mail = cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.default))
        self.on_mail()
        with self.arrived:
            self.mails += [(recipient, mail) for recipient in envelope.rcpt_tos]
            self.arrived.notify_all()
        if answer == DROP:
            transport = server.transport
            assert transport is not None
            transport.abort()
        return answer

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        self.tokens.append(args[1] if len(args) > 1 else "")
        return AuthResult(success=True, auth_data=b"desk")

    def wait(self, number: int, seconds: float = 60.0) -> list[tuple[str, EmailMessage]]:
        """The mails, when there are so many; fails after the time."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.mails) >= number, seconds), (
                f"{len(self.mails)} mails came, not {number}"
            )
            return list(self.mails)


@contextmanager
def smtp_sink(**options: Any) -> Iterator[SmtpSink]:
    """Runs the sink; `options` go to aiosmtpd."""
    sink = SmtpSink(free_port())
    controller = Controller(sink, hostname=HOST, port=sink.port, **options)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
