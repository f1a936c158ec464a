"""Runs `creditdesk intake FOLDER` and kills it before its n-th commit: `python -m tests.ingest.intake.killed N URL FOLDER`.

Commits are all that an intake does to the world; before the n-th is after the (n-1)-th. N = 0 kills nothing and
writes the number of commits to stderr. The durable engine's commits count too.
"""

import os
import signal
import sys
import threading
from itertools import count

from sqlalchemy import Connection, Engine, event

NOW = "2026-03-02T12:00:00Z"


def main() -> None:
    """Counts, kills."""
    fatal, url, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    numbers, lock = count(1), threading.Lock()
    seen = [0]

    @event.listens_for(Engine, "commit")
    def before_commit(_connection: Connection) -> None:
        with lock:
            seen[0] = next(numbers)
            if seen[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    from creditdesk.cli import main as creditdesk

    try:
        creditdesk(["--db", url, "--now", NOW, "--engine", "rules", "--json", "intake", folder])
    finally:
        sys.stderr.write(f"\ncommits {seen[0]}\n")


if __name__ == "__main__":
    main()
