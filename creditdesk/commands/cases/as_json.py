"""One case as plain values for machines."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cases.queries import CaseView, EvidenceView, HistoryEntry


def view_as_json(view: "CaseView") -> dict[str, object]:
    """Everything that the view holds; what was left out of it stays out."""
    case = view.case
    return {
        "reference": case.reference,
        "kind": case.kind,
        "intent": case.intent,
        "status": case.status,
        "status_since": case.status_since,
        "channel": case.channel,
        "version": case.version,
        "received_at": case.received_at,
        "decided_at": case.decided_at,
        "summary": case.summary,
        "needs_review": case.needs_review,
        "fields": [
            {"field": f.name, "value": f.value, "evidence": [_evidence(e) for e in f.evidence], "earlier": [_evidence(e) for e in f.earlier]}
            for f in view.fields
        ],
        "conflicts": case.conflicts,
        "checks": case.checks,
        "candidates": case.candidates,
        "documents": [
            {"type": d.type, "state": d.state, "filename": d.filename, "due": d.due, "reminders": d.reminders, "reason": d.reason}
            for d in view.documents
        ],
        "missing_documents": case.missing_documents,
        "team": case.team,
        "underwriter": case.underwriter,
        "assignee": case.assignee,
        "allocation_reason": case.allocation_reason,
        "next_action": case.next_action,
        "next_action_due": case.next_action_due,
        "decisions": [
            {
                "outcome": d.outcome,
                "amount": d.amount,
                "currency": d.currency,
                "valid_until": d.valid_until,
                "reason_code": d.reason_code,
                "told": d.sentence,
                **({"rationale": d.rationale} if view.confidential else {}),
                "by": d.decided_by,
                "at": d.decided_at,
            }
            for d in view.decisions
        ],
        "links": [{"relation": x.relation, "reference": x.reference, "status": x.status} for x in view.links],
        "messages": [
            {"digest": m.digest, "relation": m.relation, "subject": m.subject, "sender": m.sender, "received_at": m.received_at}
            for m in view.messages
        ],
        "notes": [{"by": n.author, "at": n.created_at, "text": n.text, "internal": n.internal} for n in view.notes],
        "tasks": [{"kind": t.kind, "text": t.text, "due": t.due, "assignee": t.assignee, "done_at": t.done_at} for t in view.tasks],
        "outbox": [
            {"id": o.id, "kind": o.kind, "channel": o.channel, "to": o.to, "state": o.state, "sent_at": o.sent_at}
            for o in view.outbox
        ],
        "history": [entry_as_json(entry) for entry in view.history],
    }  # fmt: skip


def _evidence(seen: "EvidenceView") -> dict[str, object]:
    return {
        "value": seen.value,
        "quote": seen.quote,
        "part": seen.part,
        "start": seen.start,
        "end": seen.end,
        "how": seen.how,
        "derived": seen.derived,
        "engine": seen.engine,
        "trust": seen.trust,
        "state": seen.state,
        "set_by": seen.set_by,
        "set_at": seen.set_at,
        "message": seen.message,
    }


def entry_as_json(entry: "HistoryEntry") -> dict[str, object]:
    """One event of the history."""
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "actor": entry.actor,
        "who": entry.who,
        "kind": entry.kind,
        "before": entry.before,
        "after": entry.after,
        "cause": entry.cause,
        "message": entry.message,
        "erased": entry.erased,
    }
