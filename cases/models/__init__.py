"""All tables of the desk; importing this module makes the metadata complete."""

from cases.models.audit import AuditHead, Event, EventPayload
from cases.models.base import Base
from cases.models.case import (
    Case,
    CaseDocument,
    CaseLink,
    CaseMessage,
    CaseReference,
    Decision,
    FieldEvidence,
    Note,
    Task,
)
from cases.models.desk import (
    Conversation,
    ConversationTurn,
    KeyValue,
    ModelCall,
    SeenDelivery,
    SlackCard,
    SlackInstallation,
    Worker,
)
from cases.models.mail import Attachment, MailboxCopy, OutboxItem, StoredMessage
from cases.models.register import (
    Buyer,
    BuyerAlias,
    CreditLimit,
    FxRate,
    LearnedRule,
    Person,
    Policy,
    Policyholder,
)

__all__ = [
    "Attachment",
    "AuditHead",
    "Base",
    "Buyer",
    "BuyerAlias",
    "Case",
    "CaseDocument",
    "CaseLink",
    "CaseMessage",
    "CaseReference",
    "Conversation",
    "ConversationTurn",
    "CreditLimit",
    "Decision",
    "Event",
    "EventPayload",
    "FieldEvidence",
    "FxRate",
    "KeyValue",
    "LearnedRule",
    "MailboxCopy",
    "ModelCall",
    "Note",
    "OutboxItem",
    "Person",
    "Policy",
    "Policyholder",
    "SeenDelivery",
    "SlackCard",
    "SlackInstallation",
    "StoredMessage",
    "Task",
    "Worker",
]
