"""Writes docs/commands.md and docs/settings.md from the code: `make docs`. A test compares them with what is there."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer
from pydantic import BaseModel

from config.settings import Settings
from creditdesk.cli import COMMANDS, HELP

DOCS = Path(__file__).parents[2] / "docs"
HEAD = "<!-- Written by `make docs`; change the code, not this page. -->\n"


def commands_page() -> str:
    """Every command with its options."""
    lines = ["# Commands", "", HEAD, "```", HELP.strip(), "```", ""]
    for name, (place, text) in COMMANDS.items():
        module, _, attribute = place.partition(":")
        command = typer.main.get_command(getattr(importlib.import_module(module), attribute or "app"))
        lines += [f"## {name}", "", f"{text}.", ""]
        lines += _command_lines(command, f"creditdesk {name}")
    return "\n".join(lines).rstrip() + "\n"


def _command_lines(command: click.Command, path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield f"### {path.removeprefix('creditdesk ')} {name}"
            yield ""
            yield from _command_lines(child, f"{path} {name}")
        return
    usage = command.make_context(path, [], resilient_parsing=True).get_usage().removeprefix("Usage: ")
    yield from (f"`{usage}`", "")
    if command.help:
        yield from ("\n".join(line.strip() for line in command.help.strip().splitlines()), "")
    options = [p for p in command.params if isinstance(p, click.Option) and p.name != "help" and not p.hidden]
    if options:
        yield from ("| option | meaning |", "| --- | --- |")
        for option in options:
            names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
            yield f"| {names} | {' '.join((option.help or '').split()).replace('|', chr(92) + '|')} |"
        yield ""


def settings_page() -> str:
    """Every setting with its default."""
    lines = [
        "# Settings",
        "",
        HEAD,
        "From the environment, or from `.env`; what the environment says wins. A secret may come from a file: `NAME_FILE=/path`.",
        "Several mailboxes: `CREDITDESK_MAILBOXES__NAME__HOST` and so on, beside the one `CREDITDESK_IMAP__…`.",
        "",
        "| variable | default | meaning |",
        "| --- | --- | --- |",
    ]
    for name, default, meaning in _settings(Settings, "CREDITDESK_"):
        lines.append(f"| `{name}` | {f'`{default}`' if default not in ('', None) else ''} | {meaning} |")
    return "\n".join(lines) + "\n"


def _settings(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any, str]]:
    for name, field in model.model_fields.items():
        if name == "mailboxes":
            continue
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from _settings(type(default), f"{prefix}{name.upper()}__")
            continue
        alias = field.validation_alias.choices[0] if hasattr(field.validation_alias, "choices") else None  # type: ignore[union-attr]
        shown = alias or f"{prefix}{(field.alias or name).upper()}"
        secret = default.get_secret_value() if hasattr(default, "get_secret_value") else default
        assert field.description, f"{shown} has no description"
        yield str(shown), secret, field.description


if __name__ == "__main__":
    (DOCS / "commands.md").write_text(commands_page(), encoding="utf-8")
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
