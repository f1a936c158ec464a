"""desk.yaml: the rules of one desk. Validated on load; an error names file, line, reason and cure."""

from datetime import date, time
from decimal import Decimal
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from config.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("desk.yaml")

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _clock_time(value: object) -> object:
    """YAML reads 09:00 unquoted as text in 1.2; keep text, refuse numbers with a hint."""
    if isinstance(value, int):
        raise ValueError('write a time in quotes, like "09:00"')
    return value


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskIdentity(_Rules):
    """How the desk names itself in what it sends."""

    name: str = "Credit back office"
    insurer: str
    address: str = ""  # e-mail of the desk, when SMTP gives none
    signature: str = ""


class BusinessCalendar(_Rules):
    """When the desk works; SLA clocks and reminders run in it."""

    timezone: str = "Europe/Berlin"
    country: str | None = None  # public holidays (ISO 3166-1)
    subdivision: str | None = None
    workdays: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    opens: ClockTime = time(9)
    closes: ClockTime = time(17)
    closed_days: tuple[date, ...] = ()


class Team(_Rules):
    """An underwriting team; members come from people.csv and may be listed here too (e-mails)."""

    name: str
    members: tuple[str, ...] = ()


class When(_Rules):
    """Conditions of a rule; an empty one holds always. Amounts in the reporting currency."""

    request_types: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    policyholders: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    amount_from: Decimal | None = None  # inclusive
    amount_below: Decimal | None = None  # exclusive


class AllocationRule(_Rules):
    """Which team gets a request; the first rule that holds counts."""

    name: str
    when: When = When()
    team: str


class DocumentRule(_Rules):
    """Documents that a request needs; all rules that hold add up."""

    name: str
    when: When = When()
    require: tuple[str, ...]  # DocumentType
    any_of: tuple[tuple[str, ...], ...] = ()  # each group: one of these is enough


class Allocation(_Rules):
    """Rules from top to bottom, and who gets the rest."""

    rules: tuple[AllocationRule, ...] = ()
    otherwise: str


class Sla(_Rules):
    """Working hours that a case may stay in a state; warnings at these shares of it."""

    hours: dict[str, float] = Field(default_factory=dict)
    warn_at: tuple[float, ...] = (0.75, 1.0)
    paused_in: tuple[str, ...] = ("awaiting_documents",)


class Chasing(_Rules):
    """When a client is reminded of missing documents."""

    working_days: tuple[int, ...] = (3, 7, 10)
    documents_due_days: int = 10
    draft_after: int = 3  # reminders after this one wait for a person


class AutomaticMail(_Rules):
    """What may go out without a person."""

    acknowledge: bool = True
    request_documents: bool = True
    summary_to_forwarder: bool = True
    per_sender_and_day: int = 1


class Checks(_Rules):
    """Bounds of the checks."""

    currencies: tuple[str, ...] = ()  # empty: every ISO 4217 currency
    amount_minimum: Decimal = Decimal(500)
    amount_maximum: Decimal = Decimal(100_000_000)
    terms_maximum_days: int = 180  # where the policy says nothing
    trust_unasked: float = 0.99  # a value at or above passes without a person
    name_match_certain: float = 0.97
    name_match_offer: float = 0.80


class Rights(_Rules):
    """Who sees what, beyond the fixed rules."""

    sales_limited_to_accounts: bool = False
    sales_may_see_statistics: bool = False


class DepartmentDesk(_Rules):
    """Where enquiries of a department go."""

    email: str = ""
    team: str = ""


class Retention(_Rules):
    """Days after which closed matters may be erased; 0 keeps them."""

    messages_days: int = 0
    conversations_days: int = 365
    model_calls_days: int = 90


class SlackDesk(_Rules):
    """The desk in Slack."""

    desk_channel: str = ""
    quiet_from: ClockTime = time(19)
    quiet_until: ClockTime = time(7)
    group_roles: dict[str, str] = Field(default_factory=dict)  # user group handle → role


class ScheduledReport(_Rules):
    """A standing report."""

    name: str
    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    period: str = "last week"
    cron: str = "0 7 * * mon"
    to: tuple[str, ...] = ()


class DeskRules(_Rules):
    """The whole of desk.yaml."""

    desk: DeskIdentity
    reporting_currency: str = "EUR"
    fiscal_year_starts: int = Field(default=1, ge=1, le=12)  # month
    staff_domains: tuple[str, ...] = ()  # empty: the domain of the addressee
    covered_countries: tuple[str, ...] = ()  # where a policy names none; empty: unknown
    calendar: BusinessCalendar = BusinessCalendar()
    teams: tuple[Team, ...]
    allocation: Allocation
    documents: tuple[DocumentRule, ...] = ()
    sla: Sla = Sla()
    chasing: Chasing = Chasing()
    automatic_mail: AutomaticMail = AutomaticMail()
    checks: Checks = Checks()
    rights: Rights = Rights()
    departments: dict[str, DepartmentDesk] = Field(default_factory=dict)
    amount_bands: tuple[Decimal, ...] = (Decimal(50_000), Decimal(250_000), Decimal(1_000_000))
    retention: Retention = Retention()
    slack: SlackDesk = SlackDesk()
    reports: tuple[ScheduledReport, ...] = ()
    alarms: tuple[str, ...] = ()  # e-mails told when the desk needs help


def load_desk_rules(path: Path | None = None, sender: str = "") -> DeskRules:
    """desk.yaml at `path`, or the one that ships. Raises ConfigurationError with file, line, reason, cure.

    `sender`: the desk's address from the environment, which wins over the file's.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    file = path or SHIPPED
    try:
        tree: Any = YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{file}: cannot be read ({error.strerror}); correct the path or CREDITDESK_DESK_FILE"
        ) from error
    except (YAMLError, UnicodeDecodeError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = f":{mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "not UTF-8 YAML"
        raise ConfigurationError(f"{file}{line}: {reason}; correct the YAML at this line") from error
    try:
        rules = DeskRules.model_validate(_plain(tree))
    except ValidationError as error:
        raise ConfigurationError(_explain(file, tree, error)) from error
    address = parseaddr(sender)[1]
    if not address:
        return rules
    return rules.model_copy(update={"desk": rules.desk.model_copy(update={"address": address})})


def _plain(node: Any) -> Any:
    """The tree without the line numbers that ruamel keeps in it."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _explain(file: Path, tree: Any, error: ValidationError) -> str:
    lines = []
    for fault in error.errors()[:5]:
        path = ".".join(str(step) for step in fault["loc"]) or "the file"
        reason = fault["msg"]
        if fault["type"] == "extra_forbidden":
            reason = "unknown key; remove it or correct its spelling"
        elif fault["type"] == "missing":
            reason = "is missing; add it"
        else:
            reason = f"{reason} (found {fault['input']!r}); correct the value"
        lines.append(f"{file}:{_line_of(tree, fault['loc'])}: {path}: {reason}")
    return "; ".join(lines)


def _line_of(tree: Any, steps: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest node on the path that exists."""
    line, node = 1, tree
    for step in steps:
        try:
            if isinstance(node, dict) and step in node:
                line = node.lc.key(step)[0] + 1  # type: ignore[attr-defined]
            elif isinstance(node, list) and isinstance(step, int):
                line = node.lc.item(step)[0] + 1  # type: ignore[attr-defined]
            node = node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line
