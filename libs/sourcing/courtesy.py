"""Who of a process's threads computes while the others wait. It is no lock: nothing depends on it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

COURTESY_SECONDS = 0.5
"""How long a turn may work before the others of its process no longer wait for it."""


class Courtesy:
    """Lets the threads of a process work one after another, as long as none takes too long. Who is ``awaited``
    by a caller goes before those who are not."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._taken, self._began_at, self._awaited = False, 0.0, 0

    @contextmanager
    def turn(self, awaited: bool = False) -> Iterator[None]:
        """Wait for who is at work, but not longer than until its time is over."""
        with self._free:
            self._awaited += awaited
            left = self._began_at + COURTESY_SECONDS - time.monotonic()
            mine = self._free.wait_for(lambda: self._is_free_for(awaited), max(0.0, left))
            self._awaited -= awaited
            if mine:
                self._taken, self._began_at = True, time.monotonic()
        try:
            yield
        finally:
            if mine:
                with self._free:
                    self._taken = False
                    self._free.notify_all()

    def _is_free_for(self, awaited: bool) -> bool:
        return not self._taken and (awaited or not self._awaited)


COURTESY = Courtesy()
"""Among all services of this process."""
