"""Two cases of one matter at intake: which may be merged, what parts them, and what each side says."""

from typing import Any

import pytest

from libs.events.base import SYSTEM
from libs.events.dispatch import (
    AssignmentDisputed,
    CaseAssigned,
    CaseTerminated,
    CoordinationOpened,
    CoordinationResolved,
    DisputeDecided,
)
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import (
    CaseHeld,
    ExtensionDecided,
    HoldLifted,
    ReplyDelivered,
    ReplyReturned,
    ReplySubmitted,
)
from libs.events.intake import (
    AnsweredAtDesk,
    CaseAccepted,
    CaseDeclined,
    CaseLinkChanged,
    CaseReferred,
    CaseRegistered,
    CaseWithdrawn,
    Due,
    InformationRequested,
    PersonalDataErased,
    PraiseForwarded,
)
from libs.events.supervision import DeadlineMoved
from services.intake.commands import (
    ConcludeFollower,
    ConcludeFollowers,
    ErasePersonalData,
    LeadCase,
    MergeCase,
    PartCase,
    RelateCases,
    ReleaseFollower,
    ReleaseFollowers,
    UnmergeCase,
)
from services.intake.decider import decider
from services.intake.policy import react
from tests.spec import (
    CASE,
    CITIZEN,
    DISPATCHER,
    DUE,
    LATER,
    RULES,
    Given,
    china,
    fact,
    sealed,
    stated,
)

OTHER = "0190c0de-0000-5000-8000-000000000002"
THIRD = "0190c0de-0000-5000-8000-000000000003"
LINK = f"{OTHER}.l1"
MERGED = fact(CaseLinkChanged, relation="merged_into", link_id=f"{CASE}.l1")
LEADS = fact(CaseLinkChanged, relation="leads", link_id=LINK)
WHY: dict[str, Any] = {"reason": sealed("同一路段")}


def registered(**fields: Any) -> Given:
    """A case that waits to be accepted."""
    return Given(decider).facts(fact(CaseRegistered, **fields))


def accepted() -> Given:
    """A case that waits for its unit."""
    return registered().facts(fact(CaseAccepted))


def assigned() -> Given:
    """A case with its unit."""
    return accepted().facts(fact(CaseAssigned))


# ------------------------------------------------------------------------- who may be merged


@pytest.mark.parametrize("case", [registered, accepted, assigned])
def test_a_case_that_is_not_answered_is_merged_into_another_by_a_named_persons_word(
    case: Any,
) -> None:
    case().when(MergeCase, by=DISPATCHER, into=OTHER, similarity=0.91, **WHY).then(
        stated(
            CaseLinkChanged,
            relation="merged_into",
            other_case=OTHER,
            link_id=f"{CASE}.l1",
            similarity=0.91,
            reason=sealed("同一路段"),
        )
    )
    case().when(MergeCase, by=SYSTEM, into=OTHER, **WHY).then_refused("named person")


def test_asked_twice_it_is_merged_once_and_into_one_case_only() -> None:
    case = accepted().facts(MERGED)
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then_nothing()
    case.when(MergeCase, by=DISPATCHER, into=THIRD, **WHY).then_refused("unmerged first")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([fact(InformationRequested)], "待补充"),
        ([fact(CaseDeclined)], "has ended"),
        ([fact(CaseReferred)], "has ended"),
        ([fact(CaseAccepted), fact(CaseAssigned), fact(AssignmentDisputed)], "dispute"),
        ([fact(CaseAccepted), fact(CoordinationOpened)], "meeting"),
        ([fact(CaseAssigned), fact(ReplySubmitted)], "waits for review"),
        ([fact(CaseAssigned), fact(ReplySubmitted), fact(ReplyDelivered)], "has the answer"),
        ([fact(CaseAssigned), fact(ReplyDelivered), fact(ReworkOrdered)], "works on it again"),
        ([fact(CaseAssigned), fact(CaseHeld)], "挂账"),
        ([fact(AnsweredAtDesk)], "直接解答"),
        ([fact(CaseAssigned), fact(ReplyDelivered), fact(CaseClosed)], "has ended"),
        ([LEADS], "release or move them"),
        ([fact(CaseDeclined), fact(PersonalDataErased)], "has ended"),
    ],
)
def test_what_is_being_decided_or_is_answered_is_not_merged(facts: Any, words: str) -> None:
    case = registered().facts(*facts)
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then_refused(words)


