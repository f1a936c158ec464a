"""`creditdesk cases`: the register in the terminal."""

from creditdesk.commands.cases.app import app
from creditdesk.commands.cases.changing import (
    answer,
    appeal,
    assign,
    close,
    confirm,
    correct,
    decide,
    new,
    note,
    reject,
    return_,
    take,
    withdraw,
)
from creditdesk.commands.cases.joining import link, merge, split, unlink
from creditdesk.commands.cases.listing import list_
from creditdesk.commands.cases.showing import files, history, show

__all__ = [
    "answer",
    "app",
    "appeal",
    "assign",
    "close",
    "confirm",
    "correct",
    "decide",
    "files",
    "history",
    "link",
    "list_",
    "merge",
    "new",
    "note",
    "reject",
    "return_",
    "show",
    "split",
    "take",
    "unlink",
    "withdraw",
]
