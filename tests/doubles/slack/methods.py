"""The Web API's methods that the app uses: what each needs, refuses and does."""

from collections.abc import Callable
from typing import Any

from tests.doubles.slack.workspace import Json, SlackSaysNo, Workspace

Method = Callable[[Workspace, Json], Json | None]
METHODS: dict[str, tuple[tuple[str, ...], Method]] = {}
HIDDEN = ("edited", "markdown", "below", "streaming_since")


def method(name: str, *required: str) -> Callable[[Method], Method]:
    """Makes a function a method of the Web API."""

    def keep(work: Method) -> Method:
        METHODS[name] = (required, work)
        return work

    return keep


def _known(found: Any, code: str) -> Any:
    if found is None:
        raise SlackSaysNo(code)
    return found


@method("auth.test")
def auth_test(slack: Workspace, _args: Json) -> Json:
    """Who the token is."""
    return {
        "team_id": slack.team,
        "user_id": slack.bot,
        "bot_id": "B0BOT",
        "team": "Test",
        "url": "https://t.slack.test/",
    }


@method("apps.connections.open")
def connections_open(slack: Workspace, _args: Json) -> Json:
    """A ticket for one WebSocket."""
    return {"url": slack.address.replace("http", "ws", 1) + f"/socket?ticket={slack.number()}"}


@method("users.info", "user")
def users_info(slack: Workspace, args: Json) -> Json:
    """One user."""
    return {"user": _known(slack.users.get(args["user"]), "user_not_found")}


@method("users.lookupByEmail", "email")
def lookup_by_email(slack: Workspace, args: Json) -> Json:
    """The user of an address; never a deactivated one."""
    for user in slack.users.values():
        if user["profile"].get("email", "").lower() == args["email"].lower() and not user["deleted"]:
            return {"user": user}
    raise SlackSaysNo("users_not_found")


@method("usergroups.list")
def usergroups(slack: Workspace, _args: Json) -> Json:
    """All user groups."""
    return {"usergroups": [{"id": key, "handle": group["handle"]} for key, group in slack.groups.items()]}


@method("usergroups.users.list", "usergroup")
def usergroup_users(slack: Workspace, args: Json) -> Json:
    """Who is in a group."""
    return {"users": _known(slack.groups.get(args["usergroup"]), "no_such_subteam")["users"]}


@method("conversations.open")
def conversations_open(slack: Workspace, args: Json) -> Json:
    """The direct message with a user."""
    user = _known(slack.users.get(str(args.get("users"))), "user_not_found")
    if user["deleted"]:
        raise SlackSaysNo("user_disabled")
    return {"channel": {"id": "D" + user["id"][1:]}}


@method("conversations.members", "channel")
def conversations_members(slack: Workspace, args: Json) -> Json:
    """Who is in a channel, in pages."""
    channel = _known(slack.channels.get(args["channel"]), "channel_not_found")
    start, size = int(args.get("cursor") or 0), int(args.get("limit") or 100)
    after = start + size
    cursor = str(after) if after < len(channel["members"]) else ""
    return {"members": channel["members"][start:after], "response_metadata": {"next_cursor": cursor}}


@method("conversations.replies", "channel", "ts")
def conversations_replies(slack: Workspace, args: Json) -> Json:
    """A thread."""
    channel = slack.place(args)
    if args["ts"] not in slack.messages[channel]:
        raise SlackSaysNo("thread_not_found")
    held = slack.messages[channel].values()
    return {"messages": [_shown(m, args) for m in held if args["ts"] in (m["ts"], m.get("thread_ts"))]}


@method("conversations.history", "channel")
def conversations_history(slack: Workspace, args: Json) -> Json:
    """The newest messages of a channel, without those of threads."""
    held = reversed(slack.messages[slack.place(args)].values())
    found = [_shown(m, args) for m in held if not m.get("thread_ts")]
    return {"messages": found[: int(args.get("limit") or 100)]}


def _shown(message: Json, args: Json) -> Json:
    metadata = args.get("include_all_metadata") in (True, "true", "1", 1)
    return {key: value for key, value in message.items() if key not in HIDDEN and (key != "metadata" or metadata)}


@method("chat.postMessage", "channel")
def post_message(slack: Workspace, args: Json) -> Json:
    """A message of the app."""
    channel = slack.place(args)
    content, ts = slack.content(args), slack.stamp()
    message = {"type": "message", "user": slack.bot, "bot_id": "B0BOT", "app_id": slack.app, "ts": ts, **content}
    if args.get("thread_ts"):
        message["thread_ts"] = args["thread_ts"]
    slack.messages[channel][ts] = message
    return {"channel": channel, "ts": ts, "message": message}


@method("chat.postEphemeral", "channel", "user")
def post_ephemeral(slack: Workspace, args: Json) -> Json:
    """A message for one person's eyes."""
    channel = slack.place(args)
    if args["user"] not in slack.channels[channel]["members"]:
        raise SlackSaysNo("user_not_in_channel")
    ts = slack.stamp()
    place = {"channel": channel, "user": args["user"], "thread_ts": args.get("thread_ts"), "ts": ts}
    slack.whispers.append(slack.content(args) | place)
    return {"message_ts": ts}


