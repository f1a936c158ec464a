"""`creditdesk chat`: a conversation in the terminal, remembered until the next time."""

import sys

import typer

from config.errors import Refused
from creditdesk.wiring import wire

app = typer.Typer(add_completion=False)

EPILOG = "Example: creditdesk chat --as m.vogel@insurer.example"


@app.command(epilog=EPILOG)
def chat(
    as_: str = typer.Option(..., "--as", help="E-mail of the person who asks"),
    role: str | None = typer.Option(None, "--role", help="Role of a person who is not in the database"),
    thread: str = typer.Option("shell", "--thread", help="Name of the conversation to go on with"),
) -> None:
    """Talk to the desk; an empty line, `exit` or Ctrl-D ends it."""
    from creditdesk.commands.ask import as_text, build_assistant, find_asker, save_files

    wiring = wire()
    asker = find_asker(wiring, as_, role)
    if asker is None:
        raise Refused(f"{as_} is not known to the desk: ask an administrator for access")
    assistant = build_assistant(wiring)
    interactive = sys.stdin.isatty()
    while True:
        if interactive:
            sys.stderr.write("> ")
            sys.stderr.flush()
        line = sys.stdin.readline()
        text = line.strip()
        if not line or text.casefold() in ("exit", "quit", "bye") or (not text and interactive):
            return
        if not text:
            continue
        answer = assistant.answer(asker, thread, text, wiring.clock())
        sys.stdout.write(as_text(answer) + "\n\n")
        sys.stdout.flush()
        save_files(wiring, answer)
