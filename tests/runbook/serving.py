"""Serves services over real HTTP from this process, for an operator's curl. No test stands here."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from libs.host.process import server
from libs.host.run import Host
from libs.host.service import Service
from tests.runbook.conftest import Home
from tools.cluster import children


@contextmanager
def served(home: Home, services: Sequence[Service]) -> Iterator[str]:
    """The main realm's services at work; gives ``$BASE``."""
    port = children.free_port()
    host = Host(services, home.settings, realms=[""])
    http = server(host.app(), home.settings.model_copy(update={"port": port}))
    thread = threading.Thread(target=http.run)
    thread.start()
    try:
        assert children.wait_until(lambda: http.started or not thread.is_alive(), limit_s=30)
        assert http.started
        yield f"http://127.0.0.1:{port}"
    finally:
        http.should_exit = True
        thread.join(30)
    assert not thread.is_alive()
