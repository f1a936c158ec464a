"""The policy number: behind its label in any language, or by its shape beside the company's name."""

import re

from ingest.rules.drafts import Fact, fact
from ingest.rules.lexicon import Hit, phrases
from ingest.rules.material import Passage

_GAP = re.compile(
    r"(?:\s*(?:\(|:|#|=|–|-|,|is|ist|lautet|as always|wie immer|no\.?(?![-\w])|nos\.?(?![-\w])|nr\.?(?![-\w])|n°|nº|n\.º|n\.o\.?(?!\w)|n\.|num\.?(?![-\w])|numero|number|nummer|numer|cislo|c\.(?![-\w])|č\.|ref\.?|reference|id(?![-\w])|mit der nummer|unter|under|the|our|your|:|-nr\.?|-nummer|still|est le|es la|e la|e il|je |to |jest ))*\s*"
)
_TOKEN = re.compile(r"(?:[A-Z]{1,4} (?=\d))?[A-Z0-9]+(?:[-/.][A-Z0-9]+)*(?: \d{3,4}(?![\d.,]))*(?![\w@])")
_SHAPE = re.compile(r"(?<![\w/-])[A-Z]{2,4}-(?:[A-Z]{2}-)?\d{2,8}(?:[-/]\d{2,6})*(?![\w/-])")
_OTHER = re.compile(
    r"(?:invoice|order|po|inv|ref|rechnung|case|ticket|vat|reg|krs|nip|hrb|siren|order no|bestell\w*|commande|facture|faktura|d-u-n-s|lei)[\s.:#-]*(?:no|nr)?[\s.:]*$"
)
_DOCUMENT = re.compile(
    r"(?:frame|supply|purchase|sales|kauf|rahmen|liefer|employment|frame supply|dostaw|kupni|ramcov\w*)\W*$"
)


def find_policy(passages: list[Passage]) -> Fact | None:
    """The first policy number behind a label; without one, an unmistakable shape."""
    found: list[tuple[float, int, Fact]] = []
    for order, passage in enumerate(passages):
        for hit in phrases("phrases").find(passage.folded, "policy"):
            if hit.weight < 3 and passage.role not in ("foot", "file") and not _strict(passage, hit):
                continue
            if _DOCUMENT.search(passage.folded[max(0, hit.start - 20) : hit.start]):
                continue
            one = _behind(passage, hit.end)
            if one is not None:
                found.append((hit.weight, -order, one))
    if found:
        return max(found, key=lambda item: (item[0], item[1]))[2]
    for passage in passages:
        if passage.role == "file":
            continue
        for match in _SHAPE.finditer(passage.text):
            text = match.group()
            if not text.startswith(
                ("CR-", "EN-", "INV-", "PO-", "RE-", "FV-", "CHE-", "RG-", "SO-", "DN-", "OC-")
            ) and not _OTHER.search(passage.folded[max(0, match.start() - 16) : match.start()]):
                return fact(passage, match.start(), match.end(), text)
    return None


def _strict(passage: Passage, hit: Hit) -> bool:
    """A weak label ("contract") opens its line, or has a number sign behind it."""
    at = hit.end
    if re.search(
        r"(?:^|\n)\s*(?:notre |our |unser |nuestro |nostro |nasza |ons |nase )?$", passage.folded[: hit.start]
    ):
        return True
    return re.match(r"\s*(?:no\.?|nr\.?|n°|nº|n\.º|č\.|number|nummer|:|#|c\.)", passage.folded[at : at + 8]) is not None


def _behind(passage: Passage, at: int) -> Fact | None:
    gap = _GAP.match(passage.folded, at)
    start = gap.end() if gap else at
    match = _TOKEN.match(passage.text, start)
    if start > at and not passage.text[start - 1].isspace() and passage.text[start - 1].isalnum():
        return None
    if match is None:
        return None
    text = match.group().rstrip(".-/ ")
    if " " in text and not re.fullmatch(r"[A-Z]{0,4} ?\d{1,4}(?: \d{3,4})+", text):
        text = text.split(" ")[0]
    digits = sum(c.isdigit() for c in text)
    if (
        digits < 2
        or (digits == 2 and not re.search(r"[A-Z].*[-/]", text))
        or re.fullmatch(r"(?:19|20)\d\d", text)
        or re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}", text)
    ):
        return None
    if re.match(r"(?:CR|EN)-\d{4}-\d{6}", text):
        return None
    return fact(passage, start, start + len(text), text, labelled=True)
