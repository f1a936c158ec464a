"""Learned rules on their way to a message: loaded with whose mail they hold for, picked by who writes and which policy.

A rule learned from one client's mail never touches another's: what a message says of its policy or policyholder
must not speak against it.
"""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import learning
from cases.models import Policyholder
from cases.policies import number_key, own_domain, same_company
from cases.understanding import Triage
from ingest.engine import Hint
from ingest.message import Letter, Message

KINDS = ("default_currency", "column_meaning", "example")
MOST_EXAMPLES = 200  # the newest


def load_hints(session: Session) -> tuple[Hint, ...]:
    """All rules in force that concern reading, each with its client's policy, name and domains."""
    rules = learning.active(session, KINDS)
    ids = {rule.policyholder_id for rule in rules if rule.policyholder_id is not None}
    holders = (
        {one.id: one for one in session.scalars(select(Policyholder).where(Policyholder.id.in_(ids)))} if ids else {}
    )
    hints: list[Hint] = []
    for rule in rules:
        holder = holders.get(rule.policyholder_id or 0)
        domains = [
            *(holder.email_domains or [] if holder else []),
            *([rule.sender_domain] if rule.sender_domain else []),
        ]
        hints.append(
            Hint(
                rule.kind,
                rule.payload,
                rule.sentence,
                policy=number_key(rule.policy_number),
                holder=holder.name if holder else "",
                domains=tuple(dict.fromkeys(one.lower().lstrip("@") for one in domains)),
            )
        )
    examples = [one for one in hints if one.kind == "example"]
    dropped = {id(one) for one in examples[:-MOST_EXAMPLES]}
    return tuple(one for one in hints if id(one) not in dropped)


def applying(
    hints: Sequence[Hint], message: Message, staff_domains: Collection[str], plainly: Callable[[], Triage]
) -> tuple[Hint, ...]:
    """The rules that hold for a message; examples are left in, they are picked by likeness.

    `plainly` understands the message without any rule; asked only where a rule may hold, to see whose mail it is.
    """
    examples = [one for one in hints if one.kind == "example"]
    scoped = [one for one in hints if one.kind != "example"]
    if not scoped:
        return tuple(examples)
    domain = _asker_domain(message, staff_domains)
    numbers = _policy_text(message) if any(one.policy for one in scoped) else ""
    near = [one for one in scoped if _may_hold(one, domain, numbers)]
    if any(one.policy or one.holder for one in near):
        said = plainly()
        near = [one for one in near if _agrees(one, said)]
    return (*near, *examples)


def _may_hold(hint: Hint, domain: str, numbers: str) -> bool:
    if not (hint.policy or hint.holder or hint.domains):
        return True
    by_domain = bool(domain) and any(domain == one or domain.endswith(f".{one}") for one in hint.domains)
    return by_domain or bool(hint.policy and hint.policy in numbers)


def _agrees(hint: Hint, said: Triage) -> bool:
    """Whether what the message says of its policy and policyholder leaves room for the rule."""
    if hint.policy and said.policy_number and number_key(said.policy_number) != hint.policy:
        return False
    same_policy = bool(hint.policy and said.policy_number)
    return (
        same_policy or not (hint.holder and said.policyholder_name) or same_company(hint.holder, said.policyholder_name)
    )


def _asker_domain(message: Message, staff_domains: Collection[str]) -> str:
    from ingest.senders import asker

    who = asker(message, staff_domains)
    person = who.sender if isinstance(who, Letter) else who
    return own_domain(person.address) or "" if person else ""


def _policy_text(message: Message) -> str:
    """Letters and digits of what may hold the policy number, lines apart."""
    return "\n".join(number_key(part.text[:30_000]) for part in message.parts)
