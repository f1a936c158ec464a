"""Who asks, and what a tool may use; every tool gets this and decides within it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from cases.models import Case
from cases.name_index import NameIndex
from cases.rights import Asker, sees_confidential
from cases.vocabulary import Role
from config.desk import DeskRules
from config.errors import Refused

if TYPE_CHECKING:
    from knowledge.search import Knowledge


@dataclass(frozen=True)
class ToolContext:
    """One asker in one read-only session at one moment."""

    asker: Asker | None
    session: Session
    now: datetime
    rules: DeskRules
    index: NameIndex
    knowledge: "Knowledge | None" = None

    @property
    def known(self) -> Asker:
        """The asker; raises Refused where nobody is known."""
        if self.asker is None:
            raise Refused("the desk answers colleagues it knows only: ask an administrator for access")
        return self.asker

    @property
    def confidential(self) -> bool:
        """Whether risk grades and underwriters' notes may be shown."""
        return sees_confidential(self.asker)

    def visible(self) -> tuple[ColumnElement[bool], ...]:
        """What bounds the cases that the asker may know of; empty: all."""
        asker = self.known
        if asker.role is Role.SALES and self.rules.rights.sales_limited_to_accounts:
            return (or_(Case.policyholder_name.in_(asker.accounts), Case.sales_contact == asker.email),)
        return ()
