"""What the tests of a unit's time begin with: cases in hand, who asks, and what was asked."""



from libs.events.base import Actor, Event
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.feedback import (
    CaseHeld,
    ClockAdjusted,
    ClockAdjustmentRequested,
    ExtensionRequested,
    HoldRequested,
)
from libs.events.intake import CaseAccepted, CaseRegistered
from services.feedback.decider import decider
from tests.spec import (
    CASE,
    CLERK,
    HEAD,
    Given,
    china,
    fact,
    sealed,
)

COORDINATOR = Actor(id="coo-1", role="coordinator")
LEADER = Actor(id="lea-1", role="leader")
STRANGER = Actor(id="head-2", role="unit_head", org="mc.shuiwu")
DUE_AT = china("2026-03-10 00:00")  # 24:00 of Monday the 9th, five working days
AFTER = china("2026-03-10 09:00")
TEN_MORE = china("2026-03-24 00:00")
REPLY = {"answers": ({"claim": 1, "outcome": "explained"},), "text": sealed()}
MORE = {"reason": sealed("等待配件"), "new_due": TEN_MORE}
DECISION = {"extension_id": f"{CASE}.x1", "outcome": "approved", "notice": sealed("因情况复杂")}
APPRAISAL = {"ground": "appraisal", "law_ref": "行政许可法第四十五条"}
AGREED = {"adjustment_id": f"{CASE}.c1"}
HOLD = {
    "reason_code": "objective",
    "reason": sealed("等待管网改造"),
    "alternative_channel": sealed("供水热线"),
    "remedy": sealed("可以申请信访复查"),
}
HOLDS = {"hold_id": f"{CASE}.h1"}
HOLD_ASKED = fact(HoldRequested, by=HEAD, **HOLD)
STOP_ASKED = fact(ClockAdjustmentRequested, by=HEAD, ground="appraisal")
ASKED = fact(ExtensionRequested, by=CLERK, new_due=TEN_MORE)
HELD = fact(CaseHeld, by=COORDINATOR)
SUSPENDED = fact(ClockAdjusted, at=china("2026-03-04 10:00"), by=HEAD, ground="appraisal")


def in_hand(*more: Event, **accepted: object) -> Given:
    """A case that a unit has signed for on Monday at nine, and must answer by the end of the 9th."""
    facts = fact(CaseRegistered), fact(CaseAccepted, **accepted), fact(CaseAssigned)
    return Given(decider).facts(*facts, fact(AssignmentSigned, by=CLERK), *more)


def petition(*more: Event) -> Given:
    """A petition that a unit has signed for."""
    facts = fact(CaseRegistered), fact(CaseAccepted, track="xinfang", sla_class="X")
    due = china("2026-05-07 00:00")
    facts = *facts, fact(CaseAssigned, due_handle=due), fact(AssignmentSigned, by=CLERK)
    return Given(decider).facts(*facts, *more)
