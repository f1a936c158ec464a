"""Why each scope and event stands in the manifest, held against what the code calls and listens to."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.handlers.commands import COMMAND
from bot.handlers.shortcuts.make_case import CALLBACK
from bot.slack.app import SCOPES

ROOT = Path(__file__).parents[3]
MANIFEST: dict[str, Any] = YAML(typ="safe").load((ROOT / "slack" / "manifest.yaml").read_text(encoding="utf-8"))

# The scopes that each method of the Web API needs, by Slack's reference; "" needs none.
METHODS = {
    "assistant.threads.setStatus": ("assistant:write",),
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "auth.test": (),
    "chat.appendStream": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "conversations.members": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "reactions.add": ("reactions:write",),
    "reactions.remove": ("reactions:write",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "users.lookupByEmail": ("users:read.email",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
# Scopes that no method asks for, and what needs them.
OTHERWISE = {
    "app_mentions:read": "the event app_mention",
    "commands": "/credit and the message shortcut",
    "files:read": "the files of a message that becomes a case are fetched",
}
# Events, the scope that each needs, and what is done with it.
EVENTS = {
    "app_context_changed": ("", "taken, so that Slack does not call it unanswered"),
    "app_home_opened": ("", "the home tab; prompts in the messages tab"),
    "app_mention": ("app_mentions:read", "questions in channels"),
    "app_uninstalled": ("", "the workspace's token is forgotten"),
    "member_joined_channel": ("channels:read", "who reads an answer is looked at anew"),
    "member_left_channel": ("channels:read", "who reads an answer is looked at anew"),
    "message.channels": ("channels:history", "threads go on without a mention"),
    "message.groups": ("groups:history", "the same in private channels"),
    "message.im": ("im:history", "questions in direct messages"),
    "message.mpim": ("mpim:history", "the same in group messages"),
    "subteam_members_changed": ("usergroups:read", "roles by user group"),
    "subteam_updated": ("usergroups:read", "roles by user group"),
    "tokens_revoked": ("", "the workspace's token is forgotten"),
    "user_change": ("users:read", "a deactivated person's rights end at once"),
}
# Listened to for workspaces whose app still has the older assistant pane; the present one knows them not.
OLDER = {"assistant_thread_started", "assistant_thread_context_changed"}


def source() -> str:
    """All code of the Slack app."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))


def scopes() -> set[str]:
    """The scopes that the manifest asks for."""
    return set(MANIFEST["oauth_config"]["scopes"]["bot"])


def test_every_scope_is_needed_by_a_method_or_an_event_and_none_is_missing() -> None:
    """The manifest's scopes are those that the called methods, the events and the surfaces need."""
    called = {name for name in METHODS if f'"{name}"' in source()}
    needed = {scope for name in called for scope in METHODS[name]}
    needed |= {EVENTS[event][0] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]} - {""}
    assert scopes() == needed | set(OTHERWISE)


def test_every_method_that_is_called_is_known_here_with_its_scopes() -> None:
    """No method of the Web API is called of which this table does not say what it needs."""
    families = "assistant|auth|bots|chat|conversations|files|pins|reactions|team|usergroups|users|views"
    called = set(re.findall(rf'"((?:{families})\.[a-zA-Z.]+)"', source()))
    assert called <= set(METHODS)


def test_installing_by_oauth_asks_for_the_same_scopes() -> None:
    """A workspace that installs the app over the web gets what the manifest names."""
    assert set(SCOPES) == scopes()


def test_every_event_has_a_listener_and_every_listener_its_event() -> None:
    """What Slack sends is listened to, and what is listened to is sent."""
    events = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    listened = set(re.findall(r'app\.event\("([a-z_]+)"', source()))
    assert events == set(EVENTS)
    assert {event.partition(".")[0] for event in events} == listened - OLDER


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_the_scope_of_an_event_is_asked_for(event: str) -> None:
    """Slack sends an event only to an app that has its scope."""
    needed, _why = EVENTS[event]
    assert not needed or needed in scopes()


def test_command_and_shortcut_have_the_names_that_the_code_listens_to() -> None:
    """`/credit` and "Make a case of this" reach their handlers."""
    features = MANIFEST["features"]
    assert all(COMMAND.fullmatch(one["command"]) for one in features["slash_commands"])
    assert [one["callback_id"] for one in features["shortcuts"]] == [CALLBACK]
    assert len(features["agent_view"]["agent_description"]) <= 300
