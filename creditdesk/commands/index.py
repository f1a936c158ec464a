"""`creditdesk index PATH…`: the procedures manual into the knowledge base; only what changed is read and embedded."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.indexing import IndexReport, Progress

app = typer.Typer(add_completion=False)


@app.command()
def index(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders: Markdown, HTML, DOCX, PDF, TXT")],
    prune: Annotated[bool, typer.Option("--prune", help="Also drop everything that lies outside PATH…")] = False,
    as_: Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who indexes; checked against the directory")] = "",
) -> None:
    """Index the procedures manual.

    A folder indexed again loses what is gone from it. Files that cannot be read are reported, the rest goes in.

    Example: creditdesk index manual/ --json
    """
    from config.errors import DeskError
    from creditdesk.wiring import wire
    from knowledge.embedding import choose_embedder
    from knowledge.indexing import index_paths

    wiring = wire()
    settings = wiring.settings
    by = _allowed(as_) if as_ else ""
    embedder = choose_embedder(
        settings.embedding_model, settings.openai_base_url, settings.openai_api_key.get_secret_value()
    )
    with _ProgressBar() as progress:
        report = index_paths(
            settings.data_dir,
            paths,
            embedder,
            now=wiring.clock(),
            chroma_url=settings.chroma_url,
            by=by,
            prune=prune,
            progress=progress,
        )
    _show(report, wiring.options.json)
    if report.faults:
        raise DeskError(f"{len(report.faults)} of the paths could not be indexed (see above); the rest is in")


def _allowed(email: str) -> str:
    """The asker's address, if the manual is his to change; raises Refused otherwise."""
    from cases.people import asker_by_email
    from config.errors import Refused
    from creditdesk.wiring import wire

    with wire().sessions() as session:
        asker = asker_by_email(session, email)
    if asker is None or asker.role.value not in ("manager", "admin"):
        raise Refused(f"{email} may not change the manual: ask a manager or an administrator")
    return asker.email


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
