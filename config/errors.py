"""The one family of errors; every message says what is wrong and what to do.

DeskError                  anything that a person can mend
├── WrongUse               the call itself is wrong (the command line exits 2)
├── ConfigurationError     settings or desk.yaml (names file, line, reason, cure)
├── NotFound               no such case, message, person
├── Refused                the asker may not do or see this
├── Conflict               somebody else was first; look again and repeat
├── IllegalTransition      the lifecycle does not allow it
├── InvalidValue           a value that cannot be stored
└── Unavailable            a part outside (database, mailbox, model, Slack) does not answer
"""


class DeskError(Exception):
    """Base of all errors that are shown to people as one line."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class WrongUse(DeskError):
    """The call is wrong: unknown option, metric or value."""


class ConfigurationError(DeskError):
    """Settings or desk.yaml hold a wrong value."""


class NotFound(DeskError):
    """What was asked for does not exist."""


class Refused(DeskError):
    """The asker has no right to it."""


class Conflict(DeskError):
    """Somebody changed it meanwhile."""


class IllegalTransition(DeskError):
    """The lifecycle has no such step."""


class InvalidValue(DeskError):
    """The value cannot be stored."""


class Unavailable(DeskError):
    """A part outside does not answer."""
