"""Puts `serve` together from the wiring: what is configured runs, the rest is left out."""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import uvicorn
from starlette.routing import BaseRoute

from config.desk import load_desk_rules
from config.errors import ConfigurationError
from config.settings import HttpSettings
from creditdesk.http import http_app
from creditdesk.intake_parts import intake_of
from creditdesk.metrics import exposition
from creditdesk.process import DeskProcess, Service
from creditdesk.schedules import desk_schedules
from creditdesk.transports import slack_service, smtp_transport
from creditdesk.watch import MailboxWatch
from creditdesk.wiring import Wiring
from ingest.intake import Intake
from runtime.outbox import Outbox, Transport
from runtime.schedules import scheduled

RECORDS_DAYS = 7
RECORDS_EVERY = 3600.0  # seconds

log = logging.getLogger("creditdesk")


def run_desk(desk: Wiring) -> None:
    """Runs until SIGTERM or SIGINT. Raises DeskError where something cannot run at all."""
    workflows, ticks = scheduled(desk_schedules(desk))
    with intake_of(desk, workflows=workflows, ticks=ticks, poll_seconds=1.0) as intake:
        process = DeskProcess(desk, intake)
        watch = MailboxWatch(desk.sessions, lambda: desk.rules, desk.clock)
        process.add_intake()
        boxes = process.add_mailboxes(watch)
        transports: dict[str, Transport] = {}
        smtp = smtp_transport(desk)
        if smtp is not None:
            transports["email"] = smtp
        routes: list[BaseRoute] = []
        if transports:
            process.add_outbox(Outbox(desk.sessions, transports, owner=intake.slot, clock=desk.clock))
        slack = slack_service(desk, intake)
        if slack is not None:
            # A worker of its own: a workspace that asks us to wait must not hold up mail.
            worker = Outbox(desk.sessions, {"slack": slack.transport}, owner=intake.slot, clock=desk.clock)
            process.add_outbox(worker, "slack outbox")
            process.add_service("slack", slack.serve)
            process.wait_for("assistant", slack.is_warm)
            routes += slack.routes()
        process.add_service("http", _http(desk, process, routes))
        process.add_loop("records", lambda stop: _forget_records(intake, stop))
        _reload_on_sighup(desk, intake)
        channels = sorted([*transports, *(["slack"] if slack is not None else [])])
        log.info("desk runs: %d mailboxes, channels out: %s", boxes, ", ".join(channels) or "none")
        process.run()


def _http(desk: Wiring, process: DeskProcess, routes: Sequence[BaseRoute]) -> Service:
    listening = _listen(desk.settings.http)

    async def service(ended: asyncio.Event) -> None:
        app = http_app(
            alive=process.alive, ready=process.ready, metrics=lambda: exposition(desk.database), more_routes=routes
        )
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await asyncio.wait({serving, asyncio.create_task(ended.wait())}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving

    return service


def _forget_records(intake: Intake, stop: threading.Event) -> None:
    """The durable engine's records of ended work go after some days: keys are never used twice."""
    while not stop.wait(RECORDS_EVERY):
        intake.durable.forget(datetime.now(UTC) - timedelta(days=RECORDS_DAYS))


def _listen(settings: HttpSettings) -> socket.socket:
    """The socket of the HTTP server; a port in use is found before anything runs."""
    try:
        return socket.create_server((settings.host, settings.port), backlog=256)
    except OSError as error:
        raise ConfigurationError(
            f"{settings.host}:{settings.port} cannot be served on ({error.strerror}): choose another"
            " CREDITDESK_HTTP__PORT or CREDITDESK_HTTP__HOST"
        ) from error


def _reload_on_sighup(desk: Wiring, intake: Intake) -> None:
    def reload(*_: object) -> None:
        try:
            rules = load_desk_rules(desk.settings.desk_file, desk.settings.smtp.sender)
        except ConfigurationError as error:
            log.error("desk.yaml is kept as it was: %s", error)
            return
        desk.use_rules(rules)
        intake.use_rules(rules)
        log.info("desk.yaml was read again")

    signal.signal(signal.SIGHUP, reload)
