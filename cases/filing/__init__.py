"""Filing: from a message that was understood to cases, evidence, documents, checks, events and outgoing mail.

All in one transaction of the caller, and idempotent by the message's row in the ledger.
"""

from cases.filing.messages import FilingResult, file_by_hand, file_message, file_messages
from cases.filing.progress import review

__all__ = ["FilingResult", "file_by_hand", "file_message", "file_messages", "review"]
