"""What the assistant can do: typed functions that check the asker's rights inside."""

from bot.tools import limits, procedures, proposals, statistics, status
from bot.tools.context import ToolContext
from bot.tools.registry import TOOLS, Tool, call

__all__ = ["TOOLS", "Tool", "ToolContext", "call", "limits", "procedures", "proposals", "statistics", "status"]