@pytest.mark.parametrize(
    "facts",
    [
        [fact(CaseAssigned), fact(AssignmentDisputed), fact(DisputeDecided)],
        [fact(CoordinationOpened), fact(CoordinationResolved)],
        [fact(CaseAssigned), fact(ReplySubmitted), fact(ReplyReturned)],
        [fact(CaseAssigned), fact(ReplyDelivered), fact(CaseHeld), fact(HoldLifted)],
        [fact(ReplySubmitted), fact(CaseAssigned, assignment_id=f"{CASE}.2")],
    ],
)
def test_what_was_decided_or_given_back_is_merged_again(facts: Any) -> None:
    case = accepted().facts(*facts).when(MergeCase, by=DISPATCHER, into=OTHER, **WHY)
    case.then(stated(CaseLinkChanged, relation="merged_into"))


def test_the_dispute_of_who_only_assists_neither_keeps_from_merging_nor_makes_way() -> None:
    of_assist = {"assignment_id": f"{CASE}.2", "org": "mc.shuiwu"}
    helped = assigned().facts(fact(CaseAssigned, role="assist", **of_assist))
    helped.facts(fact(AssignmentDisputed, **of_assist))
    helped.facts(fact(AssignmentDisputed), fact(DisputeDecided, outcome="upheld", **of_assist))
    helped.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then_refused("dispute")
    helped.facts(fact(DisputeDecided)).when(MergeCase, by=DISPATCHER, into=OTHER, **WHY)
    helped.then(stated(CaseLinkChanged, relation="merged_into"))


@pytest.mark.parametrize(
    "fields", [{"track": "restricted", "secrecy": "restricted"}, {"secrecy": "sealed"}]
)
def test_nothing_is_merged_or_related_across_levels_of_secrecy(fields: Any) -> None:
    case = registered(**fields)
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then_refused("merged with nothing")
    case.when(LeadCase, link_id=LINK, follower=OTHER).then_refused("不得并件")
    case.when(RelateCases, by=DISPATCHER, other_case=OTHER).then_refused("related to nothing")


def test_a_case_is_not_merged_into_itself_nor_related_to_itself() -> None:
    case = accepted().when(MergeCase, by=DISPATCHER, into=CASE, **WHY)
    case.then_refused("into: a case is not merged into itself")
    case.when(RelateCases, by=DISPATCHER, other_case=CASE).then_refused("other_case")


def test_a_case_that_nobody_knows_is_neither_merged_nor_leads() -> None:
    case = Given(decider)
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then_refused("no such case")
    case.when(LeadCase, link_id=LINK, follower=OTHER).then_refused("主件不存在")
    case.when(RelateCases, by=DISPATCHER, other_case=OTHER).then_refused("no such case")
    case.when(UnmergeCase, by=DISPATCHER, **WHY).then_refused("not merged")


# ------------------------------------------------------------------ the citizen's own due date


def test_the_citizens_own_due_date_goes_with_the_case() -> None:
    later = Due(dispatch=DUE.dispatch, citizen=china("2026-03-24 00:00"))
    case = registered().facts(fact(CaseAccepted, due=later))
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then(
        stated(CaseLinkChanged, due_citizen=china("2026-03-24 00:00"))
    )


def test_it_is_the_one_that_an_extension_or_a_published_calendar_has_moved_it_to() -> None:
    moved = fact(DeadlineMoved, step="CITIZEN", due_at=china("2026-03-12 00:00"))
    case = accepted().facts(moved).when(MergeCase, by=DISPATCHER, into=OTHER, **WHY)
    case.then(stated(CaseLinkChanged, due_citizen=china("2026-03-12 00:00")))
    more = {"outcome": "approved", "due_citizen": china("2026-03-30 00:00")}
    case = accepted().facts(moved, fact(ExtensionDecided, **more))
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then(
        stated(CaseLinkChanged, due_citizen=china("2026-03-30 00:00"))
    )


