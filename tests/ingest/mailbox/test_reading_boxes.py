"""Nothing lost, nothing twice: reading boxes on real servers."""

import threading
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from cases.models import StoredMessage
from config.errors import ConfigurationError, Unavailable
from ingest.mailbox import folders
from ingest.mailbox.connection import DROPPED
from tests.doubles.imap_servers import ImapServer
from tests.ingest.intake.mails import request
from tests.ingest.mailbox.conftest import Finish, copies, poller_of, stored

Sessions = sessionmaker[Session]


def test_mails_come_byte_for_byte_and_stay(server: ImapServer, desk_sessions: Sessions) -> None:
    """Each mail is in the ledger as it lies on the server, read by a person or not, and still lies there unseen by us."""
    mails = [request(number) for number in range(4)]
    server.put(*mails[:3])
    server.put(mails[3], flags=[b"\\Seen"])
    poller = poller_of(server, desk_sessions)
    assert (poller.once(), poller.once()) == (4, 0)
    assert stored(desk_sessions) == mails
    assert server.bodies() == mails
    assert [b"\\Seen" in flags for flags in server.flags()] == [False, False, False, True]


def test_a_new_process_goes_on_where_the_ledger_ends(server: ImapServer, desk_sessions: Sessions) -> None:
    """Another process reads only what came after the last mail in the ledger."""
    server.put(request(1))
    poller_of(server, desk_sessions).once()
    server.put(request(2))
    assert poller_of(server, desk_sessions).once() == 1
    assert stored(desk_sessions) == [request(1), request(2)]


def test_copies_are_one_message(server: ImapServer, desk_sessions: Sessions) -> None:
    """The same bytes twice in one folder and once in another are one row that lies in three places."""
    server.put(request(1), request(1))
    server.put(request(1), folder="Requests")
    poller = poller_of(server, desk_sessions, folders="INBOX,Requests")
    poller.once()
    assert stored(desk_sessions) == [request(1)]
    assert copies(desk_sessions) == 3


def test_folders_come_in_the_order_given(server: ImapServer, desk_sessions: Sessions) -> None:
    """The order is that of the folders, then that of the UIDs."""
    server.put(request(1), request(2), folder="Requests")
    server.put(request(3))
    poller_of(server, desk_sessions, folders="Requests, INBOX").once()
    assert stored(desk_sessions) == [request(1), request(2), request(3)]


def test_a_folder_that_is_not_there_stops_no_other(server: ImapServer, desk_sessions: Sessions) -> None:
    """The others are read; the pass says which folder is wrong."""
    server.put(request(1))
    poller = poller_of(server, desk_sessions, folders="Nowhere,INBOX")
    with pytest.raises(Unavailable, match="Nowhere"):
        poller.once()
    assert stored(desk_sessions) == [request(1)]


def test_filed_mail_gets_a_keyword_once(server: ImapServer, desk_sessions: Sessions, finish: Finish) -> None:
    """What is filed is marked, what is in progress is not, and a second time nothing is done."""
    server.put(request(1))
    poller = poller_of(server, desk_sessions)
    poller.once()
    finish("filed")
    server.put(request(2))
    poller.once()
    assert (poller.mark_once(), poller.mark_once()) == (1, 0)
    marked = [folders.FILED_KEYWORD in flags for flags in server.flags()]
    # pymap keeps no keywords and says so: then nothing is marked
    assert marked in ([True, False], [False, False])
    if "dovecot" in server.command[0]:
        assert marked == [True, False]


def test_filed_and_quarantined_mail_is_moved(server: ImapServer, desk_sessions: Sessions, finish: Finish) -> None:
    """With folders configured, filed mail goes to one and quarantined mail to the other; nothing is deleted."""
    poller = poller_of(server, desk_sessions, done_folder="Done", quarantine_folder="Odd")
    for number, state in ((1, "filed"), (2, "quarantined")):
        server.put(request(number))
        poller.once()
        finish(state)
    server.put(request(3))
    poller.once()
    assert poller.mark_once() == 2
    assert (server.bodies("Done"), server.bodies("Odd"), server.bodies()) == ([request(1)], [request(2)], [request(3)])
    assert poller.once() == 0


def test_only_the_header_of_a_huge_mail_is_taken(server: ImapServer, desk_sessions: Sessions) -> None:
    """Over the limit the header is kept and the row says so; the mails around it are whole."""
    huge = request(2, text="x" * 20_000)
    server.put(request(1), huge, request(3))
    poller_of(server, desk_sessions, max_bytes=5_000).once()
    with desk_sessions() as session:
        rows = session.scalars(select(StoredMessage).order_by(StoredMessage.id)).all()
        assert [row.truncated for row in rows] == [False, True, False]
        assert rows[1].raw.startswith(huge[:100])
        assert rows[1].size < 5_000


