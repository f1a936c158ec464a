"""`creditdesk triage`: reads messages and prints what they say, with the proof; touches no database."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import DeskError

if TYPE_CHECKING:
    from cases.understanding import Triage
    from creditdesk.wiring import Wiring

AHEAD = 16  # messages read before the first is printed

app = typer.Typer(add_completion=False)


@app.command()
def triage(
    files: Annotated[list[Path], typer.Argument(help="E-mail files.", show_default=False)],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line, for machines.")] = False,
) -> None:
    """Read e-mails and print what they say: intent, parties, requests, each value with its quote.

    Example: creditdesk triage mail.eml
    """
    from creditdesk.output import note, print_json, to_json
    from creditdesk.wiring import wire

    wiring = wire()
    failed = 0
    for path, outcome in _triaged(wiring, files):
        if isinstance(outcome, str):
            failed += 1
            note(f"creditdesk: {path}: {outcome}")
        elif jsonl or wiring.options.json:
            sys.stdout.write(to_json(record(path.stem, outcome)) + "\n")
        elif sys.stdout.isatty():
            _show(path, outcome)
        else:
            print_json(record(path.stem, outcome))
    if failed:
        raise DeskError(
            f"{failed} of {len(files)} files could not be read: correct the paths and run it again for them"
        )


def _triaged(wiring: "Wiring", files: list[Path]) -> "Iterator[tuple[Path, Triage | str]]":
    """Each file with its triage, or with the reason why there is none; several are read at once."""
    import logging
    from collections import deque
    from concurrent.futures import Future

    from cases.understanding import Triage
    from cases.vocabulary import EngineName
    from creditdesk.output import note
    from ingest.readers import READERS, Readers
    from ingest.understand import Circumstances
    from runtime.workers import WorkerFailed

    logging.getLogger("ingest.llm").setLevel(logging.ERROR)  # the note at the end says it once for all files
    engine = wiring.engine
    about = Circumstances(wiring.clock(), frozenset(domain.lower() for domain in wiring.rules.staff_domains))
    by_rules = 0
    readers = Readers(engine, count=min(READERS, len(files)), parallel=wiring.settings.llm.parallel)
    begun: deque[tuple[Path, Future[Triage] | str]] = deque()
    rest = iter(files)
    try:
        while True:
            while len(begun) < AHEAD and (path := next(rest, None)) is not None:
                try:
                    begun.append((path, readers.triage(path.read_bytes(), about)))
                except OSError as error:
                    begun.append((path, error.strerror or "cannot be read"))
            if not begun:
                break
            path, future = begun.popleft()
            if isinstance(future, str):
                yield path, future
                continue
            try:
                triage = future.result()
            except WorkerFailed as error:
                yield path, str(error)
                continue
            by_rules += engine.name != EngineName.RULES and triage.engine == EngineName.RULES
            yield path, triage
    finally:
        readers.close()
    if by_rules:
        note(f"creditdesk: the model did not answer for {by_rules} of {len(files)} messages: the rules did")


def record(name: str, triage: "Triage") -> dict[str, object]:
    """The contract's JSON shape of a triaged message: labels, and the proof of each value."""
    from cases.understanding import LABELS

    labels = triage.model_dump(include=set(LABELS))
    return {
        "id": name,
        **{label: labels[label] for label in LABELS},
        "engine": triage.engine,
        "evidence": [
            {
                "path": proof.path,
                "value": proof.value,
                "quote": proof.quote,
                "part": proof.part,
                "start": proof.start,
                "end": proof.end,
                "how": proof.how,
                "engine": proof.engine,
                "trust": proof.trust,
            }
            | ({"derived": proof.derived} if proof.derived else {})
            for proof in triage.evidence
        ],
        "parts": [{"name": part.name, "text": part.text} for part in triage.parts],
        "forwarded": [
            {
                "from": {"name": mail.sender_name, "address": mail.sender_address},
                "subject": mail.subject,
                "date": mail.date,
            }
            for mail in triage.forwarded
        ],
        "reason": triage.intent_reason,
        "dropped": [value.model_dump() for value in triage.dropped],
        "disagreements": [value.model_dump() for value in triage.disagreements],
        "unread": triage.unread,
        "warnings": triage.warnings,
        "summary": triage.summary,
    }


def _show(path: Path, triage: "Triage") -> None:
    """For people: the message in a few lines, each value beside its quote."""
    from creditdesk.output import print_table, safe

    sys.stdout.write(
        f"\n{safe(path.name)}: {triage.intent.value} → {triage.department.value} (by {triage.engine.value})\n"
    )
    if triage.summary:
        sys.stdout.write(safe(triage.summary) + "\n")
    for text in [*triage.warnings, *triage.unread]:
        sys.stdout.write(f"  ! {safe(text)}\n")
    rows = [
        (proof.path, proof.value, proof.derived or proof.how, " ".join(proof.quote.split())[:80], proof.part)
        for proof in triage.evidence
    ]
    print_table(("field", "value", "how", "quote", "part"), rows, empty="nothing was found in it")