def test_who_was_not_accepted_yet_is_promised_what_acceptance_would_have_promised() -> None:
    registered().when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then(
        stated(
            CaseLinkChanged,
            due_citizen=RULES.due(RULES.default_pack, "CITIZEN", "G", "hotline", DUE_FROM).at,
        )
    )


DUE_FROM = china("2026-03-02 09:00")


# -------------------------------------------------------------------------------- unmerging


@pytest.mark.parametrize("who", [DISPATCHER, CITIZEN])
def test_the_citizen_or_an_officer_says_that_it_is_another_matter(who: Any) -> None:
    case = accepted().facts(MERGED).when(UnmergeCase, by=who, reason=sealed("另一处"))
    case.then(
        stated(CaseLinkChanged, relation="unmerged", other_case=OTHER, reason=sealed("另一处"))
    )
    case.when(UnmergeCase, by=who, reason=sealed("另一处")).then_nothing()


def test_what_its_citizen_called_another_matter_is_not_merged_again_into_the_same() -> None:
    case = accepted().facts(MERGED).when(UnmergeCase, by=CITIZEN, reason=sealed("另一处"))
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY).then_refused("citizen said")
    case.when(MergeCase, by=DISPATCHER, into=THIRD, **WHY)
    case.then(stated(CaseLinkChanged, relation="merged_into", link_id=f"{CASE}.l2"))


def test_what_an_officer_parted_an_officer_may_merge_again_under_a_new_link() -> None:
    case = accepted().facts(MERGED).when(UnmergeCase, by=DISPATCHER, reason=sealed("看错"))
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY)
    case.then(stated(CaseLinkChanged, relation="merged_into", link_id=f"{CASE}.l2"))


def test_the_process_parts_the_link_that_it_was_asked_about_and_no_later_one() -> None:
    case = (
        accepted().facts(MERGED).when(PartCase, link_id=f"{CASE}.l1", reason=sealed("主件已答复"))
    )
    case.then(stated(CaseLinkChanged, relation="unmerged", reason=sealed("主件已答复")))
    case.when(MergeCase, by=DISPATCHER, into=OTHER, **WHY)  # the system's word binds no officer
    case.when(PartCase, link_id=f"{CASE}.l1", reason=sealed("主件已答复")).then_nothing()


# ------------------------------------------------------------------------------- who leads


@pytest.mark.parametrize("case", [registered, accepted, assigned])
def test_an_open_case_leads_and_says_so_once(case: Any) -> None:
    due = china("2026-03-09 00:00")
    leads = case().when(LeadCase, link_id=LINK, follower=OTHER, due_citizen=due)
    leads.then(
        stated(CaseLinkChanged, relation="leads", other_case=OTHER, link_id=LINK, due_citizen=due)
    )
    leads.when(LeadCase, link_id=LINK, follower=OTHER, due_citizen=due).then_nothing()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([MERGED], "已并入其他件"),
        ([fact(CaseDeclined)], "已办结或终止"),
        ([fact(ReplyDelivered), fact(CaseClosed)], "已办结或终止"),
        ([fact(ReplyDelivered)], "已答复"),
        ([fact(AnsweredAtDesk)], "已答复"),
        ([fact(CaseDeclined), fact(PersonalDataErased)], "已办结或终止"),
    ],
)
def test_a_case_that_is_over_answered_or_merged_itself_leads_nobody(facts: Any, words: str) -> None:
    accepted().facts(*facts).when(LeadCase, link_id=LINK, follower=OTHER).then_refused(words)


def test_a_case_under_rework_may_lead_again() -> None:
    case = accepted().facts(fact(ReplyDelivered), fact(ReworkOrdered))
    case.when(LeadCase, link_id=LINK, follower=OTHER).then(stated(CaseLinkChanged))


def test_who_was_released_is_not_led_again_by_a_late_wish_of_the_same_link() -> None:
    case = accepted().facts(LEADS).when(ReleaseFollower, link_id=LINK)
    case.then(stated(CaseLinkChanged, relation="released", other_case=OTHER, link_id=LINK))
    case.when(ReleaseFollower, link_id=LINK).then_nothing()
    case.when(LeadCase, link_id=LINK, follower=OTHER).then_nothing()


# ----------------------------------------------------------------- what becomes of the lead


