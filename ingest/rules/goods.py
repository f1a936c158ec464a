"""What is sold to the buyer: a short phrase as written."""

import re

from ingest.rules.drafts import Fact, fact
from ingest.rules.lexicon import phrases
from ingest.rules.material import Passage, companies_in
from ingest.rules.periods import sentences
from ingest.values.countries import find_countries
from ingest.values.money import find_money
from ingest.values.terms import find_terms

_STOP = re.compile(
    r"[,;:.!?()\n–]|\s-\s| (?:at|on|have|has|had|are|is|was|were|will|haben|hat|sind|wird|werden|ont|sont|han|hanno|hebben|jsou|with|for|from|to|in (?:the|this|our|\d)|by|under|which|that|payable|who|they|and (?:we|they|expect|would|pay|the|our)|against|over|worth|since|per|as|about|until|during|within|every|each|via|ex"
    r"|dorthin|mit|zu|auf|gegen|bei|fur|an|im|in (?:den|der|die|\d)|und (?:wir|erwarten|rechnen|gewahren)|nach|ab|seit|die|welche|zahlbar|aus|bis|pro|uber|binnen"
    r"|a|au|aux|sur|pour|avec|et (?:nous|estimons|prevoyons|le|la)|payables?|qui|en (?:\d|\w+ 20)|dans|depuis|contre|selon|par|sous|jusqu'au"
    r"|con|y (?:nos|esperamos|calculamos|prevemos|el|la)|pagader\w+|que|desde|segun|por|para|hasta|mediante|cada"
    r"|per|su|e (?:ci|prevediamo|il|la|lo|contiamo)|pagament\w+|che|da|dal|entro|presso|verso|al|alle|ai|tramite|circa"
    r"|z|na|w|ze|i (?:planujemy|oczekujemy|przewidujemy|spodziewamy)|platn\w+|ktor\w+|od|do|przy|za|po|dla|o|rocznie"
    r"|met|op|tegen|en (?:wij|we|verwachten|rekenen)|die|betaalbaar|naar|tot|van de|voor|sinds|volgens|binnen"
    r"|s|se|na|a (?:ocekavame|predpokladame|splatnost)|splatn\w+|ktere|ktery|od|do|pro|pri|za|v|ve) "
)
_IS = re.compile(
    r"(?:\s+(?:sold|supplied|delivered|concerned|vendus?|vendues?|livre\w*|concernes?|vendid\w*|vendut\w*|fornit\w*|verkauft\w*|geliefert\w*|sprzedawan\w*|dodavan\w*|in both cases|in all cases))?"
    r"\s*(?::|=|(?:are|is|will be|sind|ist|sont|est|son|es|sono|e|to|jest|jsou|je|zijn|betreft)\s)"
)
_JUNK = re.compile(
    r"^(?:for|from|at|by|on|them|him|it|us|you|this|that|these|those|the same|more|mehr|ihn|ihnen|sie|es|lui|leur|le|la|les|them all|all|both|new|goods|ware|waren|produkte|marchandises|merce|towary?|zbozi|goederen|producten|mercancia"
    r"|customers?|kunden?|clients?|cash|credit|open account|regularly|regelmassig|further|additional|limits?|cover|we|wir|nous|a year|yearly|only|roczna|rocznie|annual|yearly|beim|dort|auch|seit|nur|dem|den|uns|bei|nicht|not|no|him|her|from|to|at|on"
    r"|das|der|kunde|this buyer|the buyer|more than|less|as usual|dort|im|zum|jetzt|now|already|schon|bereits|again|wieder|weitere|our|unsere?)\b(?!\s+\w+\s+\w)"
)
_LEAD = re.compile(
    r"(?:\s|:|\"|„|»|nur noch |nur |noch |the |our |some |mainly |mostly |only |various |different |unsere |unser |die |das |den |unseren |hauptsachlich |vor allem |ausschliesslich |nos |des |du |de la |de l'|d'|de |les |nuestr\w+ |los |las |"
    r"i nostri |le nostre |dei |delle |della |del |degli |il |lo |la |nasz\w* |glownie |onze |vooral |hoofdzakelijk |predevsim |hlavne |nase |are |is |sind |ist |sont |est |to |jest |jsou |je |zijn |son |es |sono |e |about \d[\d.,]* tons of |wir |wij |we |im |ihm |ihnen |leur |them |him |with |voor hen |il s'agit de |principalement |principalmente |sobre todo |soprattutto )+"
)


