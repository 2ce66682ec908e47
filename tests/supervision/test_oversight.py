"""What is owed beside a case's steps: listing, leaders' cases, instructions, recommendations, old cases.

Past 300 lines, for all of these are duties of one kind: told, accepted, answered in time or called to account.
"""

from datetime import timedelta
from typing import Any

import pytest

from libs.events.base import Actor, Event
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import ReplyDelivered, ReplyReturned
from libs.events.intake import (
    AnsweredAtDesk,
    CaseAccepted,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseReopened,
    PersonalDataErased,
)
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    EscalationDismissed,
    EscalationProposed,
    InstructionAnswered,
    InstructionGiven,
    LeaderAssigned,
    LeaderReleased,
    OldCaseDelisted,
    OldCaseListed,
    RecommendationAnswered,
    RecommendationMade,
    SupervisionAnswered,
    SupervisionIssued,
)
from libs.rules.policy import read_pack
from libs.rules.shipped import read_shipped
from services.supervision.commands import (
    AnswerInstruction,
    AnswerRecommendation,
    AnswerSupervision,
    AssignLeader,
    CallToAccount,
    DelistOldCase,
    DismissEscalation,
    GiveInstruction,
    HandOverCase,
    IssueSupervision,
    LiftSupervision,
    ListOldCase,
    MakeRecommendation,
    ProposeEscalation,
    ReleaseLeader,
    RetractBreach,
)
from services.supervision.decider import decider, wakes
from services.supervision.policy import react
from tests.spec import (
    CASE,
    COORDINATOR,
    DUE,
    HEAD,
    LATER,
    LEADER,
    MONDAY,
    PETITIONS,
    RULES,
    SUPERVISOR,
    UNIT,
    Given,
    china,
    fact,
    sealed,
    stated,
)
from tests.supervision.watching import HANDLE, case, fire, shown, watched, with_unit

BREACH = china("2026-03-10 00:00")
LATE = fact(DeadlineBreached, at=BREACH, timer=HANDLE, due_at=BREACH)
SIGNED = fact(AssignmentSigned)
OTHER_HEAD = Actor(id="head-2", role="unit_head", org="mc.shuiwu")
LISTING: dict[str, Any] = {"level": 3, "ground": "overdue"}
SAID: dict[str, Any] = {"text": "立即整改"}
ADVICE: dict[str, Any] = {"kind": "improve_policy", "addressee": UNIT, "text": "完善停车管理办法"}


def proposed(given: Given) -> list[tuple[str, str]]:
    """What the clock is to ask a person for, and when."""
    asked = [wish for wish in given.due() if isinstance(wish, ProposeEscalation)]
    return [(wish.to, shown(wish.occurred_at)) for wish in asked]


# ------------------------------------------------------------------------------------ listing


@pytest.mark.parametrize("by", [COORDINATOR, LEADER])
def test_the_joint_conference_or_a_leader_lists_a_case_and_nobody_else(by: Actor) -> None:
    with_unit().when(IssueSupervision, by=by, **LISTING).then(stated(SupervisionIssued, level=3))
    for other in (SUPERVISOR, PETITIONS):
        with_unit().when(IssueSupervision, by=other, **LISTING).then_refused("联席会议")
    urge = LISTING | {"level": 1}
    with_unit().when(IssueSupervision, by=COORDINATOR, **urge).then_refused("lists")


def test_ten_working_days_late_the_clock_asks_for_a_listing_once() -> None:
    given = with_unit(SIGNED, LATE)
    assert proposed(given) == [("listed", "03-24 00:00")]
    fire(given, "2026-03-24 00:00")
    assert given.state.beyond.proposals[f"{HANDLE}.s3"] == "listed"
    assert ("listed", "03-24 00:00") not in proposed(given)
    given.when(IssueSupervision, by=COORDINATOR, at=china("2026-03-25 09:00"), **LISTING)
    assert given.state.beyond.proposals[f"{HANDLE}.s3"] == "", "the person has done it"


def test_nothing_is_proposed_of_what_is_answered_listed_or_a_leaders() -> None:
    done = fact(ReplyDelivered, at=china("2026-03-11 09:00"))
    listed = fact(SupervisionIssued, at=LATER, level=3)
    led = fact(LeaderAssigned, at=LATER)
    for event in (done, listed, led):
        assert proposed(with_unit(SIGNED, LATE, event)) == [], event.type()


