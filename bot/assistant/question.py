"""A question in the forms in which it is read: plain text, words, language, spelling set right."""

import re
from dataclasses import dataclass, field
from typing import Literal

from bot.assistant import lexicon, spelling
from cases.folding import fold
from cases.name_index import NameIndex, Word
from cases.names import legal_form, name_key
from ingest.values.numbers import find_spelled_numbers

LONGEST = 2000  # characters; a question longer than this is no question
LANGUAGES = ("en", "de", "fr")
_OWNER = re.compile(r"(\w[\w.&-]*)['’]s", re.IGNORECASE)  # Ingrid's
_TOKEN = re.compile(r"[^\s,;:!?()\[\]{}\"“”„«»<>|]+")


@dataclass
class Question:
    """What was asked. `plain` is folded, spelling set right; words found by one rule are blanked for the next."""

    original: str
    plain: str  # same words as `original`, folded, misspelt grammar words corrected
    left: str  # what no rule has taken yet
    words: list[Word]
    starts: list[int]  # where each word begins in `plain`
    language: str
    notes: list[str] = field(default_factory=list)

    def take(self, start: int, end: int) -> None:
        """Blanks what a rule has understood."""
        self.left = self.left[:start] + "\x00" * (end - start) + self.left[end:]

    def take_all(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Every place of a pattern in what is left; blanks them."""
        found = list(pattern.finditer(self.left))
        for match in found:
            self.take(match.start(), match.end())
        return found

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether the whole question (taken words too) holds the pattern."""
        return pattern.search(self.plain) is not None

    def word_at(self, position: int) -> int:
        """The index of the word that holds a position of `plain`."""
        for index in range(len(self.starts) - 1, -1, -1):
            if self.starts[index] <= position:
                return index
        return 0


def clean(text: str) -> str:
    """Without control and invisible characters, white space made single."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", text)  # colours and cursor moves of terminals
    return " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in text).split())


def read_question(text: str, index: NameIndex) -> Question:
    """Cuts the text into words, sets spelling right, finds the language."""
    original = clean(text)
    bare = [_stripped(match[0]) for match in _TOKEN.finditer(_in_digits(original))]
    tokens = _merged_forms([piece for token in bare for piece in _parted(token) if piece])
    words: list[Word] = []
    pieces: list[str] = []
    for token in tokens:
        plain = fold(token.text).strip("'")
        corrected = plain if token.role == "form" else _corrected(plain, index)
        role = token.role if token.role == "form" else _role(token.text, plain, corrected, index)
        words.append(Word(token.text, plain, role))
        pieces.append(corrected)
    starts, position = [], 0
    for piece in pieces:
        starts.append(position)
        position += len(piece) + 1
    plain_text = " ".join(pieces)
    left = re.sub(r"[_-](?=[a-z])|(?<=[a-z])-", " ", plain_text)
    return Question(original, plain_text, left, words, starts, language_of([fold(t.text) for t in tokens]))


def _in_digits(text: str) -> str:
    """ "half a million", "zwei Millionen", "cent mille" as digits."""
    for one in reversed(find_spelled_numbers(text[:LONGEST], LANGUAGES)):
        if one.value >= 1000:
            text = f"{text[: one.start]}{one.value:f}{text[one.end :]}"
    return text


def _stripped(token: str) -> str:
    bare = token.strip("'’‘*`~…")
    owner = _OWNER.fullmatch(bare)
    if owner and fold(bare) not in lexicon.all_stopwords():
        bare = owner[1]
    if re.search(r"\w\.\w", bare) and bare.endswith("."):
        return bare  # S.p.A., o.o.
    return bare.rstrip(".-") or bare


def _parted(token: str) -> list[str]:
    """Words joined by dashes, apart; references and numbers stay whole."""
    return token.split("-") if token.replace("-", "").isalpha() else [token]


def _merged_forms(tokens: list[str]) -> list[Word]:
    """Marks the words of legal forms; "as", "se" and the like only where written as a form is."""
    roles = ["name"] * len(tokens)
    for start in range(len(tokens)):
        for size in (4, 3, 2, 1):
            window = tokens[start : start + size]
            if start == 0 or len(window) < size or not _is_form(window):
                continue
            roles[start : start + size] = ["form"] * size
            break
    return [Word(token, "", "form" if role == "form" else "name") for token, role in zip(tokens, roles, strict=True)]


def _is_form(window: list[str]) -> bool:
    joined = " ".join(window)
    if not any(c.isalpha() for c in joined) or legal_form(f"x {joined}") is None or legal_form(f"x {joined} y"):
        return False
    small = fold(joined)
    if len(window) > 1 and not _all_form(joined):
        return False
    risky = small in lexicon.all_stopwords() or len(small) <= 2
    return not risky or joined != joined.lower() or "." in joined


def _all_form(joined: str) -> bool:
    """Whether nothing but the form is left when it is cut from a name."""
    return name_key(f"qqq {joined}") == "qqq"


def _role(text: str, plain: str, corrected: str, index: NameIndex) -> Literal["name", "weak", "stop"]:
    if index.begins(plain) and spelling.begins_only(plain):
        return "name"  # "Grandpré" is no "grand"
    if plain in lexicon.all_stopwords() or plain.isdigit() or (plain != corrected and not text[:1].isupper()):
        return "stop"
    return "weak" if spelling.in_vocabulary(plain) or plain != corrected else "name"


def _corrected(plain: str, index: NameIndex) -> str:
    """The grammar's spelling of a misspelt word; names of the register stay as they are."""
    if len(plain) < 4 or not plain.isalpha() or spelling.in_vocabulary(plain) or index.knows(plain):
        return plain
    near = spelling.nearest_word(plain)
    if near is None or index.likeness(plain) >= near[1]:
        return plain
    return near[0]


def language_of(words: list[str]) -> str:
    """en, de or fr, by the small words in it; English where they do not say."""
    counts = {
        language: sum(word.strip("'.?!") in known for word in words) for language, known in lexicon.stopwords().items()
    }
    for language, marks in lexicon.language_marks().items():  # words of figures that one language alone has
        counts[language] += sum(word.strip("'.?!") in marks for word in words)
    for word in words:  # elided French articles: l'état, d'accord, qu'est-ce
        counts["fr"] += 1 if re.match(r"(?:l|d|qu|n|s|j|c)'\w", word) else 0
    return max(counts, key=lambda language: (counts[language], language == "en"))
