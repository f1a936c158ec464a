"""The desk's words in the codes of UN/EDIFACT, so that the register can speak to other systems.

Source: UN/EDIFACT directory D.01C (unchanged to D.19B), segment CCD "Credit cover details", data elements
4505 (credit cover request type), 4507 (response type) and 4509 (response reason).
"""

from collections.abc import Mapping

from cases.vocabulary import RequestType, Status
from config.errors import InvalidValue

REQUEST_CODES: Mapping[RequestType, str] = {  # 4505
    RequestType.NEW: "2",  # request new limit
    RequestType.INCREASE: "3",  # request increased limit
    RequestType.TEMPORARY_INCREASE: "3",  # the standard knows no temporary one; its end date says it
    RequestType.RENEWAL: "8",  # prolongation of credit cover
    RequestType.DECREASE: "7",  # reduction
    RequestType.CANCELLATION: "6",  # cancellation
}

_DECISION_CODES: Mapping[Status, str] = {  # 4507
    Status.APPROVED: "2",
    Status.PARTIALLY_APPROVED: "5",
    Status.DECLINED: "3",
}
_STILL_INVESTIGATING = "6"

REASONS: Mapping[str, str] = {  # 4509
    "1": "requested financial information not provided",
    "2": "no financial information available",
    "3": "debtor is out of business",
    "4": "debtor is a new company",
    "5": "debtor is not registered",
    "6": "debtor is a non-trading company",
    "7": "no comment",
    "8": "only insolvency risk covered",
    "9": "subject to acceptance of a bill of exchange",
    "10": "documents against acceptance",
    "11": "documents against payment",
    "12": "adverse information is publicly available",
    "13": "credit limit full",
    "14": "lack of turnover",
    "15": "other",
}


def request_code(request_type: RequestType) -> str:
    """Data element 4505 for a request."""
    return REQUEST_CODES[request_type]


def response_code(status: Status, request_type: RequestType | None = None) -> str | None:
    """Data element 4507 for where a request stands; None for one that was withdrawn or is no request.

    A granted cancellation or reduction has codes of its own.
    """
    if status is Status.APPROVED and request_type is RequestType.CANCELLATION:
        return "8"
    if status is Status.APPROVED and request_type is RequestType.DECREASE:
        return "9"
    if status in (Status.WITHDRAWN, Status.ASSIGNED, Status.ANSWERED, Status.CLOSED):
        return None
    return _DECISION_CODES.get(status, _STILL_INVESTIGATING)


def reason_code(text: str) -> str:
    """The 4509 code for a code or the beginning of its words. Raises InvalidValue listing the codes."""
    words = " ".join(text.casefold().replace("_", " ").split())
    if words in REASONS:
        return words
    fitting = [code for code, meaning in REASONS.items() if words and meaning.startswith(words)]
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(f"{code} {meaning}" for code, meaning in REASONS.items())
    raise InvalidValue(f"{text!r} is no reason code of UN/EDIFACT 4509: choose one of {listed}")
