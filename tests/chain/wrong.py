"""Rules that look right and are not. Each is what the product does, changed in one place, for one run."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned
from libs.events.feedback import HoldLifted, ReplyApproved
from libs.events.intake import CaseSupplemented
from libs.events.supervision import DeadlineBreached
from libs.host.service import Service
from libs.rules.rights import RIGHTS, Scope
from libs.rules.roles import Role
from libs.sourcing.decider import Refused
from services.dispatch import decider as dispatch
from services.dispatch import disputes, termination
from services.evaluation import decider as evaluation
from services.feedback import decider as feedback
from services.feedback import replies
from services.intake import projection as intake_view
from services.supervision import clocks, stating

Services = Sequence[Service]


@dataclass(frozen=True)
class WrongRule:
    """How a rule is made wrong, with which word the promise begins that it breaks, and what people must ask
    for, that it is found out soon; ``answered``: what it gets wrong comes after the answer."""

    breaks: str
    planted: Callable[[], AbstractContextManager[object]] = nullcontext
    services: Callable[[Services], Services] = lambda services: services
    favours: tuple[str, ...] = ()
    answered: bool = False


def instead(module: Any, name: str, rule: Callable[..., Any]) -> Callable[[], Any]:
    """Another rule in place of one."""
    return lambda: patch.object(module, name, rule)


def evolving(
    name: str, evolve: Callable[[Callable[[Any, Event], Any], Any, Event], Any]
) -> Callable[[Services], Services]:
    """A service that makes something else of a fact."""

    def changed(services: Services) -> Services:
        return [_evolving(service, evolve) if service.name == name else service for service in services]

    return changed


def _evolving(service: Service, evolve: Any) -> Service:
    usual = service.decider.evolve
    return replace(
        service,
        decider=replace(service.decider, evolve=lambda case, event: evolve(usual, case, event)),
    )


# ------------------------------------------------------------------------------- the rules


def anybody_audits(command: Any, case: Any) -> None:
    """Whoever is an auditor audits, also what was written by the same person."""
    if case.reply_status != "submitted":
        raise Refused("No reply waits for review.")


def anybody_agrees(*args: Any) -> None:
    """Two words are one person's."""


def any_unit_leads(*args: Any) -> str:
    """A report goes to whoever the dispatcher names."""
    return "designated"


def the_clerk_signs() -> AbstractContextManager[object]:
    """Whoever of the unit wrote the answer hands it in."""
    return patch.dict(RIGHTS, {"SubmitReply": {Role.UNIT_CLERK: Scope.UNIT}})


def sign_what_was_returned() -> AbstractContextManager[object]:
    """The head signs a draft, also one that was sent back."""
    usual = replies.submit_reply

    def submit(command: Any, case: Any, rules: Any) -> Any:
        if case.draft is not None:
            case = replace(case, draft=replace(case.draft, returned=False))
        return usual(command, case, rules)

    return patch.object(feedback, "submit_reply", submit)


def judge_what_one_raised() -> AbstractContextManager[object]:
    """A judge is asked nothing."""
    usual = disputes.decide_dispute

    def decide(command: Any, case: Any, rules: Any) -> Any:
        if case.dispute is not None:
            case = replace(case, dispute=replace(case.dispute, raised_by=()))
        return usual(command, case, rules)

    return patch.object(dispatch, "decide_dispute", decide)


def dispute_what_is_on_hold() -> AbstractContextManager[object]:
    """Dispatch does not ask whether feedback has put the case on hold."""
    usual = disputes.dispute_assignment

    def dispute(command: Any, case: Any, rules: Any) -> Any:
        return usual(command, replace(case, held=""), rules)

    return patch.object(dispatch, "dispute_assignment", dispute)


def close_uncalled() -> AbstractContextManager[object]:
    """One attempt to call is as good as three."""
    usual = evaluation.closes_at

    def closes_at(case: Any, rules: Any) -> Any:
        if case.call is not None:
            case = replace(case, call=replace(case.call, attempts=3))
        return usual(case, rules)

    return patch.object(evaluation, "closes_at", closes_at)


def refuse_without_words() -> AbstractContextManager[object]:
    """The unit learns only that it may not."""

    def sign(command: Any, case: Any, rules: Any) -> Any:
        raise Refused("No.")

    return patch.object(dispatch, "sign_assignment", sign)


def breach_an_hour_early() -> AbstractContextManager[object]:
    """A limit is missed before it is over."""
    usual = clocks.thresholds

    def thresholds(name: Any, clock: Any, case: Any, rules: Any) -> Iterator[Any]:
        for threshold, at in usual(name, clock, case, rules):
            yield threshold, at - timedelta(hours=1) if threshold == "breach" else at

    return _both(clocks, stating, "thresholds", thresholds)


