"""References are given once."""

from threading import Thread

from sqlalchemy.orm import Session, sessionmaker

from cases.references import next_reference, parse, raise_counter


def test_numbers_run_by_prefix_and_year(session: Session) -> None:
    """Requests and enquiries count apart, and each year anew."""
    assert [next_reference(session, "CR", 2026) for _ in range(2)] == ["CR-2026-000001", "CR-2026-000002"]
    assert next_reference(session, "EN", 2026) == "EN-2026-000001"
    assert next_reference(session, "CR", 2027) == "CR-2027-000001"


def test_imported_numbers_are_not_given_again(session: Session) -> None:
    """After an import the counter goes on above the highest number, and never back."""
    raise_counter(session, "CR", 2026, 41)
    raise_counter(session, "CR", 2026, 7)
    assert next_reference(session, "CR", 2026) == "CR-2026-000042"


def test_many_at_once(sessions: "sessionmaker[Session]") -> None:
    """Writers at the same time never get the same reference."""
    given: list[str] = []

    def work() -> None:
        for _ in range(10):
            with sessions.begin() as session:
                given.append(next_reference(session, "CR", 2026))

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"CR-2026-{n:06d}" for n in range(1, 31)]


def test_parse() -> None:
    """A reference is taken apart; anything else is none."""
    assert parse(" cr-2026-000123 ") == ("CR", 2026, 123)
    assert parse("CR-26-1") is None
