"""The fields that a person may correct, and how each value is read and checked."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from cases.vocabulary import RequestType
from config.errors import InvalidValue

Value = str | int | Decimal | date | None

_NUMBER = re.compile(
    r"(?P<digits>[\d.,'’\s]*\d)\s*(?P<unit>k|m|mn|mio|million|thousand|tsd|tausend)?\.?", re.IGNORECASE
)
_UNITS = {"k": 1000, "thousand": 1000, "tsd": 1000, "tausend": 1000}
_EUROPEAN_DATE = re.compile(r"(\d{1,2})\s*([./-])\s*(\d{1,2})\s*[./-]\s*(\d{4})")
_LARGEST = Decimal(10) ** 13


def parse_amount(text: str) -> Decimal:
    """An amount without its currency: 250000, 250,000, 250.000,00, 250 000, 250k, 1.5m. Raises InvalidValue."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise InvalidValue(f"{text!r} is no amount: write it like 250000 or 250,000.00, without the currency")
    number = _plain_number(re.sub(r"[\s'’]", "", found["digits"]), bool(found["unit"]))
    try:
        amount = Decimal(number)
    except InvalidOperation as error:
        raise InvalidValue(f"{text!r} is no amount: write it like 250000 or 250,000.00") from error
    if unit := (found["unit"] or "").lower():
        amount *= _UNITS.get(unit, 1_000_000)
    if amount > _LARGEST:
        raise InvalidValue(f"{text!r} is too large for an amount: look at the digits again")
    return amount


def _plain_number(digits: str, has_unit: bool) -> str:
    """The digits with a point for decimals; a single mark before exactly three digits parts thousands."""
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return digits
    last = marks[-1]
    head, _, tail = digits.rpartition(last)
    thousands = marks.count(last) > 1 or (len(set(marks)) == 1 and len(tail) == 3 and not has_unit)
    if thousands:
        groups = re.split(r"[.,]", digits)
        if len(set(marks)) > 1 or any(len(group) != 3 for group in groups[1:]) or len(groups[0]) > 3:
            raise InvalidValue(f"{digits!r} has its thousands in odd places: write it without separators")
        return "".join(groups)
    return re.sub(r"[.,]", "", head) + "." + tail


def parse_date(text: str) -> date:
    """A day as 2026-03-20 or 20.03.2026. Raises InvalidValue, also where day and month could be either."""
    words = text.strip()
    try:
        return date.fromisoformat(words)
    except ValueError:
        pass
    if found := _EUROPEAN_DATE.fullmatch(words):
        first, mark, second, year = int(found[1]), found[2], int(found[3]), int(found[4])
        if mark != "." and first <= 12 and second <= 12 and first != second:
            raise InvalidValue(f"{text!r} can be two days: write it like {year}-{second:02d}-{first:02d}")
        day, month = (second, first) if mark != "." and second > 12 else (first, second)
        try:
            return date(year, month, day)
        except ValueError:
            pass
    raise InvalidValue(f"{text!r} is no date: write it like 2026-03-20")


def parse_currency(text: str) -> str:
    """An ISO 4217 code, or a bare sign of one. Raises InvalidValue."""
    import pycountry

    code = {"€": "EUR", "$": "USD", "£": "GBP"}.get(text.strip(), text.strip().upper())
    if pycountry.currencies.get(alpha_3=code) is None:
        raise InvalidValue(f"{text!r} is no currency: write its ISO code, like EUR")
    return code


def parse_country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code, from the code or the country's English name. Raises InvalidValue."""
    import pycountry

    words = text.strip()
    if len(words) == 2 and pycountry.countries.get(alpha_2=words.upper()):
        return words.upper()
    try:
        return str(pycountry.countries.lookup(words).alpha_2)
    except LookupError as error:
        raise InvalidValue(f"{text!r} is no country: write its ISO code, like DE") from error


def parse_request_type(text: str) -> str:
    """A request type. Raises InvalidValue listing them."""
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    try:
        return RequestType(word).value
    except ValueError as error:
        raise InvalidValue(f"{text!r} is no request type: choose one of {', '.join(RequestType)}") from error


def parse_days(text: str) -> int:
    """Payment terms in days, from 0 to 720. Raises InvalidValue."""
    found = re.fullmatch(r"(\d{1,3})\s*(?:d|days?|tage?|jours?)?", text.strip().lower())
    if found is None or int(found[1]) > 720:
        raise InvalidValue(f"{text!r} are no payment terms: write the days alone, from 0 to 720")
    return int(found[1])


def parse_grade(text: str) -> int:
    """A risk grade from 1 (best) to 10 (worst). Raises InvalidValue."""
    if not re.fullmatch(r"[1-9]|10", text.strip()):
        raise InvalidValue(f"{text!r} is no risk grade: write a number from 1 (best) to 10 (worst)")
    return int(text)


