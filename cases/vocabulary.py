"""The closed lists of the desk. No import, model or file can widen them."""

from enum import StrEnum


class Intent(StrEnum):
    """What the sender of a message mainly wants."""

    CREDIT_LIMIT_REQUEST = "credit_limit_request"
    DOCUMENT_SUBMISSION = "document_submission"
    STATUS_QUERY = "status_query"
    DECISION_APPEAL = "decision_appeal"
    PROCEDURE_QUERY = "procedure_query"
    POLICY_ADMINISTRATION = "policy_administration"
    CLAIM_NOTIFICATION = "claim_notification"
    COLLECTIONS_QUERY = "collections_query"
    STATISTICS_REQUEST = "statistics_request"
    AUTO_REPLY = "auto_reply"
    UNRELATED = "unrelated"


class Department(StrEnum):
    """Who answers a message."""

    UNDERWRITING = "underwriting"
    CREDIT_BACK_OFFICE = "credit_back_office"
    POLICY_ADMINISTRATION = "policy_administration"
    CLAIMS = "claims"
    COLLECTIONS = "collections"
    NONE = "none"


DEPARTMENT_OF: dict[Intent, Department] = {
    Intent.CREDIT_LIMIT_REQUEST: Department.UNDERWRITING,
    Intent.DOCUMENT_SUBMISSION: Department.UNDERWRITING,
    Intent.STATUS_QUERY: Department.CREDIT_BACK_OFFICE,
    Intent.DECISION_APPEAL: Department.UNDERWRITING,
    Intent.PROCEDURE_QUERY: Department.CREDIT_BACK_OFFICE,
    Intent.POLICY_ADMINISTRATION: Department.POLICY_ADMINISTRATION,
    Intent.CLAIM_NOTIFICATION: Department.CLAIMS,
    Intent.COLLECTIONS_QUERY: Department.COLLECTIONS,
    Intent.STATISTICS_REQUEST: Department.CREDIT_BACK_OFFICE,
    Intent.AUTO_REPLY: Department.NONE,
    Intent.UNRELATED: Department.NONE,
}


class RequestType(StrEnum):
    """What is asked for a buyer."""

    NEW = "new"
    INCREASE = "increase"
    DECREASE = "decrease"
    RENEWAL = "renewal"
    TEMPORARY_INCREASE = "temporary_increase"
    CANCELLATION = "cancellation"


class DocumentType(StrEnum):
    """Kinds of documents that come with a request."""

    FINANCIAL_STATEMENTS = "financial_statements"
    INTERIM_ACCOUNTS = "interim_accounts"
    TRADE_REFERENCES = "trade_references"
    AGED_RECEIVABLES = "aged_receivables"
    ORDER_OR_CONTRACT = "order_or_contract"
    INVOICE = "invoice"
    CREDIT_REPORT = "credit_report"
    BANK_REFERENCE = "bank_reference"
    COMPANY_REGISTRATION = "company_registration"
    IDENTITY_DOCUMENT = "identity_document"
    APPLICATION_FORM = "application_form"
    PROOF_OF_DELIVERY = "proof_of_delivery"
    OTHER = "other"


class CaseKind(StrEnum):
    """A credit limit request (CR-…) or an enquiry to a department (EN-…)."""

    REQUEST = "request"
    ENQUIRY = "enquiry"


class Status(StrEnum):
    """States of a case; which may follow which stands in cases.lifecycle."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    AWAITING_DOCUMENTS = "awaiting_documents"
    READY = "ready"
    ALLOCATED = "allocated"
    IN_UNDERWRITING = "in_underwriting"
    APPROVED = "approved"
    PARTIALLY_APPROVED = "partially_approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    # enquiries only
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    CLOSED = "closed"


DECIDED = frozenset({Status.APPROVED, Status.PARTIALLY_APPROVED, Status.DECLINED})
ENDED = DECIDED | {Status.WITHDRAWN, Status.ANSWERED, Status.CLOSED}


class Role(StrEnum):
    """What a colleague may see and do."""

    SALES = "sales"
    OFFICER = "officer"
    UNDERWRITER = "underwriter"
    MANAGER = "manager"
    ADMIN = "admin"


class MessageState(StrEnum):
    """Where a message stands in the ledger."""

    IN_PROGRESS = "in_progress"
    FILED = "filed"
    QUARANTINED = "quarantined"
    IGNORED = "ignored"


class EvidenceState(StrEnum):
    """A machine proposes; what a person set is never overwritten by a machine."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"


class DocumentState(StrEnum):
    """The life of a required document."""

    MISSING = "missing"
    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class PolicyStatus(StrEnum):
    """Whether a policy gives cover."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """How a request came in."""

    EMAIL = "email"
    SLACK = "slack"
    PORTAL = "portal"


class CheckOutcome(StrEnum):
    """Result of a check; unknown is never a pass."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class EngineName(StrEnum):
    """Which engine understood a message or wrote an answer."""

    RULES = "rules"
    LLM = "llm"
    MIXED = "mixed"


class OutboxState(StrEnum):
    """Where an outgoing message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DRAFT = "draft"
    HELD = "held"
    FAILED = "failed"
    REJECTED = "rejected"
