"""The rules behind cases.periods: each is a pattern over folded words and what it means.

Words stand in period_words.json; longer and more exact rules come first and take their words away.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from cases.folding import fold
from cases.period_patterns import any_of, lookups, patterns, words
from cases.periods import BEGINNING, FoundPeriod, Period, Unit, add_months, before, midnight, move, unit_start, whole
from config.errors import WrongUse

Match = re.Match[str]
_AND = re.compile(r"\s(?:and|und|et)\s")
_BETWEEN = re.compile(r"(?:between|zwischen|entre)\b")


class Reader:
    """Reads one text; each rule that fits takes its words away from the rules after it."""

    def __init__(
        self, text: str, now: datetime, fiscal_start: int, previous: Period | None, future: bool = False
    ) -> None:
        self.text = fold(text)
        self.now = now.astimezone(UTC)
        self.today = self.now.date()
        self.fiscal_start = fiscal_start
        self.previous = previous
        self.future = future
        self.months, self.units, self.weekdays = lookups()

    def read(self) -> list[FoundPeriod]:
        """The periods found, by place."""
        found: list[FoundPeriod] = []
        left = self.text
        for name, pattern in patterns().items():
            rule: Callable[[Match], Period | None] = getattr(self, f"_{name}")
            for match in pattern.finditer(left):
                period = rule(match)
                if period is not None:
                    found.append(FoundPeriod(period, match.start(), match.end()))
                    left = left[: match.start()] + "\x00" * (match.end() - match.start()) + left[match.end() :]
        return sorted(found, key=lambda item: item.start)

    # --- pieces ---

    def _number(self, text: str) -> int:
        return int(text) if text.isdigit() else int(words()["numbers"][text])

    def _whole(self, unit: Unit, offset: int = 0, count: int = 1, day: date | None = None) -> Period:
        return whole(day or self.today, unit, offset, count, self.fiscal_start)

    @staticmethod
    def _full_year(text: str) -> int:
        digits = text.lstrip("'")
        return int(digits) if len(digits) == 4 else 2000 + int(digits)

    def _year_for(self, month: int, year: str | None) -> int:
        """The year given, else the latest in which the month has begun (with `future`, the next to come)."""
        if year:
            return self._full_year(year)
        if self.future:
            return self.today.year + (month < self.today.month)
        return self.today.year - (month > self.today.month)

    def _month_number(self, name: str) -> int:
        return self.months[name.rstrip(".")]

    def _date(self, text: str, near: date | None = None) -> date:
        """A written day; without a year the latest one that is not to come."""
        numbers = [int(piece) for piece in re.findall(r"\d+", text)]
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                return date(*numbers)
            if re.match(r"\d{1,2}[./]\d{1,2}[./]", text):
                year = numbers[2] if len(numbers) == 3 else self._near_year(numbers[1], numbers[0], near)
                return date(year, numbers[1], numbers[0])
            name = re.search(any_of(self.months), text)
            assert name is not None
            month, day = self.months[name[0]], numbers[0]
            year = self._full_year(str(numbers[1])) if len(numbers) > 1 else self._near_year(month, day, near)
            return date(year, month, day)
        except ValueError as error:
            raise WrongUse(f"there is no day {text!r}: correct the date") from error

    def _near_year(self, month: int, day: int, near: date | None) -> int:
        if near:
            return near.year
        late = (month, day) > (self.today.month, self.today.day)
        return self.today.year - (late and not self.future)

    def _until_now(self, start: date, label: str) -> Period:
        end = self.now if midnight(start) < self.now else midnight(start + timedelta(days=1))
        return Period(midnight(start), max(end, self.now), label)

    def _direction(self, text: str) -> int:
        lists = words()
        if text in lists["last"] or text in lists["last_after"]:
            return -1
        return 1 if text in lists["next"] or text in lists["next_after"] else 0

    def _span(self, first: date, last: date) -> Period:
        if last < first:
            first, last = last, first
        return Period(midnight(first), midnight(last + timedelta(days=1)), f"{first} to {last}")

    # --- rules, in the order of the patterns ---

    def _day_range(self, match: Match) -> Period:
        last = self._date(match["b"])
        first = self._date(match["a"], near=last)
        if first > last:
            first = first.replace(year=first.year - 1)
        return self._span(first, last)

    def _short_range(self, match: Match) -> Period:
        last = self._date(match["b"])
        try:
            return self._span(last.replace(day=int(match["a"])), last)
        except ValueError as error:
            raise WrongUse(f"there is no day {match['a']} in that month: correct the date") from error

    def _same_last_year(self, match: Match) -> Period:
        return before(self.previous or self._whole("month", -1), "year")

    def _same_before(self, match: Match) -> Period:
        return before(self.previous) if self.previous else self._whole("month", -1)

    def _before_previous(self, match: Match) -> Period:
        unit: Unit = match.lastgroup or "month"  # type: ignore[assignment]
        return before(self.previous, unit) if self.previous else self._whole(unit, -1)

    def _to_date(self, match: Match) -> Period:
        unit: Unit = match.lastgroup or "year"  # type: ignore[assignment]
        return self._until_now(unit_start(self.today, unit), f"{self._whole(unit).label} to date")

    def _before_last(self, match: Match) -> Period:
        return self._whole(self.units[match["u1"] or match["u2"]], -2)

    def _quarter_number(self, text: str) -> int:
        digits = re.search(r"[1-4]", text)
        return int(digits[0]) if digits else int(words()["ordinals"][text.split()[0]])

    def _quarter_range(self, match: Match) -> Period | None:
        if _AND.search(match[0]) and not _BETWEEN.match(match[0]):
            return None  # "q2 and q3" are two periods
        last = self._quarter_of(match["b"], match["yb"])
        first = self._quarter_of(match["a"], match["ya"] or str(last.start.year))
        return Period(first.start, last.end, f"{first.label} to {last.label}")

    def _quarter_of(self, text: str, year: str | None) -> Period:
        month = self._quarter_number(text) * 3 - 2
        return self._whole("quarter", day=date(self._year_for(month, year), month, 1))

    def _month_half(self, match: Match) -> Period:
        month = self._month_number(match["m"])
        first = date(self._year_for(month, match["y"]), month, 1)
        middle, end = first.replace(day=16), add_months(first, 1)
        early = match["o"] in ("first", "1st", "erste", "ersten", "premiere")
        return self._span(first, middle - timedelta(days=1)) if early else self._span(middle, end - timedelta(days=1))

    def _quarter(self, match: Match) -> Period:
        return self._quarter_of(match["q"], match["year"])

    def _half(self, match: Match) -> Period | None:
        number = int(match["h"] or match["s"] or match["o2"] or words()["ordinals"][match["o"]])
        if number > 2:
            return None
        month = 1 if number == 1 else 7
        return self._whole("half", day=date(self._year_for(month, match["year"]), month, 1))

    def _week_number(self, match: Match) -> Period:
        number = int(match["w0"] or match["w"] or match["w2"])
        given = match["y0"] or match["y"] or match["y2"]
        year = int(given) if given else self._year_of_week(number)
        try:
            first = date.fromisocalendar(year, number, 1)
        except ValueError as error:
            raise WrongUse(f"{year} has no week {number}: an ISO year has 52 or 53 weeks") from error
        return self._whole("week", day=first)

    def _year_of_week(self, number: int) -> int:
        """The latest year in which the week has begun; only some years have a week 53."""
        year, week, _ = self.today.isocalendar()
        year -= number > week and not self.future
        has_it = (y for y in range(year, year - 8, -1) if number <= date(y, 12, 28).isocalendar().week)
        return next(has_it, year)

    def _by_end(self, match: Match) -> Period:
        word = match["u"] or match["ye"] or match["je"]
        if word in self.months or word.rstrip(".") in self.months:
            month = self._month_number(word)
            end = add_months(date(self.today.year + (month < self.today.month), month, 1), 1)
        else:
            unit: Unit = self.units.get(word) or (
                "month" if word.startswith("mo") else "quarter" if word.startswith("q") else "year"
            )
            end = move(unit_start(self.today, unit), unit, 2 if match["rel"] == "next" else 1)
        return Period(self.now, midnight(end), f"until {end - timedelta(days=1)}")

    def _last_count(self, match: Match) -> Period:
        count, unit = self._number(match["n1"] or match["n2"]), self.units[match["u1"] or match["u2"]]
        if unit == "day":
            return Period(max(BEGINNING, self.now - timedelta(days=count)), self.now, f"last {count} days")
        return self._whole(unit, -count, count)

    def _next_count(self, match: Match) -> Period:
        count = self._number(match["n1"] or match["n2"] or match["n3"])
        unit = self.units[match["u1"] or match["u2"] or match["u3"]]
        if unit in ("day", "week"):
            end = self.today + timedelta(days=count * (7 if unit == "week" else 1) + 1)
        else:
            shift = move(unit_start(self.today, "month"), unit, count)
            end = shift + timedelta(days=self.today.day)
        return Period(self.now, midnight(end), f"next {count} {unit}{'s' if count > 1 else ''}")

    def _ago(self, match: Match) -> Period:
        count, unit = self._number(match["n1"] or match["n2"]), self.units[match["u1"] or match["u2"]]
        return self._whole(unit, -count)

    def _fiscal(self, match: Match) -> Period:
        if match["y"]:
            return self._whole("fiscal_year", day=date(self._full_year(match["y"]), self.fiscal_start, 1))
        return self._whole("fiscal_year", self._direction(match["r"] or match["ra"] or "this"))

    def _named_day(self, match: Match) -> Period:
        day = self.today + timedelta(days=words()["days"][match[0]])
        return Period(midnight(day), midnight(day + timedelta(days=1)), f"{match[0]} ({day})", "day")

    def _since_day(self, match: Match) -> Period:
        start = self._date(match["d"])
        return self._until_now(start, f"since {start}")

    def _before_day(self, match: Match) -> Period:
        day = self._date(match["d"])
        return Period(self.now if self.future else BEGINNING, midnight(day), f"before {day}")

    def _exact_day(self, match: Match) -> Period:
        return self._whole("day", day=self._date(match[0]))

    def _month_range(self, match: Match) -> Period | None:
        if _AND.search(match[0]) and not _BETWEEN.match(match[0]):
            return None  # "september and august" are two periods
        last_month = self._month_number(match["b"])
        first_month = self._month_number(match["a"])
        last_year = self._year_for(last_month, match["yb"] or match["ya"])
        first_year = self._full_year(match["ya"]) if match["ya"] else last_year - (first_month > last_month)
        if match["ya"] and not match["yb"]:
            last_year = first_year + (first_month > last_month)
        first, end = date(first_year, first_month, 1), add_months(date(last_year, last_month, 1), 1)
        label = f"{self._whole('month', day=first).label} to {self._whole('month', -1, day=end).label}"
        return Period(midnight(first), midnight(end), label)

    def _since_last(self, match: Match) -> Period:
        unit = self.units[match["u"] or match["u2"]]
        direction = self._direction(match["r"]) if match["r"] else -1
        first = self._whole(unit, direction)
        return self._until_now(first.first_day, f"since {first.first_day}")

    def _since_weekday(self, match: Match) -> Period:
        back = (self.today.weekday() - self.weekdays[match["d"]]) % 7
        start = self.today - timedelta(days=back)
        return self._until_now(start, f"since {start}")

    def _since_month(self, match: Match) -> Period | None:
        if re.match(r"from\b", match[0]) and not match["on"]:
            return None  # "requests from march": the month itself
        month = self._month_number(match["m"])
        start = date(self._year_for(month, match["y"]), month, 1)
        return self._until_now(start, f"since {start}")

    def _since_year(self, match: Match) -> Period | None:
        if re.match(r"(?:from|des)\b", match[0]):
            return None
        return self._until_now(date(int(match["y"]), 1, 1), f"since {match['y']}-01-01")

    def _before_month(self, match: Match) -> Period | None:
        month = self._month_number(match["m"])
        first = date(self._year_for(month, match["y"]), month, 1)
        inclusive = not re.match(r"(?:before|vor|avant)\b", match[0])
        end = add_months(first, 1) if inclusive else first
        return Period(self.now if self.future else BEGINNING, midnight(end), f"until {end - timedelta(days=1)}")

    def _relative(self, match: Match) -> Period:
        unit = self.units[match["u"] or match["ua"]]
        direction = self._direction(match["r"] or match["ra"])
        if unit == "year" and direction == 0 and not self.future:
            return self._until_now(unit_start(self.today, "year"), f"{self.today.year} to date")
        return self._whole(unit, direction)

    def _same_month(self, match: Match) -> Period:
        month, direction = self._month_number(match["m"]), self._direction(match["r"])
        year = self.today.year
        if direction < 0 and month >= self.today.month:
            year -= 1
        elif direction > 0 and month <= self.today.month:
            year += 1
        return self._whole("month", day=date(year, month, 1))

    def _iso_month(self, match: Match) -> Period:
        return self._whole("month", day=date(int(match["y"] or match["y2"]), int(match["m"] or match["m2"]), 1))

    def _month(self, match: Match) -> Period | None:
        name = match["m"].rstrip(".")
        if name in words()["ambiguous_months"] and not match["y"] and not self._in_context(match.start()):
            return None
        month = self._month_number(name)
        return self._whole("month", day=date(self._year_for(month, match["y"]), month, 1))

    def _in_context(self, start: int) -> bool:
        """Whether a word that is also another word ("may", "sept") is a month here."""
        lead = self.text[:start].rstrip(" ,\x00")
        word = lead.split()[-1] if lead.split() else ""
        rest = self.text[start:].split()
        return word in words()["month_context"] or len(rest) <= 1 or (len(rest) > 1 and rest[1] in ("vs", "versus"))

    def _weekday(self, match: Match) -> Period:
        back = (self.today.weekday() - self.weekdays[match["d"]]) % 7
        back = back or (7 if "last" in match[0] or "letzten" in match[0] else 0)
        return self._whole("day", -back)

    def _year_range(self, match: Match) -> Period:
        return self._whole("year", count=int(match["b"]) - int(match["a"]) + 1, day=date(int(match["a"]), 1, 1))

    def _year(self, match: Match) -> Period:
        return self._whole("year", day=date(int(match["y"]), 1, 1))
