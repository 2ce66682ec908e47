"""A unit says that a case is not its own: in time, with law, countersigned; a judge decides.

Past 300 lines, for a dispute is followed in one place, from the unit's word to the judge's.
"""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import (
    AssignmentDisputed,
    AssignmentSigned,
    CaseAssigned,
    CoordinationOpened,
    CoordinationResolved,
    DisputeDecided,
    DisputeProposed,
    DisputeWithheld,
)
from libs.events.feedback import CaseHeld, HoldLifted, ReplyDelivered, ReplyReturned, ReplySubmitted
from libs.events.intake import CaseAccepted, CaseReferred
from libs.rules.rules import Rules
from services.dispatch.commands import (
    AssignCase,
    DecideDispute,
    DisputeAssignment,
    OpenCoordination,
    ProposeDispute,
    SignAssignment,
    WithholdDispute,
)
from services.dispatch.decider import decider
from tests.spec import (
    CASE,
    CLERK,
    DISPATCHER,
    DUE,
    HEAD,
    LATER,
    RULES,
    UNIT,
    Given,
    china,
    fact,
    sealed,
    stated,
)

JUDGE = Actor(id="judge-1", role="dispute_judge")
STRANGER = Actor(id="clerk-2", role="unit_clerk", org="mc.shuiwu")
OTHER, STREET = "mc.shuiwu", "mc.yunxi.bailuqiao"
TIME_ENDS = china("2026-03-04 00:00")
"""A working day after it was assigned."""
LAW, WHY = sealed("三定规定"), sealed("井盖属水务局")
DISPUTE = {"reason_code": "not_our_duty", "law_basis": LAW}
UPHELD = {"outcome": "upheld", "reason": WHY}
DENIED = {"outcome": "denied", "reason": WHY}


def assigned(*facts: Event, rules: Rules = RULES) -> Given:
    """A case that was given to its unit on Monday at nine, and what came after."""
    return Given(decider, rules).facts(fact(CaseAccepted), fact(CaseAssigned), *facts)


def proposed(*facts: Event) -> Given:
    """A case whose clerk says that it is another's; the head has yet to countersign."""
    return assigned(fact(DisputeProposed, by=CLERK, law_basis=LAW), *facts)


def disputed(*facts: Event) -> Given:
    """A case whose clerk and head say that it is another's."""
    return assigned(fact(AssignmentDisputed, by=CLERK, signer=HEAD.id), *facts)


def rules_that(**dispatch: object) -> Rules:
    """The shipped rules with other limits for dispatch."""
    name = RULES.default_pack
    pack = RULES.packs[name]
    changed = type(pack).model_validate(pack.model_dump() | {"dispatch": pack.dispatch.model_dump() | dispatch})
    return replace(RULES, packs={**RULES.packs, name: changed})


# ------------------------------------------------------------------------------------ raising


@pytest.mark.parametrize("signed", [False, True])
def test_a_unit_disputes_what_is_not_its_own_and_a_judge_has_a_day_for_it(signed: bool) -> None:
    given = assigned(*[fact(AssignmentSigned)] * signed)
    given.when(ProposeDispute, by=CLERK, suggested_unit=OTHER, **DISPUTE).then(
        stated(
            DisputeProposed,
            assignment_id=f"{CASE}.1",
            org=UNIT,
            reason_code="not_our_duty",
            law_basis=LAW,
            suggested_org=OTHER,
            countersign_until=TIME_ENDS,
        )
    )
    given.when(ProposeDispute, by=CLERK, **DISPUTE).then_nothing()
    other = DISPUTE | {"reason_code": "no_facts"}
    given.when(ProposeDispute, by=CLERK, **other).then_refused("proposed already")
    given.when(DecideDispute, by=JUDGE, **DENIED).then_refused("No dispute waits")
    given.when(DisputeAssignment, by=HEAD).then(
        stated(
            AssignmentDisputed,
            assignment_id=f"{CASE}.1",
            org=UNIT,
            signer=HEAD.id,
            reason_code="not_our_duty",
            law_basis=LAW,
            suggested_org=OTHER,
            due_decide=china("2026-03-03 10:00"),
        )
    )
    given.when(ProposeDispute, by=CLERK, **DISPUTE).then_nothing()
    given.when(DisputeAssignment, by=HEAD).then_nothing()


