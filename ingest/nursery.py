"""Begins the process from which reading processes are forked; light, so that a command can begin it before all else."""

from runtime.nursery import Nursery

PRELOAD = ("ingest.understand", "ingest.reading", "ingest.rules.engine")


def begin() -> Nursery:
    """The process; it prepares itself while its parent does other things."""
    return Nursery(PRELOAD, "ingest.understand:warm")