def goods(pieces: list[Passage]) -> Fact | None:
    """The goods sold, from words of selling or a bare list of terms and goods."""
    rated: list[tuple[float, int, Fact]] = []
    for order, sentence in enumerate(sentences(pieces)):
        for hit in phrases("phrases").find(sentence.folded, "goods_noun"):
            joint = _IS.match(sentence.folded, hit.end)
            found = _after(sentence, joint.end()) if joint else None
            if found is not None:
                rated.append((3.4, -order, found))
        for hit in phrases("phrases").find(sentence.folded, "goods"):
            found = _after(sentence, hit.end)
            if found is not None:
                rated.append((hit.weight + (0.5 if hit.end - hit.start > 8 else 0), -order, found))
    if rated:
        return max(rated, key=lambda item: (item[0], item[1]))[2]
    return _listed(pieces)


def _after(sentence: Passage, at: int) -> Fact | None:
    lead = _LEAD.match(sentence.folded, at)
    start = lead.end() if lead else at
    stop = _STOP.search(sentence.folded, start)
    end = stop.start() if stop else len(sentence.text)
    text = sentence.text[start:end]
    return _checked(sentence, start, start + len(text.rstrip()))


def _checked(sentence: Passage, start: int, end: int) -> Fact | None:
    text = sentence.text[start:end].strip(" *\"'„“")
    start = sentence.text.find(text, start) if text else start
    words = text.split()
    if not words or len(words) > 7 or len(text) < 3 or re.search(r"\d{2,}|\d$|[@€$£%]", text):
        return None
    if find_money(text) or find_terms(text):
        return None
    if _JUNK.match(sentence.folded[start : start + len(text)]):
        return None
    return fact(sentence, start, start + len(text), text)


def _listed(pieces: list[Passage]) -> Fact | None:
    """ "Copper rod, about 1.6m EUR a year, 30 days net.": a fragment without a verb beside figures and terms."""
    before: Passage | None = None
    for sentence in sentences(pieces):
        previous, before = before, sentence
        if previous is not None and find_terms(previous.text) and previous.end + 2 >= sentence.start:
            bare = sentence.text.strip(" .")
            if (
                1 <= len(bare.split()) <= 3
                and len(bare) > 3
                and not re.match(r"(?:please|thank|policy|regards|best|new)", bare.lower())
            ):
                start = sentence.text.find(bare)
                if (lone := _checked(sentence, start, start + len(bare))) is not None:
                    return lone
        if len(sentence.text) > 130 or re.search(r"[()?]", sentence.text) or companies_in(sentence.text):
            continue
        chunks = list(re.finditer(r"[^,;.]+(?:[.,]\d+[^,;.]*)*", sentence.text))
        if len(chunks) < 2:
            continue
        figures = [m for m in chunks if find_terms(m.group()) or find_money(m.group())]
        if not figures or phrases("roles").has(sentence.folded, "overdue.before", "overdue.after"):
            continue
        for chunk in chunks:
            text = re.sub(
                r"\s+(?:as before|as usual|wie bisher|wie immer|comme avant|como siempre|come prima|jak zwykle|zoals altijd|jako vzdy)\b.*$",
                "",
                chunk.group(),
                flags=re.IGNORECASE,
            )
            bare = text.strip()
            if find_countries(bare):
                continue
            if chunk in figures or re.search(r"\d", bare) or not 1 <= len(bare.split()) <= 4:
                continue
            if re.match(
                r"(?:and|und|nothing|no|not|to|please|bitte|thanks|we|terms|payment|net|policy|limit)\b", bare.lower()
            ):
                continue
            start = chunk.start() + chunk.group().find(bare)
            return _checked(sentence, start, start + len(bare))
    return None
