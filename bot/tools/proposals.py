"""Tools that would change something: they only propose. A person's click carries it out, with that person's rights."""

import json

from pydantic import BaseModel, Field

from bot.tools.context import ToolContext
from bot.tools.registry import Tool, register
from bot.tools.status import Arguments, CaseSearch, find_cases
from config.errors import NotFound

ACTIONS = {
    "withdraw": "Withdraw {reference}",
    "comment": "Add a comment to {reference}",
    "assign": "Assign {reference}",
    "confirm": "Confirm {reference}",
    "correct": "Correct {reference}",
    "chase": "Remind the client of {reference}",
}


class ProposalArguments(Arguments):
    """What to do with which case."""

    reference: str
    text: str = Field(default="", max_length=1000)  # the comment, or the reason
    field: str = Field(default="", max_length=60)  # for a correction
    assignee: str = ""  # e-mail, for an assignment


class Proposal(BaseModel):
    """A button: nothing has happened yet."""

    label: str
    action: str
    value: str  # JSON with what the arguments held


def propose(context: ToolContext, action: str, arguments: ProposalArguments) -> Proposal:
    """The button for an action on a case; raises NotFound for a case that the asker cannot see."""
    found = find_cases(context, CaseSearch(references=[arguments.reference]))
    if not found.cases:
        raise NotFound(f"there is no case {arguments.reference}: check the reference")
    reference = found.cases[0].reference
    value = {"reference": reference} | {
        name: text for name, text in arguments.model_dump(exclude={"reference"}).items() if text
    }
    return Proposal(
        label=ACTIONS[action].format(reference=reference), action=action, value=json.dumps(value, ensure_ascii=False)
    )


def _tool(action: str) -> Tool:
    def run(context: ToolContext, arguments: ProposalArguments) -> Proposal:
        return propose(context, action, arguments)

    text = f"Propose: {ACTIONS[action].format(reference='a case').lower()}. Nothing happens before a person clicks."
    return Tool(f"propose_{action}", action, text, ProposalArguments, run, proposes=True)


for _action in ACTIONS:
    register(_tool(_action))
