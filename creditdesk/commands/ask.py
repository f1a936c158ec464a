"""`creditdesk ask`: one conversation from the shell, or a file of them."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from config.errors import InvalidValue, WrongUse
from creditdesk.wiring import Wiring, wire

if TYPE_CHECKING:
    from bot.assistant.answer import Answer, Assistant
    from cases.rights import Asker

app = typer.Typer(add_completion=False)

EPILOG = 'Example: creditdesk ask --as a.novak@insurer.example "where is the Nordwind limit?" --then "since when?"'


@app.command(epilog=EPILOG)
def ask(
    question: str | None = typer.Argument(None, help="The question, in English, German or French"),
    then: list[str] = typer.Option([], "--then", help="A further question in the same conversation"),
    as_: str | None = typer.Option(None, "--as", help="E-mail of the person who asks"),
    role: str | None = typer.Option(None, "--role", help="Role of a person who is not in the database"),
    batch: str | None = typer.Option(None, "--batch", help="A JSONL file of conversations (- for stdin)"),
    thread: str | None = typer.Option(None, "--thread", help="Go on in a conversation of that name"),
) -> None:
    """Ask where a case stands, what the manual says, or for figures."""
    wiring = wire()
    if batch is not None:
        _batch(wiring, batch)
        return
    if question is None or not question.strip():
        raise WrongUse('ask what? creditdesk ask --as EMAIL "QUESTION"')
    if as_ is None:
        raise WrongUse("who asks? give --as EMAIL")
    assistant = build_assistant(wiring)
    asker = find_asker(wiring, as_, role)
    now = wiring.clock()
    state: dict[str, Any] = {}
    for text in [question, *then]:
        if thread is not None:
            answer = assistant.answer(asker, thread, text, now)
        else:
            answer, state = assistant.reply(asker, text, now, state)
    if wiring.options.json:
        sys.stdout.write(json.dumps(answer.as_json(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_text(answer) + "\n")
    save_files(wiring, answer)


def build_assistant(wiring: Wiring) -> "Assistant":
    """The assistant of this run: the model only where --engine and the settings choose one."""
    from bot.assistant.answer import Assistant

    return Assistant(wiring.database, wiring.rules, knowledge=wiring.knowledge, agent=wiring.agent)


def find_asker(wiring: Wiring, email: str, role: str | None) -> "Asker | None":
    """The person of the database; else one of the role given; None: unknown."""
    from sqlalchemy.orm import Session

    from cases.people import asker_by_email, person_by_email
    from cases.rights import Asker
    from cases.vocabulary import Role

    with Session(wiring.database) as session:
        known = asker_by_email(session, email)
        listed = person_by_email(session, email) is not None
    if known is not None or listed or role is None:
        return known
    try:
        return Asker(email.strip().lower(), email, Role(role.strip().lower()))
    except ValueError as error:
        raise WrongUse(f"--role {role!r} is none: choose {', '.join(one.value for one in Role)}") from error


def as_text(answer: "Answer") -> str:
    """An answer for people at a terminal: text, sources, what can be done; no escape codes from outside."""
    lines = [answer.answer]
    for number, citation in enumerate(answer.citations, start=1):
        page = f", page {citation['page']}" if citation.get("page") else ""
        lines.append(f"[{number}] {citation['source']}: {citation['section']}{page}")
    if answer.actions:
        lines.append("→ " + " | ".join(action.label for action in answer.actions))
    text = "\n".join(lines)
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def save_files(wiring: Wiring, answer: "Answer") -> None:
    """Charts and workbooks go to DATA_DIR/exports; their paths to stderr."""
    if not answer.files:
        return
    folder = wiring.settings.data_dir / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    for file in answer.files:
        target = folder / f"{answer.id}-{file.name}"
        target.write_bytes(file.content)
        sys.stderr.write(f"{target}\n")


def _batch(wiring: Wiring, source: str) -> None:
    """Each line a conversation of its own, asked as its `user`; prints one line each. Faulty lines exit 1 at the end."""
    assistant = build_assistant(wiring)
    now, faults = wiring.clock(), []
    for number, line in enumerate(_lines(source), start=1):
        if not line.strip():
            continue
        try:
            identity, asker, turns = _conversation(wiring, line)
        except (ValueError, KeyError, TypeError) as error:
            faults.append(f"line {number}: {error}")
            continue
        state: dict[str, Any] = {}
        answer = None
        for text in turns:
            answer, state = assistant.reply(asker, text, now, state)
        if answer is not None:
            sys.stdout.write(json.dumps(answer.as_json() | {"id": identity}, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    if faults:
        raise InvalidValue(
            f"{len(faults)} lines could not be asked ({'; '.join(faults[:3])}): each needs id, user, turns"
        )


def _lines(source: str) -> list[str]:
    if source == "-":
        return sys.stdin.read().splitlines()
    try:
        return Path(source).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{source} cannot be read ({error}): give a UTF-8 JSONL file") from error


def _conversation(wiring: Wiring, line: str) -> tuple[str, "Asker | None", list[str]]:
    entry = json.loads(line)
    turns = entry["turns"]
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        raise ValueError("turns must be a list of questions")
    return str(entry["id"]), find_asker(wiring, str(entry["user"]), entry.get("role")), turns