def test_a_supervision_that_is_not_answered_goes_one_level_up() -> None:
    for level, to in ((2, "listed"), (3, "leader")):
        issued = fact(SupervisionIssued, level=level)
        missed = fact(DeadlineBreached, at=BREACH, timer=f"SUP.{CASE}.s1", due_at=BREACH)
        given = with_unit(SIGNED, issued, missed)
        assert proposed(given) == [(to, "03-10 00:00")]
        answered = fact(SupervisionAnswered, at=BREACH)
        assert proposed(with_unit(SIGNED, issued, missed, answered)) == []
    urge = fact(SupervisionIssued, level=1)
    missed = fact(DeadlineBreached, at=BREACH, timer=f"SUP.{CASE}.s1", due_at=BREACH)
    assert proposed(with_unit(SIGNED, urge, missed)) == [], "the ladder itself takes that step"


def test_a_case_that_nobody_accepts_or_brings_to_a_unit_is_a_leaders_in_the_end() -> None:
    """无人认领: an overdue case that nobody has picked up goes up too; no unit could be listed for it."""
    for name, facts in (("ACCEPT", ()), ("DISPATCH", (fact(CaseAccepted),))):
        missed = fact(DeadlineBreached, at=BREACH, timer=name, due_at=case(*facts).state.started[name].due_at)
        given = case(*facts, missed)
        fire(given, "2026-03-05 00:00")
        assert list(given.state.supervisions.values()) == [1], name
        asked = [one for one in given.due() if isinstance(one, ProposeEscalation)]
        assert [(one.to, one.addressee) for one in asked] == [("leader", "platform")], name
        fire(given, "2026-03-31 00:00")
        assert given.state.beyond.proposals == {f"{name}.s3": "leader"}
        given.when(AssignLeader, by=SUPERVISOR, leader="leader-1", level="city")
        assert given.state.beyond.proposals == {f"{name}.s3": ""}
    picked_up = case(missed, fact(CaseAccepted), fact(CaseAssigned, at=LATER))
    assert proposed(picked_up) == []


def test_of_a_report_on_an_official_no_leader_is_asked() -> None:
    """G02: whoever is asked may be the one whom it is about."""
    missed = fact(DeadlineBreached, at=BREACH, timer="ACCEPT", due_at=china("2026-03-04 00:00"))
    listed = fact(SupervisionIssued, level=3)
    silent = fact(DeadlineBreached, at=BREACH, timer=f"SUP.{CASE}.s1", due_at=BREACH)
    for track, asked in (("hotline", 1), ("restricted", 0)):
        waits = watched([fact(CaseRegistered, track=track), missed])
        assert len(proposed(waits)) == asked
        referred = fact(CaseReferred, track=track, ground="D05", due=DUE)
        assert len(proposed(case(referred, fact(CaseAssigned), listed, silent))) == asked


def test_a_proposal_is_dismissed_once_with_a_reason_and_only_if_it_was_made() -> None:
    asked = fact(EscalationProposed, at=china("2026-03-24 00:00"))
    given = with_unit(SIGNED, LATE, asked)
    why = {"proposal_id": f"{HANDLE}.s3", "reason": "明日即办结"}
    given.when(DismissEscalation, by=COORDINATOR, **why).then(
        stated(EscalationDismissed, reason="明日即办结")
    )
    given.when(DismissEscalation, by=COORDINATOR, **why).then_nothing()
    with_unit().when(DismissEscalation, by=COORDINATOR, **why).then_refused("no such proposal")


def test_a_limit_missed_again_after_its_breach_was_taken_back_is_urged_again() -> None:
    urged = fact(SupervisionIssued, at=china("2026-03-11 00:00"), supervision_id=f"{HANDLE}.s1")
    let_go = fact(
        SupervisionAnswered, at=china("2026-03-12 00:00"), supervision_id=f"{HANDLE}.s1", lifted=True
    )
    retracted = fact(BreachRetracted, at=china("2026-03-12 00:00"), timer=HANDLE, due_at=BREACH)
    given = with_unit(SIGNED, LATE, urged, retracted, let_go, LATE)
    fire(given, "2026-03-13 00:00")
    assert f"{HANDLE}.b1.s1" in given.state.supervisions
    again = retracted.model_copy(update={"occurred_at": china("2026-03-16 00:00")})
    wishes = react(again, given.facts(again).state, RULES)
    assert {getattr(wish, "supervision_id", "") for wish in wishes} == {
        f"{HANDLE}.b1.s1",
        f"{HANDLE}.b1.s2",
    }


