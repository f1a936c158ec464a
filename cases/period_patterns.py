"""The patterns of the period grammar, built from period_words.json in order of precedence."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from cases.periods import Unit


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """period_words.json."""
    tree: dict[str, Any] = json.loads(Path(__file__).with_name("period_words.json").read_text(encoding="utf-8"))
    return tree


def any_of(values: Any) -> str:
    ordered = sorted(set(values), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(value) for value in ordered) + ")"


@lru_cache(maxsize=1)
def lookups() -> tuple[dict[str, int], dict[str, Unit], dict[str, int]]:
    lists = words()
    months = {name: index for index, names in enumerate(lists["months"], start=1) for name in names}
    units: dict[str, Unit] = {name: unit for unit, names in lists["units"].items() for name in names}
    weekdays = {name: index for index, names in enumerate(lists["weekdays"]) for name in names}
    return months, units, weekdays


@lru_cache(maxsize=1)
def patterns() -> dict[str, re.Pattern[str]]:
    """Every rule's pattern, in order of precedence."""
    lists = words()
    months, units, weekdays = lookups()
    month = any_of(months) + r"\.?"
    unit = any_of(units)
    number = rf"(?:\d{{1,3}}|{any_of(lists['numbers'])})"
    ordinal = any_of(lists["ordinals"])
    year = r"(?:20\d\d|'\d\d)"
    day = (
        rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}})?|\d{{1,2}}/\d{{1,2}}/\d{{4}}"
        rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.)?\s+(?:of\s+)?{month}(?:,?\s+{year})?|{month}\s+\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,?\s+{year})?)"
    )
    beginning = r"(?:(?:the\s+|le\s+|dem\s+)?(?:(?:beginning|start|first|1st)\s+of\s+|early\s+|anfang\s+|beginn\s+|debut\s+(?:de\s+|d')?))?"
    start, to = any_of(lists["from"]), any_of(lists["to"])
    quarter = rf"(?:[qt][1-4]|(?:{ordinal}|[1-4]\.?)\s+(?:quarter|quartals?|trimestre)|[1-4]q)"
    of = r"(?:\s*(?:/|,|-|of|in|des jahres|de|von)?\s*(?P<year>20\d\d|'?\d\d(?!\d)))?"
    raw = {
        "day_range": rf"(?:{start}\s*(?:the\s+|dem\s+|le\s+)?)?(?P<a>{day})\s*{to}\s*(?:the\s+|le\s+)?(?P<b>{day})",
        "short_range": rf"(?:{start}\s+(?:the\s+|dem\s+|le\s+)?)?(?P<a>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s*{to}\s*(?:the\s+|le\s+)?(?P<b>{day})",
        "same_last_year": any_of(lists["same_last_year"]),
        "same_before": any_of(lists["same_before"]),
        "before_previous": "(?:"
        + "|".join(f"(?P<{name}>{any_of(names)})" for name, names in lists["before_previous"].items())
        + r")(?!\s+last)",
        "to_date": "|".join(f"(?P<{name}>{any_of(names)})" for name, names in lists["to_date"].items()),
        "before_last": rf"(?:the\s+)?(?P<u1>{unit})\s+before\s+last|{any_of(lists['before_last'])}\s+(?P<u2>{unit})",
        "quarter_range": rf"(?:{start}\s+)?(?P<a>{quarter})(?:\s+(?P<ya>20\d\d))?\s*{to}\s*(?P<b>{quarter})(?:\s+(?P<yb>20\d\d))?",
        "month_half": rf"(?P<o>first|second|1st|2nd|erste|zweite|ersten|zweiten|premiere|deuxieme)\s+(?:half|halfte|moitie|haelfte)\s+(?:of\s+|de\s+|d'|des\s+)?(?P<m>{month})(?:\s+(?P<y>{year}))?",
        "quarter": rf"(?P<q>{quarter}){of}",
        "half": rf"(?:h(?P<h>[12])|s(?P<s>[12])(?=\s+20)|(?P<o2>[12])\s+halbjahr(?:e?s)?|(?P<o>{ordinal})\s+(?:half(?: of)?(?:\s+year)?|halbjahrs?|halbjahres|semestre|half-year)){of}",
        "week_number": r"(?P<y0>20\d\d)-w(?P<w0>\d{1,2})|(?:(?:calendar\s+)?week|wk|kw|cw|kalenderwoche|semaine|sem\.?)\s*(?:no\.?\s*|number\s+|nr\.?\s*)?(?P<w>\d{1,2})(?:\s*(?:/|,|of|in|de)?\s*(?P<y>20\d\d))?|w(?P<w2>\d{2})(?:\s*(?:/|,)?\s*(?P<y2>20\d\d))?",
        "by_end": rf"(?:{any_of(lists['before'])}|to)\s+(?:{any_of(lists['end_of'])}\s*)(?:(?P<rel>the|this|next|dieses|diesen|des|der|du|de la|l'|cette|ce)\s*)?(?P<u>{unit}|{month})|by\s+(?P<ye>year[ -]?end|month[ -]?end)|bis\s+(?P<je>jahresende|monatsende|quartalsende)",
        "last_count": rf"(?:{any_of(lists['last'])}|rolling|trailing)\s+(?P<n1>{number})\s+(?P<u1>{unit})|(?P<n2>{number})\s+{any_of(lists['last_after'])}\s+(?P<u2>{unit})",
        "next_count": rf"(?:{any_of(lists['next'])}|within|within the next|innerhalb von|dans les|d'ici|in den nachsten)\s+(?:the\s+|den\s+)?(?P<n1>{number})\s+(?P<u1>{unit})|(?P<n2>{number})\s+(?:{any_of(lists['next_after'])})\s+(?P<u2>{unit})|(?P<n3>{number})\s+(?P<u3>{unit})\s+(?:{any_of(lists['next_after'])})",
        "ago": rf"(?P<n1>{number})\s+(?P<u1>{unit})\s+{any_of(lists['ago_after'])}|{any_of(lists['ago_before'])}\s+(?P<n2>{number})\s+(?P<u2>{unit})",
        "fiscal": rf"(?:(?P<r>{any_of([*lists['last'], *lists['this'], *lists['next']])})\s+)?{any_of(lists['fiscal_year'])}\s*(?P<y>20\d\d|\d\d(?!\d))?(?:/\d{{2,4}})?(?:\s+(?P<ra>{any_of([*lists['last_after'], *lists['this_after'], *lists['next_after']])}))?",
        "named_day": any_of(lists["days"]),
        "since_day": rf"{any_of(lists['since'])}\s+(?:the\s+|dem\s+|le\s+)?(?P<d>{day})",
        "before_day": rf"{any_of(lists['before'])}\s+(?:the\s+|dem\s+|le\s+)?(?P<d>{day})",
        "exact_day": day,
        "month_range": rf"(?:{start}\s*)?(?P<a>{month})(?:\s+(?P<ya>{year}))?\s*{to}\s*(?P<b>{month})(?:\s+(?P<yb>{year}))?",
        "since_last": rf"{any_of(lists['since'])}\s+(?:the\s+|dem\s+|le\s+|la\s+)?(?:(?:beginning|start)\s+of\s+(?:the\s+)?|anfang\s+|debut\s+)?(?:(?P<r>{any_of([*lists['last'], *lists['this']])})\s+(?P<u>{unit})|(?P<u2>{unit})\s+{any_of(lists['last_after'])})",
        "since_weekday": rf"{any_of(lists['since'])}\s+(?:last\s+)?(?P<d>{any_of(weekdays)})",
        "since_month": rf"(?:{any_of(lists['since'])})\s*{beginning}(?P<m>{month})(?:\s+(?P<y>{year}))?(?P<on>\s+(?:on|onwards?|an))?",
        "since_year": rf"{any_of(lists['since'])}\s+(?P<y>20\d\d)",
        "before_month": rf"(?:before|until|till|up to|vor|bis|avant|jusqu'en|jusqu'a)\s+(?P<m>{month})(?:\s+(?P<y>{year}))?",
        "relative": rf"(?P<r>{any_of([*lists['last'], *lists['this'], *lists['next']])})\s+(?P<u>{unit})|(?P<ua>{unit})\s+(?P<ra>{any_of([*lists['last_after'], *lists['this_after'], *lists['next_after']])})",
        "same_month": rf"(?P<r>{any_of([*lists['last'], *lists['this'], *lists['next']])})\s+(?P<m>{month})(?!\s+\d)",
        "iso_month": r"(?P<y>20\d\d)-(?P<m>0[1-9]|1[0-2])|(?P<m2>0?[1-9]|1[0-2])[/.](?P<y2>20\d\d)",
        "month": rf"(?P<m>{month})(?:\s*(?:/|,|-|of|in|de|von)?\s*(?P<y>{year}))?",
        "weekday": rf"(?:(?:last|on|am|letzten|le)\s+)?(?P<d>{any_of(weekdays)})(?:\s+(?:dernier))?",
        "year_range": r"(?:between|from|zwischen|von|entre|de)\s+(?P<a>20\d\d)\s+(?:and|to|und|bis|et|a)\s+(?P<b>20\d\d)",
        "year": r"(?P<y>20[1-4]\d)",
    }
    return {name: re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)(?!-\d)") for name, pattern in raw.items()}
