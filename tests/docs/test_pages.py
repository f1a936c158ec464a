"""The documentation says what the code says."""

from tests.docs import pages


def test_every_command_and_option_is_documented() -> None:
    """docs/commands.md is what the commands say of themselves; `make docs` writes it anew."""
    assert (pages.DOCS / "commands.md").read_text(encoding="utf-8") == pages.commands_page()


def test_every_setting_is_documented() -> None:
    """docs/settings.md names every setting with its default; `make docs` writes it anew."""
    assert (pages.DOCS / "settings.md").read_text(encoding="utf-8") == pages.settings_page()