# --------------------------------------------------------------------------------- bad replies


@pytest.mark.parametrize(("reason", "level"), [("perfunctory", 1), ("false", 2)])
def test_a_perfunctory_or_false_reply_is_called_to_account_at_once(reason: str, level: int) -> None:
    returned = fact(ReplyReturned, at=LATER, reason=reason)
    given = with_unit(SIGNED, returned)
    (wish,) = (w for w in react(returned, given.state, RULES) if isinstance(w, CallToAccount))
    assert (wish.level, wish.addressee) == (level, UNIT)
    rest = wish.model_dump(exclude={"case_id", "occurred_at", "by"})
    given.when(CallToAccount, at=LATER, **rest).then(stated(SupervisionIssued, level=level))
    given.when(CallToAccount, at=LATER, **rest).then_nothing()
    other = fact(ReplyReturned, at=LATER, reason="not_responsive")
    assert react(other, with_unit(SIGNED, other).state, RULES) == []


@pytest.mark.parametrize(
    ("reason", "level"),
    [("perfunctory", 1), ("false_reply", 2), ("dissatisfied_unresolved", 0), ("review_revoked", 0)],
)
def test_a_rework_calls_to_account_for_a_bad_reply_and_not_for_a_revoked_opinion(
    reason: str, level: int
) -> None:
    ordered = fact(ReworkOrdered, at=LATER, by=SUPERVISOR, reason=reason)
    wishes = react(ordered, with_unit(SIGNED, ordered).state, RULES)
    asked = [wish for wish in wishes if isinstance(wish, CallToAccount)]
    assert [(wish.level, wish.ground) for wish in asked] == ([(level, reason)] if level else [])
    as_supervised = fact(ReworkOrdered, at=LATER, reason=reason)
    wishes = react(as_supervised, with_unit(SIGNED, as_supervised).state, RULES)
    assert not [wish for wish in wishes if isinstance(wish, CallToAccount)], "twice for one thing"


def test_the_urge_for_a_perfunctory_reply_ends_with_the_next_answer() -> None:
    urged = fact(SupervisionIssued, at=LATER, supervision_id=f"{CASE}.r1.perfunctory", level=1)
    answer = fact(ReplyDelivered, at=china("2026-03-04 09:00"))
    wishes = react(answer, with_unit(SIGNED, urged, answer).state, RULES)
    assert [getattr(wish, "supervision_id", "") for wish in wishes] == [f"{CASE}.r1.perfunctory"]
    before = fact(ReplyDelivered, at=MONDAY)
    assert react(before, with_unit(SIGNED, before, urged).state, RULES) == []


def test_by_the_profile_2005_a_person_names_one_of_six_situations_and_has_thirty_days() -> None:
    old = read_pack({"supervise": {"profile": "2005"}}, base=read_shipped("packs/cn-generic-2026"))
    assert old.limit("SUP", "G", "hotline").words == "30日"
    rules = RULES.__class__(
        **{
            name: getattr(RULES, name)
            for name in ("calendars", "default_pack", "taxonomy", "organisations")
        },
        packs={old.name: old},
    )
    given = Given(decider, rules).facts(fact(CaseRegistered), fact(CaseAccepted), fact(CaseAssigned))
    ground = {"level": 2, "ground": "evasion"}
    given.when(IssueSupervision, by=SUPERVISOR, **ground).then(
        stated(SupervisionIssued, ground="evasion", due_at=china("2026-04-02 00:00"))
    )
    given.when(IssueSupervision, by=SUPERVISOR, level=1, ground="transfers").then_refused("ground")
    with_unit().when(IssueSupervision, by=SUPERVISOR, **ground).then_refused("profile 2005")


def test_measures_have_evidence_and_a_lifting_may_have_words() -> None:
    given = with_unit(fact(SupervisionIssued))
    answer = {"supervision_id": f"{CASE}.s1", "measures": "已约谈", "evidence": ("att-1",)}
    given.when(AnswerSupervision, by=HEAD, **answer).then(
        stated(SupervisionAnswered, evidence=("att-1",), measures="已约谈")
    )
    lift = {"supervision_id": f"{CASE}.s1", "note": "整改到位"}
    given.when(LiftSupervision, by=SUPERVISOR, **lift).then(
        stated(SupervisionAnswered, lifted=True, note="整改到位")
    )


