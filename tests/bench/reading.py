"""Reading a mail beside the standard library's parse of the same bytes; a large sheet and a PDF of ten pages."""

import gc
import io
from email import message_from_bytes, policy
from email.message import EmailMessage

from ingest.reading import read_message
from ingest.understand import Circumstances, understand_by_rules
from tests.bench.measuring import alternating, cpu_times, ms, percentile, times
from tests.cases.desk import NOW
from tests.knowledge.pdf_file import make_pdf

_LINE = "Bitte prüfen Sie für unsere Abnehmerin Muster Handels GmbH ein Limit von EUR 125.000 bei 60 Tagen Ziel.\n"


def run() -> list[tuple[str, str]]:
    """The figures."""
    found = []
    for name, mail in _mails().items():
        raw = mail.as_bytes()
        ours, library = alternating(lambda raw=raw: read_message(raw), lambda raw=raw: _parsed(raw), 7)  # type: ignore[misc]
        found += [
            (f"read {name}, {len(raw):,} bytes", ms(ours)),
            ("  beside the library's parse", times(ours / library)),
            ("  read and understood, p95 (aim with an attachment: 300 ms)", ms(percentile(_whole(raw), 0.95))),
        ]
    return found


def _whole(raw: bytes) -> list[float]:
    """CPU of everything from the bytes to the understanding, warmed up as a reading process is, ten times."""
    understand_by_rules(raw, Circumstances(NOW))
    gc.collect()
    gc.freeze()
    return cpu_times(lambda: understand_by_rules(raw, Circumstances(NOW)), 10)


def _parsed(raw: bytes) -> list[str]:
    """What the standard library makes of it: the tree, and the text of its text parts."""
    tree = message_from_bytes(raw, policy=policy.default)
    return [str(part.get_content()) for part in tree.walk() if part.get_content_maintype() == "text"]


def _mail(text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Erika Muster <e.muster@kunde.example>", "desk@insurer.example"
    mail["Subject"], mail["Message-ID"] = "Limitanfrage (erfunden)", "<bench-1@kunde.example>"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    mail.set_content(text)
    return mail


def _mails() -> dict[str, EmailMessage]:
    plain = _mail(_LINE * 12)
    html = _mail(_LINE * 12)
    cells = "".join(f"<tr><td>Käufer {n} GmbH</td><td>DE</td><td>{n}0.000</td></tr>" for n in range(1, 40))
    html.add_alternative(f"<p>{_LINE * 12}</p><table>{cells}</table>", subtype="html")
    sheet = _mail("Siehe Anlage.")
    sheet.add_attachment(
        _workbook(500),
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        filename="limits.xlsx",
    )
    pdf = _mail("Siehe Anlage.")
    page = [(11.0, False, "Annual report, page of invented figures: revenue 1,250,000 EUR, equity 300,000 EUR")] * 45
    pdf.add_attachment(make_pdf([page] * 10), maintype="application", subtype="pdf", filename="report.pdf")
    return {
        "a plain mail": plain,
        "an HTML mail with a table": html,
        "a sheet of 500 rows": sheet,
        "a PDF of ten pages": pdf,
    }


def _workbook(rows: int) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet("Limits")
        page.write_row(0, 0, ["Buyer", "Country", "Amount", "Currency", "Terms"])
        for row in range(1, rows + 1):
            page.write_row(row, 0, [f"Buyer {row} Ltd", "GB", row * 1000, "EUR", "60 days"])
    return buffer.getvalue()