@method("chat.update", "channel", "ts")
def update(slack: Workspace, args: Json) -> Json:
    """A change of a message of the app."""
    message = _known(slack.messages[slack.place(args)].get(args["ts"]), "message_not_found")
    if message["user"] != slack.bot:
        raise SlackSaysNo("cant_update_message")
    if "streaming_since" in message:
        raise SlackSaysNo("streaming_state_conflict")
    content = slack.content(args)
    content["metadata"] = content["metadata"] or message.get("metadata")
    message |= content | {"edited": True}
    return {"channel": args["channel"], "ts": args["ts"]}


@method("chat.delete", "channel", "ts")
def delete(slack: Workspace, args: Json) -> Json:
    """Takes a message of the app away."""
    held = slack.messages[slack.place(args)]
    if _known(held.get(args["ts"]), "message_not_found")["user"] != slack.bot:
        raise SlackSaysNo("cant_delete_message")
    del held[args["ts"]]
    return {"channel": args["channel"], "ts": args["ts"]}


@method("reactions.add", "channel", "name", "timestamp")
def react(slack: Workspace, args: Json) -> None:
    """A reaction on a message."""
    message = _known(slack.messages[slack.place(args)].get(args["timestamp"]), "message_not_found")
    if args["name"] in message.setdefault("reactions", []):
        raise SlackSaysNo("already_reacted")
    message["reactions"].append(args["name"])


@method("reactions.remove", "name")
def unreact(slack: Workspace, args: Json) -> None:
    """Takes a reaction back."""
    message = _known(slack.messages[slack.place(args)].get(args["timestamp"]), "message_not_found")
    if args["name"] not in message.setdefault("reactions", []):
        raise SlackSaysNo("no_reaction")
    message["reactions"].remove(args["name"])


@method("assistant.threads.setStatus", "channel_id", "thread_ts", "status")
def set_status(slack: Workspace, args: Json) -> None:
    """The status line of a thread."""
    slack.place(args, "channel_id")


@method("assistant.threads.setSuggestedPrompts", "channel_id", "prompts")
def set_prompts(slack: Workspace, args: Json) -> None:
    """Prompts of a thread: one to four."""
    slack.place(args, "channel_id")
    prompts = args["prompts"]
    if not 1 <= len(prompts) <= 4 or any(not p.get("title") or not p.get("message") for p in prompts):
        raise SlackSaysNo("invalid_arguments", "1 to 4 prompts, each with title and message")


@method("views.publish", "user_id", "view")
def publish(slack: Workspace, args: Json) -> Json:
    """Somebody's home tab."""
    _known(slack.users.get(args["user_id"]), "user_not_found")
    if args["view"].get("type") != "home":
        raise SlackSaysNo("invalid_arguments", "view.type must be home")
    slack.homes[args["user_id"]] = slack.view(args["view"])
    return {"view": slack.homes[args["user_id"]]}


@method("views.open", "trigger_id", "view")
@method("views.push", "trigger_id", "view")
def open_view(slack: Workspace, args: Json) -> Json:
    """A modal."""
    slack.spend(args)
    view = slack.view(args["view"])
    if view["type"] != "modal":
        raise SlackSaysNo("invalid_arguments", "view.type must be modal")
    slack.modals[view["id"]] = view
    return {"view": view}


@method("views.update", "view_id", "view")
def update_view(slack: Workspace, args: Json) -> Json:
    """A modal's new content."""
    known = _known(slack.modals.get(args["view_id"]), "not_found")
    if args.get("hash") and args["hash"] != known["hash"]:
        raise SlackSaysNo("hash_conflict")
    slack.modals[args["view_id"]] = slack.view(args["view"], args["view_id"])
    return {"view": slack.modals[args["view_id"]]}


@method("files.getUploadURLExternal", "filename", "length")
def upload_url(slack: Workspace, args: Json) -> Json:
    """Where a file is to be put."""
    key = f"F{slack.number()}"
    slack.files[key] = {"id": key, "name": args["filename"], "length": int(args["length"]), "content": None}
    return {"file_id": key, "upload_url": f"{slack.address}/upload/{key}"}


@method("files.completeUploadExternal", "files")
def complete_upload(slack: Workspace, args: Json) -> Json:
    """Shows files that were put."""
    found = [_known(slack.files.get(one["id"]), "file_not_found") for one in args["files"]]
    if any(one["content"] is None or len(one["content"]) != one["length"] for one in found):
        raise SlackSaysNo("file_not_found")
    if args.get("channel_id"):
        channel = slack.place(args | {"channel": args["channel_id"]})
        ts = slack.stamp()
        shown = [{"id": one["id"], "name": one["name"]} for one in found]
        message = {"type": "message", "user": slack.bot, "ts": ts, "text": "", "blocks": [], "files": shown}
        slack.messages[channel][ts] = message | ({"thread_ts": args["thread_ts"]} if args.get("thread_ts") else {})
    return {"files": [{"id": one["id"], "title": one["name"]} for one in found]}
