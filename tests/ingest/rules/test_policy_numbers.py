"""Policy numbers that no label announces."""

import pytest

from tests.ingest.rules.mails import understood

ASKED = "please grant EUR 50,000 on Nordwind GmbH, Berlin, Germany"
SIGNED = "\n\nAnn Poole\nPoole Castings Ltd"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"Morning,\n\nthree changes under 61-90884 please: {ASKED}.{SIGNED}\n", "61-90884"),
        (f"Hello,\n\n{ASKED}.\nOur number is 300-7718-LT.{SIGNED}\n", "300-7718-LT"),
        (f"Guten Tag,\n\n{ASKED}. Unsere Nummer lautet 4410-77-LK.{SIGNED}\n", "4410-77-LK"),
        (f"Hello,\n\n{ASKED}.{SIGNED} (OPF 30-4471)\n", "OPF 30-4471"),
        (f"Hello,\n\n{ASKED} under order 61-90884.{SIGNED}\n", None),
        (f"Hello,\n\n{ASKED} under invoice 61-90884.{SIGNED}\n", None),
        (f"Hello,\n\n{ASKED} as agreed under 12-03-2026.{SIGNED}\n", None),
    ],
)
def test_a_number_told_by_its_use(text: str, number: str | None) -> None:
    """Something goes under it, or it is called ours; orders, invoices and dates are none."""
    assert understood(text).policy_number == number
