"""What confirmed corrections taught: rules that anybody can read and take back, each for one client."""

from cases.learning.lessons import learn_sender, learn_values
from cases.learning.regression import Regression, regressions
from cases.learning.rules import active, all_rules, find_rule, remove

__all__ = [
    "Regression",
    "active",
    "all_rules",
    "find_rule",
    "learn_sender",
    "learn_values",
    "regressions",
    "remove",
]
