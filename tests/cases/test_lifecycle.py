"""The life of a case: only the steps of one table are possible, by any door."""

import uuid
from contextlib import suppress
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session, sessionmaker

from cases import audit, commands, lifecycle
from cases.database import open_database
from cases.lifecycle import TRANSITIONS
from cases.models import Case
from cases.queries import find_case, history
from cases.rights import Asker
from cases.vocabulary import CaseKind, Status
from config.errors import DeskError, IllegalTransition
from tests.cases.support import EVERYBODY, NOW, OFFICER, enquiry, furnish, request, rules

PEOPLE = st.sampled_from(EVERYBODY)
_template: list[Path] = []  # a furnished desk; every run of the machine works on a copy


def test_moves(session: Session) -> None:
    """Every step of the table is taken, every other one is refused, for every pair of states."""
    furnish(session)
    for kind, table in TRANSITIONS.items():
        for start in table:
            for end in Status:
                case = (request if kind is CaseKind.REQUEST else enquiry)(session, start)
                if start is Status.WITHDRAWN:
                    assert lifecycle.allowed(case) == frozenset()
                    case.merged_into_id = case.id
                if end in table[start]:
                    lifecycle.move(session, case, end, actor="desk", at=NOW)
                    assert case.status == end
                    assert (case.decided_at is not None) == (
                        end in (Status.APPROVED, Status.PARTIALLY_APPROVED, Status.DECLINED)
                    )
                else:
                    with pytest.raises(IllegalTransition, match="cannot go from"):
                        lifecycle.move(session, case, end, actor="desk", at=NOW)
    assert audit.verify(session) == []


def test_open_states_can_be_withdrawn() -> None:
    """A case can be withdrawn from any open state."""
    for table in TRANSITIONS.values():
        for status, ways in table.items():
            if status not in (
                Status.APPROVED,
                Status.PARTIALLY_APPROVED,
                Status.DECLINED,
                Status.WITHDRAWN,
                Status.ANSWERED,
                Status.CLOSED,
            ):
                assert Status.WITHDRAWN in ways


def test_route() -> None:
    """The way between two states is the shortest legal one, or none."""
    route = lifecycle.route(CaseKind.REQUEST, Status.RECEIVED, Status.APPROVED)
    assert route == (Status.IN_REVIEW, Status.READY, Status.ALLOCATED, Status.IN_UNDERWRITING, Status.APPROVED)
    assert lifecycle.route(CaseKind.REQUEST, Status.APPROVED, Status.READY) is None
    assert lifecycle.route(CaseKind.REQUEST, Status.WITHDRAWN, Status.READY) is None
    assert lifecycle.route(CaseKind.REQUEST, Status.READY, Status.READY) == ()


class Desk(RuleBasedStateMachine):
    """People do anything to two requests and an enquiry, in any order."""

    def __init__(self) -> None:
        super().__init__()
        file = _template[0].with_name(f"{uuid.uuid4().hex}.db")
        copyfile(_template[0], file)
        self.engine = open_database(f"sqlite:///{file}")
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)

    @initialize()
    def begin(self) -> None:
        """New cases."""
        with self.sessions.begin() as session:
            cases = [request(session, Status.RECEIVED), request(session, Status.IN_REVIEW), enquiry(session)]
            self.references = [case.reference for case in cases]
            self.first = {case.reference: Status(case.status) for case in cases}

    def act(self, asker: Asker, number: int, work: object) -> None:
        """Runs one command; whatever is wrong is said, and nothing else breaks."""
        reference = self.references[number]
        assert callable(work)
        with suppress(DeskError):
            commands.perform(self.sessions, asker, NOW, "test", reference, lambda s: work(s, find_case(s, reference)))

    @rule(asker=PEOPLE, number=st.integers(0, 2))
    def confirm(self, asker: Asker, number: int) -> None:
        """Anybody confirms."""
        self.act(asker, number, lambda s, c: commands.confirm(s, c, asker, NOW, rules()))

    @rule(
        asker=PEOPLE,
        number=st.integers(0, 2),
        change=st.sampled_from(
            ["amount=5000", "amount=4000000", "buyer_country=FR", "currency=GBP", "status=approved", "goods=x"]
        ),
    )
    def correct(self, asker: Asker, number: int, change: str) -> None:
        """Anybody corrects."""
        field, _, text = change.partition("=")
        self.act(asker, number, lambda s, c: commands.correct(s, c, asker, NOW, rules(), field, text))

    @rule(
        asker=PEOPLE, number=st.integers(0, 2), outcome=st.sampled_from(["approved", "declined", "partially_approved"])
    )
    def decide(self, asker: Asker, number: int, outcome: str) -> None:
        """Anybody decides."""
        amount = 1 if outcome == "partially_approved" else None
        self.act(asker, number, lambda s, c: commands.decide(s, c, asker, NOW, rules(), outcome=outcome, amount=amount))

    @rule(
        asker=PEOPLE,
        number=st.integers(0, 2),
        what=st.sampled_from(
            [
                commands.withdraw,
                commands.take_up,
                commands.return_for_documents,
                commands.answer,
                commands.close,
                commands.appeal,
                commands.split,
            ]
        ),
    )
    def step(self, asker: Asker, number: int, what: object) -> None:
        """Anybody does any of the simple things."""
        assert callable(what)
        self.act(asker, number, lambda s, c: what(s, c, asker, NOW, rules()))

    @rule(asker=PEOPLE, number=st.integers(0, 2), to=st.sampled_from(EVERYBODY))
    def assign(self, asker: Asker, number: int, to: Asker) -> None:
        """Anybody gives a case to anybody."""
        self.act(asker, number, lambda s, c: commands.assign(s, c, asker, NOW, rules(), to=to.email))

    @rule(number=st.integers(0, 2), into=st.integers(0, 2))
    def merge(self, number: int, into: int) -> None:
        """An officer merges any case into any other."""
        other = self.references[into]
        self.act(OFFICER, number, lambda s, c: commands.merge(s, c, OFFICER, NOW, rules(), find_case(s, other)))

    @invariant()
    def only_legal_steps(self) -> None:
        """The history of each case is a way through the table, and ends where the case stands."""
        if not hasattr(self, "references"):
            return
        with self.sessions() as session:
            for reference in self.references:
                case: Case = find_case(session, reference)
                status = self.first[reference]
                for entry in history(session, case):
                    if entry.kind == "StatusChanged":
                        assert entry.before["status"] == status
                        status = Status(str(entry.after["status"]))
                        assert status in TRANSITIONS[CaseKind(case.kind)][Status(str(entry.before["status"]))]
                assert case.status == status

    def teardown(self) -> None:
        """The chain holds after all of it."""
        with self.sessions() as session:
            assert audit.verify(session) == []
        self.engine.dispose()


def _run(examples: int, steps: int) -> None:
    folder = Path(mkdtemp(prefix="lifecycle"))
    _template[:] = [folder / "template.db"]
    engine = open_database(f"sqlite:///{_template[0]}")
    with Session(engine) as session, session.begin():
        furnish(session)
    with engine.connect() as connection:
        connection.exec_driver_sql("rollback")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Desk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    rmtree(folder)


def test_no_illegal_step_by_any_command() -> None:
    """Whatever people do in whatever order, no case takes a step that the table lacks."""
    _run(examples=6, steps=25)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_illegal_step_in_ten_thousand() -> None:
    """The same over ten thousand steps."""
    _run(examples=200, steps=50)
