"""The policy number: behind its label in any language, or by its shape beside the company's name."""

import re

from ingest.rules.cues import Cue
from ingest.rules.drafts import Fact, fact
from ingest.rules.lexicon import Hit, phrases
from ingest.rules.material import Passage, companies_in
from ingest.values.dates import find_dates
from ingest.values.identifiers import find_case_references, find_identifiers

_GAP = Cue("policy_numbers.gap", r"(?:\s*(?:<1>))*\s*")
_TOKEN = re.compile(r"[A-Z0-9]+(?:[-–/.][A-Z0-9]+)*(?![\w@])")
_PREFIX = Cue("policy_numbers.prefix", r"(?<!\w)(?!(?:<1>) )[A-Z]{1,5} $")
_SPACED = re.compile(r"(?: ?/ ?\d{2,6}| / [A-Z]{1,4}(?: / \d{2,6})?)(?![\w/.])")  # "2024 / 118"
_UNIT = Cue("policy_numbers.unit", r"\s*(?:<1>)")
_OURS = Cue("policy_numbers.ours", r"(?:<1>) (?:<2>)?(?:cit\.? )?$")
_THE = Cue("policy_numbers.the", r"(?:^|[\s(])(?:<1>) $")
_ELSEWHERE = Cue("policy_numbers.elsewhere", r"\s*,?\s*(?:<1>) ")
_SHAPE = re.compile(r"(?<![\w/-])[A-Z]{2,4}-(?:[A-Z]{2}-)?\d{2,8}(?:[-/]\d{2,6})*(?![\w/-])")
_SLASHED = re.compile(r"(?<![\w/-])[A-Z]{2,5}/[A-Z0-9]{1,8}(?:[/-][A-Z0-9]{1,6})*(?![\w/-])")
_NEVER = Cue("policy_numbers.never", r"(?:<1>)[-/]")
_OTHER = Cue("policy_numbers.other", r"(?:<1>)[\s.:#-]*(?:<2>)?[\s.:]*$")
_DOCUMENT = Cue("policy_numbers.document", r"\b(?:<1>)\W*$")
_LINE_BEGINS = Cue("policy_numbers.line_begins", r"(?:^|\n)\s*(?:<1>)?$")
_UNDER = Cue("policy_numbers.under", r"(?:^|[\s(,])(?:<1>)(?: (?:<2>))? $")
_JOINED = re.compile(r"(?<![\w/.-])(?:[A-Z]{1,5}[/-]?)?\d{1,6}(?:[/-](?:\d{2,6}|[A-Z]{1,4}))+(?![\w/-]|\.\d)")
_NUMBER_SIGN = Cue("policy_numbers.number_sign", r"\s*(?:<1>)")


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
    return next((one for passage in passages if (one := _by_shape(passage)) is not None), None)


_SIGNED = re.compile(
    r"[ \t]*(?:[|,/·•(–-]+|\n)[ \t]*(?P<code>(?=[A-Z0-9/. -]{0,24}\d)(?:[A-Z0-9]{1,6}(?:[/-][A-Z0-9]{1,6}){1,4}|[A-Z]{2,4} ?\d{4,7}|[A-Z]{2,4} \d{1,6}[/-]\d{2,6}))(?=[ \t]*(?:[|,)/·•;]|$|\n| [–-] ))"
)


def _behind_company(passage: Passage) -> Fact | None:
    """In a signature a code with letters and digits right behind the company: "Kos S.A. | 12/PS", "Holm Ltd (HC 4471)"."""
    for one in companies_in(passage.text):
        found = _SIGNED.match(passage.text, one.end)
        code = found["code"] if found else ""
        digits = sum(c.isdigit() for c in code)
        if found is None or digits < 2 or not re.search(r"[A-Z]", code) or _NEVER.match(code):
            continue
        if not any(n.start <= found.start("code") < n.end for n in find_identifiers(passage.text)):
            return fact(passage, found.start("code"), found.end("code"), code)
    return None


_CODE = re.compile(r"\s*\(\s*(?:ref\.? )?(?P<code>[A-Z0-9][A-Z0-9/.-]{3,14})\s*\)")


def beside(passages: list[Passage], holder: Fact) -> Fact | None:
    """A code in brackets right behind the policyholder's name: "our client Hollis Brassworks Ltd (HB/7701)"."""
    for passage in passages:
        for spot in holder.places:
            end = spot.end - passage.start
            if passage.part != spot.part or not 0 < end <= len(passage.text):
                continue
            found = _CODE.match(passage.text, end)
            if found and sum(c.isdigit() for c in found["code"]) >= 3 and not _NEVER.match(found["code"]):
                return fact(passage, found.start("code"), found.end("code"), found["code"])
    return None


def _by_shape(passage: Passage) -> Fact | None:
    """A code that looks like a policy number though nothing says so; with slashes only beside the sender's name."""
    if passage.role == "file":
        return None
    if passage.role == "foot" and (one := _behind_company(passage)) is not None:
        return one
    for pattern in (_SHAPE, _SLASHED) if passage.role == "foot" else (_SHAPE,):
        for match in pattern.finditer(passage.text):
            text = match.group()
            before = passage.folded[max(0, match.start() - 16) : match.start()]
            if sum(c.isdigit() for c in text) >= 3 and not _NEVER.match(text) and not _OTHER.search(before):
                return fact(passage, match.start(), match.end(), text)
    return _named_by_use(passage)


