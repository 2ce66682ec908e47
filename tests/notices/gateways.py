"""Real gateways on this machine: an HTTP server and a mail server that do what a test wants of them."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Webhook:
    """``answers`` are given first, one each; then 200. While ``hangs``, no answer comes; ``delay`` is waited."""

    answers: list[int] = field(default_factory=list)
    delay: float = 0.0
    hangs: threading.Event = field(default_factory=threading.Event)
    drips: bool = False
    got: list[tuple[str, str, Any]] = field(default_factory=list)
    port: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """As operations would set it up."""
        return f"json://127.0.0.1:{self.port}/to/{{address}}"

    @property
    def keys(self) -> list[str]:
        """The Idempotency-Key of every call."""
        return [key for _, key, _ in self.got]

    def taken(self, path: str, key: str, body: Any) -> int:
        """A call came; gives the status."""
        with self._guard:
            self.got.append((path, key, body))
            return self.answers.pop(0) if self.answers else 200


@contextmanager
def webhook() -> Iterator[Webhook]:
    """An HTTP server that takes notices."""
    state, ended = Webhook(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = state.taken(self.path, self.headers.get("Idempotency-Key", ""), body)
            time.sleep(state.delay)
            while state.hangs.is_set() and not ended.is_set():
                time.sleep(0.02)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{state.port}/elsewhere")
            self.send_header("Content-Length", "1000" if state.drips else "0")
            self.end_headers()
            while state.drips and not ended.is_set():  # a byte now and then: no read ever times out
                self.wfile.write(b".")
                time.sleep(0.1)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield state
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


@dataclass
class Mailbox:
    """What a mail server was given."""

    port: int = 0
    mails: list[tuple[list[str], Mail]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """As operations would set it up."""
        return (
            f"mailto://127.0.0.1:{self.port}/?to={{address}}&from=lianxin@city.example&format=text"
        )


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """An SMTP server that takes every mail."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 city.example")
            to: list[str] = []
            while line := self.rfile.readline().decode().strip():
                verb = line.partition(" ")[0].upper()
                if verb == "RCPT":
                    to.append(line.partition("<")[2].partition(">")[0])
                elif verb == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (data := self.rfile.readline().decode()) != ".\r\n":
                        lines.append(data)
                    box.mails.append((to, message_from_string("".join(lines))))
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                self.say("250 ok")

        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