@contextmanager
def _both(one: Any, other: Any, name: str, rule: Any) -> Iterator[None]:
    with patch.object(one, name, rule), patch.object(other, name, rule):
        yield


def citizen_again(usual: Any, case: Any, event: Event) -> Any:
    """Each unit that gets the case gives the citizen's time anew."""
    case = usual(case, event)
    if isinstance(event, CaseAssigned) and "CITIZEN" in case.started:
        again = replace(case.started["CITIZEN"], at=event.occurred_at)
        return replace(case, started={**case.started, "CITIZEN": again})
    return case


def forget_the_breach(usual: Any, case: Any, event: Event) -> Any:
    """What was stated is not remembered."""
    return case if isinstance(event, DeadlineBreached) else usual(case, event)


def rest_when_approved(usual: Any, case: Any, event: Event) -> Any:
    """Nobody's time runs once a reply is approved."""
    after = usual(case, event)
    approved = isinstance(event, ReplyApproved) and event.round == case.round
    return replace(after, waiting=True) if approved else after


def show_a_hold_for_ever() -> AbstractContextManager[object]:
    """The citizen's view does not take the end of a hold."""
    usual = intake_view.fold

    def fold(row: Any, recorded: Any) -> Any:
        return None if isinstance(recorded.event, HoldLifted) else usual(row, recorded)

    return patch.object(intake_view, "fold", fold)


def two_owners_of_one_field(usual: Any, case: Any, event: Event) -> Any:
    """What the citizen adds wipes out what feedback counts of its own."""
    after = usual(case, event)
    return replace(after, attempts=0) if isinstance(event, CaseSupplemented) else after


WRONG: dict[str, WrongRule] = {
    "who wrote a reply audits it": WrongRule(
        "duties",
        instead(feedback, "_must_be_reviewable_by", anybody_audits),
        favours=("AcceptCase", "SignAssignment", "SubmitReply", "ApproveReply", "ReturnReply"),
    ),
    "the clerk signs": WrongRule(
        "signature", the_clerk_signs, favours=("AssignCase", "SignAssignment", "SubmitReply")
    ),
    "a draft that was returned is signed": WrongRule(
        "signature",
        sign_what_was_returned,
        favours=("SignAssignment", "DraftReply", "ReturnDraft"),
    ),
    "who raised a dispute judges it": WrongRule(
        "duties", judge_what_one_raised, favours=("ProposeDispute", "DisputeAssignment", "DecideDispute")
    ),
    "who proposes an end agrees to it": WrongRule(
        "duties",
        instead(termination, "_must_be_independent", anybody_agrees),
        favours=("AssignCase", "SignAssignment", "ProposeTermination", "ApproveTermination"),
    ),
    "a report goes to any unit": WrongRule(
        "restricted",
        instead(dispatch, "_basis", any_unit_leads),
        favours=("ReferCase", "AssignCase"),
    ),
    "what is on hold is disputed": WrongRule(
        "table",
        dispute_what_is_on_hold,
        favours=("SignAssignment", "RequestHold", "HoldCase", "ProposeDispute", "DisputeAssignment"),
    ),
    "a case closes after one call in vain": WrongRule(
        "closing",
        close_uncalled,
        favours=("SubmitEvaluation", "RecordCallback"),  # once rated, it closes with the first call
        answered=True,
    ),
    "a refusal says nothing": WrongRule("refusal", refuse_without_words),
    "a breach comes early": WrongRule("time", breach_an_hour_early),
    "a breach is forgotten": WrongRule(
        "supervision: the clock never rests", services=evolving("supervision", forget_the_breach)
    ),
    "the citizen's time starts again": WrongRule("clock", services=evolving("supervision", citizen_again)),
    "an approved reply waits for nobody": WrongRule(
        "waiting",
        services=evolving("supervision", rest_when_approved),
        favours=("SignAssignment", "ContactCitizen", "SubmitReply", "ApproveReply"),
    ),
    "the citizen reads of a hold that is over": WrongRule(
        "view",
        show_a_hold_for_ever,
        favours=("AcceptCase", "AssignCase", "SignAssignment", "RequestHold", "HoldCase"),
    ),
    "two owners write one field": WrongRule(
        "replay",
        services=evolving("feedback", two_owners_of_one_field),
        favours=("SignAssignment", "ContactCitizen", "SupplementCase"),
    ),
}
