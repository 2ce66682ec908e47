"""The rule by which a merged, split or dissolved unit's cases go on. Nothing here waits, reads or writes."""

from collections.abc import Iterator

from libs.events.base import SYSTEM, Event
from libs.events.dispatch import AssignmentPassedOn
from libs.rules.organisations import OrgType
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.dispatch.assignment import Assignment
from services.dispatch.commands import PassOn


def passing(case_id: str, case: Assignment, rules: Rules) -> Iterator[PassOn]:
    """What passes to another unit since the units were published (信访工作条例 Art. 24).

    The instant is that of the publication, or of the assignment if that came after it.
    """
    if case.unit_id is None:
        return
    for assignment_id, unit_id in _assigned(case):
        if unit_id not in rules.organisations or not rules.organisations.unit(unit_id).dissolved:
            continue
        assert case.assigned_at is not None, "it is with a unit"
        yield PassOn(
            case_id=case_id,
            occurred_at=max(
                case.assigned_at, rules.published_at("organisations") or case.assigned_at
            ),
            by=SYSTEM,
            assignment_id=assignment_id,
            from_org=unit_id,
        )


def pass_on(command: PassOn, case: Assignment, rules: Rules) -> list[Event]:
    """The successor goes on with the assignment as it stands; no clock starts anew."""
    if (command.assignment_id, command.from_org) not in _assigned(case):
        return []
    org = rules.organisations.heir(command.from_org, case.category, case.adcode)
    if org == command.from_org:
        return []
    is_discipline = rules.organisations.unit(org).type is OrgType.DISCIPLINE_ORGAN
    if case.track == "restricted" and not is_discipline:  # 信访工作条例 Art. 30(3)
        raise Refused("A report on an official goes to a discipline organ, and to nobody else.")
    return [
        AssignmentPassedOn(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=command.assignment_id,
            from_org=command.from_org,
            org=org,
            organisations=rules.organisations.version,
        )
    ]


def _assigned(case: Assignment) -> list[tuple[str, str]]:
    lead = [(case.assignment_id, case.unit_id)] if case.unit_id is not None else []
    return lead + [(assignment_id, unit_id) for unit_id, assignment_id in case.assists.items()]
