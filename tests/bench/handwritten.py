"""The metrics as somebody would write them by hand for SQLite: nothing more than the question asks."""

_EUR = "case currency when 'EUR' then 1.0 when 'USD' then 0.9 when 'GBP' then 1.15 when 'CHF' then 1.05 when 'PLN' then 0.23 end"
_ALL = "from cases where kind = 'request' and merged_into_id is null"
_DECIDED = f"{_ALL} and status in ('approved', 'partially_approved', 'declined')"
_APPROVED = f"{_ALL} and status in ('approved', 'partially_approved')"
_OPEN = f"{_ALL} and status not in ('answered', 'approved', 'closed', 'declined', 'partially_approved', 'withdrawn')"
_DAYS = "julianday(decided_at) - julianday(received_at)"
_AGE = "julianday('2026-06-01 12:00:00') - julianday(received_at)"


def _rate(condition: str, rows: str = _DECIDED) -> str:
    return f"select avg(case when {condition} then 1.0 else 0.0 end) {rows}"


def _percentile(value: str, rows: str, share: float) -> str:
    """Linear between the two nearest ranks."""
    return (
        f"with sorted as (select {value} v, row_number() over (order by {value}) - 1 r, count(*) over () n {rows} "
        f"and {value} is not null) select sum(v * (1 - abs(r - {share} * (n - 1)))) from sorted "
        f"where abs(r - {share} * (n - 1)) < 1"
    )


def _money(kind: str, column: str, rows: str) -> str:
    return f"select {kind}({column} * {_EUR}) / 100.0 {rows}"


SQL: dict[str, str] = {
    "requests_received": f"select count(*) {_ALL}",
    "decided": f"select count(*) {_DECIDED}",
    "approved": f"select count(*) {_APPROVED}",
    "fully_approved": f"select count(*) {_ALL} and status = 'approved'",
    "partially_approved": f"select count(*) {_ALL} and status = 'partially_approved'",
    "declined": f"select count(*) {_ALL} and status = 'declined'",
    "withdrawn": f"select count(*) {_ALL} and status = 'withdrawn'",
    "open": f"select count(*) {_OPEN}",
    "workload": f"select count(*) {_OPEN}",
    "ageing": f"select count(*) {_OPEN}",
    "amount_requested": _money("sum", "amount", _ALL),
    "amount_approved": _money("sum", "amount_approved", _DECIDED),
    "amount_decided": _money("sum", "amount", _DECIDED),
    "amount_open": _money("sum", "amount", _OPEN),
    "amount_declined": _money("sum", "amount", f"{_ALL} and status = 'declined'"),
    "amount_requested_mean": _money("avg", "amount", _ALL),
    "amount_requested_median": _percentile(f"amount * {_EUR} / 100.0", _ALL, 0.5),
    "amount_requested_max": _money("max", "amount", _ALL),
    "amount_approved_mean": _money("avg", "amount_approved", _APPROVED),
    "amount_approved_median": _percentile(f"amount_approved * {_EUR} / 100.0", _APPROVED, 0.5),
    "amount_approved_max": _money("max", "amount_approved", _APPROVED),
    "approval_rate": _rate("status in ('approved', 'partially_approved')"),
    "full_approval_rate": _rate("status = 'approved'"),
    "partial_rate": _rate("status = 'partially_approved'"),
    "decline_rate": _rate("status = 'declined'"),
    "withdrawal_rate": _rate("status = 'withdrawn'", _ALL),
    "share_of_amount_approved": f"select sum(amount_approved * {_EUR}) / sum(amount * {_EUR}) {_DECIDED}",
    "turnaround_mean": f"select avg({_DAYS}) {_DECIDED}",
    "turnaround_median": _percentile(_DAYS, _DECIDED, 0.5),
    "turnaround_p90": _percentile(_DAYS, _DECIDED, 0.9),
    "turnaround_max": f"select max({_DAYS}) {_DECIDED}",
    "turnaround_min": f"select min({_DAYS}) {_DECIDED}",
    "age_mean": f"select avg({_AGE}) {_OPEN}",
    "age_median": _percentile(_AGE, _OPEN, 0.5),
    "age_oldest": f"select max({_AGE}) {_OPEN}",
    "overdue_next_actions": f"select count(*) {_OPEN} and next_action_due < '2026-06-01'",
    "next_actions_due": f"select count(*) {_OPEN} and next_action_due is not null",
    "overdue_rate": _rate("next_action_due < '2026-06-01'", _OPEN),
    "missing_documents_rate": _rate("json_array_length(missing_documents) > 0", _OPEN),
    "missing_documents": f"select count(*) {_OPEN} and json_array_length(missing_documents) > 0",
    "sla_kept": _rate(f"{_DAYS} <= 30"),
    "payment_terms_mean": f"select avg(payment_terms_days) {_ALL}",
    "payment_terms_max": f"select max(payment_terms_days) {_ALL}",
    "buyers": f"select count(distinct buyer_name) {_ALL}",
    "clients": f"select count(distinct policyholder_name) {_ALL}",
    "risk_grade_mean": f"select avg(risk_grade) {_ALL}",
    "requests_received by month": f"select substr(received_at, 1, 7), count(*) {_ALL} group by 1",
    "requests_received by team": f"select team, count(*) {_ALL} group by 1",
    "requests_received by country": f"select buyer_country, count(*) {_ALL} group by 1",
}
