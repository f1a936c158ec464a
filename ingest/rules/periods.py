"""Dates with a meaning: from when and until when a limit is asked for, and by when the answer is needed."""

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta

from ingest.rules.drafts import Fact, fact
from ingest.rules.lexicon import phrases
from ingest.rules.material import Passage
from ingest.rules.segments import units
from ingest.values.dates import DateFound, find_dates
from ingest.values.month_ranges import find_month_ranges

_FROM = re.compile(
    r"(?:fur die monate|fur den zeitraum|for the months(?: of)?|for the period|pour les mois de|pour la periode|para los meses de|per i mesi da|per il periodo|na miesiace|na okres od|voor de maanden|voor de periode|pro mesice|na obdobi od|from|from the|starting|starting on|starting from|as of|as from|with effect from|effective|effective from|beginning|valid from|between|since"
    r"|ab|ab dem|vom|von|ab sofort bis|gultig ab|mit wirkung (?:vom|zum|ab)|per|zum|zum stichtag|beginnend am|zwischen dem"
    r"|du|des|des le|a partir du|a compter du|a partir de|a effet du|au|de|entre le"
    r"|desde|desde el|del|a partir del|a partir de|con efecto(?:s)?(?: del| desde el| a partir del)?|con fecha"
    r"|dal|da|a partire dal|a far data dal|con decorrenza|con decorrenza dal|a decorrere dal|con effetto dal|tra il"
    r"|od|od dnia|od dne|z dniem|poczawszy od|ze skutkiem od|s ucinnosti od|pocinaje|k|ke dni|ke|k datu"
    r"|vanaf|van|met ingang van|ingaande|per|ingaand op|tussen)\s*(?:the|dem|le|el|il|dnia|dne|1°|:)?\s*$"
)
_UNTIL = re.compile(
    r"(?:until|till|to|through|up to|up to and including|until the end of|thru|ending|ending on|expiring|expiring on|valid until|limited to|not beyond|beyond|not after|and|by"
    r"|bis|bis zum|bis einschliesslich|bis einschließlich|bis einschl\.|bis inkl\.|befristet bis|befristet bis zum|langstens bis|und dem|-|–"
    r"|au|jusqu'au|jusqu'a|jusqu'en|jusqu'a la|a fin|et le"
    r"|al|hasta|hasta el|hasta finales de|y el|a"
    r"|al|fino al|fino a|sino al|entro il|a tutto il|e il"
    r"|do|do dnia|do dne|az do|do konca"
    r"|tot|tot en met|t/m|tot uiterlijk|tot het|en)\s*(?:the|dem|le|el|il|dnia|dne|and including|en met|:)?\s*$"
)
_LIMIT_WORDS = re.compile(
    r"limit|cover|increase|valid|temporar|season|period|renew|deckung|erhoh|befrist|vorubergehend|gultig|laufzeit|verlang|saison|garantie|encours|periode|validit|temporair"
    r"|couvert|cobertura|vigencia|temporal|periodo|fido|affidament|validit|temporane|rinnov|okres|wazn|czasow|sezon|przedluz|dekking|tijdelijk|geldig|verleng|seizoen|platn|docasn"
    r"|prodlouz|obdobi|sezon|campan|renov|raise|peak|plafond|limiet|ample|suffic|navys|zvys|podwyz|zwiek|verhog|aument|augment|relever|insur|pojist|versicher|assur|asegur|assicur|ubezpiecz|verzeker|weihnacht|noel|natal|navidad"
)
_BEGINS = re.compile(
    r"(?:as of|as from|ab|ab dem|a partir du|a partir de|a partir del|desde el|dal|a partire dal|od|od dnia|od dne|vanaf|from|starting|starting from|beginning|per|ab anfang)"
    r"\s*(?:the|dem|den|le|el|il|1°)?\s*$"
)
_TAKES_EFFECT = re.compile(
    r"(?:with effect from|with effect as of|effective(?: from| as of| as from)?|valid from|in force from|(?:to )?(?:start|begin|commence)(?:s|ing)? (?:on|from|as of)|commencing|running from|in place from"
    r"|gultig ab|mit wirkung (?:vom|zum|ab)|mit gultigkeit ab|beginnend (?:am|mit|ab)|beginn(?::| am| ab)?|wirksam (?:ab|zum)|mit beginn"
    r"|a compter du|avec effet au|a effet du|prise d'effet(?: au| le|:)?|valable (?:a partir )?du|des le"
    r"|con efecto(?:s)?(?: desde)?(?: el| del| al)?|con vigencia desde(?: el)?|con inicio(?: el)?|valido desde(?: el)?"
    r"|con decorrenza(?: dal)?|a decorrere dal|con effetto dal|con validita dal|a far data dal"
    r"|z dniem|ze skutkiem od(?: dnia)?|poczawszy od|wazny od|obowiazujacy od|z moca od"
    r"|met ingang van|ingaande(?: op| per)?|ingaand op|met ingang|geldig vanaf"
    r"|s ucinnosti od|s platnosti od|pocinaje|ode dne)\s*(?:the|dem|den|le|el|il|1°|:|dnia|dne)?\s*$"
)
SHIPMENT = re.compile(
    r"(?:ship|deliver|first order|invoice|due|fell|dispatch|liefer|versand|fallig|livr|expedi|facture|echeance|entreg|envio|factura|vencim|consegn|spedi|scaden|dostaw|wysylk|platnosc"
    r"|lever|verzend|factuur|dodav|expedic|faktur|board|meeting|contract runs|vertrag lauft|sign|fourni|suministr|fornir|forniam|suppl|belief|sprzeda)\w*"
)


