"""What oversight shows: the rate of old cases, leaders' totals, the daily list, duties; in either home."""

from decimal import Decimal
from typing import Any

import pytest

from libs.events.base import Event
from libs.events.dispatch import (
    AssignmentPassedOn,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
)
from libs.events.evaluation import CaseClosed
from libs.events.intake import (
    CaseAccepted,
    CaseLinkChanged,
    CaseRegistered,
    CaseReopened,
    PersonalDataErased,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    EscalationProposed,
    InstructionAnswered,
    InstructionGiven,
    LeaderAssigned,
    LeaderReleased,
    OldCaseListed,
    RecommendationAnswered,
    RecommendationMade,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.figures import rate
from libs.sourcing.views import Views
from services.supervision.daily import counted, day_of, figures
from services.supervision.duty_views import duties
from services.supervision.oversight_queries import (
    duties_of_case,
    instruction_totals,
    instructions,
    led_by_level,
    led_totals,
    old_totals,
    owed_by,
    proposed_cases,
    recommendation_totals,
)
from services.supervision.projection import watches
from tests.notices.office import RULES, Office
from tests.spec import CASE, CLERK, LATER, MONDAY, UNIT, china, fact, sealed

OTHER = "mc.shuiwu"


def asked(office: Office, question: Any, *more: Any) -> Any:
    with office.database.read() as db:
        return question(Views(office.database, db), *more)


def row(office: Office) -> dict[str, Any]:
    (found,) = office.rows(watches)
    return found


def test_of_708_old_cases_418_are_resolved_and_that_is_59_04_per_cent(office: Office) -> None:
    facts = []
    for number in range(708):
        on = {"case_id": f"c{number}"}
        facts += [fact(CaseRegistered, **on), fact(OldCaseListed, **on)]
        if number < 418:
            facts.append(fact(CaseClosed, **on))
        elif number < 420:
            facts.append(fact(CaseClosed, outcome="explained", **on))
    office.hear(*facts)
    totals = asked(office, old_totals, None)
    assert totals == {"listed": 708, "resolved": 418, "open": 288}
    assert rate(totals["resolved"], totals["listed"]) == Decimal("59.04")
    assert (rate(1, 3), rate(2, 3)) == (Decimal("33.33"), Decimal("66.67"))
    assert rate(0, 0) is None
    assert asked(office, old_totals, "51")["listed"] == 0


def test_an_old_case_that_is_handled_with_another_is_counted_there_alone(office: Office) -> None:
    office.hear(fact(CaseRegistered), fact(OldCaseListed))
    office.hear(fact(CaseLinkChanged, relation="merged_into"))
    assert asked(office, old_totals, None) == {"listed": 0, "resolved": 0, "open": 0}
    office.hear(fact(CaseLinkChanged, relation="unmerged"))
    assert asked(office, old_totals, None) == {"listed": 1, "resolved": 0, "open": 1}


def test_leaders_cases_are_counted_by_rank_and_one_handed_over_within_it_once(office: Office) -> None:
    for number in range(11):
        on = {"case_id": f"c{number}"}
        led = fact(LeaderAssigned, leadership_id=f"c{number}.l1", **on)
        office.hear(fact(CaseRegistered, **on), led)
    office.hear(
        fact(LeaderReleased, case_id="c0", leadership_id="c0.l1", ground="handed_over"),
        fact(LeaderAssigned, case_id="c0", leadership_id="c0.l2", leader="leader-2"),
        fact(CaseClosed, case_id="c1"),
    )
    assert asked(office, led_by_level) == {"city": 11}
    totals = [(r["leader"], r["cases"], r["open"]) for r in asked(office, led_totals)]
    assert totals == [("leader-1", 11, 9), ("leader-2", 1, 1)]


def test_the_region_of_oversight_is_the_gravest_and_a_leader_stays_in_a_later_round(office: Office) -> None:
    seen = []
    for event in (
        fact(CaseRegistered),
        fact(SupervisionIssued, level=2),
        fact(EscalationProposed),
        fact(SupervisionIssued, supervision_id="s2", level=3),
        fact(LeaderAssigned),
    ):
        office.hear(event)
        seen.append((row(office)["oversight"], row(office)["proposed"]))
    assert seen == [
        ("none", False),
        ("supervised", False),
        ("supervised", True),
        ("listed", False),
        ("leader", False),
    ]
    office.hear(fact(CaseClosed), fact(CaseReopened, at=LATER, round=1), fact(OldCaseListed))
    again = row(office)
    assert (again["oversight"], again["leader"], again["status"]) == ("leader", "leader-1", "open")
    assert again["old_since"] is not None, "heard after the round began, and true all the same"
    office.hear(fact(LeaderReleased, round=1))
    assert row(office)["oversight"] == "none"


def test_what_the_clock_asks_of_a_person_is_a_queue_of_open_cases(office: Office) -> None:
    office.hear(fact(CaseRegistered), fact(EscalationProposed))
    (found,) = asked(office, proposed_cases, 10)
    assert found["case_id"] == CASE
    office.hear(fact(CaseClosed))
    assert asked(office, proposed_cases, 10) == []


def test_what_leaders_wrote_is_traced_by_unit_with_what_was_found_alike(office: Office) -> None:
    office.hear(
        fact(CaseRegistered),
        fact(InstructionGiven),
        fact(InstructionAnswered),
        fact(InstructionGiven, instruction_id="i1.similar", kind="similar", of="i1"),
        fact(InstructionAnswered, instruction_id="i1.similar", found=3),
        fact(InstructionGiven, instruction_id="i2.similar", kind="similar", addressee=OTHER),
        fact(DeadlineBreached, timer="INSTRUCTION.i2.similar"),
    )
    year = (china("2026-01-01 00:00"), china("2027-01-01 00:00"))
    first, second = asked(office, instruction_totals, *year)
    ours = {"unit_id": UNIT, "given": 2, "answered": 2, "open": 0, "late": 0, "similar": 1, "found": 3}
    assert first == ours
    theirs = {"unit_id": OTHER, "given": 1, "answered": 0, "open": 1, "late": 1, "similar": 1, "found": 0}
    assert second == theirs
    assert len(asked(office, instructions, *year, 10)) == 3
    assert asked(office, instruction_totals, year[1], china("2028-01-01 00:00")) == []


@pytest.mark.parametrize(
    ("proposal_id", "event"),
    [
        ("ACCEPT.s3", fact(CaseAccepted)),
        ("DISPATCH.s3", fact(CaseAssigned)),
        (f"HANDLE.{CASE}.1.s3", fact(CaseAssigned, assignment_id=f"{CASE}.2")),
        (f"HANDLE.{CASE}.1.s3", fact(CoordinationOpened)),
        (f"HANDLE.{CASE}.1.b1.s3", fact(BreachRetracted, timer=f"HANDLE.{CASE}.1")),
        (f"SUP.{CASE}.s1.up", fact(SupervisionAnswered)),
        (f"SUP.{CASE}.s1.up", fact(SupervisionAnswered, lifted=True)),
    ],
)
def test_nothing_is_asked_of_a_person_any_more_when_its_cause_is_gone(
    office: Office, proposal_id: str, event: Event
) -> None:
    office.hear(fact(CaseRegistered), fact(SupervisionIssued))
    office.hear(fact(EscalationProposed, proposal_id=proposal_id))
    office.hear(fact(EscalationProposed, proposal_id="SUP.other.up", to="leader"))
    office.hear(event)
    assert row(office)["proposals"] == '{"SUP.other.up": "leader"}'


def test_the_daily_list_counts_cases_and_duties_in_one_statement_by_unit_and_district(
    office: Office,
) -> None:
    office.now = china("2026-03-03 08:30")
    for name, org, adcode in (("a", UNIT, "990102"), ("b", OTHER, "990103")):
        on = {"case_id": name}
        office.hear(
            fact(CaseRegistered, **on),
            fact(CaseAccepted, adcode=adcode, **on),
            fact(CaseAssigned, org=org, due_handle=china("2026-03-04 00:00"), **on),
            fact(AssignmentSigned, org=org, by=CLERK, **on),
        )
    office.hear(
        fact(SupervisionIssued, case_id="a"),
        fact(InstructionGiven, case_id="a", instruction_id="a.i1"),
        fact(InstructionGiven, case_id="a", instruction_id="a.i2"),
        fact(InstructionAnswered, case_id="a", instruction_id="a.i2"),
        fact(RecommendationMade, case_id="a", recommendation_id="a.m1", addressee=OTHER),
        fact(LeaderAssigned, case_id="a", leadership_id="a.l1"),
    )
    day = day_of(office.now, RULES.calendar(RULES.default_pack))

    def lines(*more: Any) -> list[dict[str, int]]:
        rows = asked(office, Views.rows, figures(day, *more))
        by = more[0] if more else "unit_id"
        return [{k: v for k, v in line.items() if v} for line in counted(rows, by)]

    mine = {"new": 1, "due_today": 1, "supervised": 1, "to_answer": 1, "instructions": 1}
    other = {"unit_id": OTHER, "new": 1, "due_today": 1, "recommendations": 1}
    assert lines() == [{"unit_id": UNIT} | mine, other]
    assert lines("adcode") == [
        {"adcode": "990102", "recommendations": 1} | mine,
        {"adcode": "990103", "new": 1, "due_today": 1},
    ]
    assert lines("unit_id", OTHER) == [other]
    assert lines("unit_id", None, "leader-1") == [
        {"unit_id": UNIT} | mine,
        {"unit_id": OTHER, "recommendations": 1},
    ]


def test_recommendations_of_a_year_are_counted_by_what_became_of_them(office: Office) -> None:
    for number, outcome in enumerate(("adopted", "partly", "declined", None)):
        id_ = f"m{number}"
        office.hear(fact(CaseRegistered), fact(RecommendationMade, recommendation_id=id_))
        if outcome:
            office.hear(fact(RecommendationAnswered, recommendation_id=id_, outcome=outcome))
    office.hear(fact(DeadlineBreached, timer="RECOMMENDATION.m3"))
    year = (china("2026-01-01 00:00"), china("2027-01-01 00:00"))
    (found,) = asked(office, recommendation_totals, *year)
    assert found == {
        "kind": "improve_work",
        "made": 4,
        "adopted": 1,
        "partly": 1,
        "declined": 1,
        "open": 1,
        "late": 1,
    }
    assert asked(office, recommendation_totals, year[1], china("2028-01-01 00:00")) == []


def test_the_words_of_a_duty_are_gone_with_the_citizens(office: Office) -> None:
    office.hear(fact(CaseRegistered), fact(InstructionGiven, text=sealed("立即整改")))
    (before,) = asked(office, duties_of_case, CASE, None)
    assert before["words"] == sealed("立即整改")
    office.hear(fact(InstructionAnswered, at=MONDAY), fact(PersonalDataErased))
    (after,) = office.rows(duties)
    assert (after["words"], after["answer"]) == (None, None)
    assert after["answered_at"] is not None
    assert asked(office, duties_of_case, CASE, {OTHER}) == []


def test_what_cannot_be_answered_any_more_is_owed_no_more_and_counts_as_let_go(office: Office) -> None:
    office.hear(fact(CaseRegistered), fact(CaseAssigned), fact(RecommendationMade))
    office.hear(fact(InstructionGiven), fact(InstructionAnswered))
    office.hear(fact(PersonalDataErased))
    found = {one["step"]: one["outcome"] for one in office.rows(duties)}
    assert found == {"RECOMMENDATION": "erased", "INSTRUCTION": None}
    assert asked(office, owed_by, {UNIT}, 10) == []
    year = (china("2026-01-01 00:00"), china("2027-01-01 00:00"))
    (total,) = asked(office, recommendation_totals, *year)
    assert (total["made"], total["open"], total["adopted"]) == (1, 0, 0)


def test_a_late_answer_to_a_supervision_that_was_none_after_all_is_not_shown_as_late(office: Office) -> None:
    timer = f"SUP.{CASE}.s1"
    office.hear(fact(CaseRegistered), fact(SupervisionIssued), fact(DeadlineBreached, timer=timer))
    assert [one["late"] for one in office.rows(duties)] == [True]
    office.hear(fact(BreachRetracted, timer=timer))
    assert [one["late"] for one in office.rows(duties)] == [False]


def test_what_a_unit_owes_passes_to_its_successor_with_the_case_and_what_it_answered_stays(
    office: Office,
) -> None:
    office.hear(
        fact(CaseRegistered),
        fact(CaseAssigned),
        fact(SupervisionIssued),
        fact(InstructionGiven),
        fact(InstructionAnswered),
        fact(RecommendationMade, addressee=OTHER),
        fact(LeaderAssigned),
    )
    office.hear(fact(InstructionGiven, instruction_id="i2"), fact(AssignmentPassedOn, org="mc.yuanlin"))
    rows = {one["id"]: one["unit_id"] for one in office.rows(duties)}
    assert rows == {
        f"{CASE}.s1": "mc.yuanlin",
        f"{CASE}.i1": UNIT,
        "i2": "mc.yuanlin",
        f"{CASE}.m1": OTHER,
        f"{CASE}.l1": None,
    }
    owed = [one["id"] for one in asked(office, owed_by, {"mc.yuanlin"}, 10)]
    assert sorted(owed) == [f"{CASE}.s1", "i2"]
    assert asked(office, owed_by, {UNIT}, 10) == []
