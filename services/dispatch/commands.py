"""What dispatch can be asked to do, by people and by the clock."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from libs.events.dispatch import DisputeReason
from libs.rules.states import DeclineGround, TerminationGround
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, OptionalPersonalWords, PersonalWords

Units = Annotated[tuple[Code, ...], Field(max_length=20)]


class AssignCase(Command):
    """Assign a case to its lead unit. Without ``unit_id`` the designation or the dispatch catalogue decides.

    A unit that is not the catalogue's needs a ``note`` that says why. ``assists`` help the lead (协办);
    asked again for the same lead, those are added that were not there (加派).
    """

    unit_id: Code | None = None
    note: OptionalPersonalWords = None
    assists: Units = ()


class SignAssignment(Command):
    """Take an assignment into the unit's hands (签收)."""


class ProposeDispute(Command):
    """Find that the case is not this unit's to lead or to assist: why, by which law, whose it is instead. The
    unit's head has yet to countersign."""

    reason_code: DisputeReason
    law_basis: PersonalWords
    suggested_unit: Code | None = None


class DisputeAssignment(Command):
    """Countersign as the unit's head what the clerk proposed (退单): a judge decides."""


class WithholdDispute(Command):
    """Do not countersign: the unit keeps the case; ``note`` says why."""

    note: PersonalWords


class DecideDispute(Command):
    """Uphold a dispute, and the case is dispatched anew, or deny it, and the unit keeps it (派单异议审核).

    ``designated_unit``: whom an upheld dispute shows to be the right unit. ``assignment_id``: that of the
    assisting unit whose dispute it is; without it, the lead's.
    """

    assignment_id: Code | None = None

    outcome: Literal["upheld", "denied"]
    reason: PersonalWords
    designated_unit: Code | None = None


class OpenCoordination(Command):
    """Call the units concerned together, two or more: a dispatcher (会商), or the head of the unit that has
    the case (吹哨), which is one of them."""

    parties: Units = ()
    question: OptionalPersonalWords = None


class ResolveCoordination(Command):
    """What the meeting came to: who leads and who assists, or nobody, and the level above is asked."""

    coordination_id: Code
    lead: Code | None = None
    assists: Units = ()
    minutes: PersonalWords


class EscalateCoordination(Command):
    """A meeting's limit is over and nobody was named; it names the exact due instant."""

    coordination_id: str
    due_resolve: AwareDatetime


class PassOn(Command):
    """The unit is no more; its successor goes on with the assignment."""

    assignment_id: Code
    from_org: Code


class ProposeTermination(Command):
    """Propose to end a case without an answer (终止办理), with ground, reason, another channel and the remedy."""

    ground: DeclineGround | TerminationGround
    reason: PersonalWords
    alternative_channel: PersonalWords
    remedy: PersonalWords


class ApproveTermination(Command):
    """Agree as the second person: the case ends."""


class RejectTermination(Command):
    """Do not agree: the case goes on."""

    note: OptionalPersonalWords = None


class StopDispatch(Command):
    """The case is handled with another: no unit has it any more. Nobody asks for it but intake's fact."""

    link_id: str


class ResumeDispatch(Command):
    """The case goes by itself again. Nobody asks for it but intake's fact."""

    link_id: str


DispatchCommand = (
    AssignCase
    | SignAssignment
    | ProposeDispute
    | DisputeAssignment
    | WithholdDispute
    | DecideDispute
    | OpenCoordination
    | ResolveCoordination
    | EscalateCoordination
    | PassOn
    | ProposeTermination
    | ApproveTermination
    | RejectTermination
    | StopDispatch
    | ResumeDispatch
)
