"""What a model is told before the question: the rules of the prompt file, the catalogue, the day, who asks, what was said."""

from bot.assistant.agent_tools import marked
from bot.assistant.conversation import State, said_before
from bot.tools import ToolContext
from cases.rights import Asker
from cases.statistics import dimensions, metrics
from cases.vocabulary import Channel, DocumentType, RequestType, Role, Status
from prompts.loader import load_prompt

LISTED = 60  # names of a kind


def instructions(context: ToolContext) -> str:
    """The system message."""
    asker = context.known
    parts = [load_prompt("assistant").text, "# Catalogue", _catalogue(), _values(context)]
    parts.append(f"# Now\n{context.now:%A, %Y-%m-%d %H:%M} UTC.\n\n# Who asks\n{_person(asker)}")
    return "\n\n".join(parts)


def earlier(state: State) -> list[tuple[str, str]]:
    """Earlier turns as messages (role, text), oldest first."""
    summary, turns = said_before(state)
    messages: list[tuple[str, str]] = []
    if summary:
        messages.append(("user", "What was said before, shortened:\n" + marked("conversation", summary)))
        messages.append(("assistant", "…"))
    for question, answer in turns:
        messages += [("user", question), ("assistant", answer or "…")]
    return messages


def _person(asker: Asker) -> str:
    team = f", team {asker.team}" if asker.team else ""
    return f"{asker.name}, {asker.role.value}{team}."


def _catalogue() -> str:
    lines = [f"- `{one.name}` ({one.unit}): {one.definition}" for one in metrics().values()]
    names = ", ".join(f"`{name}`" for name in dimensions())
    filters = f"Dimensions, for `by` and `where`: {names}; `where` also takes `state` (open, decided, approved, any_approved, declined, withdrawn)."
    return "Metrics:\n" + "\n".join(lines) + f"\n\n{filters}"


def _values(context: ToolContext) -> str:
    """The values that a register writes, for filters."""
    index = context.index
    colleagues = [
        f"{name} ({role}, {index.emails[name]})"
        for name, role in sorted(index.roles.items())
        if role in (Role.SALES, Role.UNDERWRITER)
    ]
    kinds = {
        "team": sorted(index.teams),
        "sector": sorted(index.sectors),
        "underwriter (by name), sales_contact (by e-mail)": colleagues,
        "status": [one.value for one in Status],
        "request_type": [one.value for one in RequestType],
        "missing_document": [one.value for one in DocumentType],
        "channel": [one.value for one in Channel],
    }
    return "Values:\n" + "\n".join(
        f"- {name}: {', '.join(map(str, values[:LISTED]))}" for name, values in kinds.items()
    )
