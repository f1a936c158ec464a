"""What small HTTP doubles share: answers in JSON, forms, and a server on a thread."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class JsonHandler(BaseHTTPRequestHandler):
    """Reads forms and answers in JSON."""

    def form(self) -> dict[str, str]:
        """The fields that were sent."""
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        return {name: values[0] for name, values in sent.items()}

    def say(self, code: int, answer: dict[str, object]) -> None:
        """Answers."""
        raw = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serves until the block ends."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
