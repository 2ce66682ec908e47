"""Facts put into the log as the services that own them would, for a city that runs only who listens.

No test stands here.
"""

import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from libs.events.base import Event, Recorded
from libs.events.envelope import to_headers
from libs.log.port import Outgoing
from tests.http.city import City
from tests.spec import fact

AT_ONCE = 5_000
_numbers = itertools.count(1)


class CaseLog:
    """What is said of one case, each owner's facts counted."""

    def __init__(self) -> None:
        self.case_id = str(uuid.UUID(int=next(_numbers)))
        self.facts: list[Recorded] = []
        self._seq = Counter[str]()

    def says(self, type_: type[Event], /, **fields: Any) -> "CaseLog":
        """One more fact."""
        event = fact(type_, case_id=self.case_id, **fields)
        self._seq[type_.owner()] += 1
        id_ = f"{self.case_id}/{len(self.facts)}"
        seq = self._seq[type_.owner()]
        self.facts.append(Recorded(id_, event, seq, event.occurred_at, id_, id_))
        return self


def tell(city: City, cases: Iterator[CaseLog]) -> None:
    """Put them into the log, and let all who are there hear them."""
    topic = city.whole.host.running[0].topic
    for some in _in_parts(cases):
        city.runner.run(city.whole.host.log.append([_outgoing(topic, one) for one in some]))
    city.settle()


def _in_parts(cases: Iterator[CaseLog]) -> Iterator[list[Recorded]]:
    facts = itertools.chain.from_iterable(case.facts for case in cases)
    while some := list(itertools.islice(facts, AT_ONCE)):
        yield some


def _outgoing(topic: str, recorded: Recorded) -> Outgoing:
    value = recorded.event.model_dump_json().encode()
    return Outgoing(topic, recorded.event.case_id, to_headers(recorded), value)
