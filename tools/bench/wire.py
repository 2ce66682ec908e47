"""An HTTP/1.1 client that costs little: one kept connection per server, one request at a time on it.

It is for measuring alone. It knows answers with a Content-Length, follows nothing and trusts nobody's.
"""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class BadAnswer(Exception):
    """The server hung up, or answered what this client does not know."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` and the whole body."""

    status: int
    body: bytes

    @property
    def good(self) -> bool:
        """Whether it was carried out."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Wire:
    """Connections of one caller, made when first needed."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def post(self, base: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """A POST of JSON. Raises ``BadAnswer`` or ``OSError``."""
        more = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return await self._ask("POST", base, path, headers | more, body)

    async def get(self, base: str, path: str, headers: dict[str, str]) -> Answer:
        """A GET. Raises ``BadAnswer`` or ``OSError``."""
        return await self._ask("GET", base, path, headers, b"")

    async def send(
        self, method: str, base: str, path: str, headers: dict[str, str], body: bytes
    ) -> Answer:
        """Any other method, with JSON. Raises ``BadAnswer`` or ``OSError``."""
        more = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return await self._ask(method, base, path, headers | more, body)

    async def _ask(
        self, method: str, base: str, path: str, headers: dict[str, str], body: bytes
    ) -> Answer:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        whole = f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{lines}\r\n".encode("latin1") + body
        kept = base in self._open
        try:
            return await self._once(base, whole)
        except (OSError, EOFError):
            self._drop(base)
            if not kept:
                raise
        return await self._once(base, whole)  # the server had let the kept connection go

    async def _once(self, base: str, whole: bytes) -> Answer:
        if base not in self._open:
            place = urlsplit(base)
            self._open[base] = await asyncio.open_connection(place.hostname, place.port)
        reader, writer = self._open[base]
        writer.write(whole)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = head.find(b"\r\ncontent-length:")
        status = int(head[9:12])
        if at < 0 and status != 204:
            raise BadAnswer(f"no Content-Length in {head[:200]!r}")
        length = 0 if at < 0 else int(head[at + 17 : head.index(b"\r\n", at + 17)])
        body = await reader.readexactly(length) if length else b""
        if b"\r\nconnection: close" in head:
            self._drop(base)
        return Answer(status, body)

    def _drop(self, base: str) -> None:
        kept = self._open.pop(base, None)
        if kept is not None:
            kept[1].close()

    async def close(self) -> None:
        """Let go of every connection."""
        for base in list(self._open):
            _, writer = self._open.pop(base)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
