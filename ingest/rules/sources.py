"""The tables and forms of a message: what states its values beside labels."""

from ingest.engine import Hint
from ingest.rules.drafts import Draft
from ingest.rules.forms import FormReading, read_form
from ingest.rules.material import Material, Passage
from ingest.rules.table_requests import TableReading, read_table


class Sources:
    """Tables and forms of a message, read once."""

    def __init__(self, material: Material, hints: tuple[Hint, ...]) -> None:
        self.tables: list[TableReading] = []
        self.forms: list[tuple[Passage, FormReading]] = []
        self.general = Draft(source="form")
        message = material.message
        own = {p.part for p in material.body}
        files = {file.part: k for k, file in enumerate(message.attachments) if file.part is not None}
        self.request_files: set[int] = set()
        for table in message.tables:
            if table.hidden or not table.rows or (table.part not in own and table.part not in files):
                continue
            reading = read_table(material, table, hints)
            if reading is None:
                continue
            self._general(reading.general)
            if reading.drafts:
                self.tables.append(reading)
                if table.part in files:
                    self.request_files.add(files[table.part])
        self._read_forms(material, hints)

    def _general(self, draft: Draft) -> None:
        for name, one in draft.facts.items():
            self.general.put(name, one)

    def _read_forms(self, material: Material, hints: tuple[Hint, ...]) -> None:
        tabled = {reading.part for reading in self.tables}
        for passage in [*material.body, *material.files, *material.foot]:
            if passage.part in tabled and passage.role == "file":
                continue
            reading = read_form(passage, hints)
            self._general(reading.general)
            whole = [d for d in reading.drafts if is_request(d)]
            if whole and passage.role == "file":
                self.forms.append((passage, reading))
                if passage.attachment is not None:
                    self.request_files.add(passage.attachment)
            elif (reading.count >= 2 or reading.learned) and passage.role == "body":
                self.forms.append((passage, reading))


def is_request(draft: Draft) -> bool:
    """Whether what a form gave is more than some labels by chance."""
    return (
        "buyer_name" in draft.facts
        and bool({"amount", "request_type", "current_limit"} & set(draft.facts))
        and len(draft.facts) >= 4
    )
