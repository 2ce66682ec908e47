"""Serves services over real HTTP from this process, for an operator's curl. No test stands here."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from libs.host.run import Host
from libs.host.service import Service
from tests.runbook.conftest import Home
from tools.cluster import children


@contextmanager
def served(home: Home, services: Sequence[Service]) -> Iterator[str]:
    """The main realm's services at work; gives ``$BASE``."""
    port = children.free_port()
    host = Host(services, home.settings, realms=[""])
    asked = uvicorn.Config(host.app(), "127.0.0.1", port, log_config=None, access_log=False)
    server = uvicorn.Server(asked)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert children.wait_until(lambda: server.started or not thread.is_alive(), limit_s=30)
        assert server.started
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
    assert not thread.is_alive()
