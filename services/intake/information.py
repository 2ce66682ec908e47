"""The rules of what the citizen is asked for and adds later. Nothing here waits, reads or writes."""

from datetime import datetime

from libs.events.base import Event
from libs.events.intake import CaseSupplemented, InformationRequested
from libs.rules.calendar import is_late
from libs.rules.rules import Rules
from libs.sourcing.decider import Refused
from services.intake.commands import (
    MOST_CLAIMS,
    DeclineCase,
    RequestInformation,
    SupplementCase,
)
from services.intake.state import SHORT_WAYS, Registration, must_be_open


def request_information(
    command: RequestInformation, case: Registration, rules: Rules
) -> list[Event]:
    """What is missing is named (transition 4), as often as the policy allows: nobody is kept waiting by
    question after question. Intake's time stands still until the answer."""
    missing = tuple(dict.fromkeys(what.value for what in command.missing))
    if (
        case.stage == "info_requested"
        and case.question
        and set(case.question.missing) == set(missing)
    ):
        return []
    must_be_open(case)
    most = rules.pack(case.policy).accept.max_questions
    if most is not None and len(case.pauses) >= most:
        raise Refused(
            f"The citizen has been asked {most} times; what is known must do (policy {case.policy})."
        )
    due = rules.due(case.policy, "SUPPLEMENT", "G", case.first_track, command.occurred_at)
    return [
        InformationRequested(
            **command.stamp(rules.versions_of(case.policy), case.round),
            missing=missing,
            question=command.question,
            due_supplement=due.at,
        )
    ]


def supplement_case(command: SupplementCase, case: Registration, rules: Rules) -> list[Event]:
    """What the citizen adds (transitions 2 and 5). After a question the acceptance limit goes on
    with the time of waiting left out; an answer that comes late is an answer as well."""
    if not case.stage:
        raise Refused("There is no such case.")
    if case.over or case.erased:
        raise Refused("The case has ended; nothing can be added to it any more.")
    if case.stage in SHORT_WAYS:
        raise Refused(f"{SHORT_WAYS[case.stage]} Contest that, and the case goes on with what is added.")
    if command.claims and max(case.claims, 1) + len(command.claims) > MOST_CLAIMS:
        raise Refused(
            f"claims: a case has at most {MOST_CLAIMS} claims, and this one has {case.claims}."
        )
    return [
        CaseSupplemented(
            **command.stamp(rules.versions_of(case.policy), case.round),
            text=command.text,
            claims=command.claims,
            due_accept=_due_accept(command, case, rules),
        )
    ]


def must_have_run_out(command: DeclineCase, case: Registration) -> None:
    """D16 needs a citizen who was asked and did not answer in time (transition 6)."""
    if case.question is None or case.over:
        must_be_open(case)
        raise Refused(
            "D16 is no ground for declining before the citizen was asked for what is missing."
        )
    if not is_late(command.occurred_at, case.question.due_at):
        raise Refused("D16 is no ground for declining while the citizen's time to answer runs.")


def _due_accept(command: SupplementCase, case: Registration, rules: Rules) -> datetime | None:
    since = case.contested_at or case.registered_at
    if case.question is None or since is None:
        return None
    pauses = (*case.pauses, (case.question.asked_at, command.occurred_at))
    accept = case.policy, "ACCEPT", "G", case.first_track
    return rules.due_with_pauses(*accept, since, pauses).at
