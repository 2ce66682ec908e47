"""The two sides of a link come to say the same, whatever is killed, late, asked twice or crosses on its way.

The town's cases are decided by the real rules; what the process sees of them is as old as the test likes.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import Event
from libs.events.evaluation import CaseClosed
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseLinkChanged, CaseRegistered
from libs.sourcing.decider import Command, Refused
from services.intake.commands import (
    DeclineCase,
    LeadCase,
    MergeCase,
    UnmergeCase,
)
from services.intake.decider import decider
from services.intake.groups import SIDES
from services.intake.joining import counterpart, parting
from services.intake.policy import react
from services.intake.state import Registration
from tests.spec import ACCEPTOR, CITIZEN, DISPATCHER, MONDAY, RULES, as_the_host_seals, fact, sealed

A, B, C = (f"0190c0de-0000-5000-8000-00000000000{n}" for n in (1, 2, 3))
DECLINED = {"ground": "D15", "reason": "民事", "alternative_channel": "法院", "remedy": "起诉"}
DECLINED |= {"evidence": ("e-1",)}


@dataclass
class Town:
    """Some cases, all that was stated of them, and how much of it intake's tables have."""

    states: dict[str, Registration] = field(default_factory=dict)
    log: list[Event] = field(default_factory=list)
    seen: int = 0

    def hear(self, event: Event) -> None:
        """A fact, of intake or of others, with what it leads to."""
        state = decider.evolve(self.states.get(event.case_id, decider.initial), event)
        self.states[event.case_id] = state
        self.log.append(event)
        for command in react(event, state, RULES):
            self.decide(command)

    def decide(self, command: Command) -> Refused | None:
        """Put a command to its case."""
        wish = as_the_host_seals(command)
        try:
            events = decider.decide(wish, self.states.get(command.case_id, Registration()), RULES)
        except Refused as refusal:
            return refusal
        for event in events:
            self.hear(event)
        return None

    def ask(self, kind: type[Command], case_id: str, by: Any = DISPATCHER, **fields: Any) -> bool:
        """What a person asks; whether it was not refused."""
        wish = kind(case_id=case_id, occurred_at=MONDAY, by=by, **fields)
        return self.decide(wish) is None

    def merge(self, case_id: str, into: str) -> bool:
        return self.ask(MergeCase, case_id, into=into, reason=sealed("同一路段"))

    def links(self) -> list[dict[str, Any]]:
        """The two tables side by side, as far as they have heard."""
        sides: dict[str, dict[str, CaseLinkChanged]] = {"followings": {}, "leadings": {}}
        for event in self.log[: self.seen]:
            if isinstance(event, CaseLinkChanged):
                sides[SIDES[event.relation].name][event.link_id] = event
        found = []
        for link_id, following in sides["followings"].items():
            leading = sides["leadings"].get(link_id)
            row = {"link_id": link_id, "follower": following.case_id, "lead": following.other_case}
            row |= {"due_citizen": following.due_citizen, "following": following.relation}
            row |= {"following_at": following.occurred_at}
            row |= {"leading_at": leading.occurred_at if leading else None}
            found.append(row | {"leading": leading.relation if leading else None})
        return found

    def step(self, link: dict[str, Any], killed: bool = False) -> None:
        """What the process does with one link; killed, before the follower hears that the lead refuses."""
        command = counterpart(link)
        refusal = self.decide(command) if command is not None else None
        if refusal is not None and isinstance(command, LeadCase) and not killed:
            self.decide(parting(link, refusal, MONDAY))

    def settle(self) -> None:
        """Let all be heard and the process run until it has nothing to do."""
        for _ in range(50):
            self.seen = len(self.log)
            before = len(self.log)
            for link in self.links():
                self.step(link)
            if len(self.log) == before:
                return
        raise AssertionError("it never comes to rest")

    def relation(self, case_id: str) -> str | None:
        """Into which case a case is merged."""
        return self.states[case_id].links.lead

    def led(self, case_id: str) -> list[str]:
        """Which cases are merged into a case."""
        return sorted(self.states[case_id].links.followers.values())

    def said(self, case_id: str) -> list[str]:
        """What a case has said of its links."""
        return [
            e.relation for e in self.log if isinstance(e, CaseLinkChanged) and e.case_id == case_id
        ]


