"""Who may see and do what: one table of actions and roles, asked by every door (shell, Slack, assistant)."""

from collections.abc import Mapping
from dataclasses import dataclass

from cases.vocabulary import Role
from config.desk import Rights
from config.errors import Refused

SHELL = "shell"  # the actor of the local operator who gives no --as


@dataclass(frozen=True)
class Asker:
    """The person behind a question or a click; unknown people have no Asker and no rights."""

    email: str
    name: str
    role: Role
    team: str | None = None
    accounts: tuple[str, ...] = ()  # policyholder names, for sales
    slack_user_id: str | None = None


_ALL = frozenset(Role)
_DESK = frozenset({Role.OFFICER, Role.MANAGER})
_CREDIT = _DESK | {Role.UNDERWRITER}
_DECIDERS = frozenset({Role.UNDERWRITER, Role.MANAGER})
_RULERS = frozenset({Role.MANAGER, Role.ADMIN})

RULES: Mapping[str, frozenset[Role]] = {
    # seeing
    "see_status": _ALL,
    "see_procedures": _ALL,
    "see_confidential": _CREDIT,
    "see_statistics": _CREDIT | {Role.ADMIN},  # sales too where desk.yaml says so
    "see_message": _CREDIT,
    "see_history": _CREDIT | {Role.ADMIN},
    "see_outbox": _CREDIT | {Role.ADMIN},
    # working on a case
    "new_case": _CREDIT | {Role.SALES},
    "comment": _CREDIT | {Role.SALES},
    "note": _CREDIT,
    "confirm": _CREDIT,
    "correct": _CREDIT,
    "reject": _CREDIT,
    "assign": _CREDIT,
    "withdraw": _CREDIT,
    "return_for_documents": _CREDIT,
    "take_up": _CREDIT,
    "answer": _CREDIT,
    "close": _CREDIT,
    "merge": _CREDIT,
    "split": _CREDIT,
    "link": _CREDIT,
    "appeal": _CREDIT,
    "chase": _CREDIT,
    "file_message": _DESK,
    "retry_message": _DESK | {Role.ADMIN},
    "decide": _DECIDERS,
    # what leaves the house
    "approve_outbox": _CREDIT,
    "edit_outbox": _CREDIT,
    "reject_outbox": _CREDIT,
    # running the desk
    "manage_people": _RULERS,
    "manage_learned": _DESK | {Role.ADMIN},
    "import": _DESK | {Role.ADMIN},
    "index": _DESK | {Role.ADMIN},
    "verify_audit": _RULERS | {Role.OFFICER},
    "erase": _RULERS,
    "see_costs": _RULERS,
}

CONFIDENTIAL_FIELDS = frozenset({"risk_grade", "underwriter_note", "rationale", "internal_notes"})


def may(asker: Asker | None, action: str, rights: Rights | None = None) -> bool:
    """Whether the asker may do it. Nobody known may do nothing; an action without a rule is a KeyError.

    `rights` are the desk's own loosenings (desk.yaml: rights).
    """
    allowed = RULES[action]
    if asker is None:
        return False
    if action == "see_statistics" and asker.role is Role.SALES:
        return rights is not None and rights.sales_may_see_statistics
    return asker.role in allowed


def require(asker: Asker | None, action: str, rights: Rights | None = None) -> None:
    """Raises Refused where the asker may not; whoever calls it has the refusal written to the history."""
    if may(asker, action, rights):
        return
    said = action.replace("_", " ")
    if asker is None:
        raise Refused(f"people whom the desk does not know may not {said}: ask an administrator for access")
    roles = ", ".join(sorted(role.value for role in RULES[action]))
    raise Refused(f"{asker.name or asker.email} ({asker.role.value}) may not {said}: this takes one of {roles}")


def sees_confidential(asker: Asker | None) -> bool:
    """Risk grades, underwriters' notes, internal reasons: credit people only, never sales or admin."""
    return may(asker, "see_confidential")


def limited_to(asker: Asker, rights: Rights) -> tuple[str, ...] | None:
    """The policyholders to which desk.yaml holds a sales person; None: no such limit."""
    return asker.accounts if asker.role is Role.SALES and rights.sales_limited_to_accounts else None


def sees_policyholder(asker: Asker | None, policyholder: str | None, rights: Rights) -> bool:
    """Whether the asker may know of this client's cases."""
    if asker is None:
        return False
    accounts = limited_to(asker, rights)
    return accounts is None or policyholder in accounts


def shell_operator() -> Asker:
    """Who acts on the shell without --as: whoever can run it can read the database, and works as a manager."""
    return Asker(email=SHELL, name="shell operator", role=Role.MANAGER)
