"""Turns of one process on SQLite work one after another; the one that a caller waits for goes first."""

import threading
import time

import pytest

from libs.sourcing import courtesy as module
from libs.sourcing.courtesy import Courtesy


class Queue:
    """Threads that want their turn, and the order in which they got it."""

    def __init__(self, courtesy: Courtesy) -> None:
        self.courtesy, self.order = courtesy, list[str]()
        self._threads: list[threading.Thread] = []

    def join(self, name: str, awaited: bool = False) -> None:
        """Stand in the queue; returns when it does."""
        thread = threading.Thread(target=self._work, args=(name, awaited))
        thread.start()
        self._threads.append(thread)
        time.sleep(0.05)

    def _work(self, name: str, awaited: bool) -> None:
        with self.courtesy.turn(awaited):
            self.order.append(name)

    def end(self) -> None:
        """Wait for all."""
        for thread in self._threads:
            thread.join(10)


def test_one_works_at_a_time_and_who_is_awaited_goes_before_who_is_not() -> None:
    courtesy = Courtesy()
    queue = Queue(courtesy)
    with courtesy.turn():
        queue.join("hears")
        queue.join("hears too")
        queue.join("is asked", awaited=True)
        assert queue.order == []
    queue.end()
    assert queue.order[0] == "is asked"
    assert set(queue.order[1:]) == {"hears", "hears too"}


def test_who_works_too_long_is_no_longer_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COURTESY_SECONDS", 0.2)
    courtesy = Courtesy()
    queue = Queue(courtesy)
    with courtesy.turn():
        for awaited in (False, True):
            queue.join(f"awaited: {awaited}", awaited)
        assert queue.order == []
        queue.end()
        assert set(queue.order) == {"awaited: False", "awaited: True"}
    with courtesy.turn():  # and it is free again afterwards
        pass


def test_a_turn_that_fails_leaves_the_place_free() -> None:
    courtesy = Courtesy()
    with pytest.raises(ZeroDivisionError), courtesy.turn(True):
        raise ZeroDivisionError
    began = time.monotonic()
    with courtesy.turn():
        assert time.monotonic() - began < 0.1
