"""Reading the register: lists and single cases, as typed rows, in few queries."""

from cases.queries.lists import CaseFilter, CaseRow, count_cases, find_case, find_row, iter_cases, list_cases
from cases.queries.view import CaseView, EvidenceView, FieldView, HistoryEntry, case_view, history, view_of

__all__ = [
    "CaseFilter",
    "CaseRow",
    "CaseView",
    "EvidenceView",
    "FieldView",
    "HistoryEntry",
    "case_view",
    "count_cases",
    "find_case",
    "find_row",
    "history",
    "iter_cases",
    "list_cases",
    "view_of",
]
