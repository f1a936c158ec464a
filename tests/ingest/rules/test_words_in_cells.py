"""Tables whose cells say in words what is wanted, and whose headers name the unit."""

from decimal import Decimal
from typing import Any

import pytest

from tests.ingest.rules.mails import FOOT, understood

HEAD = "<table><tr><td>Customer</td><td>Cover in force</td><td>What we would like</td></tr>"


def row_of(wish: str, limit: str = "EUR 160,000") -> dict[str, Any]:
    """What a table of one row gives."""
    row = f"<tr><td>Optik Brandt GmbH, Bonn, Germany</td><td>{limit}</td><td>{wish}</td></tr></table>"
    triage = understood(
        f"<html><body><p>Dear all, please see below.</p>{HEAD}{row}<p>Ann Poole</p></body></html>", html=True
    )
    [request] = triage.requests
    return request.model_dump(mode="python")


@pytest.mark.parametrize(
    ("wish", "kind", "amount"),
    [
        ("half as much again", "increase", 240_000),
        ("double", "increase", 320_000),
        ("please halve", "decrease", 80_000),
        ("as it is", "renewal", 160_000),
        ("no change", "renewal", 160_000),
        ("the same once more", "renewal", 160_000),
        ("nothing; they buy from their parent now", "cancellation", 0),
        ("nil", "cancellation", 0),
        ("EUR 200,000", "increase", 200_000),
    ],
)
def test_a_wish_in_words(wish: str, kind: str, amount: int) -> None:
    """The limit of today and the words give the limit asked for, and the kind."""
    found = row_of(wish)
    assert (found["request_type"], found["amount"], found["current_limit"]) == (kind, amount, 160_000)


def test_days_beside_a_wish() -> None:
    """From when until when stands in the same cell."""
    found = row_of("the same once more, 1 January to 31 December 2027")
    assert (str(found["valid_from"]), str(found["valid_until"])) == ("2027-01-01", "2027-12-31")


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("buyer;country;now_k;wanted_k;ccy", "Nordbach GmbH;DE;220;275;EUR", ("increase", 275_000, 220_000)),
        (
            "buyer;country;current limit (k);new limit (k);ccy",
            "Nordbach GmbH;DE;80;30;EUR",
            ("decrease", 30_000, 80_000),
        ),
        ("action;buyer;country;now_k;wanted_k;ccy", "KEEP;Nordbach GmbH;DE;60;60;EUR", ("renewal", 60_000, 60_000)),
    ],
)
def test_thousands_told_by_the_header(header: str, row: str, expected: tuple[str, int, int]) -> None:
    """ "now_k" and "(k)" head figures in thousands."""
    triage = understood(f"Hello,\n\nplease see the upload.{FOOT}", files={"upload.csv": f"{header}\n{row}\n".encode()})
    [request] = triage.requests
    assert (request.request_type, request.amount, request.current_limit) == (expected[0], *map(Decimal, expected[1:]))


def test_sentences_in_cells() -> None:
    """Terms beside the limit of today, sales beside the wish, and a season told behind a sum."""
    head = "<table><tr><td>Account</td><td>D-U-N-S</td><td>What we have</td><td>What we need</td></tr>"
    one = "<tr><td>Perlas S.A. de C.V.<br>Monterrey, Mexico</td><td>81-204-5577</td><td>$200,000<br>net 60</td><td>Please double it. We look at annual sales of $2.1m.</td></tr>"
    two = "<tr><td>Kwin Drilling Pty Ltd<br>Perth, Australia</td><td>75-330-1928</td><td>$75,000<br>net 45</td><td>$125,000 in total, just for their season: January 4, 2027 through March 31, 2027.</td></tr>"
    triage = understood(
        f"<html><body><p>Hi, see below.</p>{head}{one}{two}</table><p>Ann Poole</p></body></html>", html=True
    )
    first, second = triage.requests
    assert (first.request_type, first.amount, first.current_limit) == ("increase", 400_000, 200_000)
    assert (first.payment_terms_days, first.expected_turnover, first.buyer_duns) == (60, 2_100_000, "812045577")
    assert (second.request_type, second.amount, second.current_limit) == ("temporary_increase", 125_000, 75_000)
    assert (str(second.valid_from), str(second.valid_until), second.payment_terms_days) == (
        "2027-01-04",
        "2027-03-31",
        45,
    )


@pytest.mark.parametrize(
    "letter",
    [
        "One thing I saw too late: for Westbach it should be 70,000, not what the file says.",
        "Line 2 wants to be 70,000 and not what the sheet says, I have not issued it again.",
    ],
)
def test_the_letter_corrects_its_sheet(letter: str) -> None:
    """What the letter says of one line of the sheet goes before the sheet."""
    sheet = b"buyer;country;limit today;limit wanted;currency\nNordbach GmbH;DE;20000;40000;EUR\nWestbach GmbH;DE;50000;60000;EUR\n"
    triage = understood(f"Hello,\n\nour wishes are in the file. {letter}{FOOT}", files={"limits.csv": sheet})
    assert [one.amount for one in triage.requests] == [40_000, 70_000]


def test_columns_that_tell_of_the_sender() -> None:
    """A policy number and a policyholder in columns hold for the mail."""
    sheet = b"policy_no;insured;buyer_name;country;limit_new;currency\nAGR-6620-1;Brackenfield Seeds Ltd;Agrifarma Sp. z o.o.;PL;90000;EUR\n"
    triage = understood("Hi, weekly upload attached.\n\nMoira\n", files={"limits.csv": sheet}, sender="m@seeds.example")
    assert (triage.policy_number, triage.policyholder_name) == ("AGR-6620-1", "Brackenfield Seeds Ltd")