def test_the_units_head_countersigns_and_is_another_person_than_the_clerk() -> None:
    assigned().when(DisputeAssignment, by=HEAD).then_refused("No dispute is proposed")
    alone = Actor(id=CLERK.id, role="unit_head", org=UNIT)
    given = proposed().when(DisputeAssignment, by=alone).then_refused("Who proposed the dispute")
    given.when(DisputeAssignment, by=STRANGER).then_refused("only that unit")
    given.when(DisputeAssignment, by=HEAD).then(stated(AssignmentDisputed, signer=HEAD.id))


def test_a_head_who_does_not_countersign_leaves_the_unit_its_case() -> None:
    given = proposed().when(WithholdDispute, by=HEAD, note=WHY)
    given.then(stated(DisputeWithheld, assignment_id=f"{CASE}.1", org=UNIT, note=WHY))
    given.when(DisputeAssignment, by=HEAD).then_refused("No dispute is proposed")
    given.when(WithholdDispute, by=HEAD, note=WHY).then_refused("No dispute is proposed")
    second = Actor(id="clerk-9", role="unit_clerk", org=UNIT)
    given.when(ProposeDispute, by=second, **DISPUTE).then(stated(DisputeProposed))
    first = Actor(id=CLERK.id, role="unit_head", org=UNIT)
    given.when(DisputeAssignment, by=first).then_refused("Who proposed the dispute")


def test_what_is_not_countersigned_before_the_stated_instant_has_lapsed() -> None:
    over = TIME_ENDS.astimezone(UTC)
    said = fact(DisputeProposed, by=CLERK, law_basis=LAW, countersign_until=over)
    just = TIME_ENDS - timedelta(microseconds=1)
    assigned(said).when(DisputeAssignment, at=just, by=HEAD).then(stated(AssignmentDisputed))
    assigned(said).when(WithholdDispute, at=just, by=HEAD, note=WHY).then(stated(DisputeWithheld))
    given, ended = assigned(said), f"The time for a dispute ended at {over.isoformat()}."
    given.when(DisputeAssignment, at=TIME_ENDS, by=HEAD).then_refused(ended)
    given.when(WithholdDispute, at=TIME_ENDS, by=HEAD, note=WHY).then_refused(f"{ended} What was proposed has")
    for reason in ("not_our_duty", "no_facts"):  # neither the same nor another stands in its place
        wish = DISPUTE | {"reason_code": reason}
        given.when(ProposeDispute, at=TIME_ENDS, by=CLERK, **wish).then_refused(ended)


def test_what_was_stated_holds_for_the_head_whatever_the_pack_gives_since() -> None:
    longer, shorter = (rules_that(dispute_within={"wd": days, "source": "试行"}) for days in (9, 1))
    said = fact(DisputeProposed, by=CLERK, countersign_until=china("2026-03-06 00:00"))
    in_time = assigned(said, rules=shorter).when(DisputeAssignment, at=china("2026-03-05 09:00"), by=HEAD)
    in_time.then(stated(AssignmentDisputed))
    late = assigned(said, rules=longer).when(DisputeAssignment, at=china("2026-03-06 00:00"), by=HEAD)
    late.then_refused("ended at 2026-03-06")
    again = late.when(ProposeDispute, at=china("2026-03-06 09:00"), by=CLERK, **DISPUTE)
    again.then(stated(DisputeProposed, countersign_until=china("2026-03-14 00:00")))


def test_what_is_proposed_stops_nothing_and_falls_with_the_time_the_answer_and_the_assignment() -> None:
    proposed().when(SignAssignment, by=CLERK).then(stated(AssignmentSigned))
    late = proposed().when(DisputeAssignment, at=china("2026-03-04 00:00"), by=HEAD)
    late.then_refused("time for a dispute ended at 20")
    proposed(fact(ReplySubmitted)).when(DisputeAssignment, by=HEAD).then_refused("has answered")
    proposed(fact(CaseHeld)).when(DisputeAssignment, by=HEAD).then_refused("on hold")
    moved = proposed(fact(CaseAssigned, assignment_id=f"{CASE}.2"))
    moved.when(DisputeAssignment, by=HEAD).then_refused("No dispute is proposed")


