"""Draws the pictures of the README: invented mails become cases, their cards become HTML, Chromium draws it.

Run from the project's root: python docs/pictures/make.py. Needs `chromium` on the path.
"""

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import block_kit  # noqa: E402  beside this file
from sqlalchemy import select  # noqa: E402
from sqlalchemy.orm import sessionmaker  # noqa: E402

from bot.cards.home_reading import home_of  # noqa: E402
from bot.cards.reading import mail_card  # noqa: E402
from bot.views.cards import review_card  # noqa: E402
from bot.views.home import home_view  # noqa: E402
from bot.views.modals import Place, correct_modal, decide_modal  # noqa: E402
from cases.database import open_database  # noqa: E402
from cases.models import Case, CaseMessage  # noqa: E402
from cases.rights import Asker  # noqa: E402
from cases.vocabulary import Role  # noqa: E402
from config.desk import load_desk_rules  # noqa: E402

NOW = datetime(2026, 10, 30, 9, 30, tzinfo=UTC)
MAILS = (  # all invented
    (
        "Limit for Ostwall Pumpen GmbH – urgent",
        "Pat Field <p.field@brightvalve.example>",
        """Dear colleagues,

please set up a credit limit of EUR 320,000 on Ostwall Pumpen GmbH, Hafenstr. 4, 20095 Hamburg, Germany
(VAT DE811907980). Payment terms 60 days, goods: industrial valves. Our policy is TC-900100.
The first delivery leaves on 6 November, so we need the cover by 5 November.

Kind regards
Pat Field
Bright Valve Ltd, phone +44 20 7946 0000
""",
    ),
    (
        "Erhöhung Nordwind Logistik AG",
        "Jana Muster <j.muster@kranbau-muster.example>",
        """Guten Tag,

bitte erhöhen Sie das Limit für die Nordwind Logistik AG, Hamburg, auf 500.000 EUR, Zahlungsziel 45 Tage.
Das bisherige Limit beträgt 350.000 EUR. Unsere Police: TC-900200.

Mit freundlichen Grüßen
Jana Muster
Kranbau Muster GmbH
""",
    ),
    (
        "New buyer in Poland",
        "Ann Sample <a.sample@tooling.example>",
        """Hello,

we would like cover for PLN 180,000 on Zielona Stal Sp. z o.o., ul. Polna 7, 00-001 Warszawa, Poland, 30 days.

Regards
Ann Sample, Sample Tooling Ltd
""",
    ),
)

POLICIES = """\
policy_number,policyholder,broker,status,currency,maximum_liability,covered_countries,discretionary_limit,max_terms_days,overdue_reporting_days,valid_from,valid_until
TC-900100,Bright Valve Ltd,,active,EUR,4000000,DE;AT;CH;PL,20000,45,60,2026-01-01,2026-12-31
TC-900200,Kranbau Muster GmbH,,active,EUR,9000000,DE;AT;CH,20000,90,60,2026-01-01,2026-12-31
"""


def main() -> None:
    """Writes the PNG files beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        url = f"sqlite:///{work / 'pictures.db'}"
        _take_in(work, url)
        rules = load_desk_rules()
        with sessionmaker(open_database(url))() as session:
            case = session.scalars(select(Case).order_by(Case.id)).first()
            assert case is not None
            officer = Asker("o.officer@insurer.example", "Olga Officer", Role.OFFICER, "Credit Back Office")
            message = session.scalar(select(CaseMessage.message_row_id).where(CaseMessage.case_id == case.id))
            card = mail_card(session, message, [case.reference])
            _draw(work, "review-card", block_kit.message(review_card(card, rules.calendar)), 780)
            _draw(work, "correct", block_kit.modal(correct_modal(case, Place(case.reference))), 560)
            decision = decide_modal(case, card.cases[0], Place(case.reference))
            _draw(work, "decide", block_kit.modal(decision), 560)
            _draw(work, "home", block_kit.home(home_view(home_of(session, officer, rules, NOW, "desk"))), 810)


def _take_in(work: Path, url: str) -> None:
    for number, (subject, sender, text) in enumerate(MAILS):
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, "desk@insurer.example", subject
        mail["Date"], mail["Message-ID"] = f"Fri, 30 Oct 2026 0{7 + number}:12:00 +0000", f"<picture.{number}@example>"
        mail.set_content(text)
        (work / f"{number}.eml").write_bytes(mail.as_bytes())
    (work / "policies.csv").write_text(POLICIES, encoding="utf-8")
    desk = [str(Path(sys.executable).with_name("creditdesk")), "--db", url, "--data-dir", str(work / "data")]
    desk += ["--now", NOW.isoformat(), "--engine", "rules"]
    subprocess.run([*desk, "import-policies", str(work / "policies.csv")], check=True)
    subprocess.run([*desk, "intake", *map(str, sorted(work.glob("*.eml")))], check=True)


def _draw(work: Path, name: str, body: str, width: int) -> None:
    page = work / f"{name}.html"
    page.write_text(block_kit.page(f"<div id=all>{body}</div>"), encoding="utf-8")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
    height = _height(browser, options, page, width)
    shot = [f"--window-size={width},{height}", f"--screenshot={HERE / name}.png", page.as_uri()]
    subprocess.run([browser, *options, *shot], check=True, capture_output=True)


def _height(browser: str, options: list[str], page: Path, width: int) -> int:
    """How tall the page is, so that the picture ends with it."""
    script = "<script>document.title=document.getElementById('all').getBoundingClientRect().bottom</script>"
    measured = page.with_suffix(".measured.html")
    measured.write_text(page.read_text(encoding="utf-8") + script, encoding="utf-8")
    command = [browser, *options, f"--window-size={width},2000", "--dump-dom", measured.as_uri()]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(float(shown.split("<title>")[1].split("</title>")[0])) + 12


if __name__ == "__main__":
    main()
