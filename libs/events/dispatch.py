"""What dispatch states: which unit is to act on a case, and by when."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from libs.events.base import Event, SealedText


class CaseAssigned(Event):
    """A unit must act (交办). All limits run from here, not from signing.

    ``catalogue_basis`` says where the dispatch catalogue's own answer comes from, ``law`` what the published
    entry names that gives the unit the matter. ``direct``: straight to the unit at the front (工单直派).
    ``prev_assignment`` is the one that no person had made, and that a person takes back with this one.
    """

    version: ClassVar[int] = 2

    assignment_id: str
    org: str
    role: Literal["lead", "assist"] = "lead"
    basis: Literal["catalogue", "competence", "designated"]
    catalogue_basis: str
    law: str = ""
    direct: bool = False
    prev_assignment: str | None = None
    note: SealedText | None = None
    automatic: bool = False
    sla_class: str
    track: str
    due_sign: AwareDatetime
    due_contact: AwareDatetime
    due_handle: AwareDatetime
    provisional: bool = False


class AssignmentSigned(Event):
    """The unit has taken the case into its hands (签收)."""

    assignment_id: str
    org: str


DisputeReason = Literal["not_our_duty", "not_our_territory", "other_lead", "duplicate", "no_facts"]
"""Why a unit says that a case is not its own (派单异议)."""


class DisputeProposed(Event):
    """The unit's clerk finds that the case is not its own; the unit's head has yet to countersign. Nothing
    waits for it, and its clock runs on. ``countersign_until``: when the time to dispute ends (信访工作条例
    Art. 23(3)); what is not countersigned before has lapsed."""

    version: ClassVar[int] = 2

    assignment_id: str
    org: str
    reason_code: DisputeReason
    law_basis: SealedText
    suggested_org: str | None = None
    countersign_until: AwareDatetime | None = None


class DisputeWithheld(Event):
    """The unit's head does not countersign; the unit keeps the case."""

    assignment_id: str
    org: str
    note: SealedText


class AssignmentDisputed(Event):
    """The unit says that the case is not its own (退单). Its clock runs on until that is decided.

    ``signer``: the unit's head, who countersigned, and states it where the clerk has proposed it before.
    """

    assignment_id: str
    org: str
    signer: str
    reason_code: DisputeReason
    law_basis: SealedText
    suggested_org: str | None = None
    due_decide: AwareDatetime


class DisputeDecided(Event):
    """Who decides disputes upheld one, and the case goes to be dispatched anew, or denied it.

    An upheld one is the platform's time, a denied one the unit's. After a denial, and after a
    designation, the unit may not dispute again.
    """

    assignment_id: str
    org: str
    outcome: Literal["upheld", "denied"]
    reason: SealedText
    designated_org: str | None = None
    due_dispatch: AwareDatetime | None = None


class CoordinationOpened(Event):
    """Several units are concerned, or none (吹哨、会商、编办、政府): they meet, and the lead is named."""

    coordination_id: str
    level: Literal["whistle", "consultation", "establishment_office", "government"]
    parties: tuple[str, ...] = ()
    question: SealedText | None = None
    due_resolve: AwareDatetime


class CoordinationResolved(Event):
    """The meeting named a lead and who assists, or nobody: then the level above is asked."""

    coordination_id: str
    lead: str | None = None
    assists: tuple[str, ...] = ()
    minutes: SealedText
    due_dispatch: AwareDatetime | None = None


class TerminationProposed(Event):
    """A ground to end the case was found after it was dispatched; a second person decides."""

    ground: str
    reason: SealedText
    alternative_channel: SealedText
    remedy: SealedText


class TerminationRejected(Event):
    """The second person did not agree; the case goes on."""

    note: SealedText | None = None


class CaseTerminated(Event):
    """The case ends without an answer (终止办理), on a ground of the closed list, by two persons' word."""

    ground: str
    reason: SealedText
    alternative_channel: SealedText
    remedy: SealedText
    proposed_by: str


class DispatchStopped(Event):
    """No unit has the case any more, nor is one looked for: it is handled with another (并单).

    ``link_id``: the merging that dispatch heard of, so that it answers each once. ``assignment_id`` and
    ``org``: the lead assignment that ended with this, if there was one.
    """

    link_id: str
    assignment_id: str | None = None
    org: str | None = None


class DispatchResumed(Event):
    """The case goes by itself again, and waits for a unit until ``due_dispatch``."""

    due_dispatch: AwareDatetime


class AssignmentPassedOn(Event):
    """The unit was merged, split or dissolved; its successor goes on with the case and its clocks
    (信访工作条例 Art. 24)."""

    assignment_id: str
    from_org: str
    org: str
    organisations: str = Field(description="the edition of the units that says so")