def test_neither_who_proposed_nor_who_countersigned_judges() -> None:
    given = proposed().when(DisputeAssignment, by=HEAD)
    for who in (CLERK, HEAD):
        judge = Actor(id=who.id, role="dispute_judge")
        given.when(DecideDispute, by=judge, **DENIED).then_refused("Who raised or countersigned")


def test_nobody_disputes_for_another_unit_or_what_nobody_has() -> None:
    assigned().when(ProposeDispute, by=STRANGER, **DISPUTE).then_refused("only that unit")
    waiting = Given(decider).facts(fact(CaseAccepted))
    waiting.when(ProposeDispute, by=CLERK, **DISPUTE).then_refused("with no unit")


def test_whom_a_unit_suggests_exists_and_is_another() -> None:
    for unit, words in ((UNIT, "another unit than your own"), ("mc.nobody", "no unit mc.nobody")):
        wish = DISPUTE | {"suggested_unit": unit}
        assigned().when(ProposeDispute, by=CLERK, **wish).then_refused(words)


@pytest.mark.parametrize(
    ("track", "in_time", "too_late"),
    [
        ("hotline", "2026-03-03 23:59", "2026-03-04 00:00"),
        ("xinfang", "2026-03-09 23:59", "2026-03-10 00:00"),
    ],
)
def test_a_dispute_is_raised_within_the_days_that_the_pack_gives(
    track: str, in_time: str, too_late: str
) -> None:
    def at(when: str) -> Given:
        given = Given(decider).facts(fact(CaseAccepted, track=track), fact(CaseAssigned))
        return given.when(ProposeDispute, at=china(when), by=CLERK, **DISPUTE)

    at(in_time).then(stated(DisputeProposed))
    at(too_late).then_refused("time for a dispute ended at 20")


def test_what_is_answered_is_disputed_no_more_unless_the_answer_came_back() -> None:
    answered = assigned(fact(ReplySubmitted))
    answered.when(ProposeDispute, by=CLERK, **DISPUTE).then_refused("has answered")
    answered.facts(fact(ReplyReturned)).when(ProposeDispute, by=CLERK, **DISPUTE).then(
        stated(DisputeProposed)
    )


def test_a_case_is_disputed_twice_at_most() -> None:
    again = fact(CaseAssigned, assignment_id=f"{CASE}.2")
    third = fact(CaseAssigned, assignment_id=f"{CASE}.3")
    upheld = fact(DisputeDecided, outcome="upheld")
    second = fact(AssignmentDisputed, signer="h", assignment_id=f"{CASE}.2")
    upheld_again = fact(DisputeDecided, outcome="upheld", assignment_id=f"{CASE}.2")
    given = disputed(upheld, again, second, upheld_again, third)
    given.when(ProposeDispute, by=CLERK, **DISPUTE).then_refused("disputed 2 times")
    more = Given(decider, rules_that(max_disputes_per_case=3))
    more.state = given.state
    more.when(ProposeDispute, by=CLERK, **DISPUTE).then(stated(DisputeProposed))


# ------------------------------------------------------------------------------- who assists


HELPED = fact(CaseAssigned, org=OTHER, role="assist", assignment_id=f"{CASE}.2")
NO_HELP = {"reason_code": "not_our_duty", "law_basis": LAW}
OTHER_HEAD = Actor(id="head-2", role="unit_head", org=OTHER)
OF_ASSIST = {"assignment_id": f"{CASE}.2"}


def helper_disputes(*facts: Event) -> Given:
    """An assisting unit says that it need not help."""
    given = assigned(HELPED, *facts).when(ProposeDispute, by=STRANGER, **NO_HELP)
    return given.when(DisputeAssignment, by=OTHER_HEAD)


def test_a_unit_that_assists_says_that_it_need_not_and_the_lead_goes_on() -> None:
    given = helper_disputes()
    given.then(stated(AssignmentDisputed, assignment_id=f"{CASE}.2", org=OTHER, signer="head-2"))
    given.when(ProposeDispute, by=STRANGER, **NO_HELP).then_nothing()
    given.when(SignAssignment, by=STRANGER).then_refused("dispute is decided first")
    given.when(SignAssignment, by=CLERK).then(stated(AssignmentSigned, assignment_id=f"{CASE}.1"))


