"""Identifiers of companies: VAT numbers, registration numbers, LEI and D-U-N-S, with their check digits verified.

What is kept as value follows the desk's rules: a VAT number with its country prefix and without spaces or dots;
a registration number as written, without its label, except HRB, HRA and FN, which belong to the number.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import regex

from ingest.values.found import Found, alternatives, compiled, load_words, pieces

Kind = Literal["vat", "registration", "lei", "duns"]


@dataclass(frozen=True, slots=True)
class IdentifierFound(Found):
    """An identifier; the span covers what becomes the value (labels stay outside, except HRB, HRA, FN)."""

    kind: Kind
    value: str
    country: str | None = None  # implied by prefix, label or register
    label: str = ""  # as written before the number; empty: recognised by its shape
    checked: bool | None = None  # check digits right, wrong, or none to check


@dataclass(frozen=True, slots=True)
class CaseReferenceFound(Found):
    """A reference of ours, "CR-2026-000123"."""

    reference: str


_CASE = compiled(r"(?<![\w-])(?:CR|EN)[-‑–]\d{4}[-‑–]\d{6}(?![\w-])", regex.IGNORECASE)
_HYPHENS = {0x2010: "-", 0x2011: "-"}
_JOINT = r"[ \u00a0\u202f./\-]"


def find_case_references(text: str) -> list[CaseReferenceFound]:
    """References such as CR-2026-000123 and EN-2026-000123, in text order."""
    return [
        CaseReferenceFound(m.start(), m.end(), m[0], compiled("[‑–]").sub("-", m[0].upper()))
        for m in _CASE.finditer(text)
    ]


@cache
def _labels(name: str) -> tuple[regex.Pattern[str], dict[str, str]]:
    """The pattern of a label with what follows it, and label → country."""
    listed: dict[str, list[str]] = load_words("identifiers")[name]
    countries = {word: country for country, words in listed.items() for word in words}
    return _after_label(countries), countries


def _after_label(words: object) -> regex.Pattern[str]:
    label = alternatives(words)  # type: ignore[arg-type]
    glue = rf"(?:[\s\u00a0]*(?:(?:{pieces('identifiers', 'behind_label')})(?![\p{{L}}\d])|[.:#=|()–-]|№))*[\s\u00a0]*"
    return compiled(rf"(?<![\p{{L}}\d])(?P<label>{label}){glue}", regex.IGNORECASE)


@cache
def _national() -> frozenset[str]:
    return frozenset(load_words("identifiers")["national_labels"])


def country_of_register(one: IdentifierFound) -> str | None:
    """The country whose register alone has such numbers: HRB is German, KRS Polish; "company no." may stand anywhere."""
    known = one.kind == "registration" and " ".join(one.label.casefold().split()) in _national()
    return one.country if known else None


@cache
def _behind_label(name: str) -> regex.Pattern[str]:
    return _after_label(load_words("identifiers")[name])


@cache
def _vat_module(country: str) -> object | None:
    from stdnum.util import get_cc_module

    module: object | None = get_cc_module({"GR": "gr", "XI": "gb"}.get(country, country.lower()), "vat")
    return module


def vat_is_valid(value: str) -> bool | None:
    """Whether the check digits of a VAT number with its prefix are right; None where the country is not known."""
    country = "GR" if value.startswith("EL") else "CH" if value.startswith("CHE") else value[:2]
    module = _vat_module(country)
    if module is None:
        return None
    number = value if country == "CH" else value[2:]
    if country == "CH" and value[-1].isdigit():
        number = value + "MWST"
    return bool(module.is_valid(number))  # type: ignore[attr-defined]


def find_identifiers(text: str) -> list[IdentifierFound]:
    """All identifiers, in text order. A number that serves as two (Czech DIČ and IČO) is found as each where so labelled."""
    found: list[IdentifierFound] = []
    if not compiled(r"\d").search(text):
        return found
    text = text.translate(_HYPHENS)
    for reader in (_registers, _lei, _duns, _labelled_vat, _swiss, _shaped_vat, _labelled_registration):
        for one in reader(text):
            if not any(one.overlaps(o.start, o.end) and (one.kind == o.kind or o.kind != "vat") for o in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def _registers(text: str) -> list[IdentifierFound]:
    found = []
    pattern = r"(?<![\p{L}\d])(?P<kind>HR\s?[AB]|GnR|PR|VR)(?:[\s.:-]|Nr\.?|Nummer|No\.?)*(?P<number>\d{1,3}[ .]\d{3}(?!\d)|\d{1,7})(?P<suffix>\s[A-Z]{1,2}(?![\p{L}\d.]))?"
    for m in compiled(pattern).finditer(text):
        end = m.end()
        if m["suffix"] and m["suffix"].strip() not in ("B", "HB", "P", "FF", "CB", "KI", "HL", "RE"):
            end = m.end("number")
        kind = m["kind"].replace(" ", "")
        value = f"{kind} {text[m.start('number') : end]}"
        found.append(IdentifierFound(m.start(), end, text[m.start() : end], "registration", value, "DE", kind))
    for m in compiled(r"(?<![\p{L}\d])FN(?:[\s.:-]|Nr\.?)*(?P<number>\d{4,6}\s?[a-z])(?![\p{L}\d])").finditer(text):
        found.append(IdentifierFound(m.start(), m.end(), m[0], "registration", f"FN {m['number']}", "AT", "FN"))
    for m in compiled(r"(?<![\p{L}\d/-])(?:SC|NI|OC|SO|NC)\d{6}(?![\p{L}\d/-])").finditer(text):
        found.append(IdentifierFound(m.start(), m.end(), m[0], "registration", m[0], "GB", m[0][:2]))
    return found


def _lei(text: str) -> list[IdentifierFound]:
    from stdnum import lei

    found = []
    for m in compiled(r"(?<![A-Z0-9])[A-Z0-9]{4}(?: ?[A-Z0-9]{4}){3} ?[A-Z0-9]{2}\d{2}(?![A-Z0-9])").finditer(text):
        value = m[0].replace(" ", "")
        label = _label_before(text, m.start(), "lei_labels")
        valid = bool(lei.is_valid(value))
        if (valid or label) and compiled(r"\d").search(value[:18]) and (label or compiled("[A-Z]").search(value)):
            found.append(IdentifierFound(m.start(), m.end(), m[0], "lei", value, None, label, valid))
    return found


def _label_before(text: str, at: int, name: str) -> str:
    pattern = _behind_label(name)
    for m in pattern.finditer(text, max(0, at - 40), at):
        if m.end() == at:
            return str(m["label"])
    return ""


def _duns(text: str) -> list[IdentifierFound]:
    found = []
    for m in _behind_label("duns_labels").finditer(text):
        number = compiled(r"®?[\s:.]*(?P<n>\d{2}[ -]?\d{3}[ -]?\d{4}|\d{3}[ -]?\d{3}[ -]?\d{3})(?!\d)").match(
            text, m.end()
        )
        if number:
            value = compiled(r"\D").sub("", number["n"])
            found.append(
                IdentifierFound(number.start("n"), number.end("n"), number["n"], "duns", value, None, m["label"])
            )
    return found


_VAT_VALUE = compiled(rf"(?P<v>(?:[A-Z]{{2,3}}{_JOINT}?)?[A-Z0-9]{{1,3}}(?:{_JOINT}{{0,2}}[A-Z0-9]+)*)(?![\p{{L}}\d])")


def _labelled_vat(text: str) -> list[IdentifierFound]:
    pattern, countries = _labels("vat_labels")
    found = []
    for m in pattern.finditer(text):
        country = countries[" ".join(m["label"].casefold().split())]
        one = _vat_at(text, m.end(), country, m["label"])
        if one is not None:
            found.append(one)
    return found


def _vat_at(text: str, at: int, country: str, label: str) -> IdentifierFound | None:
    """The VAT number that begins at `at`: the longest run of groups that has the shape of a known country."""
    match = _VAT_VALUE.match(text, at)
    if match is None:
        return None
    written = match["v"]
    cuts = [m.end() for m in compiled(r"[A-Z0-9]+").finditer(written)]
    shapes: dict[str, str] = load_words("identifiers")["vat_shapes"]
    best: IdentifierFound | None = None
    for cut in reversed(cuts):
        compact = compiled(r"[^A-Z0-9]").sub("", written[:cut])
        for prefix in ("", *([country] if country else [])):
            value = prefix + compact
            if country == "ES" and prefix and compact.isdigit():
                value = f"PT{compact}"  # a Spanish number has a letter, a Portuguese NIF has none
            home = next((c for c, shape in shapes.items() if compiled(shape).fullmatch(value)), None)
            if home is None or home == "CH":
                continue
            one = IdentifierFound(
                at, at + cut, written[:cut], "vat", value, "GB" if home == "XI" else home, label, vat_is_valid(value)
            )
            if one.checked:
                return one
            best = best or one
    return best


@cache
def _swiss_tax() -> regex.Pattern[str]:
    tax, number = pieces("identifiers", "swiss_tax"), pieces("identifiers", "swiss_tax_number")
    return compiled(rf"(?:{tax})[\s.:#-]*(?:{number})?[\s.:#-]*$", regex.IGNORECASE)


def _swiss(text: str) -> list[IdentifierFound]:
    """A CHE number is a registration number unless it is called MWST, TVA, IVA or VAT."""
    found = []
    pattern = (
        r"(?<![\p{L}\d])CHE[- .]?(\d{3})[. ]?(\d{3})[. ]?(\d{3})(?P<tax>\s?(?:MWST|MwSt|TVA|IVA|VAT)(?!\p{L}))?(?!\d)"
    )
    for m in compiled(pattern).finditer(text):
        from stdnum.ch import uid

        label = text[max(0, m.start() - 24) : m.start()]
        taxed = m["tax"] or _swiss_tax().search(label)
        digits = m[1] + m[2] + m[3]
        checked = bool(uid.is_valid("CHE" + digits))
        if taxed:
            value = "CHE" + digits + (m["tax"] or "").strip().upper()
            found.append(IdentifierFound(m.start(), m.end(), m[0], "vat", value, "CH", "VAT", checked))
        else:
            found.append(IdentifierFound(m.start(), m.end(), m[0], "registration", m[0], "CH", "CHE", checked))
    return found


@cache
def _vat_prefixes() -> regex.Pattern[str]:
    prefixes = alternatives([*load_words("identifiers")["vat_shapes"], "EL"])
    return compiled(rf"(?<![\p{{L}}\d/_@#-]){prefixes}(?={_JOINT}?[A-Z0-9])")


def _shaped_vat(text: str) -> list[IdentifierFound]:
    """A VAT number without a label counts where its shape and its check digits are right."""
    found = []
    for m in _vat_prefixes().finditer(text):
        one = _vat_at(text, m.start(), "", "")
        if one is not None and one.checked and not (one.country == "RO" and len(one.value) < 8):
            found.append(one)
    return found


_REGISTRATION = {
    "FR": r"(?:(?P<place>\p{Lu}[\p{L}'-]+(?:[ -]\p{Lu}?[\p{L}'-]+){0,3})\s+)?(?:n°\s*)?(?P<v>(?:[AB]\s)?\d{3}[ .\u00a0\u202f]?\d{3}[ .\u00a0\u202f]?\d{3}(?:[ .\u00a0\u202f]?\d{5})?)(?!\d)",
    "PL": r"(?P<v>\d{10}|\d{3}[ -]?\d{3}[ -]?\d{4})(?!\d)",
    "NL": r"(?P<v>\d{8}|\d{2}[ .]\d{3}[ .]\d{3}|\d{4} \d{4})(?!\d)",
    "CZ": r"(?P<v>\d{8}|\d{3} \d{2} \d{3}|\d{2} \d{3} \d{3}|\d{7})(?!\d)",
    "GB": r"(?P<v>(?:SC|NI|OC|SO|LP|R0)?\d{6,8})(?![\d-])",
    "IT": r"(?P<v>[A-Z]{2}\s?[-–]?\s?\d{5,7}|\d{5,7})(?!\d)",
    "": r"(?P<v>[A-Z]{2,4}-\d[\dA-Z]{4,9}|(?:[A-Z]{1,4}[ ./-]?)?\d[\dA-Z]*(?:[./-][\dA-Z]+|[ \u00a0]\d{2,4}(?!\p{L}))*)(?![\p{L}])",
}


def _labelled_registration(text: str) -> list[IdentifierFound]:
    pattern, countries = _labels("registration_labels")
    found = []
    for m in pattern.finditer(text):
        country = countries[" ".join(m["label"].casefold().split())]
        number = compiled(_REGISTRATION.get(country, _REGISTRATION[""])).match(text, m.end())
        if number is None:
            continue
        value = number["v"]
        digits = compiled(r"\D").sub("", value)
        if len(digits) < 4 and not compiled(r"[A-Z]{2,4}-\d[\dA-Z]{4,9}").fullmatch(value):
            continue
        if country in ("SE", "NO"):
            country = "NO" if len(digits) == 9 else "SE"  # both call it "org.nr"
        found.append(
            IdentifierFound(
                number.start("v"), number.end("v"), value, "registration", value, country or None, m["label"],
                _registration_is_valid(country, digits),
            )
        )  # fmt: skip
    return found


def _registration_is_valid(country: str, digits: str) -> bool | None:
    from stdnum import luhn
    from stdnum.cz import dic

    if country == "FR":
        return bool(luhn.is_valid(digits))
    if country == "CZ" and len(digits) == 8:
        return bool(dic.is_valid(digits))
    return None