def parse_email(text: str) -> str:
    """An e-mail address in lower case. Raises InvalidValue."""
    from cases.people import checked_email

    return checked_email(text)


def parse_vat_id(text: str) -> str:
    """A VAT number with its country prefix, without spaces and dots. Raises InvalidValue."""
    number = re.sub(r"[\s./-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2,3}[0-9A-Z+*]{4,15}", number):
        raise InvalidValue(f"{text!r} is no VAT number: write it with the country's prefix, like DE811907980")
    return number


def parse_lei(text: str) -> str:
    """A Legal Entity Identifier with valid check digits (ISO 17442). Raises InvalidValue."""
    from stdnum import lei
    from stdnum.exceptions import ValidationError

    try:
        return str(lei.validate(text))
    except ValidationError as error:
        raise InvalidValue(
            f"{text!r} is no LEI: it has 20 characters with two check digits; look at it again"
        ) from error


def parse_duns(text: str) -> str:
    """A D-U-N-S number: nine digits. Raises InvalidValue."""
    number = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{9}", number):
        raise InvalidValue(f"{text!r} is no D-U-N-S number: it has nine digits")
    return number


def parse_language(text: str) -> str:
    """A two-letter language code. Raises InvalidValue."""
    if not re.fullmatch(r"[a-zA-Z]{2}", text.strip()):
        raise InvalidValue(f"{text!r} is no language: write its two letters, like de")
    return text.strip().lower()


def parse_urgency(text: str) -> str | None:
    """high, or none. Raises InvalidValue."""
    word = text.strip().lower()
    if word not in ("high", "none", "normal"):
        raise InvalidValue(f"{text!r} is no urgency: write high or none")
    return "high" if word == "high" else None


def _text(limit: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        words = " ".join(text.replace("\0", "").split())
        if not words:
            raise InvalidValue("the value is empty: write - to take a value away")
        if len(words) > limit:
            raise InvalidValue(f"the value has {len(words)} characters, at most {limit} fit: shorten it")
        return words

    return parse


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a case that a person may set: how it is read, and whether it concerns the checks."""

    parse: Callable[[str], Value]
    reviewed: bool = True  # a change makes checks, documents and allocation run again
    removable: bool = True
    after_decision: bool = False  # may still change on a decided case


CORRECTABLE: dict[str, Field] = {
    "request_type": Field(parse_request_type, removable=False),
    "policyholder_name": Field(_text(300)),
    "policy_number": Field(_text(64)),
    "broker": Field(_text(300)),
    "buyer_name": Field(_text(300), removable=False),
    "buyer_country": Field(parse_country),
    "buyer_registration_number": Field(_text(64)),
    "buyer_vat_id": Field(parse_vat_id),
    "buyer_lei": Field(parse_lei),
    "buyer_duns": Field(parse_duns),
    "amount": Field(parse_amount),
    "currency": Field(parse_currency),
    "current_limit": Field(parse_amount),
    "payment_terms_days": Field(parse_days),
    "valid_from": Field(parse_date),
    "valid_until": Field(parse_date),
    "expected_turnover": Field(parse_amount),
    "overdue_amount": Field(parse_amount),
    "goods": Field(_text(500), reviewed=False),
    "sector": Field(_text(100)),
    "needed_by": Field(parse_date, reviewed=False),
    "urgency": Field(parse_urgency, reviewed=False),
    "language": Field(parse_language, reviewed=False),
    "contact_name": Field(_text(200), reviewed=False, after_decision=True),
    "contact_email": Field(parse_email, reviewed=False, after_decision=True),
    "contact_phone": Field(_text(40), reviewed=False, after_decision=True),
    "sales_contact": Field(parse_email, reviewed=False, after_decision=True),
    "next_action": Field(_text(500), reviewed=False),
    "next_action_due": Field(parse_date, reviewed=False),
    "risk_grade": Field(parse_grade, reviewed=False, after_decision=True),
    "underwriter_note": Field(_text(4000), reviewed=False, after_decision=True),
}


def parse_field(name: str, text: str) -> Value:
    """The value of a field as a person wrote it; "-" takes it away. Raises InvalidValue with what is right."""
    field = CORRECTABLE.get(name)
    if field is None:
        import difflib

        near = difflib.get_close_matches(name, CORRECTABLE, 1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(CORRECTABLE)}"
        raise InvalidValue(f"{name!r} is no field that can be corrected: {hint}")
    if text.strip() in ("", "-"):
        if not field.removable:
            raise InvalidValue(f"{name} cannot be taken away, only corrected: give a value")
        return None
    try:
        return field.parse(text)
    except InvalidValue as error:
        raise InvalidValue(f"{name}: {error}") from error


def as_text(value: Value) -> str | None:
    """The value as evidence keeps it."""
    if value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)
