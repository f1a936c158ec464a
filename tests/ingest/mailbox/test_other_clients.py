"""People at work on the box while the desk reads it."""

import random
import threading
from collections import Counter
from contextlib import suppress

import pytest
from imapclient.exceptions import IMAPClientError
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.models import MailboxCopy
from tests.doubles.imap_servers import ImapServer
from tests.ingest.intake.mails import request
from tests.ingest.mailbox.conftest import Finish, poller_of, stored

MAILS = 200


def work(server: ImapServer, seed: int, stop: threading.Event) -> None:
    """One person: flags, moves and deletes mails at random until told to stop."""
    dice = random.Random(seed)
    with server.client() as client:
        client.select_folder("INBOX")
        while not stop.wait(dice.uniform(0.0, 0.1)):
            with suppress(IMAPClientError):  # a mail that another person has just moved or deleted
                uids = client.search("ALL")
                if not uids:
                    continue
                chosen = [dice.choice(uids)]
                deed = dice.choice(["read", "read", *["flag"] * 6, "move", "expunge"])
                if deed == "read":
                    client.fetch(chosen, ["BODY[]"])
                elif deed == "flag":
                    client.add_flags(chosen, [dice.choice([b"\\Seen", b"\\Flagged", b"$Later", b"\\Answered"])])
                elif deed == "move":
                    client.move(chosen, "Private")
                else:
                    client.delete_messages(chosen)
                    client.expunge()


@pytest.mark.slow
def test_three_people_at_random_work(imap: ImapServer, desk_sessions: "sessionmaker[Session]", finish: Finish) -> None:
    """Flags, moves and deletions meanwhile: no crash, nothing twice, and what stayed for one pass is in the ledger."""
    with imap.client() as client:
        client.create_folder("Private")
    poller, stop, seen = poller_of(imap, desk_sessions), threading.Event(), 0
    people = [threading.Thread(target=work, args=(imap, seed, stop), daemon=True) for seed in range(3)]
    for person in people:
        person.start()
    for number in range(0, MAILS, 5):
        imap.put(*(request(number + more) for more in range(5)))
        before = set(imap.bodies())
        poller.once()
        stayed = before & set(imap.bodies())
        seen += len(stayed)
        assert stayed <= set(stored(desk_sessions))
        finish("filed")
        poller.mark_once()
    assert all(person.is_alive() for person in people)
    stop.set()
    for person in people:
        person.join()
    kept = stored(desk_sessions)
    assert len(kept) == len(set(kept)) > MAILS // 3
    with desk_sessions() as session:
        places = Counter(session.execute(select(MailboxCopy.folder, MailboxCopy.uidvalidity, MailboxCopy.uid)).all())
    assert set(places.values()) == {1}
    print(f"{len(kept)} of {MAILS} mails taken in, {seen} seen over a pass")
