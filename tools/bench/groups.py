"""The main job in several processes with grouped commands: tells the workers which wave is next."""

import queue
import threading
import uuid
from typing import Any

from tools.bench.cases import GROUP, WAVES
from tools.bench.cpu import spent
from tools.bench.figures import Run, median
from tools.bench.places import Place, Worker


class Coordinator:
    """Hears every worker's answers in one place. ``workers``: by service; some may be the same.

    A service is asked for one group at a time: so the groups spread over the stages, as cases that come
    one by one do, and do not all stand in the same.
    """

    def __init__(self, workers: dict[str, Worker]) -> None:
        self.workers = workers
        self._every = list(dict.fromkeys(workers.values()))
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        for worker in self._every:
            threading.Thread(target=self._listen, args=(worker,), daemon=True).start()

    def _listen(self, worker: Worker) -> None:
        try:
            while True:
                self._answers.put(worker.answer())
        except (RuntimeError, ValueError, AssertionError) as error:
            self._answers.put({"failed": str(error)})

    def all(self, **words: Any) -> list[dict[str, Any]]:
        """Ask every worker the same, and wait for all."""
        for worker in self._every:
            worker.ask(**words)
        return [self._answer() for _ in self._every]

    def _answer(self) -> dict[str, Any]:
        answer = self._answers.get(timeout=300)
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer

    def play(self, count: int) -> None:
        """Bring all cases from registration to their close."""
        groups = list(range(0, count, GROUP))
        wave_of = dict.fromkeys(groups, 0)
        asked: dict[str, int] = {}
        while groups:
            for first in groups:  # who came first goes first
                service = WAVES[wave_of[first]]
                if service not in asked and first not in asked.values():
                    asked[service] = first
                    after = min(count, first + GROUP)
                    self.workers[service].ask(wave=wave_of[first], first=first, after=after)
            answer = self._answer()
            first = answer["first"]
            if answer["stated"] == 0:
                raise RuntimeError(f"wave {wave_of[first]} led to no event")
            del asked[WAVES[wave_of[first]]]
            wave_of[first] += 1
            if wave_of[first] == len(WAVES):
                groups.remove(first)
        ends = self.all(quiet=True)
        while ends != (ends := self.all(quiet=True)):  # what one has heard may have led to more
            pass


def grouped_over(place: Place, count: int, runs: int, warm: int) -> Run:
    """Registered to closed through the workers of a place, commands in groups."""
    coordinator = Coordinator(place.workers)

    def prepare(number: int) -> None:
        coordinator.all(run=uuid.uuid4().hex[:8], count=number)

    def once() -> Run:
        prepare(count)
        with spent(place.parts) as cpu:
            coordinator.play(count)
        figures = {
            "cases_per_second": count / cpu.seconds,
            "cpu_ms_per_case": cpu.others / count * 1000,
        }
        return Run(figures, cpu)

    prepare(warm)
    coordinator.play(warm)
    return median("cases_per_second", runs, once)
