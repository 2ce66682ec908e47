"""The rules of intake. Nothing here waits, reads or writes.

``decide`` is their table of contents; how a case begins stands in ``registration``, what is asked of the
citizen later in ``information``, how a case is withdrawn and taken up anew in ``ends``, what no unit handles
in ``short_ways``, what a case has to do with another in ``links``, what is made public in ``publication``, who
keeps out in ``recusal``, how a case is kept in ``archive``.
"""

from collections.abc import Sequence
from typing import assert_never

from libs.events.base import Event
from libs.events.intake import (
    CaseAccepted,
    CaseClassified,
    CaseReferred,
    Due,
    PersonalDataErased,
    Track,
)
from libs.rules.forwarding import dispatch_due
from libs.rules.rules import Rules
from libs.rules.states import DeclineGround
from libs.sourcing.decider import Command, Decider, Refused
from services.intake.archive import archiving, closed_instead, decide_on_keeping
from services.intake.commands import (
    AcceptCase,
    AnswerAtDesk,
    ApproveDecline,
    ClassifyCase,
    ContestAnswer,
    DeclineCase,
    ErasePersonalData,
    ForwardPraise,
    IntakeCommand,
    LinkCommand,
    ProposeDecline,
    ReferCase,
    RegisterCase,
    RejectDecline,
    RequestInformation,
    SupplementCase,
)
from services.intake.declining import (
    approve_decline,
    decline_case,
    propose_decline,
    reject_decline,
)
from services.intake.ending_commands import EndingCommand
from services.intake.ends import decide_end, withdrawing
from services.intake.information import request_information, supplement_case
from services.intake.links import decide_link
from services.intake.public_commands import KeepingCommand, PublicationCommand, RecusalCommand
from services.intake.publication import decide_on_publication
from services.intake.recusal import decide_on_recusal
from services.intake.registration import register_case, track_of
from services.intake.short_ways import answer_at_desk, contest_answer, forward_praise
from services.intake.state import Registration, evolve, must_be_open


def decide(command: IntakeCommand, case: Registration, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    if isinstance(command, EndingCommand):
        return decide_end(command, case, rules)
    if isinstance(command, LinkCommand):
        return decide_link(command, case, rules)
    if isinstance(command, RecusalCommand):
        return decide_on_recusal(command, case, rules)
    if isinstance(command, PublicationCommand):
        return decide_on_publication(command, case, rules)
    if isinstance(command, KeepingCommand):
        return decide_on_keeping(command, case, rules)
    match command:
        case RegisterCase():
            return register_case(command, case, rules)
        case ClassifyCase():
            return classify_case(command, case, rules)
        case RequestInformation():
            return request_information(command, case, rules)
        case SupplementCase():
            return supplement_case(command, case, rules)
        case AcceptCase():
            return accept_case(command, case, rules)
        case DeclineCase():
            return decline_case(command, case, rules)
        case ProposeDecline():
            return propose_decline(command, case, rules)
        case ApproveDecline():
            return approve_decline(command, case, rules)
        case RejectDecline():
            return reject_decline(command, case, rules)
        case ReferCase():
            return refer_case(command, case, rules)
        case AnswerAtDesk():
            return answer_at_desk(command, case, rules)
        case ForwardPraise():
            return forward_praise(command, case, rules)
        case ContestAnswer():
            return contest_answer(command, case, rules)
        case ErasePersonalData():
            return erase_personal_data(command, case, rules)
        case _:
            assert_never(command)


def pending(case_id: str, case: Registration, rules: Rules) -> list[Command]:
    """What falls due by itself: a withdrawal whose cooling-off is over, and the archive."""
    return [*withdrawing(case_id, case), *archiving(case_id, case, rules)]


def classify_case(command: ClassifyCase, case: Registration, rules: Rules) -> list[Event]:
    """A person gives the category; it must be one of the taxonomy in force."""
    must_be_open(case)
    _must_be_known(command.category, rules)
    kind = command.kind or case.kind
    if (case.category, case.kind, case.classified_by) == (command.category, kind, "human"):
        return []
    return [_classified(command, case, rules, command.category, kind)]


def accept_case(command: AcceptCase, case: Registration, rules: Rules) -> list[Event]:
    """Take the case on (transition 12). A named person confirms the category with it."""
    if case.stage == "accepted":
        return []
    must_be_open(case)
    if case.track == "restricted":
        raise Refused(
            "A report on an official is referred to the discipline organ, not accepted here."
        )
    category = command.category or case.category
    if category is None:
        raise Refused("Give the case a category first.")
    if category != case.category:  # what it has it keeps, though an edition since retired it
        _must_be_known(category, rules)
    _must_have_jurisdiction(command.adcode or case.adcode, rules)
    kind = command.kind or case.kind
    events: list[Event] = []
    if (case.category, case.kind, case.classified_by) != (category, kind, "human"):
        events.append(_classified(command, case, rules, category, kind))
    track, sla = track_of(category, rules), rules.leaf(category).sla.value
    events.append(
        CaseAccepted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            mailbox=case.mailbox,
            category=category,
            kind=kind,
            track=track,
            sla_class=sla,
            adcode=command.adcode or case.adcode,
            identity_mode=case.identity_mode,
            secrecy=case.secrecy,
            due=_due(command, case, rules, sla, track),
        )
    )
    return events


