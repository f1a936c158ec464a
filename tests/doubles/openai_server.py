"""A scripted OpenAI-compatible endpoint on the loopback, over real HTTP.

A script is a list of replies, used one after the other; the last one repeats. `server.requests` keeps what was asked.

    with OpenAiServer([Text('{"a": 1}')]) as server:
        settings = load_settings(openai_base_url=server.url, ...)
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Text:
    """An answer with this content; `finish` "length" marks one that was cut off."""

    content: str
    finish: str = "stop"
    input_tokens: int = 1000
    output_tokens: int = 200
    delay: float = 0.0  # seconds before the answer


@dataclass(frozen=True)
class Answer:
    """An answer computed from the request (its JSON body)."""

    make: Callable[[dict[str, Any]], str]


@dataclass(frozen=True)
class Calls:
    """Tool calls: (name, arguments)."""

    calls: Sequence[tuple[str, dict[str, Any]]]
    content: str | None = None


@dataclass(frozen=True)
class Refusal:
    """The model refuses."""

    text: str = "I cannot help with that."


@dataclass(frozen=True)
class Failure:
    """An HTTP error."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"error": {"message": "scripted", "type": "server_error"}}'


@dataclass(frozen=True)
class Silence:
    """Nothing comes for so many seconds (or until the server stops), then the connection is closed."""

    seconds: float = 60.0


@dataclass(frozen=True)
class Raw:
    """These bytes as the body of a 200, whatever they are."""

    body: bytes
    content_type: str = "application/json"


Reply = Text | Answer | Calls | Refusal | Failure | Silence | Raw


class OpenAiServer:
    """Serves chat completions (plain and streamed) and a list of one model until it is closed."""

    def __init__(self, script: Sequence[Reply]) -> None:
        self._script = list(script)
        self._at = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.requests: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL must be."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def calls(self) -> int:
        """How many completions were asked for."""
        return len(self.requests)

    def script(self, replies: Sequence[Reply]) -> None:
        """Begins a new script."""
        with self._lock:
            self._script, self._at = list(replies), 0

    def next_reply(self, request: dict[str, Any]) -> Reply:
        """The reply to this request."""
        with self._lock:
            self.requests.append(request)
            reply = self._script[min(self._at, len(self._script) - 1)]
            self._at += 1
            return reply

    def wait(self, seconds: float) -> None:
        """Sleeps, but not beyond the end of the server."""
        self._stopped.wait(seconds)

    def __enter__(self) -> "OpenAiServer":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()


def _handler_for(owner: OpenAiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            models = {
                "object": "list",
                "data": [{"id": "scripted", "object": "model", "created": 0, "owned_by": "test"}],
            }
            self._send(200, json.dumps(models).encode())

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            if not self.path.rstrip("/").endswith("/chat/completions"):
                return self._send(404, b'{"error": {"message": "use chat completions"}}')
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._reply(owner.next_reply(request), request)
            return None

        def _reply(self, reply: Reply, request: dict[str, Any]) -> None:
            if isinstance(reply, Silence):
                owner.wait(reply.seconds)
                self.close_connection = True
            elif isinstance(reply, Failure):
                self._send(reply.status, reply.body.encode(), reply.headers)
            elif isinstance(reply, Raw):
                self._send(200, reply.body, {"content-type": reply.content_type})
            else:
                if isinstance(reply, Text) and reply.delay:
                    owner.wait(reply.delay)
                self._complete(reply, request)

        def _complete(self, reply: Text | Answer | Calls | Refusal, request: dict[str, Any]) -> None:
            message, finish, usage = _message(reply, request)
            if request.get("stream"):
                return self._stream(message, finish, usage)
            whole = {
                "id": "chatcmpl-test", "object": "chat.completion", "created": int(time.time()), "model": "scripted",
                "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}], "usage": usage,
            }  # fmt: skip
            return self._send(200, json.dumps(whole, ensure_ascii=False).encode())

        def _stream(self, message: dict[str, Any], finish: str, usage: dict[str, int]) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            text = message.get("content") or ""
            deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
            deltas += [{"content": text[at : at + 40]} for at in range(0, len(text), 40)]
            if calls := message.get("tool_calls"):
                deltas.append({"tool_calls": [{"index": at, **call} for at, call in enumerate(calls)]})
            for delta, reason in [*((one, None) for one in deltas), ({}, finish)]:
                chunk = {
                    "id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
                    "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
                }  # fmt: skip
                self.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
            last = {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
            self.wfile.write(f"data: {json.dumps(last | {'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n".encode())

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in ({"content-type": "application/json"} | (headers or {})).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _message(
    reply: Text | Answer | Calls | Refusal, request: dict[str, Any]
) -> tuple[dict[str, Any], str, dict[str, int]]:
    usage = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
    if isinstance(reply, Text):
        usage = {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        }
        return {"role": "assistant", "content": reply.content, "refusal": None}, reply.finish, usage
    if isinstance(reply, Answer):
        return {"role": "assistant", "content": reply.make(request), "refusal": None}, "stop", usage
    if isinstance(reply, Refusal):
        return {"role": "assistant", "content": None, "refusal": reply.text}, "stop", usage
    calls = [
        {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for at, (name, arguments) in enumerate(reply.calls)
    ]
    return {"role": "assistant", "content": reply.content, "tool_calls": calls}, "tool_calls", usage
