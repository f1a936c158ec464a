"""An OAuth 2 token endpoint on the loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer

from tests.doubles.json_server import JsonHandler, running


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

    class Handler(JsonHandler):
        def do_POST(self) -> None:
            state.asked.append(self.form())
            if state.refuse:
                self.say(400, {"error": state.refuse, "error_description": "the grant is no longer valid"})
            else:
                token = f"token-{len(state.asked)}"
                self.say(200, {"access_token": token, "expires_in": state.lifetime, "token_type": "Bearer"})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/token"
    with running(server):
        yield state
