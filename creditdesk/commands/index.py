"""`creditdesk index PATH…`: the procedures manual into the knowledge base; only what changed is read and embedded."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from cases.rights import Asker
    from knowledge.indexing import IndexReport, Progress

app = typer.Typer(add_completion=False)


@app.command()
def index(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders: Markdown, HTML, DOCX, PDF, TXT")],
    prune: Annotated[bool, typer.Option("--prune", help="Also drop everything that lies outside PATH…")] = False,
    as_email: Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="The colleague who indexes.")] = None,
) -> None:
    """Index the procedures manual.

    A folder indexed again loses what is gone from it. Files that cannot be read are reported, the rest goes in.

    Example: creditdesk index manual/ --json
    """
    from cases.rights import require
    from config.errors import DeskError
    from creditdesk.acting import doing
    from creditdesk.wiring import wire
    from knowledge.embedding import choose_embedder
    from knowledge.indexing import index_paths

    wiring = wire()
    settings = wiring.settings
    now = wiring.clock()

    def allowed(_: "Session", asker: "Asker") -> str:
        require(asker, "index")
        return asker.email

    by = doing(wiring.sessions, as_email, now, "index", None, allowed)
    embedder = choose_embedder(
        settings.embedding_model, settings.openai_base_url, settings.openai_api_key.get_secret_value()
    )
    with _ProgressBar() as progress:
        report = index_paths(
            settings.data_dir,
            paths,
            embedder,
            now=now,
            chroma_url=settings.chroma_url,
            by=by,
            prune=prune,
            progress=progress,
        )
    if report.added or report.changed or report.removed:
        _record(report, by, now)
    _show(report, wiring.options.json)
    if report.faults:
        raise DeskError(f"{len(report.faults)} of the paths could not be indexed (see above); the rest is in")


def _record(report: "IndexReport", by: str, now: "datetime") -> None:
    """Writes into the history who changed the manual."""
    from cases.audit import record
    from creditdesk.wiring import wire

    what = {"added": report.added, "changed": report.changed, "removed": report.removed}
    with wire().sessions.begin() as session:
        record(session, kind="ManualIndexed", actor=by, at=now, after=what)


def _show(report: "IndexReport", as_json: bool) -> None:
    import json
    import sys

    for fault in report.faults:
        typer.echo(f"{fault.path}: {fault.reason}", err=True)
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) + "\n")
        return
    for word, names in (("added", report.added), ("changed", report.changed), ("removed", report.removed)):
        for name in names:
            typer.echo(f"{word}  {name}")
    typer.echo(
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed, "
        f"{len(report.unchanged)} unchanged; {report.chunks} passages ({report.embedded} embedded now)"
    )


class _ProgressBar:
    """A bar on stderr where that is a terminal; silent elsewhere."""

    def __enter__(self) -> "Progress | None":
        import sys

        self._bar = None
        if not sys.stderr.isatty():
            return None
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        return self._step

    def _step(self, what: str, done: int, total: int) -> None:
        assert self._bar is not None
        for task in self._bar.tasks:
            if task.description == what:
                self._bar.update(task.id, completed=done, total=total)
                return
        self._bar.add_task(what, total=total, completed=done)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
