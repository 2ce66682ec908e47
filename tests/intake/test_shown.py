"""What the citizen is shown where owners' facts cross each other in the log."""

from libs.events.base import Event, Recorded
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import ReworkOrdered
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseRegistered
from libs.sourcing.views import Row, blank
from services.intake import projection
from tests.spec import CASE, MONDAY, fact

FIRST, SECOND = f"{CASE}.r1", f"{CASE}.r2"


def shown(*facts: Event) -> str:
    """The status after these facts of a case that a unit has."""
    row: Row = blank(projection.cases, CASE)
    history = (fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned), *facts)
    for number, event in enumerate(history, 1):
        row = projection.fold(row, Recorded("e", event, number, MONDAY, "c", "c")) or row
    return projection.shown_status(row)


def test_a_rework_of_an_answer_that_another_has_replaced_is_not_shown() -> None:
    answered = (fact(ReplyDelivered, reply_id=FIRST), fact(ReplyDelivered, reply_id=SECOND))
    assert shown(*answered, fact(ReworkOrdered, reply_id=FIRST)) == "delivered"
    assert shown(*answered, fact(ReworkOrdered, reply_id=SECOND)) == "rework"
    assert shown(answered[0], fact(ReworkOrdered, reply_id=FIRST)) == "rework"
