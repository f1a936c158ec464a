"""The command line: `creditdesk`. Commands are loaded only when used, so that --help is quick.

Global options (and --json) may stand before or after the command. Data goes to stdout, all else to
stderr; exit 0 done, 1 the work failed, 2 the call was wrong.
"""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

GLOBAL_VALUES = ("--db", "--data-dir", "--now", "--engine")
GLOBAL_FLAGS = ("--json",)

# name → (module, attribute, one-line help); the attribute is a Typer app or a function
COMMANDS: dict[str, tuple[str, str]] = {
    "triage": ("creditdesk.commands.triage", "Read messages and print what they say; touches no database"),
    "intake": ("creditdesk.commands.intake", "Take e-mail files or folders all the way into cases"),
    "poll": ("creditdesk.commands.poll", "The same from the IMAP mailbox"),
    "messages": ("creditdesk.commands.messages", "The ledger of messages: list, show, retry, export, file"),
    "cases": ("creditdesk.commands.cases", "The register: list, show, confirm, correct, decide and more"),
    "people": ("creditdesk.commands.people", "Colleagues: list, add, disable, absent"),
    "outbox": ("creditdesk.commands.outbox", "What will be or was sent: list, show, approve, edit, reject"),
    "audit": ("creditdesk.commands.audit", "The audit chain: verify"),
    "learned": ("creditdesk.commands.learned", "What corrections taught: list, show, remove"),
    "import-register": ("creditdesk.commands.imports:register", "Import an existing register (CSV or XLSX)"),
    "import-fx": ("creditdesk.commands.imports:fx", "Import exchange rates"),
    "import-people": ("creditdesk.commands.imports:people", "Import colleagues"),
    "import-policies": ("creditdesk.commands.imports:policies", "Import policies"),
    "index": ("creditdesk.commands.index", "Index the procedures manual"),
    "ask": ("creditdesk.commands.ask", "Ask a question, as somebody"),
    "chat": ("creditdesk.commands.chat", "The same as a conversation in the terminal"),
    "stats": ("creditdesk.commands.stats", "Figures: a metric by dimensions, over a period"),
    "serve": ("creditdesk.commands.serve", "Run everything: mailbox, workers, Slack, schedules, health"),
    "erase": ("creditdesk.commands.erase", "Erase a client or person everywhere"),
    "doctor": ("creditdesk.commands.doctor", "Check every part and say how to mend it"),
    "demo": ("creditdesk.commands.demo", "The tour, on embedded parts"),
}

HELP = """Creditdesk: the credit back office desk for mail, Slack and the shell.

Examples:

  creditdesk demo                                   see it work, on invented data
  creditdesk triage mail.eml                        what does this e-mail say?
  creditdesk intake inbox/                          e-mails become cases
  creditdesk cases list --status awaiting_documents
  creditdesk ask --as a.novak@insurer.example "where is the Nordwind limit?"

Global options, before or after the command:

  --db URL  --data-dir DIR  --now ISO  --engine rules|llm|auto  --json
"""


class _WrongGlobal(Exception):
    """A global option without or with a wrong value."""


def split_globals(argv: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Takes the global options out of the arguments, wherever they stand before `--`."""
    found: dict[str, str] = {}
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            return found, [*rest, word, *words]
        name, sign, value = word.partition("=")
        if name in GLOBAL_VALUES:
            if not sign:
                value = next(words, "")
            if not value or (not sign and value.startswith("--")):
                raise _WrongGlobal(f"{name} needs a value: {name} VALUE")
            found[name] = value
        elif word in GLOBAL_FLAGS:
            found[word] = "yes"
        else:
            rest.append(word)
    return found, rest


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point of the `creditdesk` command."""
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
    # Imports make much that stays: looking for garbage as often as usual takes a sixth of the start.
    gc.set_threshold(20_000, 20, 50)
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        options, rest = split_globals(arguments)
    except _WrongGlobal as error:
        _fail(str(error), 2)
    if not rest or rest[0] in ("--help", "-h", "help"):
        sys.stdout.write(HELP + "\nCommands:\n\n")
        for name, (_, text) in COMMANDS.items():
            sys.stdout.write(f"  {name:<16} {text}\n")
        sys.stdout.write("\n  creditdesk COMMAND --help tells more.\n")
        sys.exit(0 if rest else 2)
    if rest[0] == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"creditdesk {version('creditdesk')}\n")
        sys.exit(0)
    if rest[0] not in COMMANDS:
        import difflib

        near = difflib.get_close_matches(rest[0], COMMANDS, 1)
        hint = f"did you mean {near[0]}?" if near else "creditdesk --help lists the commands"
        _fail(f"no command {rest[0]!r}: {hint}", 2)
    _run(rest[0], rest[1:], options)


def _run(name: str, arguments: list[str], options: dict[str, str]) -> None:
    import typer
    from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError  # typer brings its own click

    from config.errors import DeskError, WrongUse
    from creditdesk.wiring import GlobalOptions, use_options

    module_name, _, attribute = COMMANDS[name][0].partition(":")
    try:
        use_options(GlobalOptions.parse(options))
        app: typer.Typer = getattr(importlib.import_module(module_name), attribute or "app")
        command: Any = typer.main.get_command(app)
        outcome = command.main(args=arguments, prog_name=f"creditdesk {name}", standalone_mode=False)
        sys.exit(outcome if isinstance(outcome, int) else 0)
    except WrongUse as error:
        _fail(str(error), 2)
    except DeskError as error:
        _fail(str(error), 1)
    except NoArgsIsHelpError:  # the help itself went to stdout
        _fail(f"say what to do: creditdesk {name} COMMAND", 2)
    except UsageError as error:
        _fail(f"{error.format_message()} See: creditdesk {name} --help", 2)
    except typer.Exit as error:
        sys.exit(error.exit_code)
    except typer.Abort:
        _fail("stopped", 130)
    except ClickException as error:
        _fail(error.format_message(), 1)
    except KeyboardInterrupt:
        _fail("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if not _database_away(error):
            raise
        reason = " ".join(str(error.__cause__).split())[:160]
        _fail(f"the database does not answer ({reason}): check that it runs, then repeat", 1)


def _database_away(error: Exception) -> bool:
    """Whether the database went away in the middle of a command."""
    faults = sys.modules.get("sqlalchemy.exc")  # a command that never met it needs no import
    return faults is not None and isinstance(error, faults.OperationalError | faults.InterfaceError)


def _fail(message: str, code: int) -> Any:
    sys.stderr.write("creditdesk: " + " ".join(message.split()) + "\n")
    sys.exit(code)
