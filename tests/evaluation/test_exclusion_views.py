"""Who decides on one more exclusion sees how many of the unit's cases are left out already, in either home."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from libs.events.base import Event
from libs.events.dispatch import AssignmentPassedOn, CaseAssigned
from libs.events.evaluation import ExclusionDecided, ExclusionProposed
from libs.events.feedback import ReplyDelivered
from services.evaluation.exclusion_views import exclusion_of, exclusions_by_reason, open_exclusions
from services.evaluation.service import service
from tests.analytics.ledger import Ledger
from tests.sourcing.empty import emptied
from tests.spec import UNIT, china, fact

OTHER = "mc.shuiwu"
MARCH, APRIL = china("2026-03-31 23:59"), china("2026-04-01 00:00")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Evaluation's tables, empty."""
    if request.param == "postgresql":
        url = emptied(request.getfixturevalue("postgres"), "evaluation_exclusions")
    else:
        url = f"sqlite:///{tmp_path}/evaluation.db?synchronous=OFF"
    made = Ledger(url, service)
    yield made
    made.close()


def case(number: int, at: datetime | None = MARCH, unit: str = UNIT) -> Iterator[Event]:
    """A case that a unit has, and answered, if it did."""
    on = {"case_id": f"c{number}"}
    yield fact(CaseAssigned, org=unit, assignment_id=f"c{number}.1", **on)
    if at is not None:
        yield fact(ReplyDelivered, at=at, org=unit, **on)


def proposal(number: int, at: datetime = APRIL, unit: str = UNIT) -> Event:
    on = {"case_id": f"c{number}", "exclusion_id": f"c{number}.e1"}
    return fact(ExclusionProposed, at=at, org=unit, **on)


def decision(number: int, outcome: str = "approved", unit: str = UNIT) -> Event:
    on = {"case_id": f"c{number}", "exclusion_id": f"c{number}.e1"}
    return fact(ExclusionDecided, at=APRIL, org=unit, outcome=outcome, **on)


def so_far(ledger: Ledger) -> dict[str, tuple[Any, ...]]:
    """What the queue shows beside each proposal."""
    rows = ledger.asked(open_exclusions)
    return {row["case_id"]: (row["month"], row["cases"], row["left_out"]) for row in rows}


def test_beside_a_proposal_stands_what_is_left_out_of_the_month_of_the_answer(ledger: Ledger) -> None:
    for number in range(4):
        ledger.hear(*case(number))
    ledger.hear(*case(4, APRIL), *case(5, unit=OTHER), *case(6, None))
    ledger.hear(proposal(0), decision(0), proposal(1), decision(1, "rejected"))
    ledger.hear(proposal(5, unit=OTHER), decision(5, unit=OTHER))
    ledger.hear(proposal(2), proposal(4), proposal(6))
    assert so_far(ledger) == {"c2": ("2026-03", 4, 1), "c4": ("2026-04", 1, 0), "c6": ("2026-04", 1, 0)}
    decided = ledger.asked(exclusion_of, "c5.e1") or {}
    assert (decided["cases"], decided["left_out"]) == (1, 1)
    assert ledger.asked(exclusion_of, "c9.e1") is None


def test_an_empty_queue_is_empty(ledger: Ledger) -> None:
    assert so_far(ledger) == {}


def test_a_dissolved_units_exclusions_are_its_successors(ledger: Ledger) -> None:
    passed_on = [
        fact(AssignmentPassedOn, case_id=f"c{n}", assignment_id=f"c{n}.1", from_org=UNIT, org=OTHER)
        for n in range(2)
    ]
    ledger.hear(*case(0), *case(1), *case(2), proposal(0), decision(0), proposal(1), *passed_on)
    assert so_far(ledger) == {"c1": ("2026-03", 2, 1)}
    counted = [(row["outcome"], row["count"]) for row in ledger.asked(exclusions_by_reason, OTHER)]
    assert sorted(counted, key=str) == [("approved", 1), (None, 1)]
    assert ledger.asked(exclusions_by_reason, UNIT) == []
