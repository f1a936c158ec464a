"""Statistics over the register: a closed catalogue of metrics, cut and filtered by closed dimensions."""

from cases.statistics.catalogue import dimension, dimensions, metric, metrics
from cases.statistics.filters import NOTHING
from cases.statistics.listing import CaseLine, Order, case_lines
from cases.statistics.query import Bound, StatisticsQuery, StatisticsResult
from cases.statistics.run import run

__all__ = [
    "NOTHING",
    "Bound",
    "CaseLine",
    "Order",
    "StatisticsQuery",
    "StatisticsResult",
    "case_lines",
    "dimension",
    "dimensions",
    "metric",
    "metrics",
    "run",
]
