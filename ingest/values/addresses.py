"""E-mail addresses in text."""

from dataclasses import dataclass

import regex

from ingest.values.found import Found

_ADDRESS = regex.compile(r"(?<![\w.+-])(?:mailto:)?([\w.+'-]+@[\w-]+(?:\.[\w-]+)+)(?![\w-])", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AddressFound(Found):
    """An e-mail address; `address` is in lower case."""

    address: str


def find_addresses(text: str) -> list[AddressFound]:
    """All e-mail addresses, in text order."""
    return [AddressFound(m.start(1), m.end(1), m[1], m[1].lower().strip("'")) for m in _ADDRESS.finditer(text)]
