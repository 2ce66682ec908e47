"""An erasure takes the words out of every table, and what came of it does not depend on how a log is cut."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from libs.events.base import Event, Recorded
from libs.events.evaluation import ExclusionDecided, ExclusionProposed
from libs.events.feedback import CommitmentMade, CommitmentReported
from libs.events.intake import PersonalDataErased
from libs.events.supervision import OldCaseListed, SupervisionAnswered, SupervisionIssued
from libs.host.folding import MemoryViews
from libs.sourcing.views import Row
from services.evaluation.score_projection import exclusions
from services.feedback.pledges import pledges
from services.list import service_named
from services.supervision.duty_views import duties
from services.supervision.old_views import old_listings
from tests.spec import CASE, MONDAY, fact, sealed

ERASED = fact(PersonalDataErased)
SAID = [
    ("supervision", duties, "words", [fact(SupervisionIssued, note=sealed())]),
    ("supervision", old_listings, "note", [fact(OldCaseListed, note=sealed())]),
    ("feedback", pledges, "text", [fact(CommitmentMade, text=sealed())]),
    ("evaluation", exclusions, "note", [fact(ExclusionProposed, note=sealed())]),
]
LATER = {
    "supervision": fact(SupervisionAnswered, measures=sealed("later")),
    "feedback": fact(CommitmentReported, text=sealed("later")),
    "evaluation": fact(ExclusionDecided),
}
"""What another service may state before it has heard of the erasure."""


def rows(name: str, table: sa.Table, facts: Sequence[Event], batch: int) -> list[Row]:
    """A service's table after these facts, so many at a time."""
    service, views = service_named(name), MemoryViews(lambda case_id: 0)
    heard = [Recorded(f"e{n}", e, n, MONDAY, "c", "c") for n, e in enumerate(facts, 1)]
    for first in range(0, len(heard), batch):
        service.project(heard[first : first + batch], views)
    return list(views.tables[table].values())


@pytest.mark.parametrize(("name", "table", "column", "said"), SAID, ids=[name for name, *_ in SAID])
def test_an_erasure_leaves_none_of_the_words_said_before_it_however_the_log_is_cut(
    name: str, table: sa.Table, column: str, said: list[Event]
) -> None:
    (before,) = rows(name, table, said, 1)
    assert before[column]
    assert before["case_id"] == CASE
    orders = ([*said, ERASED], [*said, ERASED, LATER[name]], [*said, LATER[name], ERASED])
    for order in orders:
        one_by_one = rows(name, table, order, 1)
        assert one_by_one[0][column] is None
        for batch in (2, 3):
            assert rows(name, table, order, batch) == one_by_one
