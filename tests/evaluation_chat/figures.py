"""A hundred statistics questions with what pandas makes of the same register."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

Frame = pd.DataFrame
Gold = Callable[[Frame], Any]
MANAGER, OFFICER = "p.sand@desk.example", "i.maurer@desk.example"
SALES, UNDERWRITER = "j.reuter@desk.example", "g.lindholm@desk.example"


@dataclass(frozen=True)
class FigureQuestion:
    """`gold` gives a number, a dict label → number, or a list of references."""

    turns: tuple[str, ...]
    gold: Gold
    user: str = MANAGER


def q(*turns: str, gold: Gold, user: str = MANAGER) -> FigureQuestion:
    """One question."""
    return FigureQuestion(turns, gold, user)


def span(start: str, end: str, column: str = "received") -> Callable[[Frame], Frame]:
    """Rows whose time lies in [start, end)."""
    a, b = pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC")
    return lambda f: f[(f[column] >= a) & (f[column] < b)]


def rec(start: str, end: str) -> Callable[[Frame], Frame]:
    """Received in."""
    return span(start, end)


def dec(start: str, end: str) -> Callable[[Frame], Frame]:
    """Decided in."""
    return span(start, end, "decided")


SEPT, AUG, OCT = ("2026-09-01", "2026-10-01"), ("2026-08-01", "2026-09-01"), ("2026-10-01", "2026-11-01")
Q3, Q2, YEAR = ("2026-07-01", "2026-10-01"), ("2026-04-01", "2026-07-01"), ("2026-01-01", "2027-01-01")
LAST_WEEK, LAST_YEAR = ("2026-10-19", "2026-10-26"), ("2025-01-01", "2026-01-01")


def n(f: Frame) -> int:
    """How many."""
    return len(f)


def by(f: Frame, column: str) -> dict[str, int]:
    """How many of each."""
    counts: dict[str, int] = f[f[column] != ""].groupby(column).size().to_dict()
    return counts


def rate(f: Frame, column: str = "ok") -> float:
    """Mean of a truth column over the decided, in per cent."""
    return float(f[column].mean() * 100)


QUESTIONS: list[FigureQuestion] = [
    q("how many requests came in last month?", gold=lambda f: n(rec(*SEPT)(f))),
    q("number of applications received in august", gold=lambda f: n(rec(*AUG)(f))),
    q("requests received last week", gold=lambda f: n(rec(*LAST_WEEK)(f))),
    q("how many cases did we get in week 41", gold=lambda f: n(rec("2026-10-05", "2026-10-12")(f))),
    q("requests by channel this year", gold=lambda f: by(rec(*YEAR)(f), "channel")),
    q("how many did we decline in q2?", gold=lambda f: n(dec(*Q2)(f).query("status == 'declined'"))),
    q("decisions per team in september", gold=lambda f: by(dec(*SEPT)(f), "team")),
    q("approval rate q3 2026", gold=lambda f: rate(dec(*Q3)(f))),
    q("what was the approval rate last quarter by team", gold=lambda f: (dec(*Q3)(f).groupby("team").ok.mean() * 100).to_dict()),
    q("approval rate in september", "and in august?", gold=lambda f: rate(dec(*AUG)(f))),
    q("approval rate in september", "and the month before?", gold=lambda f: rate(dec(*AUG)(f))),
    q("average turnaround in q3", gold=lambda f: dec(*Q3)(f).days.mean()),
    q("median turnaround this year", gold=lambda f: dec(*YEAR)(f).days.median()),
    q("p90 turnaround in 2026", gold=lambda f: dec(*YEAR)(f).days.quantile(0.9)),
    q("median turnaround per underwriter this year", gold=lambda f: dec(*YEAR)(f).groupby("underwriter").days.median().to_dict()),
    q("how long do we take on average to decide, by team, q3", gold=lambda f: dec(*Q3)(f).groupby("team").days.mean().to_dict()),
    q("total approved in 2026 in eur", gold=lambda f: dec(*YEAR)(f).eur_approved.sum()),
    q("how much did we approve in september?", gold=lambda f: dec(*SEPT)(f).eur_approved.sum()),
    q("amount approved by country in q3", gold=lambda f: dec(*Q3)(f).groupby("buyer_country").eur_approved.sum().to_dict()),
    q("total amount requested last month", gold=lambda f: rec(*SEPT)(f).eur.sum()),
    q("requested volume by sector this year", gold=lambda f: rec(*YEAR)(f).groupby("sector").eur.sum().to_dict()),
    q("average requested amount in q2", gold=lambda f: rec(*Q2)(f).eur.mean()),
    q("top 3 buyers by approved amount in 2026", gold=lambda f: dec(*YEAR)(f).groupby("buyer").eur_approved.sum().nlargest(3).to_dict()),
    q("top 5 clients by number of requests this year", gold=lambda f: dict(sorted(by(rec(*YEAR)(f), "policyholder").items(), key=lambda i: -i[1])[:3])),
    q("how many open cases are there", gold=lambda f: n(f[f.is_open]), user=OFFICER),
    q("open cases by status", gold=lambda f: by(f[f.is_open], "status"), user=OFFICER),
    q("open cases by status", "only germany", gold=lambda f: by(f[f.is_open & (f.buyer_country == "DE")], "status"), user=OFFICER),
    q("open cases per team", gold=lambda f: by(f[f.is_open], "team")),
    q("how many open cases in Overseas?", gold=lambda f: n(f[f.is_open & (f.team == "Overseas")])),
    q("how much is open in eur", gold=lambda f: f[f.is_open].eur.sum()),
    q("the 5 oldest open cases", gold=lambda f: list(f[f.is_open].nsmallest(5, "received").reference), user=OFFICER),
    q("3 largest requests in september", gold=lambda f: list(rec(*SEPT)(f).sort_values(["eur", "reference"], ascending=[False, True]).reference[:3]), user=OFFICER),
    q("which next actions are overdue?", gold=lambda f: list(f[f.is_open & (f.next_action_due < "2026-10-30")].reference), user=OFFICER),
    q("how many next actions are overdue per team", gold=lambda f: by(f[f.is_open & (f.next_action_due < "2026-10-30")], "team"), user=OFFICER),
    q("overdue actions in Key Accounts", gold=lambda f: list(f[f.is_open & (f.next_action_due < "2026-10-30") & (f.team == "Key Accounts")].reference), user=OFFICER),
    q("compare requests september vs august", gold=lambda f: {"September": n(rec(*SEPT)(f)), "August": n(rec(*AUG)(f))}),
    q("share of requests via the portal this year", gold=lambda f: (rec(*YEAR)(f).channel == "portal").mean() * 100),
    q("what percentage of requests in 2026 came by slack", gold=lambda f: (rec(*YEAR)(f).channel == "slack").mean() * 100),
    q("what share of decisions were declined in q3", gold=lambda f: (dec(*Q3)(f).status == "declined").mean() * 100),
    q("decline rate for Textiles in 2026", gold=lambda f: (dec(*YEAR)(f).query("sector == 'Textiles'").status == "declined").mean() * 100),
    q("rejection rate by country this year", gold=lambda f: (dec(*YEAR)(f).assign(no=lambda d: d.status == "declined").groupby("buyer_country").no.mean() * 100).to_dict()),
    q("share of the amount approved in q3", gold=lambda f: dec(*Q3)(f).eur_approved.sum() / dec(*Q3)(f).eur.sum() * 100),
    q("requests per month january to june 2026", gold=lambda f: {f"2026-{m:02d}": n(rec(f"2026-{m:02d}-01", f"2026-{m + 1:02d}-01")(f)) for m in range(1, 7)}),
    q("monthly requests this year", "just UK buyers", gold=lambda f: {"2026-03": n(rec("2026-03-01", "2026-04-01")(f).query("buyer_country == 'GB'"))}),
    q("requests by week in september", gold=lambda f: rec(*SEPT)(f).received.dt.strftime("%G-W%V").value_counts().to_dict()),
    q("requests per quarter 2025", gold=lambda f: {f"2025-Q{k}": n(f[(f.received.dt.year == 2025) & (f.received.dt.quarter == k)]) for k in range(1, 5)}),
    q("requests above 500k EUR this year", gold=lambda f: n(rec(*YEAR)(f).query("eur > 500000"))),
    q("how many requests over 1m in 2026", gold=lambda f: n(rec(*YEAR)(f).query("eur > 1000000"))),
    q("number of requests below 50k this year by team", gold=lambda f: by(rec(*YEAR)(f).query("eur < 50000"), "team")),
    q("how many requests between 100k and 500k in q3", gold=lambda f: n(rec(*Q3)(f).query("eur >= 100000 and eur <= 500000"))),
    q("how many new limits were requested in 2026", gold=lambda f: n(rec(*YEAR)(f).query("request_type == 'new'"))),
    q("renewals received this year", gold=lambda f: n(rec(*YEAR)(f).query("request_type == 'renewal'"))),
    q("requests by type in q3", gold=lambda f: by(rec(*Q3)(f), "request_type")),
    q("how many temporary increases did we approve in 2026", gold=lambda f: n(dec(*YEAR)(f).query("request_type == 'temporary_increase' and ok"))),
    q("how many requests were withdrawn this year", gold=lambda f: n(rec(*YEAR)(f).query("status == 'withdrawn'"))),
    q("partial approvals in q3", gold=lambda f: n(dec(*Q3)(f).query("status == 'partially_approved'"))),
    q("how many different buyers this year", gold=lambda f: rec(*YEAR)(f).buyer.nunique()),
    q("average payment terms this year", gold=lambda f: rec(*YEAR)(f).payment_terms_days.mean()),
    q("average age of open cases", gold=lambda f: f[f.is_open].age.mean()),
    q("open cases older than 30 days", gold=lambda f: n(f[f.is_open & (f.age > 30)])),
    q("cases waiting for documents by team", gold=lambda f: by(f[f.status == "awaiting_documents"], "team"), user=OFFICER),
    q("which documents are missing most often", gold=lambda f: f[f.missing_documents != ""].missing_documents.str.split(";").explode().value_counts().to_dict(), user=OFFICER),
    q("workload per underwriter", gold=lambda f: by(f[f.is_open], "underwriter")),
    q("who has the most open cases", gold=lambda f: dict([max(by(f[f.is_open], "underwriter").items(), key=lambda i: i[1])])),
    q("which team has the highest approval rate this year", gold=lambda f: (dec(*YEAR)(f).groupby("team").ok.mean() * 100).to_dict()),
    q("slowest team in q3 by average turnaround", gold=lambda f: dec(*Q3)(f).groupby("team").days.mean().nlargest(1).to_dict()),
    q("median turnaround of mikkel thorsen in 2026", gold=lambda f: dec(*YEAR)(f).query("underwriter == 'Mikkel Thorsen'").days.median()),
    q("how many did Eleanor Finch decide this year", gold=lambda f: n(dec(*YEAR)(f).query("underwriter == 'Eleanor Finch'"))),
    q("how many of my requests are open and how much is that in eur", gold=lambda f: n(f[f.is_open & (f.sales_contact == SALES)]), user=SALES),
    q("how many of my cases were approved this year?", gold=lambda f: n(dec(*YEAR)(f)[dec(*YEAR)(f).ok & (dec(*YEAR)(f).sales_contact == SALES)]), user=SALES),
    q("my average turnaround in q3", gold=lambda f: dec(*Q3)(f).query("underwriter == 'Greta Lindholm'").days.mean(), user=UNDERWRITER),
    q("requests for Falkenried Pumpen this year, how many?", gold=lambda f: n(rec(*YEAR)(f).query("policyholder == 'Falkenried Pumpen GmbH'"))),
    q("how many requests through Brockhurst Brokers in 2026", gold=lambda f: n(rec(*YEAR)(f).query("broker == 'Brockhurst Brokers'"))),
    q("requests per broker q3", gold=lambda f: by(rec(*Q3)(f), "broker")),
    q("requests by currency in 2026", gold=lambda f: by(rec(*YEAR)(f), "currency")),
    q("how many requests in USD this year", gold=lambda f: n(rec(*YEAR)(f).query("currency == 'USD'"))),
    q("how many requests since june", gold=lambda f: n(rec("2026-06-01", "2026-10-30 12:00")(f))),
    q("requests in the last 30 days", gold=lambda f: n(rec("2026-09-30 12:00", "2026-10-30 12:00")(f))),
    q("requests ytd by sector", gold=lambda f: by(rec("2026-01-01", "2026-10-30 12:00")(f), "sector")),
    q("requests last year vs this year", gold=lambda f: {"2025": n(rec(*LAST_YEAR)(f))}),
    q("requests in the first half of 2026", gold=lambda f: n(rec("2026-01-01", "2026-07-01")(f))),
    q("how many requests between 1 and 15 september", gold=lambda f: n(rec("2026-09-01", "2026-09-16")(f))),
    q("requests from French buyers in q2", gold=lambda f: n(rec(*Q2)(f).query("buyer_country == 'FR'"))),
    q("how many requests on buyers outside... only Swiss buyers in 2026", gold=lambda f: n(rec(*YEAR)(f).query("buyer_country == 'CH'"))),
    q("requests this year without germany", gold=lambda f: n(rec(*YEAR)(f).query("buyer_country != 'DE'"))),
    q("reqeusts recieved last month by countrry", gold=lambda f: by(rec(*SEPT)(f), "buyer_country")),
    q("aproval rate by sectr this year", gold=lambda f: (dec(*YEAR)(f).groupby("sector").ok.mean() * 100).to_dict()),
    q("Wie viele Anfragen kamen letzten Monat?", gold=lambda f: n(rec(*SEPT)(f))),
    q("Anfragen im dritten Quartal nach Team", gold=lambda f: by(rec(*Q3)(f), "team")),
    q("Genehmigungsquote im September", gold=lambda f: rate(dec(*SEPT)(f))),
    q("Genehmigungsquote im September", "und im Vormonat?", gold=lambda f: rate(dec(*AUG)(f))),
    q("durchschnittliche Bearbeitungszeit pro Team in Q3", gold=lambda f: dec(*Q3)(f).groupby("team").days.mean().to_dict()),
    q("Wie hoch ist die genehmigte Summe in 2026 nach Land?", gold=lambda f: dec(*YEAR)(f).groupby("buyer_country").eur_approved.sum().to_dict()),
    q("Wie viele Fälle sind offen?", gold=lambda f: n(f[f.is_open])),
    q("offene Fälle nach Status", "nur Frankreich", gold=lambda f: by(f[f.is_open & (f.buyer_country == "FR")], "status")),
    q("Ablehnungsquote 2026 nach Branche", gold=lambda f: (dec(*YEAR)(f).assign(no=lambda d: d.status == "declined").groupby("sector").no.mean() * 100).to_dict()),
    q("Anteil der Anfragen über das Portal in diesem Jahr", gold=lambda f: (rec(*YEAR)(f).channel == "portal").mean() * 100),
    q("Combien de demandes avons-nous reçues le mois dernier ?", gold=lambda f: n(rec(*SEPT)(f))),
    q("taux d'approbation au troisième trimestre par équipe", gold=lambda f: (dec(*Q3)(f).groupby("team").ok.mean() * 100).to_dict()),
    q("délai moyen de traitement cette année", gold=lambda f: dec(*YEAR)(f).days.mean()),
    q("montant accordé en septembre", gold=lambda f: dec(*SEPT)(f).eur_approved.sum()),
    q("demandes reçues par pays en août", gold=lambda f: by(rec(*AUG)(f), "buyer_country")),
    q("combien de dossiers sont ouverts", "seulement l'Allemagne", gold=lambda f: n(f[f.is_open & (f.buyer_country == "DE")])),
    q("demandes par mois cette année", gold=lambda f: {"2026-05": n(rec("2026-05-01", "2026-06-01")(f))}),
]  # fmt: skip
