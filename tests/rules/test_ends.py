"""Which end of a case holds, in whatever order its owners are heard."""

from itertools import permutations

import pytest

from libs.events.base import Event
from libs.events.dispatch import CaseTerminated
from libs.events.evaluation import CaseClosed, ReworkOrdered
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseLinkChanged, CaseWithdrawn
from libs.rules.ends import GOING_ON, PREVAILS, WORDS, Ends
from tests.spec import fact

MERGED = fact(CaseLinkChanged, relation="merged_into")
CROSSING: dict[str, tuple[tuple[Event, ...], str | None]] = {
    "a reply delivered while the citizen withdrew": (
        (fact(CaseWithdrawn), fact(ReplyDelivered)),
        "withdrawn",
    ),
    "a termination that crossed a reply": ((fact(CaseTerminated), fact(ReplyDelivered)), None),
    "the same, closed in the end": (
        (fact(CaseTerminated), fact(ReplyDelivered), fact(CaseClosed)),
        "closed",
    ),
    "a termination while the citizen withdrew": (
        (fact(CaseTerminated), fact(CaseWithdrawn)),
        "withdrawn",
    ),
    "a closing while the citizen withdrew": ((fact(CaseClosed), fact(CaseWithdrawn)), "withdrawn"),
    "a reply delivered while the case was merged": ((MERGED, fact(ReplyDelivered)), "merged"),
    "a termination while the case was merged": ((MERGED, fact(CaseTerminated)), "merged"),
}


@pytest.mark.parametrize("crossing", CROSSING)
def test_what_holds_does_not_depend_on_what_was_heard_first(crossing: str) -> None:
    facts, holds = CROSSING[crossing]
    for order in permutations(facts):
        ends = GOING_ON
        for event in order:
            ends = ends.after(event)
        assert ends.end == holds, order
        assert ends.over == (holds is not None)


def test_an_unmerged_case_goes_on() -> None:
    merged = GOING_ON.after(MERGED)
    assert merged.end == "merged"
    assert merged.after(fact(CaseLinkChanged, relation="unmerged")) == GOING_ON


def test_what_is_revoked_after_the_closing_goes_on_until_it_is_closed_again() -> None:
    closed = GOING_ON.after(fact(CaseClosed))
    revoked = closed.after(fact(ReworkOrdered, reason="review_revoked"))
    assert (closed.end, revoked.end) == ("closed", None)
    assert revoked.after(fact(CaseClosed)).end == "closed"


@pytest.mark.parametrize("relation", ["leads", "released", "related"])
def test_the_other_sides_of_a_link_end_nothing(relation: str) -> None:
    assert GOING_ON.after(fact(CaseLinkChanged, relation=relation)) == GOING_ON


def test_ends_survive_a_column_of_a_table() -> None:
    for ends in (GOING_ON, Ends(merged=True), Ends(terminated=True, answered=True)):
        assert Ends.read(ends.text) == ends


def test_every_end_is_refused_in_words() -> None:
    assert set(WORDS) == set(PREVAILS)