def test_only_mail_from_a_day_on(imap: ImapServer, desk_sessions: Sessions) -> None:
    """A back-fill begins at its day."""
    imap.put(request(1))
    assert poller_of(imap, desk_sessions, since="2999-01-01").once() == 0
    assert poller_of(imap, desk_sessions, since="2020-01-01").once() == 1


def test_a_rebuilt_box_is_read_again(imap: ImapServer, desk_sessions: Sessions) -> None:
    """UIDVALIDITY changes and UIDs begin anew: what is new comes in, what is known stays one row."""
    imap.put(request(1), request(2))
    poller = poller_of(imap, desk_sessions)
    poller.once()
    imap.rebuild()
    imap.put(request(3))
    poller.once()
    poller_of(imap, desk_sessions).once()
    assert stored(desk_sessions) == [request(1), request(2), request(3)]
    assert copies(desk_sessions) == 5


def test_three_pollers_at_once(imap: ImapServer, sessions: Sessions) -> None:
    """Three processes on one box at the same moment make one row of each mail."""
    mails = [request(number) for number in range(30)]
    imap.put(*mails)
    threads = [threading.Thread(target=poller_of(imap, sessions).once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored(sessions)) == sorted(mails)
    assert copies(sessions) == 30


def test_two_boxes_with_one_mail(imap: ImapServer, desk_sessions: Sessions) -> None:
    """A mail to two of our boxes (To and Cc) is one message that lies in both."""
    imap.put(request(1))
    other = ImapServer(imap.port, "other", "secret", imap.command, imap.folder)
    other.put(request(1), request(2))
    poller_of(imap, desk_sessions, name="imap").once()
    poller_of(other, desk_sessions, name="broker").once()
    assert stored(desk_sessions) == [request(1), request(2)]
    assert copies(desk_sessions) == 3


def test_others_move_and_expunge_meanwhile(imap: ImapServer, desk_sessions: Sessions, finish: Finish) -> None:
    """People delete and move mail between our passes: what stayed for one pass is in, and marking what is gone is no fault."""
    imap.put(request(1), request(2), request(3))
    poller = poller_of(imap, desk_sessions)
    poller.once()
    with imap.client() as client:
        client.create_folder("Private")
        client.select_folder("INBOX")
        client.move([1], "Private")
        client.delete_messages([2])
        client.expunge()
    finish("filed")
    poller.mark_once()
    imap.put(request(4))
    assert poller.once() == 1
    assert len(stored(desk_sessions)) == 4
    assert len(imap.bodies()) == 2


def test_a_wrong_password_says_so(imap: ImapServer, desk_sessions: Sessions) -> None:
    """A refused login names account and cure, not the password."""
    poller = poller_of(imap, desk_sessions, password="wrong-one")
    with pytest.raises(ConfigurationError, match=r"desk@127\.0\.0\.1 refuses the login") as caught:
        poller.once()
    assert "wrong-one" not in str(caught.value)


def test_a_certificate_is_verified(imap: ImapServer, desk_sessions: Sessions) -> None:
    """TLS to a server that has none ends in an error, never in plain text."""
    for tls in ("ssl", "starttls"):
        with pytest.raises(DROPPED):
            poller_of(imap, desk_sessions, tls=tls).once()
    assert stored(desk_sessions) == []


@pytest.mark.parametrize("fault", ["pragma max_page_count = 1", "pragma query_only = on"])
def test_no_room_or_no_right_to_write(
    fault: str, imap: ImapServer, desk_database: Engine, desk_sessions: Sessions
) -> None:
    """A full disk, a read-only database: the mail stays on the server untouched, and is in when there is room again."""
    imap.put(*(request(number, text="x" * 5000) for number in range(9)))
    poller = poller_of(imap, desk_sessions)
    desk_database.dispose()

    def spoil(connection: Any, _record: Any) -> None:
        connection.execute(fault)

    event.listen(desk_database, "connect", spoil)
    with pytest.raises(DBAPIError) as caught:
        poller.once()
    assert "client1-works" not in str(caught.value)  # what was to be stored never reaches a log
    event.remove(desk_database, "connect", spoil)
    desk_database.dispose()
    assert stored(desk_sessions) == []
    assert len(imap.bodies()) == 9
    assert poller.once() == 9
