"""A report that nobody took for one when it was registered goes to nobody whom it may be about (G01, G02)."""

import pytest

from libs.events.base import Actor
from libs.events.dispatch import AssignmentDisputed, CaseAssigned
from libs.events.intake import CaseAccepted
from services.dispatch.commands import AssignCase, DecideDispute, OpenCoordination
from services.dispatch.decider import decider
from tests.spec import DISPATCHER, UNIT, Given, fact, sealed, stated

OTHERS = ["mc.chengguan", "mc.yunxi", "mc.gov", "mc.yunxi.chengguan", "mc.party"]
WHY = sealed("请自查")
JUDGE = Actor(id="judge-1", role="dispute_judge")


def accepted(category: str) -> Given:
    """A case of the ordinary realm with this category."""
    return Given(decider).facts(fact(CaseAccepted, category=category))


@pytest.mark.parametrize("category", ["1602", "1605"])
@pytest.mark.parametrize("unit", OTHERS)
def test_no_note_brings_a_report_in_the_ordinary_realm_to_whom_it_may_be_about(
    category: str, unit: str
) -> None:
    case = accepted(category)
    case.when(AssignCase, by=DISPATCHER, unit_id=unit, note=WHY).then_refused("to nobody else")
    case.when(AssignCase, by=DISPATCHER).then(stated(CaseAssigned, org="mc.jiwei"))


def test_a_report_on_an_appointment_goes_to_the_organ_for_it_or_to_the_discipline_organ() -> None:
    case = accepted("1603")
    case.when(AssignCase, by=DISPATCHER, unit_id=UNIT, note=WHY).then_refused("to nobody else")
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.jiwei", note=WHY).then(
        stated(CaseAssigned, org="mc.jiwei", basis="designated")
    )
    accepted("1603").when(AssignCase, by=DISPATCHER).then(stated(CaseAssigned, basis="catalogue"))


def test_a_report_in_the_ordinary_realm_is_shown_to_no_further_unit() -> None:
    case = accepted("1602")
    case.when(AssignCase, by=DISPATCHER, assists=(UNIT,)).then_refused("shown to no other unit")
    case.when(OpenCoordination, by=DISPATCHER, parties=(UNIT, "mc.yunxi"))
    case.then_refused("discussed with no other unit")
    case.facts(fact(CaseAssigned, org="mc.jiwei"), fact(AssignmentDisputed, org="mc.jiwei"))
    upheld = {"outcome": "upheld", "reason": WHY, "designated_unit": UNIT}
    case.when(DecideDispute, by=JUDGE, **upheld).then_refused("designated_unit: a report")


@pytest.mark.parametrize("category", ["1601", "1604"])
def test_a_complaint_about_conduct_or_about_the_platform_may_be_given_with_a_reason(category: str) -> None:
    case = accepted(category)
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.gov").then_refused("give a note")
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.gov", note=WHY).then(
        stated(CaseAssigned, org="mc.gov", basis="designated")
    )
