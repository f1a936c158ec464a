"""Rules triage of a mail, the start of a reading process, filing, and our share of a model's answer."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import sessionmaker

from cases.database import open_database
from cases.filing import file_message
from cases.models import StoredMessage
from cases.understanding import MessageFacts, Triage
from config.settings import LlmSettings, Settings
from ingest.engine import ReadingContext
from ingest.llm.client import ModelClient
from ingest.llm.engine import MixedEngine
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine
from ingest.understand import Circumstances, understand_by_rules
from tests.bench.measuring import FULL, cpu_times, ms, percentile, times
from tests.cases.desk import NOW, add_buyer, add_client, rules, stored
from tests.doubles.openai_server import OpenAiServer, Text
from tests.ingest.llm.mails import worked

MAILS = Path(__file__).parent.parent / "evaluation_set" / "eml"
CONTEXT = ReadingContext(frozenset({"insurer.example"}), received_at=datetime(2026, 3, 2, 10, tzinfo=UTC))
START = "import ingest.understand as u, datetime as d; u.understand_by_rules({raw!r}, u.Circumstances(d.datetime.now(d.UTC)))"


def run() -> list[tuple[str, str]]:
    """The figures."""
    mails = [file.read_bytes() for file in sorted(MAILS.glob("*.eml"))][: None if FULL else 40]
    return [*_triage(mails), *_start(mails[0]), *_filing(mails), *_model()]


def _triage(mails: list[bytes]) -> Iterator[tuple[str, str]]:
    """Each mail once to warm up, then the best of three runs of each."""
    read = [message for message in map(read_message, mails) if not message.attachments]
    engine = RulesEngine()
    for message in read:
        engine.triage(message, CONTEXT)
    taken = [min(cpu_times(lambda m=message: engine.triage(m, CONTEXT), 3)) for message in read]  # type: ignore[misc]
    yield f"rules triage, {len(read)} mails without attachments, p50", ms(percentile(taken, 0.5))
    yield "rules triage, p95 (aim: 30 ms)", ms(percentile(taken, 0.95))


def _start(raw: bytes) -> Iterator[tuple[str, str]]:
    """CPU of a whole interpreter that understands one mail, less that of one that does nothing."""

    def spent(code: str) -> float:
        measured = f"import time; {code}; print(time.process_time())"
        done = subprocess.run([sys.executable, "-c", measured], capture_output=True, text=True, check=True)
        return float(done.stdout.split()[-1])

    code = START.format(raw=raw)
    yield "a new process until its first mail is understood", ms(min(spent(code) for _ in range(3)))


def _filing(mails: list[bytes]) -> Iterator[tuple[str, str]]:
    """Filing into SQLite on disk beside inserting one ledger row, each with its commit."""
    circumstances = Circumstances(NOW, frozenset({"insurer.example"}))
    understood = [understand_by_rules(raw, circumstances) for raw in mails]
    desk = rules()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/desk.db")
        sessions = sessionmaker(database, expire_on_commit=False)
        with sessions.begin() as session:
            add_client(session)
            add_buyer(session)
            ids = [stored(session, f"mail {n}").id for n in range(len(mails))]
        filing, plain = [], []
        for number, (row_id, one) in enumerate(zip(ids, understood, strict=True)):
            triage, facts = Triage.model_validate(one.triage), MessageFacts.model_validate(one.facts)
            start = time.process_time()
            with sessions.begin() as session:
                file_message(session, session.get_one(StoredMessage, row_id), triage, facts, desk, NOW)
            middle = time.process_time()
            with sessions.begin() as session:
                stored(session, f"plain {number}")
            filing.append(middle - start)
            plain.append(time.process_time() - middle)
        database.dispose()
    yield "filing one message, p50", ms(percentile(filing, 0.5))
    yield "filing one message, p95", ms(percentile(filing, 0.95))
    yield "  beside inserting one row with its commit", times(percentile(filing, 0.5) / percentile(plain, 0.5))


def _model() -> Iterator[tuple[str, str]]:
    """Wall time with an endpoint that answers at once, beside the bare request: what is left is ours."""
    message, answer = worked(0)
    with OpenAiServer([Text(json.dumps(answer))]) as server:
        settings = Settings.model_validate(
            {"openai_base_url": server.url, "model": "scripted", "llm": LlmSettings().model_dump()}
        )
        ours, bare = [], []
        for _ in range(8):
            engine = MixedEngine(RulesEngine(), ModelClient(settings))  # a new one remembers no answer
            start = time.perf_counter()
            engine.triage(message, CONTEXT)
            middle = time.perf_counter()
            body = json.dumps(server.requests[-1]).encode()
            request = urllib.request.Request(
                f"{server.url}/chat/completions", body, {"content-type": "application/json"}
            )
            with urllib.request.urlopen(request) as reply:
                reply.read()
            ours.append(middle - start)
            bare.append(time.perf_counter() - middle)
    yield "model triage with an endpoint that answers at once, wall", ms(min(ours))
    yield "  of which the bare request", ms(min(bare))
    yield "  ours (aim: 100 ms)", ms(min(ours) - min(bare))
