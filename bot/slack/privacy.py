"""Whether all who read along may see an answer. What a person may not ask for, he may not read in another's answer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.slack.identity import Refusal
from cases.rights import Asker, may, sees_confidential
from cases.vocabulary import Role
from config.desk import Rights

if TYPE_CHECKING:
    from bot.assistant.answer import Answer

_NEEDS = {"statistics": "see_statistics", "procedure": "see_procedures"}


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads along beside the asker. `unknown`: too many, or Slack does not tell."""

    others: tuple[Asker | Refusal, ...] = ()
    unknown: bool = False

    @property
    def trusted(self) -> bool:
        """Whether all here may see whatever is in the register."""
        return not self.unknown and all(isinstance(one, Asker) and sees_confidential(one) for one in self.others)

    def least(self, asker: Asker) -> Asker | None:
        """One who may see no more than anybody here; None: somebody here may see nothing."""
        if self.unknown or any(isinstance(one, Refusal) for one in self.others):
            return None
        people = [one for one in self.others if isinstance(one, Asker)]
        for role in (Role.SALES, Role.ADMIN):
            if found := [one for one in people if one.role is role]:
                accounts = set(found[0].accounts).intersection(*(one.accounts for one in found))
                return replace(found[0], accounts=tuple(sorted(accounts)))
        return asker


def needs(answer: "Answer") -> str | None:
    """The right that seeing an answer takes; None: it tells nothing of the register."""
    if answer.refused or answer.kind == "smalltalk":
        return None
    if answer.confidential:
        return "see_confidential"
    return _NEEDS.get(answer.kind, "see_status")


def may_all_see(answer: "Answer", audience: Audience, rights: Rights) -> bool:
    """Whether the answer may stand where the audience reads it."""
    need = needs(answer)
    if need is None:
        return True
    if audience.unknown:
        return False
    return all(_may_see(one, need, rights) for one in _distinct(audience.others))


def _may_see(one: Asker | Refusal, need: str, rights: Rights) -> bool:
    if isinstance(one, Refusal) or not may(one, need, rights):
        return False
    bounded = one.role is Role.SALES and rights.sales_limited_to_accounts
    return need == "see_procedures" or not bounded  # whose accounts an answer is about is not looked at: private


def _distinct(others: Iterable[Asker | Refusal]) -> Iterable[Asker | Refusal]:
    return set(others)
