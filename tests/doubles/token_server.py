"""An OAuth 2 token endpoint on the loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class TokenServer:
    """Gives tokens `token-1`, `token-2` …; `refuse` answers with an error instead."""

    url: str = ""
    lifetime: int = 3600
    refuse: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """Runs it."""
    state = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.asked.append({name: values[0] for name, values in parse_qs(body).items()})
            answer: dict[str, object] = {
                "access_token": f"token-{len(state.asked)}",
                "expires_in": state.lifetime,
                "token_type": "Bearer",
            }
            if state.refuse:
                answer = {"error": state.refuse, "error_description": "the grant is no longer valid"}
            raw = json.dumps(answer).encode()
            self.send_response(400 if state.refuse else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/token"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
