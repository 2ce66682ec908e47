"""The way out of the platform: one message to one address through apprise. It keeps nothing and never tries again.

No other file knows apprise. Its plugins are called directly: ``Apprise.notify`` sends by one pool of threads
for the whole process, which a hanging gateway could fill; and it would retry and follow redirects by itself.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType, PersistentStoreMode

ADDRESS, KEY = "{address}", "{key}"
ADDRESSES = {
    "sms": re.compile(r"\+?[0-9]{5,20}"),
    "mail": re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}"),
    "wecom": re.compile(r"[A-Za-z0-9_.@-]{1,64}"),
    "webhook": re.compile(r"[A-Za-z0-9_-]{1,64}"),
}
"""The channels there are, and what an address is in each. None can hold a part of a URL."""
SAMPLES = {"sms": "10000000000", "mail": "nobody@example.org", "wecom": "nobody", "webhook": "nobody"}
"""An address of each, to see at the start whether a template makes a URL."""


class NotSent(Exception):
    """The gateway did not take the message. The words name no person and no address."""


@dataclass(frozen=True, slots=True)
class Message:
    """``key`` is the same however often the message is sent, so that a gateway can drop a second one."""

    address: str
    title: str
    body: str
    key: str


class Gateway:
    """One channel's gateway, by a template that operations gives: an apprise URL with ``{address}``.

    Raises ``ValueError``, which never repeats the template, for one that apprise cannot read.
    """

    def __init__(self, channel: str, template: str, seconds: float) -> None:
        self.channel, self._template, self._seconds = channel, template, seconds
        self._asset = AppriseAsset(
            app_id="Lianxin",
            app_desc="Lianxin",
            http_redirects=False,  # else a gateway could send us, and the words, anywhere
            async_mode=False,
            storage_mode=PersistentStoreMode.MEMORY,
            secure_logging=True,
        )
        if ADDRESS not in template:
            raise ValueError(f"NOTIFY_{channel.upper()}: there is no {ADDRESS} in it")
        with _heard(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a plugin imports imghdr as it is loaded
            if self._plugin(Message(SAMPLES[channel], "", "", "try")) is None:
                raise ValueError(f"NOTIFY_{channel.upper()}: not a URL that apprise can read")

    def send(self, message: Message) -> None:
        """Hand over one message; it blocks. Raises ``NotSent``. Every read and connect has its own limit, so
        a gateway that drips can hold a thread for longer: the caller has to have a limit for the whole."""
        with _heard() as heard:
            plugin = self._plugin(message)
            if plugin is None:
                raise NotSent("the address makes no URL that apprise can read")
            body = message.body if self._carries_key(plugin, message.key) else _with_key(message)
            try:
                sent = plugin.notify(
                    body=body,
                    title=message.title,
                    notify_type=NotifyType.WARNING,
                    body_format=NotifyFormat.TEXT,
                )
            except Exception as error:  # a plugin may fail on what a server answers
                raise NotSent(f"the plugin failed: {type(error).__name__}") from None
        if not sent:
            raise NotSent(_reason(heard))

    def _plugin(self, message: Message) -> Any:
        url = self._template.replace(ADDRESS, quote(message.address, safe=""))
        plugin = Apprise.instantiate(url.replace(KEY, quote(message.key, safe="")), asset=self._asset)
        if plugin is not None:
            plugin.socket_connect_timeout = plugin.socket_read_timeout = self._seconds
        return plugin

    def _carries_key(self, plugin: Any, key: str) -> bool:
        """Put the key into a header, where the protocol has any, or see that the template has it.

        Not into a mail's Message-ID: apprise makes its own, and a mail must not have two.
        """
        headers = getattr(plugin, "headers", None)
        if isinstance(headers, dict):
            headers["Idempotency-Key"] = key
            return True
        return KEY in self._template


def _with_key(message: Message) -> str:
    return f"{message.body}\n[{message.key}]"


# ------------------------------------------------------------------------------ apprise's log

_HEARD: ContextVar[list[str] | None] = ContextVar("heard", default=None)


class _Ear(logging.Handler):
    """Takes what apprise would log, for it names addresses and hosts, and keeps what went wrong."""

    def emit(self, record: logging.LogRecord) -> None:
        heard = _HEARD.get()
        if heard is not None:
            heard.append(record.getMessage())


_logger = logging.getLogger("apprise")
_logger.handlers, _logger.propagate = [_Ear()], False
_logger.setLevel(logging.WARNING)


@contextmanager
def _heard() -> Iterator[list[str]]:
    heard: list[str] = []
    token = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(token)


def _reason(heard: list[str]) -> str:
    """What went wrong, without the words in which apprise said it."""
    said = " ".join(heard)
    status = re.search(r"error=(\d{3})\b", said)
    if status:
        return f"answered {status[1]}"
    if re.search(r"connection error", said, re.IGNORECASE):
        return "no connection, or no answer in time"
    return "not taken"