def sentences(passages: list[Passage]) -> Iterator[Passage]:
    """The sentences and lines of passages."""
    for passage in passages:
        for start, end, _ in units(passage):
            yield passage.cut(start, end)


def validity(pieces: list[Passage], kind: str | None) -> dict[str, Fact]:
    """valid_from and valid_until of a request."""
    out: dict[str, Fact] = {}
    for sentence in sentences(pieces):
        if not re.search(r"\d|[a-z]{3}", sentence.folded):
            continue
        dates = find_dates(sentence.text, sentence.written)
        if kind != "cancellation" and "valid_until" not in out:
            _months(sentence, out)
        if not dates:
            continue
        _ranges(sentence, dates, out)
        if kind == "cancellation" and "valid_until" not in out:
            _effective(sentence, dates, out)
        elif kind in ("temporary_increase", "renewal") and "valid_until" not in out:
            _until(sentence, dates, out)
        elif "valid_from" not in out and "valid_until" not in out:
            _single(sentence, dates, out)
            if kind in ("increase", "new", None):
                _limited(sentence, dates, out)
        if kind != "cancellation" and "valid_until" not in out:
            _lasting(sentence, dates, out)
    return out


def _months(sentence: Passage, out: dict[str, Fact]) -> None:
    """ "From June to the end of August" where the sentence speaks of the limit."""
    if not _LIMIT_WORDS.search(sentence.folded) and not phrases("request_types").has(sentence.folded, "increase"):
        return
    for one in find_month_ranges(sentence.text, sentence.written):
        before = sentence.folded[max(0, one.start - 34) : one.start]
        if one.last < sentence.written or (not _FROM.search(before) and re.search(r"[a-z]{3}\s*$", before)):
            continue
        out["valid_from"] = fact(sentence, one.start, one.middle, one.first, derived="first day of the month")
        out["valid_until"] = fact(sentence, one.middle, one.end, one.last, derived="last day of the month")
        return


_ONLY_UNTIL = re.compile(
    r"(?:until|till|through|up to and including|not beyond|bis|bis zum|bis einschliesslich|langstens bis|jusqu'au|jusqu'a la|jusqu'en|hasta|hasta el|fino al|sino al|fino a|do|do dnia|az do|tot|tot en met|t/m|do konce)"
    r"\s*(?:the|dem|le|el|il|dnia|dne|and including)?\s*$"
)


