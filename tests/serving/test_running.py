"""A running desk: health over HTTP, its end, and rules read again."""

import signal
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.doubles.imap_servers import ImapServer
from tests.doubles.smtp_sink import SmtpSink
from tests.ingest.intake.mails import request
from tests.serving.conftest import Desk, within

RULES = (ROOT / "config/desk.yaml").read_text(encoding="utf-8")


def test_health_rules_and_end(desk: Desk, imap: ImapServer, sink: SmtpSink, tmp_path: Path) -> None:
    """It tells of itself over HTTP, keeps its rules when new ones are wrong, and ends with 0 at SIGTERM."""
    rules = tmp_path / "desk.yaml"
    rules.write_text(RULES, encoding="utf-8")
    desk.environment["CREDITDESK_DESK_FILE"] = str(rules)
    imap.put(request(1))
    desk.start()
    assert [desk.get(path)[0] for path in ("/healthz", "/readyz", "/metrics", "/elsewhere")] == [200, 200, 200, 404]
    assert '"mailbox imap":"runs"' in desk.get("/healthz")[1]
    sink.wait(1)
    within(lambda: 'creditdesk_outbox{channel="email",state="sent"} 1.0' in desk.get("/metrics")[1], "sent in metrics")
    metrics = desk.get("/metrics")[1]
    for line in (
        "creditdesk_up 1.0",
        'creditdesk_mails{state="filed"} 1.0',
        'creditdesk_step_seconds_count{step="file"} 1.0',
        'creditdesk_step_seconds_count{step="send email"} 1.0',
        "creditdesk_intake_age_seconds 0.0",
        "creditdesk_outbox_age_seconds 0.0",
        'creditdesk_last_poll_age_seconds{mailbox="imap"}',
        'creditdesk_heartbeat_age_seconds{slot="slot-0"}',
    ):
        assert line in metrics

    rules.write_text("teams:\n  - nme: typo\n", encoding="utf-8")
    desk.signal(signal.SIGHUP)
    within(lambda: "kept as it was" in desk.said(), "the log says why")
    assert "desk.yaml" in desk.said()
    assert desk.get("/readyz")[0] == 200
    rules.write_text(RULES, encoding="utf-8")
    desk.signal(signal.SIGHUP)
    within(lambda: "was read again" in desk.said(), "the log says so")

    imap.stop()
    assert desk.get("/healthz")[0] == 200
    assert desk.stop() == 0
    said = desk.said()
    assert "Traceback" not in said
    for secret in ("Nordbach", "client1-works", "Dear team", "secret"):
        assert secret not in said


def test_a_port_in_use_is_said(desk: Desk, sink: SmtpSink) -> None:
    """Where its HTTP port is taken, the process ends at once and names the cure."""
    with pytest.raises(AssertionError, match="CREDITDESK_HTTP__PORT"):
        desk.start(CREDITDESK_HTTP__PORT=str(sink.port))
    assert desk.process is not None
    assert desk.process.returncode == 1
    assert "CREDITDESK_HTTP__PORT" in desk.said()


@pytest.mark.slow
def test_doctor_names_each_cure(desk: Desk, imap: ImapServer, sink: SmtpSink) -> None:
    """Every part is asked; one that is wrong says what mends it."""
    _staff(desk)
    good = {row["part"]: row for row in desk.run("doctor", "--json")}
    assert good["mailbox imap"]["state"] == "good"
    assert good["mail out"]["state"] == "good"
    assert (good["Slack"]["state"], good["model"]["state"]) == ("off", "off")
    imap.stop()
    desk.environment["CREDITDESK_SMTP__PORT"] = "1"
    desk.environment["CREDITDESK_IMAP__FOLDERS"] = "Nowhere"
    found = {row["part"]: row for row in _doctor(desk)}
    assert (found["mailbox imap"]["state"], found["mail out"]["state"]) == ("bad", "bad")
    assert "check host, port" in found["mailbox imap"]["text"]
    assert "check host, port" in found["mail out"]["text"]
    imap.start()
    found = {row["part"]: row for row in _doctor(desk)}
    assert "Nowhere" in found["mailbox imap"]["text"]


def _staff(desk: Desk) -> None:
    teams = ("Large Risks", "Export", "Mid-Market", "Domestic")
    people = "name,email,role,team\n" + "".join(
        f"Person {n},person{n}@insurer.example,underwriter,{team}\n" for n, team in enumerate(teams)
    )
    (desk.folder.parent / "people.csv").write_text(people, encoding="utf-8")
    desk.run("import-people", str(desk.folder.parent / "people.csv"))


def _doctor(desk: Desk) -> list[dict[str, str]]:
    import json
    import subprocess

    done = subprocess.run(
        desk._command("doctor", "--json"), env=desk._environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found
