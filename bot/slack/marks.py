"""What a message of ours is known by: a mark in the id of its first block, and the same in its metadata."""

import hashlib
from typing import Any

MARKED = "cd."  # what the ids of marked blocks begin with


def block_mark(mark: str) -> str:
    """A mark as a block id: short, and telling nothing."""
    return f"{MARKED}{hashlib.sha256(mark.encode()).hexdigest()[:32]}"


def with_mark(blocks: list[dict[str, Any]], mark: str) -> list[dict[str, Any]]:
    """The blocks with the mark in the id of the first."""
    return [{**blocks[0], "block_id": block_mark(mark)}, *blocks[1:]] if blocks else blocks


def metadata_of(mark: str) -> dict[str, Any]:
    """A mark as a message's metadata."""
    return {"event_type": "creditdesk", "event_payload": {"mark": block_mark(mark)}}


def is_marked(message: dict[str, Any]) -> bool:
    """Whether a message was posted with a mark, whichever."""
    named = [str(one.get("block_id") or "") for one in message.get("blocks") or []]
    return bool(message.get("metadata")) or any(one.startswith(MARKED) for one in named)


def carries(message: dict[str, Any], mark: str) -> bool:
    """Whether it is the message of this mark."""
    block = block_mark(mark)
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return payload.get("mark") == block or any(one.get("block_id") == block for one in message.get("blocks") or [])
