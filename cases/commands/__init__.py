"""What people do to cases. Each command checks the right, changes the case and writes its events.

Every door (shell, Slack, assistant) runs them through `perform`, which makes one transaction of it, writes a
refusal to the history and turns a concurrent change into a Conflict.
"""

from cases.commands.decisions import answer, close, decide, return_for_documents, take_up, withdraw
from cases.commands.joining import link, merge, split, unlink
from cases.commands.opening import appeal, new_case, open_appeal
from cases.commands.performing import perform, record_refusal
from cases.commands.review import confirm, correct, reject, set_field
from cases.commands.teamwork import assign, note
from cases.values import CORRECTABLE, parse_field

__all__ = [
    "CORRECTABLE",
    "answer",
    "appeal",
    "assign",
    "close",
    "confirm",
    "correct",
    "decide",
    "link",
    "merge",
    "new_case",
    "note",
    "open_appeal",
    "parse_field",
    "perform",
    "record_refusal",
    "reject",
    "return_for_documents",
    "set_field",
    "split",
    "take_up",
    "unlink",
    "withdraw",
]
