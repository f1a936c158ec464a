"""The door of HTTP mode: only what Slack signed, freshly, and not what came through before."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from slack_sdk.signature import Clock, SignatureVerifier

WINDOW = 300  # seconds for which a signature holds
LARGEST = 3_000_000  # bytes of a request
_KEPT = 20_000  # signatures remembered; far more than come within the window


class _RealTime(Clock):
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()


class Door:
    """Checks requests against the signing secret. Time is the real one, whatever clock the desk runs under."""

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._verifier = SignatureVerifier(secret, clock=_RealTime(now))
        self._seen: OrderedDict[str, float] = OrderedDict()

    def refuses(self, headers: Mapping[str, str], body: bytes) -> str:
        """Why a request is refused; empty: it may come in.

        A repeat of a request that came in is refused, unless it is an event that Slack says it delivers again: that
        is told apart by its id, and changes nothing. Commands and clicks are never delivered again.
        """
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not signature or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
            return "not signed"
        if not _is_text(body) or not self._verifier.is_valid(body, stamp, signature):
            return "the signature does not fit, or is too old"
        known = signature in self._seen
        self._remember(signature)
        event = headers.get("content-type", "").startswith("application/json")
        if known and not (event and headers.get("x-slack-retry-num", "").isdigit()):
            return "this request came before"
        return ""

    def _remember(self, signature: str) -> None:
        now = self._now()
        self._seen[signature] = now
        while self._seen:
            oldest = next(iter(self._seen.items()))
            if len(self._seen) <= _KEPT and now - oldest[1] < 2 * WINDOW:
                break
            self._seen.popitem(last=False)


def _is_text(body: bytes) -> bool:
    """Slack sends UTF-8; the verifier takes nothing else."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
