"""A unit contests its score before a panel of third parties: scenario 9. The citizen's rights stay as they are."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import SYSTEM, Actor, Event
from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import (
    AppealDismissed,
    CallbackRecorded,
    CaseClosed,
    EvaluationSubmitted,
    PanelConvened,
    PanelFindingFiled,
    PanelMemberRecused,
    ReworkOrdered,
    ScoreAppealed,
    ThirdPartyAssessed,
)
from libs.events.feedback import ReplyDelivered
from libs.events.intake import (
    CaseAccepted,
    CaseReopened,
    CaseWithdrawn,
    RecusalLifted,
    RecusalRecorded,
)
from libs.events.supervision import BreachRetracted, DeadlineBreached
from services.evaluation.commands import (
    AppealScore,
    ConvenePanel,
    DismissAppeal,
    FilePanelFinding,
    RecuseFromPanel,
    SettlePanel,
    SubmitEvaluation,
)
from services.evaluation.decider import decider
from tests.evaluation.split import after_the_split, head_of
from tests.spec import (
    AGENT,
    CASE,
    CITIZEN,
    HEAD,
    LATER,
    RULES,
    SUPERVISOR,
    UNIT,
    Given,
    china,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

TUESDAY, WEDNESDAY = china("2026-03-03 15:00"), china("2026-03-04 15:00")
COORDINATOR = Actor(id="co-1", role="coordinator")
MEMBERS = [Actor(id=f"tp-{n}", role="third_party") for n in (1, 2, 3)]
SEATS = [
    {"account": "tp-1", "kind": "lawyer"},
    {"account": "tp-2", "kind": "npc_deputy"},
    {"account": "tp-3", "kind": "netizen"},
]
APPEAL, PANEL = f"{CASE}.a1", f"{CASE}.j1"
HANDLE = f"HANDLE.{CASE}.1"
SAID = {"reason": sealed("已按时到场"), "evidence": ("e1",)}
BRIEF = "承办单位称已到场处理，诉求方称未处理。"
REWORKED = fact(ReworkOrdered, at=TUESDAY)
AGAIN = fact(ReplyDelivered, at=WEDNESDAY, reply_id=f"{CASE}.r2")


def answered(*more: Event) -> Given:
    """A case whose citizen got the answer on Monday at nine."""
    return Given(decider).facts(
        fact(CaseAccepted, by=Actor(id="acc-1", role="acceptor")),
        fact(CaseAssigned, by=Actor(id="dis-1", role="dispatcher")),
        fact(ReplyDelivered),
        *more,
    )


def appealed(*more: Event) -> Given:
    """A unit that contests a rework, and has done it again."""
    contested = fact(ScoreAppealed, at=WEDNESDAY, fact_id=f"{CASE}.w1")
    return answered(REWORKED, AGAIN, contested, *more)


def convened(*more: Event) -> Given:
    """The same before a panel of three."""
    return appealed(fact(PanelConvened, at=WEDNESDAY, appeal_id=APPEAL), *more)


# ------------------------------------------------------------------------------------- appeals


def test_the_head_contests_a_rework_once_in_time_and_with_evidence() -> None:
    case = answered(REWORKED).when(AppealScore, at=WEDNESDAY, by=HEAD, against="rework", **SAID)
    case.then(
        stated(
            ScoreAppealed,
            appeal_id=APPEAL,
            org=UNIT,
            against="rework",
            fact_id=f"{CASE}.w1",
            **SAID,
        )
    )
    case.when(AppealScore, by=HEAD, against="rework", **SAID).then_nothing()
    case.when(AppealScore, by=HEAD, against="rating", **SAID).then_refused("done once")


BREACHED = fact(DeadlineBreached, at=TUESDAY, timer=HANDLE, owner_org=UNIT)
RATABLE_NO_MORE = china("2026-04-02 09:00")


@pytest.mark.parametrize(("category", "heir"), [("0107", "mc.shuiwu"), ("0301", "mc.yuanlin")])
def test_the_successor_contests_what_counts_against_the_unit_that_it_came_from(
    category: str, heir: str
) -> None:
    other = {"mc.shuiwu": "mc.yuanlin", "mc.yuanlin": "mc.shuiwu"}[heir]
    asked = {"rework": {}, "breach": {"fact_id": HANDLE}}
    for against, more in asked.items():
        for org, words in ((other, "your unit"), (UNIT, "your unit")):
            after_the_split(category, REWORKED, AGAIN, BREACHED).when(
                AppealScore, at=WEDNESDAY, by=head_of(org), against=against, **SAID, **more
            ).then_refused(words)
        case = after_the_split(category, REWORKED, AGAIN, BREACHED)
        case.when(AppealScore, at=WEDNESDAY, by=head_of(heir), against=against, **SAID, **more)
        case.then(stated(ScoreAppealed, org=heir, against=against))
    case = after_the_split(category)
    case.when(AppealScore, at=RATABLE_NO_MORE, by=head_of(heir), against="rating", **SAID)
    case.then(stated(ScoreAppealed, org=heir))


def test_nobody_who_came_of_the_same_unit_sits_on_the_panel() -> None:
    appeal = fact(ScoreAppealed, at=WEDNESDAY, org="mc.shuiwu", fact_id=f"{CASE}.w1")
    case = after_the_split("0107", REWORKED, AGAIN, appeal)
    seats = [SEATS[0] | {"unit_id": "mc.yuanlin"}, *SEATS[1:]]
    asked = {"appeal_id": APPEAL, "brief": sealed(BRIEF)}
    case.when(ConvenePanel, at=WEDNESDAY, by=COORDINATOR, members=seats, **asked)
    case.then_refused("of the unit or close to it")
    case.when(ConvenePanel, at=WEDNESDAY, by=COORDINATOR, members=SEATS, **asked)
    case.then(stated(PanelConvened, org="mc.shuiwu"))


@pytest.mark.parametrize(
    ("at", "in_time"), [("2026-03-10 23:59", True), ("2026-03-11 00:00", False)]
)
def test_the_limit_to_contest_is_the_packs(at: str, in_time: bool) -> None:
    case = answered(REWORKED).when(AppealScore, at=china(at), by=HEAD, against="rework", **SAID)
    if in_time:
        case.then(stated(ScoreAppealed))
    else:
        case.then_refused("The time to contest this ended")


def test_without_a_word_in_the_pack_there_is_no_appeal() -> None:
    pack = RULES.pack(RULES.default_pack).model_copy(update={"appeal": None})
    case = Given(decider, replace(RULES, packs={**RULES.packs, pack.name: pack}))
    case.facts(fact(CaseAccepted), fact(CaseAssigned), fact(ReplyDelivered), REWORKED)
    case.when(AppealScore, by=HEAD, against="rework", **SAID).then_refused("knows no appeal")


def test_only_what_counts_for_the_own_unit_is_contested() -> None:
    other = Actor(id="head-2", role="unit_head", org="mc.shuiwu")
    answered(REWORKED).when(
        AppealScore, at=WEDNESDAY, by=other, against="rework", **SAID
    ).then_refused("was not ordered")
    answered().when(AppealScore, by=HEAD, against="rework", **SAID).then_refused("was not ordered")
    revoked = fact(ReworkOrdered, at=TUESDAY, reason="review_revoked")
    answered(revoked).when(
        AppealScore, at=WEDNESDAY, by=HEAD, against="rework", **SAID
    ).then_refused("not for a panel")


def test_a_missed_limit_is_contested_by_its_name_unless_it_was_taken_back() -> None:
    breach = fact(DeadlineBreached, at=TUESDAY, timer=HANDLE, due_at=TUESDAY)
    wish = {"against": "breach", "fact_id": HANDLE} | SAID
    answered(breach).when(AppealScore, at=WEDNESDAY, by=HEAD, **wish).then(
        stated(ScoreAppealed, fact_id=HANDLE)
    )
    back = fact(BreachRetracted, at=WEDNESDAY, timer=HANDLE, due_at=TUESDAY)
    answered(breach, back).when(AppealScore, at=WEDNESDAY, by=HEAD, **wish).then_refused("none")


@pytest.mark.parametrize("rated", [True, False])
def test_a_unit_never_learns_by_contesting_whether_its_work_was_rated(rated: bool) -> None:
    case = answered(*[fact(EvaluationSubmitted, at=LATER, level="dissatisfied")] * rated)
    case.when(AppealScore, at=WEDNESDAY, by=HEAD, against="rating", **SAID).then_refused(
        "can still rate"
    )
    case.when(AppealScore, at=china("2026-04-02 09:00"), by=HEAD, against="rating", **SAID).then(
        stated(ScoreAppealed, against="rating", fact_id="")
    )


def test_an_appeal_about_no_rating_at_all_needs_no_panel() -> None:
    wish = {"appeal_id": APPEAL, "note": sealed("无评价")}
    contested = fact(ScoreAppealed, at=WEDNESDAY, against="rating")
    case = answered(contested).when(DismissAppeal, by=COORDINATOR, **wish)
    case.then(stated(AppealDismissed, org=UNIT))
    content = fact(EvaluationSubmitted, at=LATER, level="satisfied")
    answered(content, contested).when(DismissAppeal, by=COORDINATOR, **wish).then(
        stated(AppealDismissed)
    )
    rated = fact(EvaluationSubmitted, at=LATER, level="dissatisfied")
    answered(rated, contested).when(DismissAppeal, by=COORDINATOR, **wish).then_refused("counts")
    appealed().when(DismissAppeal, by=COORDINATOR, **wish).then_refused("convene a panel")


def test_a_closed_cases_score_can_be_contested_a_withdrawn_ones_not() -> None:
    wish = {"against": "rework"} | SAID
    case = answered(REWORKED, AGAIN, fact(CaseClosed, at=WEDNESDAY))
    case.when(AppealScore, at=WEDNESDAY, by=HEAD, **wish).then(stated(ScoreAppealed))
    answered(REWORKED, fact(CaseWithdrawn, at=WEDNESDAY)).when(
        AppealScore, at=WEDNESDAY, by=HEAD, **wish
    ).then_refused("withdrawn")


# ------------------------------------------------------------------------------------- panels


def test_a_panel_of_three_kinds_is_asked_and_reads_a_brief() -> None:
    wish = {"appeal_id": APPEAL, "members": SEATS, "brief": BRIEF}
    case = appealed().when(ConvenePanel, at=WEDNESDAY, by=COORDINATOR, **wish)
    case.then(
        stated(
            PanelConvened,
            panel_id=PANEL,
            appeal_id=APPEAL,
            org=UNIT,
            question="rework",
            brief=BRIEF,
            due_assess=china("2026-03-26 00:00"),
        )
    )
    case.when(ConvenePanel, at=WEDNESDAY, by=COORDINATOR, **wish).then_nothing()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (SEATS[:1], "at least 3"),
        ([*SEATS, {"account": "tp-4", "kind": "official"}], "odd number"),
        ([*SEATS[:2], SEATS[0]], "has one seat"),
        ([*SEATS[:2], {"account": "tp-3", "kind": "lawyer"}], "three of the seven"),
        ([*SEATS[:2], {"account": "clerk-1", "kind": "official"}], "acted on the case"),
        ([*SEATS[:2], {"account": "acc-1", "kind": "official"}], "acted on the case"),
        ([*SEATS[:2], {"account": "dis-1", "kind": "official"}], "acted on the case"),
        ([*SEATS[:2], {"account": "co-1", "kind": "official"}], "acted on the case"),
        ([*SEATS[:2], {"account": "tp-3", "kind": "official", "unit_id": UNIT}], "is of the unit"),
    ],
)
def test_a_panel_is_odd_mixed_and_had_no_part_in_the_case(members: list, words: str) -> None:
    wish = {"appeal_id": APPEAL, "members": members, "brief": BRIEF}
    appealed().when(ConvenePanel, at=WEDNESDAY, by=COORDINATOR, **wish).then_refused(words)


def test_who_called_the_citizen_back_sits_on_no_panel_and_nobody_of_the_unit_convenes_one() -> None:
    called = fact(CallbackRecorded, at=WEDNESDAY, by=AGENT)
    seats = [*SEATS[:2], {"account": AGENT.id, "kind": "official"}]
    wish = {"appeal_id": APPEAL, "brief": BRIEF}
    appealed(called).when(ConvenePanel, by=COORDINATOR, members=seats, **wish).then_refused("acted")
    near = Actor(id="co-2", role="coordinator", org=UNIT)
    appealed().when(ConvenePanel, by=near, members=SEATS, **wish).then_refused("close to it")


def test_a_brief_names_nobody() -> None:
    with pytest.raises(ValueError, match="may tell who somebody is"):
        appealed().when(
            ConvenePanel, by=COORDINATOR, members=SEATS, brief="联系人：欧阳晓明，13800138000"
        )


def test_where_accounts_differ_a_supervisor_asks_a_panel() -> None:
    wish = {"members": SEATS, "brief": BRIEF}
    answered().when(ConvenePanel, by=COORDINATOR, **wish).then_refused("a supervisor asks")
    answered().when(ConvenePanel, by=SUPERVISOR, **wish).then(
        stated(PanelConvened, appeal_id=None, question="each_own_word", org=UNIT)
    )


def test_a_member_with_an_interest_leaves_and_alone_is_replaced() -> None:
    case = convened().when(RecuseFromPanel, by=MEMBERS[0], panel_id=PANEL, account="tp-2")
    case.then_refused("only the own seat")
    near = Actor(id="sup-9", role="supervisor", org=UNIT)
    case.when(RecuseFromPanel, by=near, panel_id=PANEL, account="tp-2").then_refused("close to it")
    case.when(RecuseFromPanel, by=MEMBERS[0], panel_id=PANEL).then(
        stated(PanelMemberRecused, account="tp-1")
    )
    case.when(RecuseFromPanel, by=COORDINATOR, panel_id=PANEL, account="tp-1").then_nothing()
    finding = {"panel_id": PANEL, "finding": "for_unit", "reason": sealed()}
    case.when(FilePanelFinding, by=MEMBERS[0], **finding).then_refused("Only a member")
    wish = {"appeal_id": APPEAL, "brief": BRIEF}
    fourth, fifth = {"account": "tp-4", "kind": "lawyer"}, {"account": "tp-5", "kind": "official"}
    for wrong in ([SEATS[1], fourth, fifth], [SEATS[0], SEATS[1], fourth]):
        case.when(ConvenePanel, by=COORDINATOR, members=wrong, **wish).then_refused("members")
    case.when(FilePanelFinding, at=WEDNESDAY, by=MEMBERS[1], **finding).then(
        stated(PanelFindingFiled)
    )
    case.when(ConvenePanel, by=COORDINATOR, members=[*SEATS[1:], fourth], **wish).then(
        stated(PanelConvened, panel_id=PANEL)
    )
    assert case.state.scores.panel.found == {"tp-2": "for_unit"}


def test_nobody_replaces_a_member_who_only_finds_otherwise() -> None:
    wish = {"appeal_id": APPEAL, "brief": BRIEF}
    other = [*SEATS[:2], {"account": "tp-4", "kind": "official"}]
    convened().when(ConvenePanel, by=COORDINATOR, members=other, **wish).then_refused("is replaced")


# ------------------------------------------------------------------------------------- findings


@pytest.mark.parametrize(
    ("findings", "finding", "effect"),
    [
        (("for_unit", "for_unit", "for_citizen"), "for_unit", "not_counted"),
        (("for_citizen", "for_unit", "for_citizen"), "for_citizen", "stands"),
        (("for_citizen", "for_unit", "undecided"), "undecided", "stands"),
    ],
)
def test_the_majority_of_the_panel_decides_what_counts(
    findings: tuple[str, ...], finding: str, effect: str
) -> None:
    case, before = convened(), convened().state
    for by, found in zip(MEMBERS[:2], findings[:2], strict=True):
        filed = {"panel_id": PANEL, "finding": found, "reason": sealed()}
        case.when(FilePanelFinding, at=WEDNESDAY, by=by, **filed).then(stated(PanelFindingFiled))
        case.when(FilePanelFinding, at=WEDNESDAY, by=by, **filed).then_nothing()
    last = {"panel_id": PANEL, "finding": findings[2], "reason": sealed()}
    case.when(FilePanelFinding, at=WEDNESDAY, by=MEMBERS[2], **last).then(
        stated(PanelFindingFiled),
        stated(
            ThirdPartyAssessed,
            panel_id=PANEL,
            appeal_id=APPEAL,
            org=UNIT,
            question="rework",
            fact_id=f"{CASE}.w1",
            finding=finding,
            score_effect=effect,
        ),
    )
    case.when(FilePanelFinding, by=MEMBERS[2], **last).then_refused("No such panel is open")
    assert (case.state.reworks, case.state.ratings) == (before.reworks, before.ratings)


def test_nobody_finds_twice_and_only_members_find() -> None:
    case = convened(fact(PanelFindingFiled, at=WEDNESDAY, by=MEMBERS[0]))
    otherwise = {"panel_id": PANEL, "finding": "for_citizen", "reason": sealed()}
    case.when(FilePanelFinding, by=MEMBERS[0], **otherwise).then_refused("have said")
    stranger = Actor(id="tp-9", role="third_party")
    case.when(FilePanelFinding, by=stranger, **otherwise).then_refused("Only a member")
    near = Actor(id="tp-2", role="third_party", org=UNIT)
    case.when(FilePanelFinding, by=near, **otherwise).then_refused("close to it")


def test_at_the_end_of_its_time_a_panel_has_found_what_its_majority_has() -> None:
    found = [fact(PanelFindingFiled, at=WEDNESDAY, by=by) for by in MEMBERS[:2]]
    assert not [w for w in convened(found[0]).due() if isinstance(w, SettlePanel)]
    case = convened(*found)
    (settle,) = [w for w in case.due() if isinstance(w, SettlePanel)]
    assert settle.occurred_at == china("2026-04-01 00:00")
    case.when(SettlePanel, at=WEDNESDAY, by=SYSTEM).then_nothing()
    case.when(SettlePanel, at=settle.occurred_at, by=SYSTEM).then(
        stated(ThirdPartyAssessed, finding="for_unit", score_effect="not_counted")
    )
    assert not [w for w in case.due() if isinstance(w, SettlePanel)]
    gone = convened(*found, fact(CaseWithdrawn, at=WEDNESDAY))
    assert gone.due() == []


def test_a_majority_that_comes_late_is_enough() -> None:
    case = convened(fact(PanelFindingFiled, at=WEDNESDAY, by=MEMBERS[0]))
    filed = {"panel_id": PANEL, "finding": "for_unit", "reason": sealed()}
    case.when(FilePanelFinding, at=china("2026-04-02 09:00"), by=MEMBERS[1], **filed).then(
        stated(PanelFindingFiled), stated(ThirdPartyAssessed)
    )


def test_what_a_panel_finds_keeps_no_citizen_from_rating_or_asking_for_more() -> None:
    case = convened(fact(ThirdPartyAssessed, at=WEDNESDAY))
    case.when(
        SubmitEvaluation, at=WEDNESDAY, by=CITIZEN, target="handling", level="dissatisfied"
    ).then(stated(EvaluationSubmitted))


ANY_FACT = [
    fact(CaseAssigned),
    fact(ReplyDelivered),
    REWORKED,
    AGAIN,
    fact(DeadlineBreached, timer=HANDLE),
    fact(BreachRetracted, timer=HANDLE),
    fact(ScoreAppealed),
    fact(PanelConvened, appeal_id=APPEAL),
    fact(PanelFindingFiled, by=MEMBERS[0]),
    fact(PanelMemberRecused),
    fact(ThirdPartyAssessed, appeal_id=APPEAL),
    fact(CaseClosed),
]


@given(st.lists(st.sampled_from(ANY_FACT), max_size=12), st.randoms(use_true_random=False))
def test_it_does_not_matter_which_service_was_heard_first(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)


def test_of_a_case_that_was_not_accepted_nothing_is_contested() -> None:
    for command, by, fields in (
        (AppealScore, HEAD, {"against": "rating", **SAID}),
        (ConvenePanel, SUPERVISOR, {"members": SEATS, "brief": BRIEF}),
    ):
        Given(decider).when(command, by=by, **fields).then_refused("was not accepted")


def test_who_keeps_out_of_the_case_sits_on_no_panel() -> None:
    wish = {"appeal_id": APPEAL, "members": SEATS, "brief": BRIEF}
    kept_out = fact(RecusalRecorded, account="tp-3")
    case = appealed(kept_out).when(ConvenePanel, at=WEDNESDAY, by=COORDINATOR, **wish)
    case.then_refused("tp-3 acted on the case or was recused")
    case.facts(fact(RecusalLifted, account="tp-3"))
    case.when(ConvenePanel, at=WEDNESDAY, by=COORDINATOR, **wish).then(stated(PanelConvened))
    anew = appealed(kept_out, fact(CaseReopened, round=1)).state
    assert anew.recused == ("tp-3",), "taken up anew, it is the same case"
