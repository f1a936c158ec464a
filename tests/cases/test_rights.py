"""One table says who may do what."""

import ast
from pathlib import Path

import pytest

from cases.rights import RULES, Asker, limited_to, may, require, sees_confidential, sees_policyholder
from cases.vocabulary import Role
from config.desk import Rights
from config.errors import Refused
from tests.cases.support import ADMIN, MANAGER, OFFICER, SALES, UNDERWRITER

ROOT = Path(__file__).parents[2]
ASKING = {"may", "require", "seeing", "doing", "change", "perform"}


def actions_in_code() -> set[str]:
    """Every action that the code asks the table for."""
    found: set[str] = set()
    for folder in ("cases", "bot", "creditdesk", "ingest", "runtime"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    asks_rights = name in {"may", "require"} and len(node.args) >= 2
                    if asks_rights and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str):
                        found.add(node.args[1].value)
    return found


def test_every_action_has_a_rule() -> None:
    """An action that the code asks about without a rule in the table fails here."""
    assert actions_in_code() - set(RULES) == set()
    assert len(actions_in_code()) > 15


def test_every_rule_names_somebody() -> None:
    """Each action is open to at least one role, and nothing is open to people whom the desk does not know."""
    for action, roles in RULES.items():
        assert roles, action
        assert not may(None, action)
        with pytest.raises(Refused):
            require(None, action)


def test_confidential_fields() -> None:
    """Grades and notes are seen by underwriters, officers and managers; never by sales or admin."""
    seeing = {asker.role for asker in (SALES, OFFICER, UNDERWRITER, MANAGER, ADMIN) if sees_confidential(asker)}
    assert seeing == {Role.OFFICER, Role.UNDERWRITER, Role.MANAGER}


@pytest.mark.parametrize("action", ["confirm", "correct", "decide", "withdraw", "assign", "merge", "approve_outbox", "erase", "manage_people"])  # fmt: skip
def test_sales_only_look(action: str) -> None:
    """Sales may see and comment, not act for the desk."""
    assert may(SALES, "see_status")
    with pytest.raises(Refused, match=r"Sven Sales \(sales\) may not"):
        require(SALES, action)


def test_only_credit_people_decide() -> None:
    """Decisions are taken by underwriters and managers."""
    assert [asker.role for asker in (SALES, OFFICER, UNDERWRITER, MANAGER, ADMIN) if may(asker, "decide")] == [
        Role.UNDERWRITER,
        Role.MANAGER,
    ]


def test_statistics_for_sales() -> None:
    """Sales see statistics only where desk.yaml says so."""
    assert not may(SALES, "see_statistics", Rights())
    assert may(SALES, "see_statistics", Rights(sales_may_see_statistics=True))


def test_limited_accounts() -> None:
    """Where desk.yaml holds sales to their accounts, other clients' cases are not theirs to see."""
    held = Rights(sales_limited_to_accounts=True)
    assert sees_policyholder(SALES, "Alder Tools Ltd", held)
    assert not sees_policyholder(SALES, "Other Ltd", held)
    assert not sees_policyholder(SALES, None, held)
    assert sees_policyholder(SALES, "Other Ltd", Rights())
    assert sees_policyholder(OFFICER, "Other Ltd", held)
    assert not sees_policyholder(None, "Other Ltd", Rights())
    assert limited_to(Asker("x@y.example", "X", Role.SALES), held) == ()
