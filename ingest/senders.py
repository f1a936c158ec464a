"""Who a message comes from: staff or outsider, with or without authority, and who really asks."""

import re
from collections.abc import Collection
from datetime import UTC, datetime

from cases.understanding import MessageFacts, Triage
from ingest.automatic import bounced_message_id, is_automatic
from ingest.message import Address, Letter, Message

PASSING_NOTE = 200  # characters
COMMENT = re.compile(r"\([^()]{0,500}\)")
RESULT = re.compile(r"^\s*(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.I)
PROPERTY = re.compile(
    r"(header\.from|header\.d|header\.i|smtp\.mailfrom|smtp\.mail|smtp\.from)\s*=\s*\"?([^\s;\"]{1,320})", re.I
)


def domain_of(person: Address | None) -> str:
    """Lower-case domain of an address; "" where it has none."""
    return person.address.rpartition("@")[2].rstrip(".") if person and "@" in person.address else ""


def own_domains(message: Message, staff_domains: Collection[str]) -> frozenset[str]:
    """The desk's domains: those configured; without any, those of the addressees."""
    if staff_domains:
        return frozenset(domain.casefold().lstrip("@.") for domain in staff_domains)
    return frozenset(domain for person in (*message.to, *message.cc) if (domain := domain_of(person)))


def is_staff(person: Address | None, domains: Collection[str]) -> bool:
    """Whether an address lies in one of our domains or below it."""
    domain = domain_of(person)
    return bool(domain) and any(domain == own or domain.endswith(f".{own}") for own in domains)


def from_staff(message: Message, staff_domains: Collection[str]) -> bool:
    """Whether the sender is a colleague by domain (decides whose request it is, gives no authority).

    Without configured domains the domain of the first addressee counts, since a client may put colleagues in copy.
    """
    if staff_domains:
        return is_staff(message.sender, own_domains(message, staff_domains))
    first = next((domain for person in message.to if (domain := domain_of(person))), "")
    return bool(first) and is_staff(message.sender, (first,))


def asker(message: Message, staff_domains: Collection[str]) -> Letter | Address:
    """The letter of the client or broker who asks.

    In a colleague's mail that is the outermost letter from outside, or one inside it that it only passes on.
    """
    outer = message.letters[0]
    if not from_staff(message, staff_domains):
        return outer
    domains = own_domains(message, staff_domains)
    for kind in ("forwarded", "quoted"):
        found = [
            letter
            for letter in message.letters[1:]
            if letter.kind == kind and letter.sender and not is_staff(letter.sender, domains)
        ]
        while len(found) > 1 and found[1].depth > found[0].depth and _passes_on(found[0]):
            found.pop(0)
        if found:
            return found[0]
    return outer


def _passes_on(letter: Letter) -> bool:
    """Whether a letter says so little that the one inside it is what is asked."""
    return sum(span.end - span.start for span in letter.body) <= PASSING_NOTE


def authenticated(message: Message, authserv_id: str) -> bool:
    """Whether the receiving server vouches for the sender's domain.

    Only the topmost Authentication-Results with our server's name counts (RFC 8601): what stands below may have
    been written by anybody. DMARC decides where it is reported; else an aligned DKIM or SPF pass.
    """
    domain = domain_of(message.sender)
    if not authserv_id or not domain or len(message.headers.get("from", ())) != 1:
        return False
    for value in message.headers.get("authentication-results", ()):
        clean = COMMENT.sub(" ", value)
        name, _, results = clean.partition(";")
        if name.split()[:1] and name.split()[0].casefold() == authserv_id.casefold():
            return _vouched(results, domain)
    return False


def _vouched(results: str, domain: str) -> bool:
    passed = False
    for piece in results.split(";"):
        result = RESULT.match(piece)
        if not result:
            continue
        method, verdict = result.group(1).casefold(), result.group(2).casefold()
        named = {name.casefold(): value.casefold() for name, value in PROPERTY.findall(piece)}
        if method == "dmarc":
            return verdict == "pass" and named.get("header.from", domain).rpartition("@")[2] == domain
        claimed = (
            named.get("header.d") or named.get("header.i", "")
            if method == "dkim"
            else named.get("smtp.mailfrom") or named.get("smtp.mail") or named.get("smtp.from", "")
        )
        passed = passed or (verdict == "pass" and _aligned(claimed.rpartition("@")[2].strip("<>."), domain))
    return passed


def _aligned(claimed: str, domain: str) -> bool:
    """Same domain, or the signing domain is a parent of two labels or more."""
    if not claimed or "." not in claimed:
        return False
    return claimed == domain or domain.endswith(f".{claimed}")


def message_facts(
    message: Message, triage: Triage, *, staff_domains: Collection[str], authserv_id: str, stored_at: datetime
) -> MessageFacts:
    """What filing must know of a message beside what it says; `stored_at` is aware UTC."""
    who = asker(message, staff_domains)
    person = who.sender if isinstance(who, Letter) else who
    contact = triage.contact.email if triage.contact.email else None
    staff = from_staff(message, staff_domains)
    return MessageFacts(
        digest=message.digest,
        message_id=message.message_id,
        in_reply_to=list(message.in_reply_to),
        subject=message.subject,
        sender_name=message.sender.name or None if message.sender else None,
        sender_address=message.sender.address or None if message.sender else None,
        reply_to=message.reply_to.address or None if message.reply_to else None,
        received_at=received_at(message, stored_at),
        from_staff=staff,
        authenticated=authenticated(message, authserv_id),
        automatic=is_automatic(message),
        bounce_of=bounced_message_id(message),
        asker_address=(person.address if person and person.address else None) or (contact if staff else None),
    )


def received_at(message: Message, stored_at: datetime) -> datetime:
    """The message's own date in UTC; when it was stored where it has none that makes sense."""
    date = message.date
    if date is None or not 1990 <= date.year <= 2100:
        return stored_at
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
