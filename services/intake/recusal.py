"""The rules of recusal (回避). Nothing here waits, reads or writes.

That a recused account neither acts on the case nor sees it is not asked here: the host holds it for every
service (libs.rules.bars).
"""

from collections.abc import Sequence
from typing import assert_never

from libs.events.base import Event
from libs.events.intake import RecusalClaimed, RecusalDecided, RecusalLifted, RecusalRecorded
from libs.rules.bars import CLOSED, NOBODYS, recused
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.intake.public_commands import (
    ClaimRecusal,
    DecideRecusal,
    LiftRecusal,
    RecusalCommand,
    RecuseSelf,
)
from services.intake.regions import NONE, Regions
from services.intake.state import Registration

MOST_OPEN_CLAIMS = 5
"""So many claims of a case may wait for their decision."""


def decide_on_recusal(
    command: RecusalCommand, case: Registration, rules: Rules
) -> Sequence[Event]:
    """What follows from a command about who keeps out, or ``Refused``."""
    if not case.stage:
        raise Refused("There is no such case.")
    regions = case.regions or NONE
    match command:
        case RecuseSelf():
            return recuse_self(command, case, regions, rules)
        case ClaimRecusal():
            return claim_recusal(command, case, regions, rules)
        case DecideRecusal():
            return decide_recusal(command, case, regions, rules)
        case LiftRecusal():
            return lift_recusal(command, case, regions, rules)
        case _:
            assert_never(command)


def recuse_self(
    command: RecuseSelf, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """Who has a direct interest must keep out, and says so; nobody decides about it (条例 Art. 28(3))."""
    _must_be_an_account(command.by.id)
    if recused(regions.bars, command.by.id):
        return []
    stamp = command.stamp(rules.versions_of(case.policy), case.round)
    return [RecusalRecorded(**stamp, account=command.by.id, ground=command.ground)]


def claim_recusal(
    command: ClaimRecusal, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """The citizen may ask for it at any time (条例 Art. 28(3), domain G15); a supervisor decides."""
    _must_be_an_account(command.account)
    if len(regions.claims) >= MOST_OPEN_CLAIMS:
        raise Refused("Some claims of recusal wait for their decision already.")
    return [
        RecusalClaimed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            claim_id=f"{command.case_id}.h{regions.claims_made + 1}",
            account=command.account,
            reason=command.reason,
        )
    ]


def decide_recusal(
    command: DecideRecusal, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """A supervisor decides, but never about the own person."""
    claim = regions.claim(command.claim_id)
    if claim is None:
        raise Refused("No such claim of recusal waits for a decision.")
    account = command.account or claim.account
    _must_be_an_account(account)
    if command.by.id in (account, claim.account):
        raise Refused("Nobody decides about the own recusal.")
    stamp = command.stamp(rules.versions_of(case.policy), case.round)
    decided = RecusalDecided(
        **stamp, claim_id=claim.claim_id, outcome=command.outcome, reason=command.reason
    )
    if command.outcome == "denied":
        return [decided]
    if account is None:
        raise Refused("account: name the account that must keep out of the case.")
    if recused(regions.bars, account):
        return [decided]
    ground = command.ground
    return [
        decided,
        RecusalRecorded(**stamp, account=account, ground=ground, claim_id=claim.claim_id),
    ]


def lift_recusal(
    command: LiftRecusal, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """A supervisor lifts it; whom it bars cannot come here, for the host lets nobody barred in."""
    if command.by.id == command.account:
        raise Refused("Nobody decides about the own recusal.")
    if not recused(regions.bars, command.account):
        return []
    stamp = command.stamp(rules.versions_of(case.policy), case.round)
    return [RecusalLifted(**stamp, account=command.account, reason=command.reason)]


def _must_be_an_account(account: str | None) -> None:
    if account in NOBODYS or account == CLOSED or (account and " " in account):
        raise Refused(f"account: {account} is nobody's account.")
