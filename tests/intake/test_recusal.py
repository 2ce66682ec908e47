"""Who must keep out of a case: who says so, who decides, and about whom nobody decides."""

import pytest

from libs.events.base import Actor
from libs.events.intake import (
    CaseRegistered,
    CaseReopened,
    RecusalClaimed,
    RecusalDecided,
    RecusalLifted,
    RecusalRecorded,
)
from libs.rules.bars import recused
from services.intake.decider import decider
from services.intake.public_commands import ClaimRecusal, DecideRecusal, LiftRecusal, RecuseSelf
from tests.spec import CASE, CITIZEN, CLERK, SUPERVISOR, Given, fact, sealed, stated

CLAIM = {"reason": sealed("与被投诉人是亲属")}
DECISION = {"claim_id": f"{CASE}.h1", "reason": sealed("属实")}


def a_case() -> Given:
    return Given(decider).facts(fact(CaseRegistered))


def claimed(account: str | None = None) -> Given:
    return a_case().facts(fact(RecusalClaimed, by=CITIZEN, account=account))


def test_an_own_interest_is_stated_once_and_decided_by_nobody() -> None:
    case = a_case().when(RecuseSelf, by=CLERK, ground="interest_in_matter")
    case.then(stated(RecusalRecorded, account="clerk-1", ground="interest_in_matter"))
    case.when(RecuseSelf, by=CLERK, ground="other").then_nothing()


def test_the_citizen_may_describe_somebody_whose_account_nobody_told() -> None:
    case = a_case().when(ClaimRecusal, by=CITIZEN, **CLAIM)
    case.then(stated(RecusalClaimed, claim_id=f"{CASE}.h1", account=None))


def test_a_granted_claim_bars_whom_the_supervisor_names() -> None:
    granted = claimed().when(
        DecideRecusal, by=SUPERVISOR, outcome="granted", account="clerk-1", **DECISION
    )
    granted.then(
        stated(RecusalDecided, outcome="granted"),
        stated(RecusalRecorded, account="clerk-1", claim_id=f"{CASE}.h1"),
    )


def test_a_granted_claim_must_name_somebody() -> None:
    undecided = claimed().when(DecideRecusal, by=SUPERVISOR, outcome="granted", **DECISION)
    undecided.then_refused("account: name the account")


def test_a_denied_claim_bars_nobody_and_is_decided_once() -> None:
    case = claimed("clerk-1").when(DecideRecusal, by=SUPERVISOR, outcome="denied", **DECISION)
    case.then(stated(RecusalDecided, outcome="denied"))
    case.when(DecideRecusal, by=SUPERVISOR, outcome="granted", **DECISION).then_refused("No such claim")


@pytest.mark.parametrize("named", ["in the claim", "in the decision"])
def test_nobody_decides_about_the_own_recusal(named: str) -> None:
    case = claimed("sup-1" if named == "in the claim" else None)
    account = None if named == "in the claim" else "sup-1"
    case.when(DecideRecusal, by=SUPERVISOR, outcome="denied", account=account, **DECISION)
    case.then_refused("Nobody decides about the own recusal")


def test_nobody_lifts_the_own_recusal() -> None:
    case = a_case().facts(fact(RecusalRecorded, account="sup-1"))
    case.when(LiftRecusal, by=SUPERVISOR, account="sup-1", **CLAIM).then_refused("the own recusal")


def test_a_recusal_is_lifted_once_the_reason_is_gone() -> None:
    case = a_case().facts(fact(RecusalRecorded))
    case.when(LiftRecusal, by=SUPERVISOR, account="clerk-1", **CLAIM).then(
        stated(RecusalLifted, account="clerk-1")
    )
    case.when(LiftRecusal, by=SUPERVISOR, account="clerk-1", **CLAIM).then_nothing()


@pytest.mark.parametrize("nobody", ["citizen", "system"])
def test_neither_the_citizen_nor_the_clock_can_be_kept_out(nobody: str) -> None:
    a_case().when(ClaimRecusal, by=CITIZEN, account=nobody, **CLAIM).then_refused("account:")
    claimed().when(
        DecideRecusal, by=SUPERVISOR, outcome="granted", account=nobody, **DECISION
    ).then_refused("account:")


def test_claims_do_not_pile_up() -> None:
    case = a_case()
    for _ in range(5):
        case.when(ClaimRecusal, by=CITIZEN, **CLAIM)
    case.when(ClaimRecusal, by=CITIZEN, **CLAIM).then_refused("wait for their decision")


def test_a_recusal_stands_when_the_case_is_taken_up_anew() -> None:
    case = a_case().facts(fact(RecusalRecorded), fact(CaseReopened, by=Actor(id="a", role="acceptor"), round=1))
    assert recused(case.state.regions.bars, "clerk-1")


def test_without_a_case_nobody_keeps_out_of_it() -> None:
    Given(decider).when(RecuseSelf, by=CLERK, ground="other").then_refused("no such case")