@pytest.mark.parametrize(
    "end",
    [CaseDeclined, CaseReferred, CaseWithdrawn, CaseTerminated, AnsweredAtDesk, PraiseForwarded],
)
def test_who_followed_a_case_that_ends_without_an_answer_is_released(end: Any) -> None:
    case = registered().facts(LEADS, fact(CaseLinkChanged, link_id=f"{THIRD}.l1", other_case=THIRD))
    event = fact(end)
    case.facts(event)
    (command,) = react(event, case.state, RULES)
    assert isinstance(command, ReleaseFollowers)
    case.when(ReleaseFollowers).then(
        stated(CaseLinkChanged, relation="released", other_case=OTHER),
        stated(CaseLinkChanged, relation="released", other_case=THIRD),
    )
    assert react(event, case.state, RULES) == []


def test_who_followed_a_case_that_was_closed_has_ended_with_it() -> None:
    case, closed = assigned().facts(LEADS), fact(CaseClosed)
    case.facts(closed)
    (command,) = react(closed, case.state, RULES)
    assert isinstance(command, ConcludeFollowers)
    case.when(ConcludeFollowers).then(
        stated(CaseLinkChanged, relation="concludes", other_case=OTHER, link_id=LINK)
    )
    follower = accepted().facts(MERGED)
    follower.when(ErasePersonalData, ground="citizen_request").then_refused("not ended")
    follower.when(ConcludeFollower, link_id=f"{CASE}.l1").then(
        stated(CaseLinkChanged, relation="concluded", other_case=OTHER)
    )
    follower.when(ConcludeFollower, link_id=f"{CASE}.l1").then_nothing()
    follower.when(PartCase, link_id=f"{CASE}.l1", reason=sealed("迟到")).then_nothing()
    follower.when(ErasePersonalData, ground="citizen_request").then(stated(PersonalDataErased))


def test_a_citizen_who_finds_the_answer_to_be_anothers_goes_on_after_the_lead_was_closed() -> None:
    case = accepted().facts(MERGED).when(ConcludeFollower, link_id=f"{CASE}.l1")
    case.when(UnmergeCase, by=CITIZEN, reason=sealed("另一处")).then(stated(CaseLinkChanged))
    case.when(ErasePersonalData, ground="citizen_request").then_refused("not ended")


def test_an_answer_that_is_not_for_others_to_read_releases_who_follows() -> None:
    case = assigned().facts(LEADS)
    (command,) = react(fact(ReplyDelivered), case.state, RULES)
    assert isinstance(command, ReleaseFollowers)
    assert react(fact(ReplyDelivered, read_by_others=True), case.state, RULES) == []


def test_a_merged_case_that_its_citizen_withdraws_follows_no_other_any_more() -> None:
    case, withdrawn = accepted().facts(MERGED), fact(CaseWithdrawn)
    case.facts(withdrawn)
    (command,) = react(withdrawn, case.state, RULES)
    assert isinstance(command, PartCase)
    case.when(PartCase, link_id=f"{CASE}.l1").then(stated(CaseLinkChanged, relation="unmerged"))
    assert case.state.ended


def test_a_termination_that_an_answer_crossed_releases_nobody() -> None:
    case = assigned().facts(LEADS, fact(ReplyDelivered, read_by_others=True))
    assert react(fact(CaseTerminated), case.facts(fact(CaseTerminated)).state, RULES) == []


def test_nothing_comes_of_an_end_where_nobody_follows() -> None:
    assert react(fact(CaseClosed), accepted().state, RULES) == []


# ------------------------------------------------------------------------------- related


def test_a_related_case_is_named_once_and_nothing_else_changes() -> None:
    case = accepted().when(RelateCases, by=DISPATCHER, other_case=OTHER, reason=sealed("同一施工"))
    case.then(stated(CaseLinkChanged, relation="related", other_case=OTHER))
    case.when(RelateCases, by=DISPATCHER, other_case=OTHER).then_nothing()
    case.when(UnmergeCase, by=DISPATCHER, **WHY).then_refused("not merged")  # related is not merged
    case.when(MergeCase, by=DISPATCHER, into=OTHER, at=LATER, **WHY)
    case.then(stated(CaseLinkChanged, relation="merged_into", link_id=f"{CASE}.l2"))
