"""What the citizen is shown of a case in which an answer crossed the unit's dispute (transitions 17, 19, 29)."""

import pytest

from libs.events.base import Event, Recorded
from libs.events.dispatch import AssignmentDisputed, AssignmentSigned, CaseAssigned, DisputeDecided
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseRegistered
from libs.sourcing.views import Row, blank
from services.intake.projection import cases, fold, shown_status
from tests.spec import CASE, fact

DISPUTED = (fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned), fact(AssignmentDisputed))
DENIED = fact(DisputeDecided, outcome="denied")


def shown(*facts: Event) -> str:
    """The status after these facts."""
    row: Row = blank(cases, CASE)
    for number, event in enumerate(facts, 1):
        row = fold(row, Recorded("e", event, number, event.occurred_at, "c", "c")) or row
    status: str = shown_status(row)
    return status


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ((*DISPUTED, DENIED), "assigned"),
        ((*DISPUTED[:3], fact(AssignmentSigned), DISPUTED[3], DENIED), "handling"),
        ((*DISPUTED, fact(ReplyDelivered), DENIED), "delivered"),
    ],
)
def test_a_denied_dispute_leads_back_to_the_unit_unless_the_citizen_has_the_answer(
    facts: tuple[Event, ...], status: str
) -> None:
    assert shown(*facts) == status
