"""Bringing in what an office has: registers, people, policies, exchange rates, from CSV or Excel.

A faulty row is reported with its line and reason, the rest goes in; the same file again changes nothing.
"""

from cases.imports.reference import import_fx, import_people, import_policies
from cases.imports.register import import_register
from cases.imports.sheet import Fault, ImportResult, Sheet, read_sheet

__all__ = [
    "Fault",
    "ImportResult",
    "Sheet",
    "import_fx",
    "import_people",
    "import_policies",
    "import_register",
    "read_sheet",
]