def test_who_need_not_assist_is_gone_and_nothing_is_dispatched_anew() -> None:
    given = helper_disputes().when(DecideDispute, by=JUDGE, **UPHELD, **OF_ASSIST)
    given.then(
        stated(
            DisputeDecided,
            assignment_id=f"{CASE}.2",
            org=OTHER,
            outcome="upheld",
            designated_org=None,
            due_dispatch=None,
        )
    )
    given.when(DecideDispute, by=JUDGE, **UPHELD, **OF_ASSIST).then_nothing()
    given.when(SignAssignment, by=STRANGER).then_refused("only that unit can sign")
    given.when(AssignCase, by=DISPATCHER, assists=(OTHER,)).then_refused("assists: the dispute of")
    given.when(AssignCase, by=DISPATCHER, assists=(OTHER,), note=WHY).then(
        stated(CaseAssigned, org=OTHER, role="assist", assignment_id=f"{CASE}.3")
    )


def test_who_must_assist_after_all_does_not_dispute_again() -> None:
    given = helper_disputes().when(DecideDispute, by=JUDGE, **DENIED, **OF_ASSIST)
    given.then(stated(DisputeDecided, outcome="denied", org=OTHER, designated_org=OTHER))
    given.when(DecideDispute, by=JUDGE, **DENIED, **OF_ASSIST).then_nothing()
    given.when(ProposeDispute, by=STRANGER, **NO_HELP).then_refused("was designated")
    given.when(SignAssignment, by=STRANGER).then(stated(AssignmentSigned, org=OTHER))


def test_lead_and_assist_dispute_at_the_same_time_and_each_is_judged_for_itself() -> None:
    given = helper_disputes()
    given.when(ProposeDispute, by=CLERK, **DISPUTE)
    given.when(DisputeAssignment, by=HEAD).then(stated(AssignmentDisputed, org=UNIT))
    given.when(DecideDispute, by=JUDGE, **DENIED, **OF_ASSIST).then(stated(DisputeDecided, org=OTHER))
    given.when(DecideDispute, by=JUDGE, **DENIED).then(stated(DisputeDecided, org=UNIT))


@pytest.mark.parametrize(
    ("by", "more", "words"),
    [
        (STRANGER, {}, "who raised or countersigned"),
        (Actor(id="head-2", role="dispute_judge"), {}, "who raised or countersigned"),
        (Actor(id="j", role="dispute_judge", org=OTHER), {}, "not of the unit"),
        (JUDGE, {"designated_unit": "mc.yunxi"}, "designated_unit: "),
    ],
)
def test_an_assists_dispute_is_judged_by_the_same_rules(
    by: Actor, more: dict[str, str], words: str
) -> None:
    given = helper_disputes().when(DecideDispute, by=by, **UPHELD, **OF_ASSIST, **more)
    assert given.refusal is not None
    assert words in given.refusal.lower() or words in given.refusal


def test_who_was_named_to_assist_by_a_meeting_does_not_return_it() -> None:
    named = fact(CoordinationResolved, lead=UNIT, assists=(OTHER,))
    met = [fact(CoordinationOpened), named, fact(CaseAssigned), HELPED]
    given = Given(decider).facts(fact(CaseAccepted), *met)
    given.when(ProposeDispute, by=STRANGER, **NO_HELP).then_refused("was designated")


def test_an_assists_time_to_dispute_counts_from_its_own_assignment() -> None:
    late = HELPED.model_copy(update={"occurred_at": china("2026-03-09 09:00")})
    given = assigned(late)
    given.when(ProposeDispute, by=STRANGER, at=china("2026-03-10 09:00"), **NO_HELP).then(
        stated(DisputeProposed, org=OTHER)
    )
    given = assigned(HELPED)
    given.when(ProposeDispute, by=STRANGER, at=china("2026-03-10 09:00"), **NO_HELP)
    given.then_refused("time for a dispute ended")


