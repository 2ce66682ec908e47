"""The rules of withdrawing a case and of taking one up anew. Nothing here waits, reads or writes."""

from datetime import datetime
from typing import assert_never

from libs.events.base import SYSTEM, Event
from libs.events.intake import (
    CaseReopened,
    CaseWithdrawn,
    Due,
    ReopeningAsked,
    ReopeningDeclined,
    Track,
    WithdrawalCancelled,
    WithdrawalConfirmed,
    WithdrawalRequested,
)
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from libs.sourcing.ends import must_go_on
from services.intake.commands import TRACK_OF_CLASS
from services.intake.ending import Withdrawal
from services.intake.ending_commands import (
    AskReopening,
    CancelWithdrawal,
    CompleteWithdrawal,
    ConfirmWithdrawal,
    DeclineReopening,
    EndingCommand,
    PassOnWithdrawal,
    ReopenCase,
    RequestWithdrawal,
)
from services.intake.state import Registration

REOPENABLE = ("declined", "referred", "withdrawn", "terminated", "closed")
"""The ends after which a case can be taken up anew (transition 39)."""


def decide_end(command: EndingCommand, case: Registration, rules: Rules) -> list[Event]:
    """What follows from a command about the end of a case, or ``Refused``."""
    match command:
        case RequestWithdrawal():
            return request_withdrawal(command, case, rules)
        case PassOnWithdrawal():
            return pass_on_withdrawal(command, case, rules)
        case ConfirmWithdrawal():
            return confirm_withdrawal(command, case, rules)
        case CancelWithdrawal():
            return cancel_withdrawal(command, case, rules)
        case CompleteWithdrawal():
            return complete_withdrawal(command, case, rules)
        case AskReopening():
            return ask_reopening(command, case, rules)
        case DeclineReopening():
            return decline_reopening(command, case, rules)
        case ReopenCase():
            return reopen_case(command, case, rules)
        case _:
            assert_never(command)


def withdrawing(case_id: str, case: Registration) -> list[CompleteWithdrawal]:
    """A withdrawal takes effect by itself when its cooling-off is over."""
    at = takes_effect_at(case)
    if at is None:
        return []
    return [CompleteWithdrawal(case_id=case_id, occurred_at=at, by=SYSTEM)]


def takes_effect_at(case: Registration) -> datetime | None:
    """The guard of transition 37: the citizen's own wish, the cooling-off over, no dispute being judged
    and no review open; nothing while it does not hold."""
    asked, standing = case.wishes.withdrawal, case.standing
    if asked is None or not asked.stands or _keeps_from_withdrawing(case):
        return None
    after = [at for at in (standing.freed_at, standing.reviewed_at) if at is not None]
    return max([asked.cooling_end, *after])


def request_withdrawal(
    command: RequestWithdrawal, case: Registration, rules: Rules
) -> list[Event]:
    """At any time before the end, by the citizen alone and without a reason (transition 37, G07)."""
    by_citizen = command.by.role == "citizen"
    if by_citizen != (command.via == "code"):
        raise Refused("via: the citizen withdraws by code; an operator says phone or letter.")
    _must_be_withdrawable(case)
    _must_not_be_of_the_unit(command, case)
    asked = case.wishes.withdrawal
    if asked is not None and asked.stands:
        return []
    return [_requested(command, case, rules, command.via)]


def pass_on_withdrawal(
    command: PassOnWithdrawal, case: Registration, rules: Rules
) -> list[Event]:
    """What a unit says of the citizen's wish counts for nothing until it is confirmed (G07)."""
    _must_be_withdrawable(case)
    if command.by.org is None or command.by.org not in case.standing.units.values():
        raise Refused("The case is not with your unit.")
    if case.wishes.withdrawal is not None:
        return []
    return [_requested(command, case, rules, "unit")]


def confirm_withdrawal(
    command: ConfirmWithdrawal, case: Registration, rules: Rules
) -> list[Event]:
    """An independent call to the citizen; from it the cooling-off counts anew (G07)."""
    asked = _asked(case)
    if asked.through_org is None:
        raise Refused("The citizen asked for it; it needs no confirmation.")
    if asked.confirmed_by is not None:
        return []
    _must_be_independent(command, asked, case)
    must_go_on(case.ends)
    return [
        WithdrawalConfirmed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            cooling_end=_cooling_end(command, case, rules),
        )
    ]


def cancel_withdrawal(
    command: CancelWithdrawal, case: Registration, rules: Rules
) -> list[Event]:
    """The citizen takes it back, or an independent agent heard that it was never the citizen's wish."""
    if case.wishes.withdrawal is None:
        must_go_on(case.ends)
        return []
    if command.by.role in ("citizen", "operator"):
        _must_not_be_of_the_unit(command, case)
    else:
        _must_be_independent(command, case.wishes.withdrawal, case)
    return [WithdrawalCancelled(**command.stamp(rules.versions_of(case.policy), case.round))]


def complete_withdrawal(
    command: CompleteWithdrawal, case: Registration, rules: Rules
) -> list[Event]:
    """At the instant from which the guard holds; anything else is out of date."""
    asked = case.wishes.withdrawal
    if asked is None or takes_effect_at(case) != command.occurred_at:
        return []
    facts = command.stamp(rules.versions_of(case.policy), case.round)
    return [CaseWithdrawn(**facts, confirmed_by=asked.confirmed_by)]


def ask_reopening(command: AskReopening, case: Registration, rules: Rules) -> list[Event]:
    """The citizen asks for what an acceptor decides (transition 39)."""
    if case.wishes.reopening_asked:
        return []
    _reopenable_from(case)
    facts = command.stamp(rules.versions_of(case.policy), case.round)
    return [ReopeningAsked(**facts, reason=command.reason)]


