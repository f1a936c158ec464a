"""What the knowledge base hands out: passages with their place in the manual, and answers that cite them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Passage:
    """One hit: where it stands (file, heading path from the outermost, page from 1) and what it says.

    `quote` is the sentence or table row that fits the question best, verbatim; `score` is 0..1.
    """

    file: str
    headings: tuple[str, ...]
    page: int | None
    text: str
    quote: str
    score: float
    chunk_id: str = ""
    author: str = ""

    @property
    def section(self) -> str:
        """The innermost heading, or the file name where there is none."""
        return self.headings[-1] if self.headings else self.file


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage an answer rests on; `quote` stands verbatim in the passage."""

    source: str
    section: str
    quote: str
    page: int | None = None
    headings: tuple[str, ...] = ()
    author: str = ""

    def as_json(self) -> dict[str, object]:
        """The keys of `ask --json`."""
        return {
            "source": self.source,
            "section": self.section,
            "quote": self.quote,
            "page": self.page,
            "headings": list(self.headings),
            "author": self.author,
        }


@dataclass(frozen=True, slots=True)
class KnowledgeAnswer:
    """An answer without a model: the exact sentences first, each from a cited passage; `found` is false when nothing fits.

    `confidence` is about -3..2; `nearest` names the sections that came closest when nothing fits. Citations of an answer that
    was not found are those of the nearest passage, which may or may not answer.
    """

    found: bool
    text: str
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    confidence: float = 0.0
    nearest: tuple[str, ...] = field(default=())