# --------------------------------------------------------------------------- leaders' cases


def test_a_leader_answers_for_a_case_until_another_takes_it_over_or_it_is_released() -> None:
    given = with_unit().when(
        AssignLeader, by=SUPERVISOR, leader="leader-1", level="city", team=(UNIT,)
    )
    given.then(
        stated(
            LeaderAssigned,
            leadership_id=f"{CASE}.l1",
            leader="leader-1",
            due_at=china("2026-06-02 00:00"),  # 31 May is a Sunday: the last day rolls on
        )
    )
    again = {"leader": "leader-1", "level": "city"}
    given.when(AssignLeader, by=SUPERVISOR, **again).then_nothing()
    other = {"leader": "leader-2", "level": "county"}
    given.when(AssignLeader, by=SUPERVISOR, **other).then_refused("hand it over")
    given.when(HandOverCase, by=SUPERVISOR, **other).then(
        stated(LeaderReleased, leadership_id=f"{CASE}.l1", ground="handed_over"),
        stated(LeaderAssigned, leadership_id=f"{CASE}.l2", level="county"),
    )
    given.when(HandOverCase, by=SUPERVISOR, **other).then_nothing()
    given.when(ReleaseLeader, by=SUPERVISOR, ground="resolved").then(
        stated(LeaderReleased, leadership_id=f"{CASE}.l2", ground="resolved")
    )
    given.when(ReleaseLeader, by=SUPERVISOR, ground="resolved").then_nothing()


def test_no_leader_takes_a_closed_case_a_report_on_an_official_or_one_with_a_strange_team() -> None:
    wish: dict[str, Any] = {"leader": "leader-1", "level": "city"}
    with_unit(fact(CaseClosed)).when(AssignLeader, by=SUPERVISOR, **wish).then_refused("closed")
    report = fact(CaseReferred, track="restricted", ground="D05", due=DUE)
    case(report).when(AssignLeader, by=SUPERVISOR, **wish).then_refused("discipline organ")
    strange = wish | {"team": ("mc.nobody",)}
    with_unit().when(AssignLeader, by=SUPERVISOR, **strange).then_refused("team: there is no unit")
    with_unit().when(HandOverCase, by=SUPERVISOR, **wish).then_refused("No leader")
    Given(decider).when(AssignLeader, by=SUPERVISOR, **wish).then_refused("no such case")


def test_a_leaders_limit_ends_with_the_case_and_a_breach_that_was_none_is_taken_back() -> None:
    led = fact(LeaderAssigned, due_at=china("2026-03-20 00:00"))
    given = with_unit(led)
    name = f"LEADER.{CASE}.l1"
    assert (name, "breach") in fire(given, "2026-03-20 00:00")
    assert given.state.beyond.duties[name].breached
    closed = fact(CaseClosed, at=china("2026-03-19 09:00"))
    (wish,) = (w for w in react(closed, given.facts(closed).state, RULES) if isinstance(w, RetractBreach))
    given.when(RetractBreach, at=LATER, clock=wish.clock, done_at=wish.done_at).then(
        stated(BreachRetracted, timer=name, owner_org="leaders")
    )
    assert not given.state.beyond.duties[name].breached
    in_time = with_unit(led, closed)
    assert (name, "breach") not in fire(in_time, "2026-12-31 00:00")


def test_a_leader_who_resolved_a_case_in_time_is_not_late_when_it_is_taken_up_anew_later() -> None:
    led = fact(LeaderAssigned, due_at=china("2026-03-20 00:00"))
    closed = fact(CaseClosed, at=china("2026-03-16 09:00"))
    again = fact(CaseReopened, at=china("2026-04-07 09:00"), round=1)
    assert case(fact(CaseAccepted), led, closed, again).state.beyond.leader is not None
    said = fire(case(fact(CaseAccepted), led, closed, again), "2026-12-31 00:00")
    assert not [timer for timer, _ in said if timer.startswith("LEADER")]
    longer = fact(LeaderAssigned, due_at=china("2026-05-20 00:00"))
    said = fire(case(fact(CaseAccepted), longer, closed, again), "2026-12-31 00:00")
    assert (f"LEADER.{CASE}.l1", "breach") in said, "a limit that still ran runs on"


# ------------------------------------------------------------------------------ instructions


