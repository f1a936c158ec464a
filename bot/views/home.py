"""The home tab, by role. Cases are plain text: nothing in them is interpreted."""

from bot.cards.home_reading import FILTERS, Entry, Home
from bot.slack import escaping
from bot.views import wording
from bot.views.pieces import Block, Piece, actions, button, context, header, lines, option, select
from cases.vocabulary import Role

_TITLES = {
    Role.SALES: "Your accounts",
    Role.OFFICER: "The desk's queue",
    Role.UNDERWRITER: "Your cases",
    Role.MANAGER: "The desk",
    Role.ADMIN: "The desk",
}


def home_view(home: Home) -> Block:
    """The view of a colleague (at most 40 blocks)."""
    blocks = [header(_TITLES[home.role]), _figures(home)]
    if home.teams:
        rows: list[list[Piece]] = [
            [(team, "bold"), f"  {count} open" + (f", {late} overdue" if late else "")]
            for team, count, late in home.teams
        ]
        blocks += [header("Teams"), lines(rows)]
    blocks += [{"type": "divider"}, _menu(home)]
    blocks += [_entry(entry, home) for entry in home.entries]
    if not home.entries:
        blocks.append(context("Nothing here."))
    elif home.total > len(home.entries):
        blocks.append(context(f"{home.total - len(home.entries)} more: ask for them in Messages, “my open cases”"))
    blocks.append(
        context("Ask me anything about a case, the procedures or the figures in Messages, or with /credit help")
    )
    return {"type": "home", "callback_id": "home", "private_metadata": home.chosen, "blocks": blocks}


def polite_view(sentence: str) -> Block:
    """The view of somebody whom the desk does not know."""
    return {"type": "home", "callback_id": "home", "blocks": [lines([[sentence]])]}


def _figures(home: Home) -> Block:
    waiting = [f"{number} {what}" for what, number in home.counts]
    week = [f"{value} {what}" for what, value in home.week]
    return lines([[("Now  ", "bold"), " · ".join(waiting)], [("This week  ", "bold"), " · ".join(week)]])


def _menu(home: Home) -> Block:
    names = FILTERS | ({"mine": "All open", "documents": "What clients still owe"} if home.role is Role.SALES else {})
    menu = select("home_filter", [option(names[one], one) for one in home.filters], home.chosen)
    return actions([menu, button("Refresh", "home_refresh", home.chosen)], "home_menu")


def _entry(entry: Entry, home: Home) -> Block:
    due = f"due {wording.day(entry.due)}" + (" – overdue" if entry.overdue else "") if entry.due else ""
    owed = "missing: " + ", ".join(wording.document(kind) for kind in entry.missing) if entry.missing else ""
    rest = " · ".join(w for w in (entry.client, wording.status(entry.status.value), entry.holder, due, owed) if w)
    text = f"{entry.reference}  {escaping.cut(entry.title, 200)}\n{escaping.cut(rest, 500)}"
    section: Block = {"type": "section", "text": escaping.plain_text(text)}
    if home.can_open:
        section["accessory"] = button("Open", "case_open", entry.reference)
    return section
