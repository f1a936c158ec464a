"""`/credit` and the shortcut "Make a case of this"."""

from email import message_from_bytes
from email.policy import default

from cases.models import StoredMessage
from tests.bot.slack.scene import ADMIN, DESK, GONE, GUEST, OFFICER, SALES, STRANGER, Scene
from tests.doubles.slack.people import read
from tests.doubles.slack.workspace import Json


async def _told(scene: Scene, user: str, text: str) -> str:
    before = len(scene.slack.whispers)
    await scene.people.commands(user, text)
    await scene.until(lambda: len(scene.slack.whispers) > before)
    await scene.settled()
    return "\n".join(read(one) for one in scene.slack.whispers[before:])


async def test_help_names_what_can_be_asked(scene: Scene) -> None:
    """`/credit help`, and `/credit` alone, say what there is."""
    for text in ("help", ""):
        told = await _told(scene, SALES, text)
        assert "status" in told
        assert "stats" in told


async def test_status_and_figures_are_told_to_the_one_who_asked(scene: Scene) -> None:
    """The answer comes by the response URL, for his eyes only."""
    assert "Ostwall" in await _told(scene, OFFICER, f"status {scene.references[0]}")
    assert "3" in await _told(scene, OFFICER, "stats requests received this month")
    assert not scene.slack.answers(DESK)
    assert not scene.slack.refused()


async def test_words_that_mean_nothing_get_an_honest_answer(scene: Scene) -> None:
    """Nothing breaks on nonsense."""
    assert "Traceback" not in await _told(scene, OFFICER, "zzqx blorp 17 ???")


async def test_people_without_rights_are_told_nothing(scene: Scene) -> None:
    """Rights are those of every other door."""
    for user in (STRANGER, GUEST):
        told = await _told(scene, user, "stats requests received this month by buyer")
        assert "Ostwall" not in told
    assert "Uma" not in await _told(scene, SALES, "stats decided by underwriter")
    await scene.people.commands(GONE, "help")
    await scene.settled()
    assert not scene.slack.told(GONE)


async def test_an_expired_response_url_is_got_around(scene: Scene) -> None:
    """Where the response URL is dead, the person is told in the channel, for his eyes only."""
    real = scene.slack.response_url
    scene.slack.response_url = lambda *_: f"{scene.slack.address}/response/none"  # type: ignore[method-assign]
    await scene.people.commands(OFFICER, f"status {scene.references[0]}", DESK)
    scene.slack.response_url = real  # type: ignore[method-assign]
    (whisper,) = await scene.until(lambda: scene.slack.whispers)
    assert "Ostwall" in read(whisper)


def _message(scene: Scene, text: str, **more: object) -> Json:
    ts = scene.slack.said(SALES, DESK, text)
    return {"type": "message", "user": SALES, "ts": ts, "text": text, **more}


async def test_a_message_becomes_mail_of_the_colleague(scene: Scene) -> None:
    """The shortcut puts message and file into the ledger, once however often it is used."""
    key = "F1"
    scene.slack.files[key] = {"id": key, "content": b"%PDF-1.4 balance", "mimetype": "application/pdf"}
    file = {"id": key, "name": "balance.pdf", "url_private_download": f"{scene.slack.address}/files/{key}", "size": 16}
    message = _message(scene, "New limit of EUR 80,000 on Erlen Bau GmbH &amp; Co, please", files=[file])
    for _ in range(2):
        await scene.people.starts(OFFICER, "make_case", DESK, message)
    await scene.until(lambda: len(scene.slack.told(OFFICER)) == 2)
    with scene.sessions() as session:
        (stored,) = session.query(StoredMessage)
        mail = message_from_bytes(stored.raw, policy=default)
    assert "olga@insurer.example" in mail["From"]
    body = mail.get_body()
    assert body is not None
    assert "Erlen Bau GmbH & Co" in body.get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["balance.pdf"]
    assert stored.source == "slack"
    assert scene.stored


async def test_a_login_page_is_not_taken_for_a_file(scene: Scene) -> None:
    """Slack answers a download without the right scope with its login page; the person is told."""
    scene.slack.files["F1"] = {"id": "F1", "content": b"<!DOCTYPE html><title>Sign in</title>", "mimetype": "text/html"}
    file = {"id": "F1", "name": "accounts.pdf", "mimetype": "application/pdf", "size": 9}
    file["url_private_download"] = f"{scene.slack.address}/files/F1"
    await scene.people.starts(OFFICER, "make_case", DESK, _message(scene, "Limit for Erlen Bau GmbH", files=[file]))
    (told,) = await scene.until(lambda: scene.slack.told(OFFICER))
    assert "accounts.pdf" in read(told)
    assert "login page" in read(told)
    with scene.sessions() as session:
        assert session.query(StoredMessage).count() == 1


async def test_who_may_not_open_cases_is_told(scene: Scene) -> None:
    """An administrator opens no cases; the refusal is in the history."""
    from cases.models import Event

    await scene.people.starts(ADMIN, "make_case", DESK, _message(scene, "Limit for Erlen Bau GmbH"))
    await scene.until(lambda: scene.slack.told(ADMIN))
    with scene.sessions() as session:
        assert session.query(StoredMessage).count() == 0
        assert session.query(Event).filter_by(kind="Refused").count() == 1
