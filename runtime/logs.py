"""Structured logs on stderr: one JSON line an event, never with text or addresses from mails."""

import logging
import sys

import structlog

QUIET = ("dbos", "alembic", "httpx", "httpcore", "openai", "chromadb", "uvicorn.access", "imapclient", "asyncio")


def configure_logs(level: str) -> None:
    """Sends every logger of the desk to stderr as JSON lines."""
    processors: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
