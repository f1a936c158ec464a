"""What each attached file is, by its name, its first lines and its text."""

import re
from dataclasses import dataclass

from cases.vocabulary import DocumentType
from ingest.message import FileInfo, Message
from ingest.rules.cues import Cue
from ingest.rules.drafts import Fact, Place
from ingest.rules.lexicon import fold, phrases, table
from ingest.rules.material import companies_in
from ingest.values.money import find_money

_LABEL_WORDS = Cue("documents.label_words", r"(?:<1>)")
_DECORATION = Cue("documents.decoration", r"(?:<1>)[-_ ]?\d{0,4}\.(?:png|gif|jpe?g|bmp)")


_LETTER = 6_000  # characters


@dataclass(frozen=True, slots=True)
class TypedFile:
    """An attached document with its type."""

    index: int  # in Message.attachments
    filename: str
    type: DocumentType
    proof: Fact | None


def typed_files(message: Message, limit_tables: frozenset[int] = frozenset(), mention: str = "") -> list[TypedFile]:
    """The documents of a message; `limit_tables` are attachments whose tables or labels hold requests."""
    out = []
    lone = sum(1 for f in message.attachments if _is_document(f)) == 1
    for index, file in enumerate(message.attachments):
        if not _is_document(file):
            continue
        text = message.parts[file.part].text if file.part is not None else ""
        kind, proof = _type_of(message, file, text, index in limit_tables, mention if lone else "")
        out.append(TypedFile(index, file.filename, kind, proof))
    return out


def _is_document(file: FileInfo) -> bool:
    name = file.filename.lower()
    if file.inline or name.endswith((".p7s", ".asc", ".vcf", ".ics")):
        return False
    if _DECORATION.fullmatch(name):
        return False
    if file.is_message:
        return False
    return not file.members


def _type_of(
    message: Message, file: FileInfo, text: str, holds_request: bool, mention: str
) -> tuple[DocumentType, Fact | None]:
    stem = re.sub(r"[_\W]+", " ", fold(file.filename.rpartition(".")[0] or file.filename)).strip()
    stem_dotted = fold(file.filename.rpartition(".")[0]).replace("_", " ")
    body = fold(text[:6000])
    title = body[:220]
    scores: dict[str, float] = {}
    proof: dict[str, Fact] = {}
    book = phrases("documents")
    for source, factor, keys in (
        (stem, 1.0, "name"),
        (stem_dotted, 1.0, "name"),
        (title, 1.1, "title"),
        (body, 0.6, "text"),
    ):
        best: dict[str, float] = {}
        for hit in book.find(source, *(k for k in _keys() if k.endswith(f".{keys}"))):
            kind = hit.key.split(".")[0]
            early = 1.0 if keys != "title" or hit.start < 60 else 0.75
            best[kind] = max(best.get(kind, 0.0), hit.weight * factor * early)
            if source is title and file.part is not None and kind not in proof:
                proof[kind] = Fact(kind, (Place(file.part, hit.start, hit.end),))
        for kind, weight in best.items():
            if source is stem_dotted and scores.get(kind, 0.0) >= weight:
                continue
            scores[kind] = scores.get(kind, 0.0) + weight
    if holds_request:
        scores["application_form"] = scores.get("application_form", 0.0) + 9
    elif len(set(_LABEL_WORDS.findall(body))) < 3:
        scores["application_form"] = scores.get("application_form", 0.0) * 0.4
    scores = {kind: score for kind, score in scores.items() if score >= 2.0}
    if not scores and mention:
        scores = _mentioned(mention)
    if not scores and _asks(text):
        return DocumentType.APPLICATION_FORM, None
    if not scores:
        return DocumentType.OTHER, None
    kind = max(scores, key=lambda k: scores[k])
    return DocumentType(kind), proof.get(kind)


def _asks(text: str) -> bool:
    """Whether a file is a letter that asks for limits: the words, a company and an amount."""
    if len(text) > _LETTER or not phrases("phrases").has(fold(text), "asks_for_cover"):
        return False
    return bool(companies_in(text)) and bool(find_money(text))


def _mentioned(text: str) -> dict[str, float]:
    """What the covering text calls the one file that says nothing of itself."""
    scores: dict[str, float] = {}
    for hit in phrases("documents").find(text, *(k for k in _keys() if k.endswith(".title"))):
        kind = hit.key.split(".")[0]
        if kind not in ("application_form", "other"):
            scores[kind] = scores.get(kind, 0.0) + hit.weight
    return scores if len(scores) == 1 else {}


def _keys() -> list[str]:
    return list(table("documents"))
