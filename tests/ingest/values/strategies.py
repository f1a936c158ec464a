"""Spellings of amounts and dates, for round trips: format, then find."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

_BITS = [*"abc xyz.,;:()\n\t–“”'\"äöüßéłńčřž€🙂👍🏽漢字", "e\u0301", "u\u0308", "\u00a0", "\u200b"]
NOISE = st.lists(st.sampled_from(_BITS), max_size=24).map("".join)
GROUPS = {",": ".", ".": ",", " ": ",", "\u00a0": ",", "\u202f": ",", "'": ".", "’": "."}
AMOUNTS = st.integers(min_value=1_000, max_value=99_999_999)
CURRENCIES = st.sampled_from(
    [("EUR", "EUR"), ("€", "EUR"), ("USD", "USD"), ("US$", "USD"), ("£", "GBP"), ("GBP", "GBP"), ("CHF", "CHF"), ("PLN", "PLN"), ("zł", "PLN"), ("Kč", "CZK"), ("CZK", "CZK"), ("Ft", "HUF"), ("SEK", "SEK"), ("INR", "INR"), ("euros", "EUR")]
)  # fmt: skip
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
}


def grouped(value: int, mark: str) -> str:
    """1234567 with a grouping mark."""
    return f"{value:,}".replace(",", mark)


@st.composite
def money_spellings(draw: st.DrawFn) -> tuple[str, Decimal, str]:
    """A written amount, its value and its currency."""
    value, (written, code) = draw(AMOUNTS), draw(CURRENCIES)
    mark = draw(st.sampled_from(list(GROUPS)))
    cents = draw(st.sampled_from(["", "00", "50"]))
    figure = grouped(value, mark) + (GROUPS[mark] + cents if cents else "")
    amount = Decimal(value) + Decimal(int(cents or 0)) / 100
    space = draw(st.sampled_from(["", " ", "\u00a0"]))
    if written in ("zł", "Kč", "Ft", "euros") or draw(st.booleans()):
        return figure + (space or " ") + written, amount, code
    glue = space if written in ("€", "£", "US$") else space or " "
    return written + glue + figure, amount, code


@st.composite
def scaled_spellings(draw: st.DrawFn) -> tuple[str, Decimal]:
    """An amount in thousands or millions: "250k", "1,5 Mio. €", "T€ 250"."""
    value = draw(st.integers(min_value=1, max_value=999))
    thousand = draw(
        st.sampled_from(
            [
                "{}k",
                "{}K EUR",
                "{} TEUR",
                "T€ {}",
                "{} tsd. €",
                "{} tys. zł",
                "{} tis. Kč",
                "{} thousand euros",
                "EUR {}k",
                "{} k€",
            ]
        )
    )
    if draw(st.booleans()):
        return thousand.format(value), Decimal(value) * 1000
    tenths = draw(st.integers(min_value=1, max_value=99))
    million = draw(
        st.sampled_from(
            [
                "{} Mio. €",
                "{} million dollars",
                "£{}m",
                "{} mln zł",
                "{} millones de euros",
                "EUR {}m",
                "{} milioni di euro",
                "{} mil. Kč",
            ]
        )
    )
    mark = draw(st.sampled_from(".,"))
    return million.format(f"{tenths // 10}{mark}{tenths % 10}"), Decimal(tenths) * 100_000


@st.composite
def date_spellings(draw: st.DrawFn) -> tuple[str, date]:
    """A written date in one of the eight languages, and the day."""
    day = draw(DAYS)
    language = draw(st.sampled_from(list(MONTHS)))
    month = MONTHS[language].split()[day.month - 1]
    forms = {
        "en": [f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", f"{day.day} {month[:3]} {day.year}"],
        "de": [f"{day.day}. {month} {day.year}", f"{day:%d.%m.%Y}", f"{day:%d.%m.%y}"],
        "fr": [f"{day.day} {month} {day.year}", f"{day:%d/%m/%Y}"],
        "es": [f"{day.day} de {month} de {day.year}"],
        "it": [f"{day.day} {month} {day.year}"],
        "pl": [f"{day.day} {month} {day.year}", f"{day:%d.%m.%Y}"],
        "nl": [f"{day.day} {month} {day.year}", f"{day:%d-%m-%Y}"],
        "cs": [f"{day.day}. {month} {day.year}", f"{day.day}. {day.month}. {day.year}"],
    }[language]
    return draw(st.sampled_from([*forms, day.isoformat()])), day


def working_day_after(day: date, count: int) -> date:
    """The slow and plain way, to compare with."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day
