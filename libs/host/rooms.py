"""What stands before a service's routes: which service a request is for, and how long a body may be."""

import json
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.host.problems import TooLong


class Rooms:
    """Sends a request to the service whose address its path begins with.

    What mounting would do, but past the outer application's own layers, which cost as much again.
    """

    def __init__(self, app: ASGIApp, rooms: Mapping[str, ASGIApp]) -> None:
        self.app, self.rooms = app, rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            root = scope.get("root_path", "")
            parts = scope["path"].removeprefix(root).split("/", 3)
            for address in ("/".join(parts[:2]), "/".join(parts[:3])):
                room = self.rooms.get(address)
                if room is not None and len(parts) > address.count("/") + 1:
                    inside = {"root_path": root + address, "app_root_path": scope.get("app_root_path", root)}
                    await room({**scope, **inside}, receive, send)
                    return
        await self.app(scope, receive, send)


class LimitBody:
    """Refuses a body that is too long, by its announced or its real length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self.limit:
            await self._refuse(scope, send)
            return
        had = 0

        async def counted() -> Message:
            nonlocal had
            message = await receive()
            had += len(message.get("body", b""))
            if had > self.limit:
                raise TooLong(self.limit)
            return message

        try:
            await self.app(scope, counted, send)
        except TooLong:
            await self._refuse(scope, send)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        body = {
            "type": "urn:lianxin:problem:too-long",
            "title": "Too long",
            "status": 413,
            "detail": f"A body has at most {self.limit} bytes.",
            "instance": scope["path"],
        }
        headers = [(b"content-type", b"application/problem+json")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})
