"""`creditdesk demo`: the tour. Every step is the real command, run on invented data in a folder of its own."""

import json
import os
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer

from config.errors import DeskError

DATA = Path(__file__).parent.parent / "demo"
NOW = "2026-10-19T10:00:00Z"  # the mails are of October 2026
OFFICER = "oda.lindqvist@example-credit.example"
UNDERWRITER = "ines.carvalho@example-credit.example"
SALES = "jonas.reiter@example-credit.example"
MANAGER = "ruth.adeyemi@example-credit.example"
FOREIGN = ("CREDITDESK_", "SLACK_", "OPENAI_")  # settings of the machine: the demo uses embedded parts only

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo's data goes; emptied first.")] = Path(
        "data/demo"
    ),
) -> None:
    """Take invented e-mails into cases, step by step, without keys or servers.

    Example: creditdesk demo
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "creditdesk.db").exists():
        raise DeskError(f"{folder} holds other things: name another folder with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ["COLUMNS"] = "150"
    Tour(folder).walk()


@dataclass(frozen=True)
class Tour:
    """The steps, each a heading and commands."""

    folder: Path

    def walk(self) -> None:
        """The whole tour."""
        self._reference_data()
        self._one_mail()
        self._all_mails()
        self._cases()
        self._people()
        self._again()
        self._questions()
        say("\nEverything above is invented. What to try next:")
        say("  .venv/bin/creditdesk triage YOUR-MAIL.eml        what does one of your own e-mails say?")
        say(f"  .venv/bin/creditdesk --data-dir {self.folder} cases show CR-2026-000112")
        say("  .venv/bin/creditdesk doctor                       what a mailbox, Slack or a model still need")
        say("  README.md                                         mailbox, Slack, model: how to set them up")

    def _reference_data(self) -> None:
        heading("1. What the desk knows: rates, colleagues, policies, a register, a manual (all invented)")
        for kind in ("fx", "people", "policies", "register"):
            self.run(f"import-{kind}", str(DATA / f"{kind}.csv"))
        self.run("index", str(DATA / "manual"))

    def _one_mail(self) -> None:
        heading("2. What one e-mail says, and the words that prove it")
        mail = DATA / "mails" / "01-new-limit.eml"
        record = json.loads(self.run("triage", str(mail), "--jsonl", show=False))
        say(
            f"   intent {record['intent']} ({record['reason']}), language {record['language']}, engine {record['engine']}"
        )
        for evidence in record["evidence"]:
            where = f"{evidence['part']} {evidence['start']}-{evidence['end']}"
            say(f"   {evidence['path']:<36} {evidence['value']!s:<34} “{evidence['quote']}”  ({where})")

    def _all_mails(self) -> None:
        heading("3. The whole way into cases: stored, read, checked, filed; one mail is damaged, two need no answer")
        self.run("intake", str(DATA / "mails"))

    def _cases(self) -> None:
        heading("4. The cases")
        self.run("cases", "list")
        heading("5. One case as an officer sees it: values with quotes, checks, what may be the same")
        self.run("cases", "show", self._case("Oderwerk"))
        heading("6. Sent again by the client: the same case, not a second one")
        self.run("cases", "history", self._case("Falkenstein"))

    def _people(self) -> None:
        heading("7. People decide: an officer confirms; what is missing is asked for, the rest is allocated")
        for name in ("Oderwerk", "Brasserie"):
            self.run("cases", "confirm", self._case(name), "--as", OFFICER)
        self.run("cases", "list", "--status", "awaiting_documents")
        say("   … and somebody without the right to it may not:")
        self.run("cases", "confirm", self._case("Vltava"), "--as", SALES, fine=(1,))
        heading("8. What would leave the house now (nothing is sent without a mail server)")
        self.run("outbox", "list")
        self.run("outbox", "show", self._letter("document_request"))

    def _again(self) -> None:
        heading("9. The same mails once more: nothing changes")
        before = self._state()
        self.run("intake", str(DATA / "mails"), show=False)
        same = before == self._state()
        say("   cases, messages and outbox are exactly as before" if same else "   SOMETHING CHANGED")
        self.run("audit", "verify")
        if not same:
            raise DeskError("a second intake changed something: please report this")

    def _questions(self) -> None:
        heading("10. Questions, each within the asker's rights")
        self.run("ask", "--as", SALES, "where is the Kanaal limit?")
        self.run("ask", "--as", SALES, "what do we need for a limit above 1,000,000?")
        self.run("ask", "--as", MANAGER, "open cases by status")

    def _case(self, buyer: str) -> str:
        rows = json.loads(self.run("cases", "list", "--json", show=False))
        return next(str(r["reference"]) for r in rows if buyer in (r["buyer_name"] or "") and r["messages"])

    def _letter(self, kind: str) -> str:
        rows = json.loads(self.run("outbox", "list", "--json", show=False))
        return str(next((r["id"] for r in rows if r["kind"] == kind), rows[0]["id"]))

    def _state(self) -> list[str]:
        return [self.run(what, "list", "--json", show=False) for what in ("cases", "messages", "outbox")]

    def run(self, *arguments: str, show: bool = True, fine: tuple[int, ...] = (0,)) -> str:
        """Runs a creditdesk command and gives its stdout. Raises DeskError where it fails."""
        if show:
            say("\n   $ creditdesk " + " ".join(_shown(argument) for argument in arguments))
        code, out, err = _call(["--data-dir", str(self.folder), "--now", NOW, *arguments])
        if show:
            for line in (out + err).splitlines():
                say("   " + line[:200].rstrip())
        if code not in fine:
            raise DeskError(f"creditdesk {arguments[0]} failed in the demo: {err.strip()[-300:]}")
        return out


def _call(arguments: list[str]) -> tuple[int, str, str]:
    """The command as the shell would run it, in this process: exit code, stdout, stderr."""
    from creditdesk.cli import main

    out, err, code = StringIO(), StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
    return code, out.getvalue(), err.getvalue()


def heading(text: str) -> None:
    """A step."""
    say(f"\n── {text}")


def say(text: str) -> None:
    """A line to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _shown(argument: str) -> str:
    name = argument.replace(str(DATA), "demo")
    return f'"{name}"' if " " in name else name
