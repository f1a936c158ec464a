"""The four files of a register into a database, the way the import commands do it."""

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cases.imports.reference import import_fx, import_people, import_policies
from cases.imports.register import import_register
from cases.imports.sheet import read_sheet
from tests.evaluation_chat.world import NOW

IMPORTS = {"fx": import_fx, "people": import_people, "policies": import_policies, "register": import_register}


def load(engine: Engine, folder: Path) -> None:
    """Raises AssertionError naming the rows that were refused."""
    for name, run in IMPORTS.items():
        with Session(engine) as session, session.begin():
            result = run(session, read_sheet(folder / f"{name}.csv"), NOW, "shell")
            assert not result.faults, [str(fault) for fault in result.faults[:3]]