def test_an_instruction_with_a_search_for_the_like_is_two_tasks_with_answers_of_their_own() -> None:
    given = with_unit().when(GiveInstruction, by=LEADER, similar=True, **SAID)
    given.then(
        stated(
            InstructionGiven,
            instruction_id=f"{CASE}.i1",
            kind="instruct",
            addressee=UNIT,
            text="立即整改",
            due_at=china("2026-03-10 00:00"),
        ),
        stated(
            InstructionGiven,
            instruction_id=f"{CASE}.i1.similar",
            kind="similar",
            of=f"{CASE}.i1",
            shown=False,
        ),
    )
    one = {"instruction_id": f"{CASE}.i1", "text": "已停播"}
    given.when(AnswerInstruction, by=OTHER_HEAD, **one).then_refused(f"addressed to {UNIT}")
    given.when(AnswerInstruction, by=HEAD, found=1, **one).then_refused("found")
    given.when(AnswerInstruction, by=HEAD, **one).then(stated(InstructionAnswered, found=None))
    given.when(AnswerInstruction, by=HEAD, **one).then_nothing()
    like = {"instruction_id": f"{CASE}.i1.similar", "text": "另查出三处"}
    given.when(AnswerInstruction, by=HEAD, **like).then_refused("found")
    given.when(AnswerInstruction, by=HEAD, found=3, **like).then(stated(InstructionAnswered, found=3))
    given.when(GiveInstruction, by=LEADER, kind="progress", **SAID).then(
        stated(InstructionGiven, instruction_id=f"{CASE}.i2", kind="progress")
    )
    given.when(AnswerInstruction, by=HEAD, instruction_id="i9", text="x").then_refused("no such")


def test_a_merged_case_takes_no_instruction_and_an_unmerged_one_does() -> None:
    merged = with_unit(fact(CaseLinkChanged, relation="merged_into"))
    merged.when(GiveInstruction, by=LEADER, **SAID).then_refused("instruct on that one")
    merged.facts(fact(CaseLinkChanged, relation="unmerged"), fact(CaseAssigned))
    merged.when(GiveInstruction, by=LEADER, **SAID).then(stated(InstructionGiven))


def test_an_instruction_says_what_is_wrong_with_its_limit_its_addressee_and_its_cluster() -> None:
    for wrong, words in (
        ({"due_at": MONDAY}, "due_at: it is over"),
        ({"due_at": MONDAY + timedelta(days=4000)}, "due_at: more than ten years"),
        ({"addressee": "mc.nobody"}, "addressee: there is no unit"),
        ({"similar_due_at": LATER}, "similar_due_at"),
        ({"cluster": True}, "cluster"),
    ):
        with_unit().when(GiveInstruction, by=LEADER, **SAID | wrong).then_refused(words)
    case().when(GiveInstruction, by=LEADER, **SAID).then_refused("with no unit")
    leads = with_unit(fact(CaseLinkChanged))
    leads.when(GiveInstruction, by=LEADER, cluster=True, **SAID).then(
        stated(InstructionGiven, cluster=True)
    )


def test_of_a_report_on_an_official_nobody_is_told_but_the_organ_that_has_it() -> None:
    report = case(fact(CaseReferred, track="restricted", ground="D05", due=DUE))
    advice = ADVICE | {"addressee": UNIT}
    report.when(MakeRecommendation, by=SUPERVISOR, **advice).then_refused("report on an official")
    report.when(GiveInstruction, by=LEADER, addressee=UNIT, **SAID).then_refused("report on an official")


# --------------------------------------------------------------------------- recommendations


def test_an_organ_answers_a_recommendation_in_writing_and_late_ones_are_breached() -> None:
    given = with_unit().when(MakeRecommendation, by=PETITIONS, **ADVICE)
    given.then(
        stated(
            RecommendationMade,
            recommendation_id=f"{CASE}.m1",
            kind="improve_policy",
            due_at=china("2026-04-02 00:00"),
        )
    )
    said = fire(given, "2026-04-02 00:00")
    name = f"RECOMMENDATION.{CASE}.m1"
    assert [threshold for timer, threshold in said if timer == name] == ["amber", "red", "breach"]
    answer = {"recommendation_id": f"{CASE}.m1", "outcome": "partly", "reason": "先行试点"}
    given.when(AnswerRecommendation, by=HEAD, **answer).then(
        stated(RecommendationAnswered, outcome="partly", reason="先行试点")
    )
    given.when(AnswerRecommendation, by=HEAD, **answer).then_nothing()