def town(*cases: str) -> Town:
    """Accepted cases."""
    made = Town()
    for case in cases or (A, B, C):
        made.hear(fact(CaseRegistered, case_id=case))
        made.hear(fact(CaseAccepted, case_id=case))
    return made


def test_the_lead_says_that_it_leads_once_the_other_was_merged_into_it() -> None:
    here = town()
    assert here.merge(A, B)
    assert here.said(B) == []
    here.settle()
    assert (here.relation(A), here.led(B), here.said(B)) == (B, [A], ["leads"])


def test_killed_before_or_after_any_step_it_is_done_by_who_comes_next_and_once() -> None:
    here = town()
    here.merge(A, B)
    here.seen = len(here.log)
    (link,) = here.links()
    for _ in range(3):  # three processes, none of which has heard of the others
        here.step(link)
    here.settle()
    assert (here.said(A), here.said(B)) == (["merged_into"], ["leads"])


def test_a_refusal_that_was_lost_with_its_process_is_heard_again() -> None:
    here = town()
    here.merge(A, B)
    here.ask(DeclineCase, B, ACCEPTOR, **DECLINED)
    here.hear(fact(CaseClosed, case_id=B))
    here.seen = len(here.log)
    here.step(here.links()[0], killed=True)
    assert here.relation(A) == B
    here.settle()
    assert (here.relation(A), here.said(A)) == (None, ["merged_into", "unmerged"])
    assert here.led(B) == []


@pytest.mark.parametrize("end", [CaseClosed, ReplyDelivered])
def test_a_lead_that_ends_or_answers_while_the_other_is_merged_into_it_lets_it_go(end: Any) -> None:
    here = town()
    here.merge(A, B)
    here.hear(fact(end, case_id=B))
    here.settle()
    assert (here.relation(A), here.led(B), here.said(B)) == (None, [], [])


def test_what_a_lead_lets_go_goes_by_itself_and_what_it_closes_has_ended() -> None:
    here = town()
    here.merge(A, B)
    here.settle()
    here.hear(fact(ReplyDelivered, case_id=B))  # not for others to read
    here.settle()
    assert (here.said(A), here.said(B)) == (["merged_into", "unmerged"], ["leads", "released"])
    here.merge(A, C)
    here.settle()
    here.hear(fact(ReplyDelivered, case_id=C, read_by_others=True))
    here.hear(fact(CaseClosed, case_id=C))
    here.settle()
    assert here.said(C) == ["leads", "concludes"]
    assert here.states[A].ended


def test_unmerged_before_the_lead_has_heard_the_lead_does_not_keep_it() -> None:
    here = town()
    here.merge(A, B)
    here.seen = len(here.log)
    (late,) = here.links()
    here.ask(UnmergeCase, A, CITIZEN, reason=sealed("另一处"))
    here.step(late)  # a process that has not heard of it
    assert here.led(B) == [A]
    here.settle()
    assert (here.relation(A), here.led(B), here.said(B)) == (None, [], ["leads", "released"])


def test_a_case_whose_own_answer_crossed_its_merger_keeps_its_answer_and_goes_by_itself() -> None:
    here = town()
    here.merge(A, B)
    here.hear(fact(ReplyDelivered, case_id=A))
    here.settle()
    assert (here.relation(A), here.led(B)) == (None, [])