def test_while_a_dispute_is_open_the_case_is_neither_signed_nor_given_away() -> None:
    disputed().when(SignAssignment, by=CLERK).then_refused("dispute is decided first")
    disputed().when(AssignCase, by=DISPATCHER).then_refused("dispute is decided first")


# ----------------------------------------------------------------------------------- deciding


def test_an_upheld_dispute_sends_the_case_to_be_dispatched_anew() -> None:
    given = disputed().when(DecideDispute, at=LATER, by=JUDGE, **UPHELD)
    given.then(
        stated(
            DisputeDecided,
            assignment_id=f"{CASE}.1",
            org=UNIT,
            outcome="upheld",
            reason=WHY,
            designated_org=None,
            due_dispatch=china("2026-03-03 11:00"),
        )
    )
    given.when(DecideDispute, at=LATER, by=JUDGE, **UPHELD).then_nothing()
    given.when(DecideDispute, at=LATER, by=JUDGE, **DENIED).then_refused("No dispute waits")
    given.when(SignAssignment, by=CLERK).then_refused("with no unit yet")


def test_a_unit_whose_dispute_was_upheld_is_not_chosen_again_by_the_catalogue() -> None:
    given = disputed(fact(DisputeDecided, outcome="upheld"))
    given.when(AssignCase, by=DISPATCHER).then_refused("whose dispute was upheld")
    given.when(AssignCase, by=DISPATCHER, unit_id=UNIT).then_refused("give a note why")
    given.when(AssignCase, at=LATER, by=DISPATCHER, unit_id=OTHER, note=WHY).then(
        stated(
            CaseAssigned,
            assignment_id=f"{CASE}.2",
            org=OTHER,
            basis="designated",
            due_sign=china("2026-03-04 10:00"),
            due_handle=china("2026-03-11 00:00"),
        )
    )


def test_whom_the_judge_designates_is_given_the_case_and_returns_it_no_more() -> None:
    given = disputed().when(DecideDispute, by=JUDGE, designated_unit=OTHER, **UPHELD)
    given.then(stated(DisputeDecided, designated_org=OTHER))
    given.when(AssignCase, by=DISPATCHER, unit_id="mc.zhujian", note=WHY).then_refused(
        "mc.shuiwu was designated"
    )
    given.when(AssignCase, by=DISPATCHER).then(
        stated(CaseAssigned, org=OTHER, basis="designated", assignment_id=f"{CASE}.2")
    )
    given.when(ProposeDispute, by=STRANGER, **DISPUTE).then_refused("designated to this unit")


def test_a_dispatchers_own_choice_may_still_be_disputed() -> None:
    given = disputed(fact(DisputeDecided, outcome="upheld"))
    given.when(AssignCase, by=DISPATCHER, unit_id=OTHER, note=WHY)
    given.when(ProposeDispute, by=STRANGER, **DISPUTE).then(stated(DisputeProposed))


def test_after_a_denial_the_unit_keeps_the_case_and_signs_it() -> None:
    given = disputed().when(DecideDispute, by=JUDGE, **DENIED)
    given.then(stated(DisputeDecided, outcome="denied", designated_org=UNIT, due_dispatch=None))
    given.when(DecideDispute, by=JUDGE, **DENIED).then_nothing()
    given.when(ProposeDispute, by=CLERK, **DISPUTE).then_refused("designated to this unit")
    given.when(AssignCase, by=DISPATCHER, unit_id=OTHER, note=WHY).then_refused("must return it")
    given.when(SignAssignment, by=CLERK).then(stated(AssignmentSigned, assignment_id=f"{CASE}.1"))


def test_where_the_pack_allows_it_a_denied_unit_disputes_again() -> None:
    given = assigned(
        fact(AssignmentDisputed, signer="h"),
        fact(DisputeDecided),
        rules=rules_that(after_designation_no_return=False),
    )
    given.when(ProposeDispute, by=CLERK, **DISPUTE).then(stated(DisputeProposed))


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        (Actor(id=CLERK.id, role="dispute_judge"), "Who raised or countersigned"),
        (Actor(id=HEAD.id, role="dispute_judge"), "Who raised or countersigned"),
        (Actor(id="judge-2", role="dispute_judge", org=UNIT), "not of the unit"),
    ],
)
def test_who_raised_a_dispute_or_is_of_the_unit_does_not_judge_it(judge: Actor, words: str) -> None:
    disputed().when(DecideDispute, by=judge, **UPHELD).then_refused(words)
    disputed().when(DecideDispute, by=judge, **DENIED).then_refused(words)


