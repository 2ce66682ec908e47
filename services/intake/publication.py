"""The rules of publication (公开): question and answer without names, seen by two. Nothing here waits, reads or
writes.

A published text is sealed like every other word, under the key of its case, and opened for each reader. In
clear it would lie in the log for ever; like this `PersonalDataErased` takes it with the rest, and nobody has to
find the copies.
What may tell who somebody is was refused before it was sealed (``public_commands.PublicWords``).
"""

from collections.abc import Sequence
from typing import assert_never

from libs.events.base import Event, in_round
from libs.events.intake import (
    CasePublished,
    CaseUnpublished,
    ConsentChanged,
    RedactionProposed,
    RedactionReturned,
)
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.intake.public_commands import (
    ApproveRedaction,
    GiveConsent,
    ProposeRedaction,
    PublicationCommand,
    ReturnRedaction,
    UnpublishCase,
    WithdrawConsent,
)
from services.intake.regions import NONE, Redaction, Regions
from services.intake.state import Registration

NEVER_PUBLISHED = frozenset({"sensitive", "restricted"})
"""Flags of categories whose cases stay private: children, violence at home and the like (domain 5, G12)."""


def decide_on_publication(
    command: PublicationCommand, case: Registration, rules: Rules
) -> Sequence[Event]:
    """What follows from a command about publication, or ``Refused``."""
    if not case.stage:
        raise Refused("There is no such case.")
    regions = case.regions or NONE
    match command:
        case GiveConsent():
            return give_consent(command, case, regions, rules)
        case WithdrawConsent():
            return withdraw_consent(command, case, regions, rules)
        case ProposeRedaction():
            return propose_redaction(command, case, regions, rules)
        case ApproveRedaction():
            return approve_redaction(command, case, regions, rules)
        case ReturnRedaction():
            return return_redaction(command, case, regions, rules)
        case UnpublishCase():
            return unpublish_case(command, case, regions, rules)
        case _:
            assert_never(command)


def give_consent(
    command: GiveConsent, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """To publish needs a consent of its own (单独同意, PIPL Art. 25); it may be given at any time."""
    if case.erased:
        raise Refused("The personal data of this case were erased; there is nothing to publish.")
    if regions.consent and regions.own_consent:
        return []
    return [ConsentChanged(**command.stamp(rules.versions_of(case.policy), case.round), publish=True)]


def withdraw_consent(
    command: WithdrawConsent, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """Without a reason and with effect at once (PIPL Art. 15); a text that waits is dropped too."""
    if not regions.consent:
        return []
    stamp = command.stamp(rules.versions_of(case.policy), case.round)
    gone = _taken_back(command, case, regions, rules, "consent_withdrawn")
    return [ConsentChanged(**stamp, publish=False), *gone]


def propose_redaction(
    command: ProposeRedaction, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """An auditor who is not of the unit makes the text (transition 49, G14)."""
    _must_be_publishable(case, regions, rules)
    _must_be_independent(command, case)
    if command.concerns_minor:
        raise Refused("concerns_minor: what concerns a child is not published (PIPL Art. 28, 31).")
    if regions.published:
        raise Refused("The case is published; take that text back first.")
    if regions.redaction is not None:
        raise Refused("A text waits for the second auditor already.")
    return [
        RedactionProposed(
            **command.stamp(rules.versions_of(case.policy), case.round),
            redaction_id=f"{in_round(command.case_id, case.round)}.p{regions.redactions + 1}",
            title=command.title,
            question=command.question,
            answer=command.answer,
        )
    ]


def approve_redaction(
    command: ApproveRedaction, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """A second auditor, another person and not of the unit either, lets it out (transition 49)."""
    if regions.published == command.publication_id:
        return []
    redaction = _must_wait(command.redaction_id, regions)
    _must_be_publishable(case, regions, rules)
    _must_be_independent(command, case)
    if command.by.id == redaction.by:
        raise Refused("Another auditor than who made the text must look at it (两人审核).")
    return [
        CasePublished(
            **command.stamp(rules.versions_of(case.policy), case.round),
            publication_id=command.publication_id,
            redaction_id=redaction.redaction_id,
            category=case.category or "9901",
            unit_id=case.answered_by,
            title=redaction.title,
            question=redaction.question,
            answer=redaction.answer,
            reviewers=(redaction.by, command.by.id),
        )
    ]


def return_redaction(
    command: ReturnRedaction, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """The text goes back; whoever made it may drop it like that too."""
    redaction = _must_wait(command.redaction_id, regions)
    _must_be_independent(command, case)
    return [
        RedactionReturned(
            **command.stamp(rules.versions_of(case.policy), case.round),
            redaction_id=redaction.redaction_id,
            reason=command.reason,
        )
    ]


def unpublish_case(
    command: UnpublishCase, case: Registration, regions: Regions, rules: Rules
) -> list[Event]:
    """One person is enough to take a text back: what should not be public must go at once."""
    return _taken_back(command, case, regions, rules, command.ground)


def _taken_back(
    command: Command, case: Registration, regions: Regions, rules: Rules, ground: str
) -> list[Event]:
    if regions.published is None:
        return []
    stamp = command.stamp(rules.versions_of(case.policy), case.round)
    return [CaseUnpublished(**stamp, publication_id=regions.published, ground=ground)]


def _must_wait(redaction_id: str, regions: Regions) -> Redaction:
    redaction = regions.redaction
    if redaction is None or redaction.redaction_id != redaction_id:
        raise Refused("No such text waits for the second auditor.")
    return redaction


def _must_be_publishable(case: Registration, regions: Regions, rules: Rules) -> None:
    """Closed, agreed to, and of a kind that may be public at all (transition 49, domain 5 G02, G03, G12)."""
    if case.erased or regions.restricted:
        raise Refused("The personal data of this case were erased or closed; nothing of it is published.")
    if case.track == "restricted" or case.secrecy != "normal":
        raise Refused("A case that is sealed or restricted is never published.")
    if case.ends.end != "closed":
        raise Refused("Only a case that is answered and closed is published.")
    if case.category and NEVER_PUBLISHED & _flags(case.category, rules):
        raise Refused(f"Cases of category {case.category} are never published.")
    if not regions.consent:
        raise Refused("The citizen has not agreed that it be published.")
    if case.identity_mode == "confidential" and not regions.own_consent:
        raise Refused(
            "The citizen asked for secrecy; only a consent given by the citizen's own code counts."
        )


def _flags(category: str, rules: Rules) -> frozenset[str]:
    return frozenset(flag.partition(":")[0] for flag in rules.leaf(category).flags)


def _must_be_independent(command: Command, case: Registration) -> None:
    if command.by.id in case.handled_by or command.by.org in case.units:
        raise Refused("Who handled the case, or is of its unit, does not publish it.")