def _named_by_use(passage: Passage) -> Fact | None:
    """A code of groups that something goes under or on: "three changes under 61-90884", "our number is 300-7718-LT"."""
    for match in _JOINED.finditer(passage.text):
        text, before = match.group(), passage.folded[max(0, match.start() - 30) : match.start()]
        found = _UNDER.search(before)
        plain = sum(c.isdigit() for c in text) >= 5 and not _NEVER.match(text) and not _OTHER.search(before)
        if found is None or not plain or find_dates(text, passage.written) or find_case_references(text):
            continue
        if not any(n.start <= match.start() < n.end for n in find_identifiers(passage.text)):
            return fact(passage, match.start(), match.end(), text)
    return None


def _strict(passage: Passage, hit: Hit) -> bool:
    """A weak label ("contract") opens its line, has a number sign behind it, or is called ours."""
    before, behind = passage.folded[: hit.start], passage.folded[hit.end : hit.end + 8]
    if _LINE_BEGINS.search(before) or _NUMBER_SIGN.match(behind):
        return True
    found = _behind(passage, hit.end)
    if found is not None and re.search(r"[.;|·•/-]\s+$", before) and re.search(r"[-/]", str(found.value)):
        end = found.places[0].end - passage.start
        return re.match(r"\s*(?:$|[\n.;|·•])", passage.folded[end : end + 3]) is not None  # an item of its own
    if found is not None and re.search(r"\(\s*$", before):
        end = found.places[0].end - passage.start
        return passage.folded[end : end + 1] == ")"  # "Kartonwerk Ansbach GmbH (Vertrag 4-11873)"
    if found is not None and _THE.search(before[-8:]) and re.fullmatch(r"\s", passage.text[hit.end : hit.end + 1]):
        value, end = str(found.value), found.places[0].end - passage.start
        long = sum(c.isdigit() for c in value) >= 5 and re.search(r"[-/]", value)
        if long and end - hit.end <= len(value) + 1 and not _ELSEWHERE.match(passage.folded, end):
            return True  # "amend the contract 61-20034 by an endorsement"
    if found is None or not _OURS.search(before[-40:]):
        return False
    end = found.places[0].end - passage.start
    return re.search(r"[A-Z]", str(found.value)) is not None and not _ELSEWHERE.match(passage.folded, end)


def _behind(passage: Passage, at: int) -> Fact | None:
    gap = _GAP.match(passage.folded, at)
    start = gap.end() if gap else at
    prefix = _PREFIX.search(passage.text, at, start)
    start = prefix.start() if prefix else start
    if start > at and not passage.text[start - 1].isspace() and passage.text[start - 1].isalnum():
        return None
    end = _run(passage, start)
    text = passage.text[start:end]
    digits = sum(c.isdigit() for c in text)
    if (
        digits < 2
        or (digits == 2 and not re.search(r"[A-Z].*[-/]|\d{2}[-/][A-Z]{1,2}|^[A-Z]{2,5} ?\d{2}$", text))
        or re.fullmatch(r"(?:19|20)\d\d", text)
        or re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}", text)
        or re.match(r"(?:CR|EN)-\d{4}-\d{6}", text)
    ):
        return None
    return fact(passage, start, end, text, labelled=True)


def _run(passage: Passage, start: int) -> int:
    """Where a number that begins at `start` ends: "WX 77/2024", "44 100 872", "55-310 B" run over blanks."""
    match = _TOKEN.match(passage.text, start)
    if match is None:
        return start
    first = match.group()
    end = match.end()
    if not any(c.isdigit() for c in first):
        match = _next(passage, end) if len(first) <= 5 and first.isalpha() else None
        if match is None or not match.group()[0].isdigit():
            return start
        end = match.end()
    while (match := _next(passage, end)) is not None:
        text, behind = match.group(), passage.folded[match.end() : match.end() + 8]
        joined = re.search(r"[-/.]", passage.text[start:end])
        last = re.match(r"[ \t]*(?:$|[\n,;)|])", behind)
        if joined:
            group = bool(re.fullmatch(r"\d{2,4}", text) and last and not re.fullmatch(r"(?:19|20)\d\d", text))
        else:
            short = re.fullmatch(r"\d{2,4}", text) and not _UNIT.match(behind)
            group = bool(short or (text.isdigit() and last))
        letter = re.fullmatch(r"[A-Z]", text) and re.match(r"[ \t]*(?:$|[\n,;.)|])", behind)
        if not group and not letter:
            break
        end = match.end()
    spaced = _SPACED.match(passage.text, end)
    return spaced.end() if spaced else end


def _next(passage: Passage, end: int) -> re.Match[str] | None:
    return _TOKEN.match(passage.text, end + 1) if passage.text[end : end + 1] in (" ", "\xa0") else None
