"""Registration, VAT, LEI and D-U-N-S numbers in the cells of tables and forms."""

import re

from ingest.rules.cues import Cue
from ingest.rules.drafts import Draft, Fact, fact
from ingest.rules.material import Passage
from ingest.rules.prose import ID_FIELDS, identifiers, put_register
from ingest.values.identifiers import IdentifierFound, find_identifiers

_REGISTER = Cue("identifier_cells.register", r"(?:(?:<1>)[ .-]?|[A-Z]{1,4}(?=\d))?\d[\dA-Za-z ./-]*")


def identifier_in(cell: Passage, one: IdentifierFound, shift: int = 0) -> Fact:
    """A number of a cell; `shift` is the length of what was set before the cell's text."""
    start, end = one.start - shift, one.end - shift
    return fact(cell, start, end, one.value, labelled=True, checked=bool(one.checked))


def put_identifier(draft: Draft, name: str, written: str, cell: Passage) -> None:
    """The number in a cell: as it stands, else read with its label before it ("P. IVA" is Italian)."""
    for lead in ("", f"{written.strip(' :.')}: " if written else ""):
        found = [one for one in find_identifiers(lead + cell.text) if ID_FIELDS[one.kind] == name]
        if found and found[0].start >= len(lead):
            draft.put(name, identifier_in(cell, found[0], len(lead)))
            put_register(draft, cell, found[0], len(lead))
            return
    text = cell.text.strip()
    start = cell.text.find(text)
    plain = re.sub(r"[^A-Za-z0-9]", "", text).upper()
    if (
        (name == "buyer_duns" and re.fullmatch(r"\d{9}", plain))
        or (name == "buyer_lei" and re.fullmatch(r"[A-Z0-9]{18}\d{2}", plain))
    ) or (
        name == "buyer_vat_id"
        and re.fullmatch(r"(?:[A-Z]{2,3})?[A-Z0-9]{7,13}", plain)
        and any(c.isdigit() for c in plain)
    ):
        draft.put(name, fact(cell, start, start + len(text), plain, labelled=True))
    elif name == "buyer_registration_number" and re.search(r"\d{3}", text) and len(text) <= 40:
        number = _REGISTER.search(text)
        if number:
            shift = start + number.start()
            value = number.group().strip(" ,.;")
            draft.put(name, fact(cell, shift, shift + len(value), value, labelled=True))


def put_any_identifier(draft: Draft, cell: Passage) -> None:
    """A number of a column for numbers of any kind: what its own label or shape tells, else the register's."""
    identifiers(draft, cell)
    if not set(ID_FIELDS.values()) & set(draft.facts):
        shape = re.fullmatch(r"\s*[A-Z]{2}[ .]?[A-Z0-9][A-Z0-9 .]{6,12}\s*", cell.text)
        name = "buyer_vat_id" if shape else "buyer_registration_number"
        put_identifier(draft, name, "", cell)


def finish_vat(draft: Draft) -> None:
    """A VAT number without its prefix gets that of the buyer's country."""
    vat, country = draft.facts.get("buyer_vat_id"), draft.value("buyer_country")
    if vat is None or not isinstance(country, str):
        return
    plain = str(vat.value)
    if wrong_prefix(vat, plain, country):
        plain = plain[2:]
    if not re.match(r"[A-Z]{2}", plain) or (country == "ES" and re.fullmatch(r"[A-Z]\d{7}[A-Z0-9]", plain)):
        prefix = {"GR": "EL"}.get(country, country)
        draft.replace("buyer_vat_id", Fact(prefix + plain, vat.places, None, vat.weight, vat.labelled, vat.checked))


def wrong_prefix(vat: Fact, plain: str, country: str) -> bool:
    """Whether a prefix that stands nowhere in the mail names another country than the buyer's ("NIF" is also Portuguese)."""
    added = sum(spot.end - spot.start for spot in vat.places[:1]) < len(plain)
    own = {"GR": "EL"}.get(country, country)
    return added and re.match(r"[A-Z]{2}\d", plain) is not None and not plain.startswith(own)