def _limited(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """ "Raise the limit to 90,000 until 30 September": the end of a higher limit, not the day for an answer."""
    if not phrases("request_types").has(sentence.folded, "increase") or is_answer_wanted(sentence):
        return
    for one in dates:
        before = _before(sentence, one)
        far = one.value >= sentence.written + timedelta(days=21)
        if (
            far
            and _ONLY_UNTIL.search(before)
            and not SHIPMENT.search(sentence.folded[max(0, one.start - 60) : one.start])
        ):
            out["valid_until"] = dated(sentence, one, one.value)
            return


_LASTS = re.compile(
    r"\b(?:(?:valid|in force|good|running|runs) (?:until|till|to|through|up to)|gultig bis|befristet (?:bis|auf)|(?:valables?|valide) jusqu'?(?:au|a la|a|en)|valid[oa] hasta|vigente hasta|valid[oa] fino (?:al|a)"
    r"|wazn\w+ do(?: dnia)?|obowiazujac\w+ do|geldig tot(?: en met)?|platn\w+ do)\s+(?:the |zum |den |el |al |il |le |dnia )?$"
)


def _lasting(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """ "… of 200,000, valid until 31 December": how long the limit is to last."""
    for one in dates:
        if one.value > sentence.written and _LASTS.search(_before(sentence, one)):
            out["valid_until"] = dated(sentence, one, one.value)
            return


_WANTED = re.compile(
    r"\b(?:need|require|request|would like|brauch\w*|benotig\w*|bitten|il nous fau\w+|besoin|souhait\w+|necesit\w+|solicit\w+|serv\w+|chied\w+|potrzebuj\w+|prosimy|prosze|nodig|graag|potrebuj\w+|prosim\w*)\b"
)
_SUM = re.compile(
    r"\d ?(?:k\b|t?eur\b|[tk]?€|usd|gbp|chf|pln|zl\b|czk|kc\b|tsd|tys|mio)|(?:eur|usd|gbp|chf|pln|czk|€|£|\$) ?\d"
)


def _before(sentence: Passage, one: DateFound) -> str:
    return sentence.folded[max(0, one.start - 34) : one.start]


def _ranges(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    if not _LIMIT_WORDS.search(sentence.folded) and not _SUM.search(sentence.folded):
        return
    for one, two in itertools.pairwise(dates):
        between = sentence.folded[one.end : two.start]
        if len(between) > 32 or not _UNTIL.search(between if between.strip() else "-"):
            continue
        if not _FROM.search(_before(sentence, one)) and not re.fullmatch(r"\s*[-–]\s*", between):
            continue
        if "valid_from" not in out and one.first <= two.value:
            out["valid_from"] = dated(sentence, one, one.first)
            out["valid_until"] = dated(sentence, two, two.value)
            return


def _until(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    if is_answer(sentence) and not _LIMIT_WORDS.search(sentence.folded):
        return
    for one in dates:
        before = _before(sentence, one)
        if (
            _UNTIL.search(before)
            and not re.search(r"\b(?:by|and|y el|et le|e il)\s*$", before)
            and one.value > sentence.written
        ):
            out["valid_until"] = dated(sentence, one, one.value)
        elif (
            (_FROM.search(before) or _TAKES_EFFECT.search(before))
            and "valid_from" not in out
            and not SHIPMENT.search(sentence.folded[: one.start])
        ):
            out["valid_from"] = dated(sentence, one, one.first)


def _effective(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """The day on which a cancellation takes effect."""
    for one in dates:
        before = _before(sentence, one)
        begins = _FROM.search(before) is not None or _TAKES_EFFECT.search(before) is not None
        ends = _UNTIL.search(before) or re.search(
            r"(?:at|end of|am|ende|fin|per|on|with|dnem|op|z|ze|s|se|od|zum|au|a|al|met)\s*(?:the)?\s*$", before
        )
        by = re.search(r"\bby\s*(?:the)?\s*$", before)
        if begins or (ends and not (is_answer(sentence) if by else is_answer_wanted(sentence))):
            out["valid_until"] = dated(sentence, one, one.value)
            return


def _single(sentence: Passage, dates: list[DateFound], out: dict[str, Fact]) -> None:
    """ "Limit from 1 March", "to start on 1 April": one end only, said of the limit itself."""
    for one in dates:
        before = _before(sentence, one)
        near = sentence.folded[max(0, one.start - 140) : one.start]
        after = sentence.folded[one.end : one.end + 110]
        if one.first < sentence.written or SHIPMENT.search(near[-45:]):
            continue
        if _TAKES_EFFECT.search(before):
            out["valid_from"] = dated(sentence, one, one.first)
            return
        told = _LIMIT_WORDS.search(near) or (_LIMIT_WORDS.search(after) and not SHIPMENT.search(after[:45]))
        told = told or (_SUM.search(near[-60:]) and _WANTED.search(near))
        if told and _BEGINS.search(before):
            out["valid_from"] = dated(sentence, one, one.first)
            return


_EFFECT = re.compile(
    r"\b(?:effective|with effect|effect from|as of|as from|wirksam|mit wirkung|a effet|avec effet|a compter|con efecto|con decorrenza|con effetto|ze skutkiem|z dniem|met ingang|per ingang|s ucinnosti|s platnosti)\b"
)


def tells_effect(sentence: Passage) -> bool:
    """Whether a sentence says from or until when a change holds, and not by when an answer is wanted."""
    told = _EFFECT.search(sentence.folded) or phrases("request_types").has(sentence.folded)
    return bool(told) and not is_answer_wanted(sentence)


def dated(sentence: Passage, one: DateFound, value: object) -> Fact:
    """A date as a fact, with the rule that worked it out."""
    return fact(sentence, one.start, one.end, value, derived=one.rule if one.relative else None)  # type: ignore[arg-type]


def is_answer(sentence: Passage) -> bool:
    """Whether a sentence speaks of the answer that is wanted."""
    return phrases("phrases").has(sentence.folded, "answer")


def is_answer_wanted(sentence: Passage) -> bool:
    """Whether a sentence speaks of a reply or decision in so many words, not only of wishes."""
    return phrases("phrases").has(sentence.folded, "reply")