def test_there_is_nothing_to_judge_without_a_dispute() -> None:
    assigned().when(DecideDispute, by=JUDGE, **UPHELD).then_refused("No dispute waits")


def test_what_is_on_hold_is_neither_disputed_nor_whistled_about_until_the_hold_is_lifted() -> None:
    given = assigned(fact(AssignmentSigned), fact(CaseHeld))
    given.when(ProposeDispute, by=CLERK, **DISPUTE).then_refused("on hold")
    given.when(OpenCoordination, by=HEAD).then_refused("on hold")
    given.facts(fact(HoldLifted)).when(ProposeDispute, by=CLERK, **DISPUTE)
    given.then(stated(DisputeProposed))


def test_the_hold_of_a_unit_that_no_longer_has_the_case_keeps_no_other_from_disputing_it() -> None:
    given = disputed(fact(CaseHeld), fact(DisputeDecided, outcome="upheld"))
    given.facts(fact(CaseAssigned, assignment_id=f"{CASE}.2", org=OTHER))
    given.when(ProposeDispute, by=STRANGER, **DISPUTE).then(stated(DisputeProposed))


def test_a_unit_that_does_its_answer_again_does_not_return_the_case() -> None:
    again = (fact(ReplyDelivered), fact(ReplySubmitted, reply_id=f"{CASE}.r2"))
    given = assigned(fact(AssignmentSigned), *again, fact(ReplyReturned, reply_id=f"{CASE}.r2"))
    given.when(ProposeDispute, by=CLERK, **DISPUTE).then_refused("is its own")
    given.when(OpenCoordination, by=HEAD, parties=(OTHER,)).then_refused("answered already")


def test_the_answer_of_a_unit_that_no_longer_has_the_case_is_not_the_next_ones() -> None:
    given = disputed(fact(DisputeDecided, outcome="upheld"), fact(ReplyDelivered))
    given.facts(fact(CaseAssigned, assignment_id=f"{CASE}.2", org=OTHER))
    given.when(ProposeDispute, by=STRANGER, **DISPUTE).then(stated(DisputeProposed))


def test_a_unit_that_answered_meanwhile_keeps_the_case() -> None:
    given = disputed(fact(ReplyDelivered))
    given.when(DecideDispute, by=JUDGE, **UPHELD).then_refused("can only be denied")
    given.when(DecideDispute, by=JUDGE, **DENIED).then(stated(DisputeDecided))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (UPHELD | {"designated_unit": UNIT}, "just found not to be"),
        (UPHELD | {"designated_unit": "mc.nobody"}, "no unit mc.nobody"),
        (UPHELD | {"designated_unit": STREET}, f"designated_unit: {STREET} cannot lead the case"),
        (DENIED | {"designated_unit": OTHER}, f"leaves the case with {UNIT}"),
    ],
)
def test_a_judge_designates_a_unit_that_fits_the_decision(wish: dict[str, str], words: str) -> None:
    disputed().when(DecideDispute, by=JUDGE, **wish).then_refused(words)


def test_a_report_on_an_official_is_named_to_no_unit_but_a_discipline_organ() -> None:
    report = {"track": "restricted", "category": "1602", "sla_class": "R", "due": DUE}
    given = Given(decider).facts(
        fact(CaseReferred, ground="D05", **report), fact(CaseAssigned, org="mc.jiwei")
    )
    clerk = Actor(id="dis-1", role="discipline_officer", org="mc.jiwei")
    suggests = DISPUTE | {"suggested_unit": OTHER}
    given.when(ProposeDispute, by=clerk, **suggests).then_refused("suggested_unit: a report")
    given.facts(fact(AssignmentDisputed, org="mc.jiwei"))
    given.when(DecideDispute, by=JUDGE, **UPHELD | {"designated_unit": OTHER})
    given.then_refused("designated_unit: a report on an official")