def refer_case(command: ReferCase, case: Registration, rules: Rules) -> list[Event]:
    """Handed to the organ that must act (transitions 7 and 8). D05 exists in the restricted realm only."""
    if case.stage == "referred":
        return []
    must_be_open(case)
    restricted = case.track == "restricted"
    if command.ground.effect != "refer":
        raise Refused(f"{command.ground} is no ground for referring, but for declining: {command.ground.zh}")
    if restricted != (command.ground is DeclineGround.D05):
        raise Refused(
            "D05 is for reports on officials, and they are referred on no other ground."
            if restricted
            else "D05 is for reports on officials in the restricted realm. Accept one that was not recognised as "
            "1602 or 1605: a discipline organ alone can be given it."
        )
    _must_be_put_through(command)
    category = "1602" if restricted else case.category or "9901"
    sla = rules.leaf(category).sla.value
    return [
        CaseReferred(
            **command.stamp(rules.versions_of(case.policy), case.round),
            ground=command.ground.value,
            organ=command.organ,
            channel=command.channel,
            remedy=command.remedy,
            category=category,
            sla_class=sla,
            track=case.track,
            identity_mode=case.identity_mode,
            secrecy=case.secrecy,
            due=_due(command, case, rules, sla, case.track) if restricted else None,
            live_transfer=command.live_transfer,
        )
    ]


def erase_personal_data(
    command: ErasePersonalData, case: Registration, rules: Rules
) -> list[Event]:
    """A case that has ended loses its key (PIPL Art. 47); a running one needs its words. Where a court or
    the law needs them for now, they are closed instead (transition 51, PIPL Art. 47(2))."""
    if case.erased:
        return []
    if not case.stage:
        raise Refused("There is no such case.")
    if not case.ended:
        raise Refused("The case has not ended; its words are still needed to handle it.")
    if case.track == "restricted" and case.stage == "referred" and not case.ends.answered:
        raise Refused("The discipline organ has not answered; it still needs the words of the report.")
    instead = closed_instead(command, case, rules)
    if instead is not None:
        return instead
    return [
        PersonalDataErased(
            **command.stamp(rules.versions_of(case.policy), case.round),
            scope=("words", "name", "phone", "place"),
            key_ids_destroyed=(command.case_id,),
            ground=command.ground,
        )
    ]


def _due(command: Command, case: Registration, rules: Rules, sla: str, track: Track) -> Due:
    citizen = rules.due(
        case.policy, "CITIZEN", sla, track, case.registered_at or command.occurred_at
    )
    dispatch = dispatch_due(
        rules,
        case.policy,
        sla,
        track,
        case.registered_at or command.occurred_at,
        command.occurred_at,
        case.pauses,
    )
    return Due(dispatch=dispatch.at, citizen=citizen.at, provisional=citizen.provisional)


def _must_be_put_through(command: ReferCase) -> None:
    """An emergency is put through before anything is written (transition 7; 国办函〔2025〕66号(二)); an
    operator, who has the citizen on the line, refers emergencies and nothing else."""
    emergency = command.ground is DeclineGround.D01
    if command.by.role == "operator" and not emergency:
        raise Refused("ground: an operator refers emergencies (D01) alone; an acceptor decides this.")
    if emergency != (command.live_transfer is not None):
        raise Refused(
            "live_transfer: an emergency (D01) is put through to 110, 119, 120 or 122 first, and that is said."
            if emergency
            else "live_transfer: only an emergency (D01) is put through."
        )


def _classified(
    command: Command, case: Registration, rules: Rules, category: str, kind: str
) -> CaseClassified:
    return CaseClassified(
        **command.stamp(rules.versions_of(case.policy), case.round),
        category=category,
        kind=kind,
        track=case.track if case.track == "restricted" else track_of(category, rules),
        sla_class=rules.leaf(category).sla.value,
        source="human",
        accepted_suggestion=category == case.category if case.classified_by == "rule" else None,
    )


def _must_have_jurisdiction(adcode: str | None, rules: Rules) -> None:
    """What lies elsewhere is told or handed over on D13, not taken on (transition 12). Where no place is named,
    the dispatcher finds who is competent, or the units meet (transition 14)."""
    if adcode is not None and not rules.organisations.has(adcode):
        raise Refused(
            f"adcode: {adcode} is not of this city ({rules.organisations.adcode}); name the place that it is "
            "about, or decline or refer it on D13."
        )


def _must_be_known(category: str, rules: Rules) -> None:
    if not rules.may_choose(category):
        raise Refused(f"There is no category {category} in taxonomy {rules.taxonomy.version}.")


decider = Decider(Registration(), decide, evolve, pending)
