"""From a mail's arrival to its card in Slack: the whole desk as a process of its own, in socket mode."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from tests.doubles.imap_servers import ImapServer
from tests.doubles.slack.people import read
from tests.doubles.slack.server import SlackServer
from tests.doubles.slack.workspace import Workspace
from tests.ingest.intake.mails import request
from tests.serving.conftest import Desk, within

CHANNEL = "C0DESK"


@pytest.fixture
def slack() -> Iterator[Workspace]:
    """A workspace on the network, on a loop of its own."""
    workspace = Workspace()
    workspace.person("U0OFFICER", "Oda Lind", "oda@insurer.example")
    workspace.channel(CHANNEL, ["U0OFFICER", workspace.bot])
    loop, server = asyncio.new_event_loop(), SlackServer(workspace)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(30)
    yield workspace
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.mark.slow
def test_a_mails_card_is_in_the_channel_soon(desk: Desk, imap: ImapServer, slack: Workspace) -> None:
    """Mail in, card out, with what was understood and its quote; the time is printed (ten seconds are the bar)."""
    desk.environment |= {
        "SLACK_BOT_TOKEN": slack.token,
        "SLACK_APP_TOKEN": slack.app_token,
        "CREDITDESK_SLACK__API_URL": f"{slack.address}/api/",
        "CREDITDESK_SLACK__DESK_CHANNEL": CHANNEL,
    }
    desk.start()
    within(lambda: slack.made("auth.test"), "the app knows who it is")
    start = time.monotonic()
    imap.put(request(1))
    (card,) = within(lambda: slack.answers(CHANNEL), "the card")
    print(f"card after {time.monotonic() - start:.1f} s")
    assert "Nordbach" in read(card)
    assert "case_confirm" in str(card["blocks"])
    assert not slack.refused()
    assert desk.stop() == 0