def test_of_two_cases_merged_into_each_other_at_once_at_most_one_follows() -> None:
    here = town()
    assert here.merge(A, B)
    assert here.merge(B, A)
    here.settle()
    pairs = [(c, here.relation(c)) for c in (A, B) if here.relation(c)]
    assert len(pairs) <= 1
    for follower, lead in pairs:
        assert here.led(lead or "") == [follower]


def test_two_replicas_that_meet_the_crossing_from_both_ends_leave_both_by_themselves() -> None:
    here = town()
    here.merge(A, B)
    here.merge(B, A)
    here.seen = len(here.log)
    links = here.links()
    refusals = [here.decide(command) for link in links if (command := counterpart(link))]
    for link, refusal in zip(links, refusals, strict=True):
        assert refusal is not None
        here.decide(parting(link, refusal, MONDAY))
    here.settle()
    assert [here.relation(c) for c in (A, B)] == [None, None]


def test_there_are_no_chains_however_the_wishes_cross() -> None:
    here = town()
    assert here.merge(A, B)
    assert here.merge(B, C)  # B does not know yet that A is merged into it
    here.settle()
    assert (here.relation(B), here.relation(A)) == (C, None)
    assert not here.merge(C, A)


def test_the_reason_is_told_to_the_citizen_in_words() -> None:
    here = town()
    here.merge(A, B)
    here.hear(fact(ReplyDelivered, case_id=B))
    here.seen = len(here.log)
    (link,) = here.links()
    refusal = here.decide(replace_none(counterpart(link)))
    assert refusal is not None
    assert parting(link, refusal, MONDAY).reason == "主件已答复，本件继续单独办理。"
    parked = parting(link, Refused("The case is parked"), MONDAY)
    assert parked.reason == "主件暂不能并件，本件继续单独办理。"


def replace_none(command: Command | None) -> Command:
    """What must be asked."""
    assert command is not None
    return command


# ------------------------------------------------------------------------ whatever happens

WISHES = st.one_of(
    st.tuples(st.just("merge"), st.sampled_from([A, B, C]), st.sampled_from([A, B, C])),
    st.tuples(
        st.just("unmerge"), st.sampled_from([A, B, C]), st.sampled_from([DISPATCHER, CITIZEN])
    ),
    st.tuples(st.just("close"), st.sampled_from([A, B, C]), st.none()),
    st.tuples(st.just("deliver"), st.sampled_from([A, B, C]), st.booleans()),
    st.tuples(st.just("hear"), st.integers(0, 5), st.none()),
    st.tuples(st.just("step"), st.integers(0, 3), st.booleans()),
)


def happen(here: Town, what: str, which: Any, how: Any) -> None:
    """One thing after another: persons, other services, the log, the process."""
    match what:
        case "merge":
            here.merge(which, how)
        case "unmerge":
            here.ask(UnmergeCase, which, how, reason=sealed("另一处"))
        case "close" if not here.states[which].ends.closed:
            here.hear(fact(CaseClosed, case_id=which))
        case "deliver":
            here.hear(fact(ReplyDelivered, case_id=which, read_by_others=how))
        case "hear":
            here.seen = min(len(here.log), here.seen + which)
        case "step":
            links = here.links()
            if links:
                here.step(links[which % len(links)], killed=how)


@given(st.lists(WISHES, max_size=25))
def test_whatever_happens_both_sides_of_every_link_say_the_same_in_the_end(wishes: Any) -> None:
    here = town()
    for what, which, how in wishes:
        happen(here, what, which, how)
    here.settle()
    for link in here.links():
        assert (link["following"], link["leading"]) in {
            ("merged_into", "leads"),
            ("unmerged", "released"),
            ("unmerged", "concludes"),
            ("unmerged", None),
            ("concluded", "concludes"),
        }
    for case in (A, B, C):
        lead = here.relation(case)
        if lead is not None and not here.states[case].links.concluded:
            assert case in here.led(lead)
            assert here.relation(lead) is None, "a chain"
            assert not here.states[lead].ended
        assert all(here.relation(one) == case for one in here.led(case))