def decline_reopening(
    command: DeclineReopening, case: Registration, rules: Rules
) -> list[Event]:
    """With the reason and the remedy that remains (G08)."""
    if not case.wishes.reopening_asked:
        raise Refused("Nobody has asked that the case be taken up anew.")
    facts = command.stamp(rules.versions_of(case.policy), case.round)
    return [ReopeningDeclined(**facts, reason=command.reason, remedy=command.remedy)]


def reopen_case(command: ReopenCase, case: Registration, rules: Rules) -> list[Event]:
    """A new round begins, accepted already; its citizen's clock counts from now (transition 39)."""
    from_state = _reopenable_from(case)
    category = command.category or case.category
    if category is None:
        raise Refused("category: the case has none yet; give it one.")
    if category != case.category and not rules.may_choose(category):
        raise Refused(f"There is no category {category} in taxonomy {rules.taxonomy.version}.")
    sla = rules.leaf(category).sla.value
    track: Track = TRACK_OF_CLASS.get(sla, "hotline")
    kind = case.policy, sla, track
    return [
        CaseReopened(
            **command.stamp(rules.versions_of(case.policy), case.round + 1),
            ground=command.ground,
            reason=command.reason,
            from_state=from_state,
            category=category,
            kind=case.kind,
            track=track,
            sla_class=sla,
            adcode=case.adcode,
            identity_mode=case.identity_mode,
            secrecy=case.secrecy,
            due=_due_anew(command, kind, rules),
        )
    ]


def _requested(
    command: RequestWithdrawal | PassOnWithdrawal, case: Registration, rules: Rules, via: str
) -> WithdrawalRequested:
    return WithdrawalRequested(
        **command.stamp(rules.versions_of(case.policy), case.round),
        via=via,
        through_org=command.by.org if via == "unit" else None,
        cooling_end=_cooling_end(command, case, rules),
    )


def _cooling_end(command: Command, case: Registration, rules: Rules) -> datetime:
    cooling = rules.pack(case.policy).withdrawal.cooling
    return rules.calendar(case.policy).due(command.occurred_at, cooling).at


def _due_anew(command: Command, kind: tuple[str, str, str], rules: Rules) -> Due:
    policy, sla, track = kind
    citizen = rules.due(policy, "CITIZEN", sla, track, command.occurred_at)
    dispatch = rules.due(policy, "DISPATCH", sla, track, command.occurred_at)
    return Due(dispatch=dispatch.at, citizen=citizen.at, provisional=citizen.provisional)


def _asked(case: Registration) -> Withdrawal:
    if case.wishes.withdrawal is None:
        must_go_on(case.ends)
        raise Refused("Nobody has asked to withdraw the case.")
    return case.wishes.withdrawal


def _must_be_withdrawable(case: Registration) -> None:
    why = _keeps_from_withdrawing(case)
    if why is not None:
        raise Refused(why)


def _keeps_from_withdrawing(case: Registration) -> str | None:
    """Why a case cannot be withdrawn now; nothing if it can (S10 to S75 but S31)."""
    if not case.stage:
        return "There is no such case."
    if case.stage in ("declined", "referred"):
        return f"The case is {case.stage} already."
    if case.ended:
        return "The case has ended."
    if case.standing.disputed:
        return "Which unit has the case is being decided (派单异议); withdraw when that is done."
    if case.standing.in_review:
        return "The case is under review (复查); withdraw when that is decided."
    return None


def _reopenable_from(case: Registration) -> str:
    """The end from which a case can be taken up anew; refuses where there is none."""
    if not case.stage:
        raise Refused("There is no such case.")
    if case.erased:
        raise Refused("The words of the case are erased; ask for a new one.")
    if case.regions is not None and case.regions.archived_at is not None:
        raise Refused("The case is archived (已归档); what is new is a new case.")
    if case.regions is not None and case.regions.restricted:
        raise Refused("The words of the case are closed; open them again first.")
    end = case.ends.end or case.stage
    if end == "merged":
        raise Refused("The case is handled with another (已并单); it can be unmerged.")
    if end not in REOPENABLE:
        raise Refused("The case has not ended; it goes on.")
    if case.track == "restricted":
        raise Refused("The report is with the discipline organ, which goes on with it.")
    if case.standing.in_review:
        raise Refused("The case is under review (复查); that is decided first.")
    if case.standing.finalised:
        raise Refused(
            "The petition has been finally reviewed (三级终结); with new facts it is a new case "
            "(信访工作条例 Art. 36(3))."
        )
    return end


def _must_not_be_of_the_unit(
    command: RequestWithdrawal | CancelWithdrawal, case: Registration
) -> None:
    """What somebody of the unit that has the case says of the citizen's wish is the unit's word, whatever the
    role (G07); only to be passed on."""
    asked = case.wishes.withdrawal
    passed_on = asked is not None and asked.through_org is not None
    if asked is not None and passed_on and command.by.id == asked.asked_by:
        raise Refused("Who passed the withdrawal on may not decide about it.")
    if command.by.org is not None and command.by.org in case.standing.units.values():
        raise Refused(
            f"The case is with {command.by.org}, and you are of it; somebody independent hears what the "
            "citizen wants. A clerk of the unit can pass a withdrawal on."
        )


def _must_be_independent(command: Command, asked: Withdrawal, case: Registration) -> None:
    if command.by.id == asked.asked_by:
        raise Refused("Who passed the withdrawal on may not decide about it.")
    if command.by.org is not None and command.by.org in (
        asked.through_org,
        *case.standing.units.values(),
    ):
        raise Refused("The citizen is called by someone who is not of the unit.")
