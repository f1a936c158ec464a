"""Further statistics questions in words that people use in passing, with what pandas makes of the same register."""

import pandas as pd

from tests.evaluation_chat.figures import (
    AUG,
    OFFICER,
    Q2,
    Q3,
    SALES,
    SEPT,
    YEAR,
    FigureQuestion,
    Frame,
    by,
    dec,
    n,
    q,
    rec,
)  # fmt: skip
from tests.evaluation_chat.world import NOW

TODAY = pd.Timestamp(NOW).normalize().tz_localize(None)


def due(first: str, last: str) -> "list[str]":
    """Not a figure but the days from first to last."""
    return [day.strftime("%Y-%m-%d") for day in pd.date_range(first, last)]


def opened(f: Frame) -> Frame:
    """Open cases."""
    return f[f.is_open]


def late(f: Frame) -> Frame:
    """Open cases whose next action is overdue."""
    return f[f.is_open & (pd.to_datetime(f.next_action_due) < TODAY)]


def mean(f: Frame, column: str) -> float:
    """The mean."""
    return float(f[column].mean())


QUESTIONS: list[FigureQuestion] = [
    q("how many did we turn down in q2?", gold=lambda f: n(dec(*Q2)(f)[dec(*Q2)(f).status == "declined"])),
    q("how many requests over half a million this year?", gold=lambda f: n(rec(*YEAR)(f)[rec(*YEAR)(f).eur > 500_000])),
    q("how many different buyers did we decline in 2026", gold=lambda f: dec(*YEAR)(f)[dec(*YEAR)(f).status == "declined"].buyer.nunique()),
    q("mean risk grade of what was declined in 2026", gold=lambda f: mean(dec(*YEAR)(f)[dec(*YEAR)(f).status == "declined"], "risk_grade")),
    q("percentage of open cases whose next action is overdue", gold=lambda f: 100 * n(late(f)) / n(opened(f))),
    q("what share of the open cases has missing documents", gold=lambda f: 100 * n(opened(f)[opened(f).missing_documents != ""]) / n(opened(f))),
    q("how many requests were received and how many decided in september", gold=lambda f: n(rec(*SEPT)(f))),
    q("total requested vs approved in Q3", gold=lambda f: float(rec(*Q3)(f).eur.sum())),
    q("total requested vs approved in Q3", gold=lambda f: float(dec(*Q3)(f).eur_approved.sum())),
    q("mean time to decision, Overseas vs Nordic Desk, q3", gold=lambda f: {t: mean(dec(*Q3)(f)[dec(*Q3)(f).team == t], "days") for t in ("Overseas", "Nordic Desk")}),
    q("how many requests came by mail vs portal in september", gold=lambda f: {c: n(rec(*SEPT)(f)[rec(*SEPT)(f).channel == c]) for c in ("email", "portal")}),
    q("whose turnaround is worst this year", gold=lambda f: dec(*YEAR)(f).groupby("underwriter").days.mean().to_dict()),
    q("how did the approval rate develop over the last 4 quarters", gold=lambda f: {"2026-Q3": 100 * mean(dec(*Q3)(f), "ok"), "2026-Q2": 100 * mean(dec(*Q2)(f), "ok")}),
    q("open cases nobody has been given yet: how many?", gold=lambda f: n(opened(f)[opened(f).underwriter == ""])),
    q("unassigned cases per team", gold=lambda f: by(opened(f)[opened(f).underwriter == ""], "team")),
    q("average turnaround q3", "and the median?", gold=lambda f: float(dec(*Q3)(f).days.median())),
    q("how many renewals were asked for in 2026", "how many of them were declined", gold=lambda f: n(rec(*YEAR)(f)[(rec(*YEAR)(f).request_type == "renewal") & (rec(*YEAR)(f).status == "declined")])),
    q("requests in q3 by country", "top 2 only", gold=lambda f: rec(*Q3)(f).buyer_country.value_counts().head(1).to_dict()),
    q("approval rate by sector for 2026", "show Metals and Chemicals only", gold=lambda f: {s: 100 * mean(dec(*YEAR)(f)[dec(*YEAR)(f).sector == s], "ok") for s in ("Metals", "Chemicals")}),
    q("the 3 buyer countries with the most requests this year", gold=lambda f: rec(*YEAR)(f).buyer_country.value_counts().head(1).to_dict()),
    q("count of requests in US dollars received this year", gold=lambda f: n(rec(*YEAR)(f)[rec(*YEAR)(f).currency == "USD"])),
    q("montant total approuvé pour les acheteurs italiens en 2026", gold=lambda f: float(dec(*YEAR)(f)[dec(*YEAR)(f).buyer_country == "IT"].eur_approved.sum())),
    q("Genehmigungsquote pro Quartal 2026", gold=lambda f: {"2026-Q2": 100 * mean(dec(*Q2)(f), "ok")}),
    q("intake of the month before last", gold=lambda f: n(rec(*AUG)(f))),
    q("what has been approved for my accounts this year in total, EUR?", user=SALES, gold=lambda f: float(dec(*YEAR)(f)[dec(*YEAR)(f).sales_contact == SALES].eur_approved.sum())),
    q("which cases need action next week", user=OFFICER, gold=lambda f: list(f[f.is_open & f.next_action_due.isin(due("2026-11-02", "2026-11-08"))].reference)),
    q("what's due tomorrow?", user=OFFICER, gold=lambda f: list(f[f.is_open & (f.next_action_due == "2026-10-31")].reference)),
    q("was ist nächste Woche fällig?", user=OFFICER, gold=lambda f: list(f[f.is_open & f.next_action_due.isin(due("2026-11-02", "2026-11-08"))].reference)),
    q("cases without an underwriter", user=OFFICER, gold=lambda f: list(opened(f)[opened(f).underwriter == ""].reference)),
    q("late next actions in Overseas?", user=OFFICER, gold=lambda f: list(late(f)[late(f).team == "Overseas"].reference)),
    q("list the five open cases that have been lying around longest", user=OFFICER, gold=lambda f: list(opened(f).sort_values("received").head(5).reference)),
    q("which decision of September took longest?", gold=lambda f: list(dec(*SEPT)(f).sort_values("days").tail(1).reference)),
    q("most recent 3 decisions", gold=lambda f: list(f[f.is_decided].sort_values("decided").tail(3).reference)),
    q("Overseas, show the ones awaiting documents", user=OFFICER, gold=lambda f: list(f[(f.team == "Overseas") & (f.status == "awaiting_documents")].reference)),
    q("what is Greta Lindholm working on", user=OFFICER, gold=lambda f: list(opened(f)[opened(f).underwriter == "Greta Lindholm"].reference)),
]  # fmt: skip
