"""`creditdesk serve`: everything at once, until it is stopped."""

import typer

app = typer.Typer(add_completion=False)


@app.command()
def serve() -> None:
    """Run the desk: mailboxes, intake, mail out, Slack, schedules, health at /healthz, /readyz and /metrics.

    SIGTERM ends it cleanly; SIGHUP reads desk.yaml again and keeps the old rules where the new ones are wrong.

    Example: creditdesk serve
    """
    from creditdesk.serving import run_desk
    from creditdesk.wiring import wire
    from runtime.logs import configure_logs

    desk = wire()
    configure_logs(desk.settings.log_level)
    run_desk(desk)
