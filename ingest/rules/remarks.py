"""What a column for remarks tells of its buyer in words: terms, yearly sales, from when a limit ends."""

from ingest.rules.amounts import best, sums
from ingest.rules.drafts import Draft, fact
from ingest.rules.kinds import kind_of_cell
from ingest.rules.material import Passage
from ingest.rules.needs import limits_of
from ingest.rules.periods import validity
from ingest.rules.prose import terms_of
from ingest.rules.turnover import yearly


def put_remark(draft: Draft, cell: Passage) -> None:
    """Reads a remark into the draft; what the row's own columns say goes first."""
    ends = draft.amount("amount") == 0 or "cancellation" in (draft.value("request_type"), kind_of_cell(cell.text))
    draft.put("payment_terms_days", None if ends else terms_of([cell]))
    if (turnover := best(sums([cell]), "turnover", 2.0)) is not None:
        read = fact(cell, turnover.start, turnover.end, turnover.amount)
        draft.put("expected_turnover", yearly(read, cell, turnover.start, turnover.end))
    for name, day in (validity([cell], "cancellation" if ends else None) | ({} if ends else limits_of([cell]))).items():
        draft.put(name, day)
