"""Kind, limit asked for and limit today are chosen together."""

from cases.vocabulary import RequestType
from tests.ingest.rules.mails import FOOT, understood


def _read(text: str) -> tuple[RequestType | None, int | None, int | None]:
    (request,) = understood(text + FOOT).requests
    amount, current = request.amount, request.current_limit
    return (
        request.request_type,
        None if amount is None else int(amount),
        None if current is None else int(current),
    )


def test_three_figures_of_which_one_is_the_sum() -> None:
    """ "Standing at 45, another 15, which makes 60": today, the difference, the limit asked for."""
    read = _read(
        "The limit on Bakkerij Verstraete BV (Kortrijk, Belgium) stands at EUR 45,000. Could you add EUR 15,000, which makes it EUR 60,000?"
    )
    assert read == (RequestType.INCREASE, 60_000, 45_000)


def test_a_share_of_todays_limit_is_reckoned_from_it_and_from_no_other_figure() -> None:
    """Yearly sales beside "double it" are not the limit."""
    read = _read(
        "We have EUR 60,000 on Lumière Atlantique SAS, Saint-Nazaire, France. Please double it. Over the year we sell them some EUR 350,000."
    )
    assert read == (RequestType.INCREASE, 120_000, 60_000)


def test_what_another_insurer_carried_or_the_buyer_turns_over_is_no_limit() -> None:
    """A first request stays one."""
    kind, amount, current = _read(
        "First request: please cover EUR 1.2 million on Windtechnik Fehmarn GmbH, Fehmarn, Germany. They turned over EUR 63 million last year."
    )
    assert (kind, amount, current) == (RequestType.NEW, 1_200_000, None)


def test_a_share_beside_what_it_comes_to() -> None:
    """ "By half to 40,000" names the new limit: it is not halved once more."""
    _, amount, current = _read("Please cut the limit on Nordwind GmbH, Kiel, Germany by half to EUR 40,000.")
    assert amount == 40_000
    assert current is None
