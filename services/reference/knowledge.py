"""The rules of the knowledge base: who proposes does not approve, and no personal words stand in it.

Nothing here waits, reads or writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import assert_never

from libs.events.base import Event
from libs.events.reference import (
    Knowledge,
    KnowledgeProposed,
    KnowledgePublished,
    KnowledgeRejected,
    KnowledgeWithdrawn,
)
from libs.rules.knowledge import SUBJECT
from libs.rules.pii import find_personal, places
from libs.rules.roles import Role
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.reference.commands import (
    ApproveKnowledge,
    KnowledgeCommand,
    ProposeKnowledge,
    RejectKnowledge,
    WithdrawKnowledge,
)

LONGEST = timedelta(days=3 * 366)
"""An entry is looked at anew at least every three years: law changes."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What waits for a second person: who proposed it, from which edition on, and what it says."""

    by: str
    based_on: int
    entry: Knowledge


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: how many editions there are, what the one that holds says, and what waits for a person.

    ``says`` is the digest of what holds, ``unit`` who answers for it; nothing once it was withdrawn.
    """

    edition: int = 0
    says: str = ""
    unit: str = ""
    proposed: int = 0
    offers: Mapping[str, Offered] = field(default_factory=dict)


def decide_entry(command: KnowledgeCommand, entry: Entry, rules: Rules) -> Sequence[Event]:
    """What follows from a command, or ``Refused``."""
    match command:
        case ProposeKnowledge():
            return propose_knowledge(command, entry, rules)
        case ApproveKnowledge():
            return approve_knowledge(command, entry, rules)
        case RejectKnowledge():
            return reject_knowledge(command, entry, rules)
        case WithdrawKnowledge():
            return withdraw_knowledge(command, entry, rules)
        case _:
            assert_never(command)


def evolve_entry(
    entry: Entry,
    event: KnowledgeProposed | KnowledgeRejected | KnowledgePublished | KnowledgeWithdrawn,
) -> Entry:
    """The entry after an event."""
    match event:
        case KnowledgeProposed():
            new = Offered(event.actor.id, entry.edition, event.entry)
            offers = dict(sorted({**entry.offers, event.proposal_id: new}.items()))
            return replace(entry, proposed=entry.proposed + 1, offers=offers)
        case KnowledgeRejected():
            return replace(entry, offers=_without(entry, event.proposal_id))
        case KnowledgePublished():
            rest = _without(entry, event.proposal_id)
            says, unit = digest_of(event.entry), event.entry.unit
            return replace(entry, edition=event.edition, says=says, unit=unit, offers=rest)
        case KnowledgeWithdrawn():
            return replace(entry, says="", unit="")


def propose_knowledge(command: ProposeKnowledge, entry: Entry, rules: Rules) -> list[Event]:
    """A unit proposes what it answers for, and no edition of an entry for which another one does; an officer
    anything. Refused with the place where it tells who somebody is (个人信息保护法 Art. 6, 25: what everybody
    reads holds no personal information)."""
    if not command.case_id.startswith(f"{SUBJECT}/"):
        raise Refused(f"This is for an entry of the knowledge base, not for {command.case_id}.")
    of_a_unit = command.by.role in (Role.UNIT_CLERK, Role.UNIT_HEAD)
    if of_a_unit and command.by.org != command.unit:
        raise Refused(f"unit: {command.by.org} proposes only what it answers for itself.")
    name = command.case_id.partition("/")[2]
    theirs = rules.organisations.heir(entry.unit, command.category) if entry.unit else command.by.org
    if of_a_unit and theirs != command.by.org:
        raise Refused(f"unit: {entry.unit} answers for {name}; propose an entry under a name of its own.")
    offered = Knowledge(
        question=command.question,
        answer=command.answer,
        category=command.category,
        keywords=command.keywords,
        unit=command.unit,
        sources=command.sources,
        valid_until=command.valid_until,
        answers_topic=command.answers_topic,
        from_publication=command.from_publication,
    )
    _must_hold(command, offered, rules)
    _must_name_nobody(offered)
    standing = entry.says == digest_of(offered)
    if standing or any(offer.entry == offered for offer in entry.offers.values()):
        return []
    proposal_id = f"{name}.{entry.proposed + 1}"
    return [
        KnowledgeProposed(**command.stamp(rules.versions), proposal_id=proposal_id, entry=offered)
    ]


def approve_knowledge(command: ApproveKnowledge, entry: Entry, rules: Rules) -> list[Event]:
    """A second person answers for it with the first; what was proposed before the edition that holds now
    is proposed again, by who has read that one."""
    offer = _offer(command.proposal_id, entry)
    if command.by.id == offer.by:
        raise Refused("Who proposed an entry may not approve it.")
    if offer.based_on != entry.edition:
        raise Refused(
            f"Edition {entry.edition} holds, and this was proposed before it: propose it again."
        )
    _must_hold(command, offer.entry, rules)
    return [
        KnowledgePublished(
            **command.stamp(rules.versions),
            edition=entry.edition + 1,
            proposal_id=command.proposal_id,
            proposed_by=offer.by,
            entry=offer.entry,
        )
    ]


def reject_knowledge(command: RejectKnowledge, entry: Entry, rules: Rules) -> list[Event]:
    """What was proposed is put away, with the reason."""
    _offer(command.proposal_id, entry)
    _must_not_be_personal("reason", command.reason)
    return [
        KnowledgeRejected(
            **command.stamp(rules.versions),
            proposal_id=command.proposal_id,
            reason=command.reason,
        )
    ]


def withdraw_knowledge(command: WithdrawKnowledge, entry: Entry, rules: Rules) -> list[Event]:
    """Nobody is answered by it any more; one person is enough to stop what is wrong."""
    if not entry.edition:
        raise Refused(f"There is no entry {command.case_id.partition('/')[2]}.")
    if not entry.says:
        return []
    _must_not_be_personal("reason", command.reason)
    return [
        KnowledgeWithdrawn(
            **command.stamp(rules.versions), edition=entry.edition, reason=command.reason
        )
    ]


def digest_of(entry: Knowledge) -> str:
    """The SHA-256 of what an entry says."""
    return sha256(entry.model_dump_json().encode()).hexdigest()


def _must_hold(command: Command, entry: Knowledge, rules: Rules) -> None:
    if not rules.may_choose(entry.category):
        raise Refused(f"category: taxonomy {rules.taxonomy.version} has no {entry.category}.")
    if rules.taxonomy.is_restricted(entry.category):
        raise Refused(
            f"category: {entry.category} is restricted; it is answered by nobody at the desk."
        )
    if entry.unit not in rules.organisations:
        raise Refused(f"unit: there is no unit {entry.unit}.")
    if rules.organisations.unit(entry.unit).dissolved:
        raise Refused(f"unit: {entry.unit} was dissolved; its successor answers for it.")
    ahead = entry.valid_until - command.occurred_at
    if not timedelta() < ahead <= LONGEST:
        raise Refused("valid_until: must lie ahead, by at most three years.")


def _must_name_nobody(entry: Knowledge) -> None:
    _must_not_be_personal("question", entry.question)
    _must_not_be_personal("answer", entry.answer)
    _must_not_be_personal("keywords", "\n".join(entry.keywords))
    _must_not_be_personal("sources", "\n".join(entry.sources))


def _must_not_be_personal(name: str, text: str) -> None:
    found = find_personal(text)
    if found:
        raise Refused(f"{name}: it tells who somebody is, in {places(found)}.")


def _offer(proposal_id: str, entry: Entry) -> Offered:
    if proposal_id not in entry.offers:
        raise Refused(f"proposal_id: no proposal {proposal_id} waits for a person.")
    return entry.offers[proposal_id]


def _without(entry: Entry, proposal_id: str) -> dict[str, Offered]:
    return {name: offer for name, offer in entry.offers.items() if name != proposal_id}
