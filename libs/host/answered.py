"""The results of commands that were asked for together. It carries out none of them."""

import asyncio

from libs.host.work import Result


class Answered:
    """One future for all of them: one for each took 10 us of a command that is decided in 80.

    ``whole`` has the results in the order of the commands, once each has come.
    """

    def __init__(self, count: int) -> None:
        self.whole: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        self._results: dict[int, Result] = {}
        self._count = count

    def put(self, place: int, result: Result) -> None:
        """The result of the command at this place; the first one stands."""
        self._results.setdefault(place, result)
        if len(self._results) == self._count and not self.whole.done():  # who asked may have gone
            self.whole.set_result([self._results[n] for n in range(self._count)])