def test_what_is_owed_in_writing_is_owed_after_the_end_and_in_a_later_round() -> None:
    made, closed = fact(RecommendationMade), fact(CaseClosed, at=LATER)
    given = with_unit(made, closed, fact(CaseReopened, at=LATER, round=1))
    assert given.state.round == 1
    answer = {"recommendation_id": f"{CASE}.m1", "outcome": "adopted", "reason": "照办"}
    given.when(AnswerRecommendation, at=LATER, by=HEAD, **answer).then(
        stated(RecommendationAnswered, round=1)
    )
    late = with_unit(closed, fact(CaseReopened, at=LATER, round=1), made)
    assert late.state.beyond.duties.keys() == {f"RECOMMENDATION.{CASE}.m1"}, "heard after the round"


@pytest.mark.parametrize("kind", [RecommendationMade, InstructionGiven])
def test_nobody_is_late_with_an_answer_to_words_that_were_erased(kind: type[Event]) -> None:
    erased = fact(PersonalDataErased, at=LATER)
    late = ("RECOMMENDATION", "INSTRUCTION")
    said = fire(with_unit(fact(kind)), "2026-12-31 00:00")
    assert [timer for timer, threshold in said if threshold == "breach" and timer.startswith(late)]
    for facts in ([], [fact(CaseReopened, at=LATER, round=1)]):
        given = with_unit(fact(kind), *facts, erased)
        said = fire(given, "2026-12-31 00:00")
        assert not [timer for timer, _ in said if timer.startswith(late)]


# -------------------------------------------------------------------------------- old cases


def test_a_case_without_an_answer_is_an_old_one_after_as_long_as_the_pack_says() -> None:
    given = with_unit()
    fire(given, "2026-08-29 00:00")
    assert not given.state.beyond.old
    old = china("2026-09-01 00:00")  # 180 days end on Saturday 29 August, and roll on
    assert wakes(given.state, RULES) == old
    given.when(ListOldCase, at=old).then(stated(OldCaseListed, ground="age"))
    given.when(ListOldCase, at=old, by=SUPERVISOR).then_nothing()
    assert wakes(given.state, RULES) is None


def test_what_is_answered_or_over_does_not_grow_old_and_a_supervisor_may_name_what_is_not() -> None:
    for event in (fact(ReplyDelivered), fact(CaseClosed)):
        given = with_unit(event)
        given.when(ListOldCase, at=china("2026-09-01 00:00")).then_nothing()
    with_unit().when(ListOldCase, by=SUPERVISOR, note=sealed()).then(
        stated(OldCaseListed, ground="named", note=sealed())
    )
    with_unit(fact(CaseClosed)).when(ListOldCase, by=SUPERVISOR).then_refused("closed")


@pytest.mark.parametrize("event", [fact(CaseDeclined), fact(CaseReferred), fact(AnsweredAtDesk)])
def test_what_no_unit_handles_is_neither_an_old_case_nor_a_leaders(event: Event) -> None:
    leader = {"leader": "leader-1", "level": "city"}
    for command, fields in ((ListOldCase, {}), (AssignLeader, leader)):
        given = Given(decider).facts(fact(CaseRegistered), event)
        given.when(command, by=SUPERVISOR, **fields).then_refused("no unit handles it")
    led = fact(LeaderAssigned, due_at=china("2026-04-20 00:00"))
    given = watched([fact(CaseRegistered), led, event])
    assert not [timer for timer, _ in fire(given, "2026-12-31 00:00") if timer.startswith("LEADER")]
    open_ = Given(decider).facts(fact(CaseRegistered))
    open_.when(ListOldCase, by=SUPERVISOR).then(stated(OldCaseListed))


def test_a_supervisor_takes_an_old_case_off_the_list_and_its_age_puts_it_there_no_more() -> None:
    given = with_unit(fact(OldCaseListed))
    given.when(DelistOldCase, by=SUPERVISOR, reason=sealed("已依法终结")).then(
        stated(OldCaseDelisted, reason=sealed("已依法终结"))
    )
    given.when(DelistOldCase, by=SUPERVISOR, reason=sealed()).then_nothing()
    fire(given, "2026-12-01 00:00")
    assert not given.state.beyond.old
    given.when(ListOldCase, at=china("2026-12-01 00:00"), by=SUPERVISOR).then(stated(OldCaseListed))
