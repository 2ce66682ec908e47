"""The rules of what no unit handles: a consultation answered at once, and praise. It has no clock of its own.

Neither is a way to be rid of a case: the citizen contests it with a word, and it goes on as if it had never been.
"""

from datetime import datetime

from libs.events.base import Event
from libs.events.intake import AnswerContested, AnsweredAtDesk, EntryUsed, PraiseForwarded
from libs.rules.calendar import is_late
from libs.rules.knowledge import why_not
from libs.rules.rules import Rules
from libs.rules.states import Kind, SlaClass
from libs.sourcing.decider import Refused
from libs.sourcing.ends import must_go_on
from services.intake.commands import AnswerAtDesk, ContestAnswer, ForwardPraise
from services.intake.registration import track_of
from services.intake.state import SHORT_WAYS, Registration, must_be_open


def answer_at_desk(command: AnswerAtDesk, case: Registration, rules: Rules) -> list[Event]:
    """A consultation is answered by who hears it, from entries that hold (直接解答; 国办发〔2020〕53号,
    信访工作条例 Art. 31: what is asked for is explained). Its clock for acceptance ends here."""
    if case.stage == "answered":
        return []
    category = _must_fit(command, case, rules, Kind.CONSULTATION)
    if rules.leaf(category).sla is SlaClass.X:
        raise Refused(f"category: {category} is a petition (信访事项); it needs a written answer.")
    for number, used in enumerate(command.entries, 1):
        why = why_not(rules.knowledge, used.entry, used.edition, command.occurred_at)
        if why is not None:
            raise Refused(f"entries: number {number}: {why}.")
    sla, track = rules.leaf(category).sla.value, track_of(category, rules)
    window = rules.due(case.policy, "EVAL", sla, track, command.occurred_at)
    return [
        AnsweredAtDesk(
            **command.stamp(rules.versions_of(case.policy), case.round),
            category=category,
            kind=case.kind,
            track=track,
            sla_class=sla,
            entries=tuple(EntryUsed(entry=e.entry, edition=e.edition) for e in command.entries),
            text=command.text,
            mode=command.mode,
            evaluation_until=window.at,
        )
    ]


def forward_praise(command: ForwardPraise, case: Registration, rules: Rules) -> list[Event]:
    """Praise reaches whom it is for; that it is praise is said by two: who registered or classified it so,
    and the acceptor who forwards it (domain 3.1 K6)."""
    if case.stage == "praised":
        return []
    category = _must_fit(command, case, rules, Kind.PRAISE)
    if command.unit not in rules.organisations:
        raise Refused(f"unit: there is no unit {command.unit}.")
    if rules.organisations.unit(command.unit).dissolved:
        raise Refused(f"unit: {command.unit} was dissolved; name its successor.")
    sla, track = rules.leaf(category).sla.value, track_of(category, rules)
    window = rules.due(case.policy, "EVAL", sla, track, command.occurred_at)
    return [
        PraiseForwarded(
            **command.stamp(rules.versions_of(case.policy), case.round),
            org=command.unit,
            category=category,
            track=track,
            sla_class=sla,
            text=command.text,
            object_until=window.at,
        )
    ]


def contest_answer(command: ContestAnswer, case: Registration, rules: Rules) -> list[Event]:
    """What was no answer, or no praise, goes on to acceptance. That clock begins anew; the citizen's counts
    from registration and is never set back (domain 2.4, forbidden by construction)."""
    if case.stage == "registered" and case.contested_at is not None and not case.over:
        return []
    must_go_on(case.ends)
    if case.stage not in SHORT_WAYS or case.until is None:
        raise Refused("The case was neither answered at the desk nor forwarded as praise.")
    if is_late(command.occurred_at, _contest_until(case, case.until, rules)):
        raise Refused("The time to contest is over; ask for the case to be reopened.")
    due = rules.due(case.policy, "ACCEPT", "G", case.first_track, command.occurred_at)
    return [
        AnswerContested(
            **command.stamp(rules.versions_of(case.policy), case.round),
            text=command.text,
            due_accept=due.at,
        )
    ]


def _contest_until(case: Registration, told: datetime, rules: Rules) -> datetime:
    """As long as was told, or longer by a calendar that was published since (domain 6.2.4)."""
    if case.shortly_at is None or case.category is None:
        return told
    sla, track = rules.leaf(case.category).sla.value, track_of(case.category, rules)
    return rules.window(told, case.policy, "EVAL", sla, track, case.shortly_at)


def _must_fit(
    command: AnswerAtDesk | ForwardPraise, case: Registration, rules: Rules, kind: Kind
) -> str:
    """The category of a case that may go this way; refused for reports, restricted and sealed cases, and
    where one person alone has made it what it must be."""
    must_be_open(case)
    if case.contested_at is not None:
        raise Refused("The citizen has contested this already; the case must be accepted.")
    if case.track == "restricted" or case.secrecy != "normal":
        raise Refused("A restricted or sealed case goes no short way.")
    if case.links.followers:
        raise Refused("Other cases are merged into this one; accept it, so that all are answered.")
    if case.kind != kind:
        raise Refused(f"This is for {kind.en.lower()} ({kind.zh}); the case is of kind {case.kind}.")
    if case.kind_by == command.by.id:
        raise Refused("You have given the case this kind; another person must go on with it.")
    category = command.category or case.category
    if category is None:
        raise Refused("category: give the case a category first.")
    if category != case.category and not rules.may_choose(category):
        raise Refused(f"category: there is no {category} in taxonomy {rules.taxonomy.version}.")
    if rules.leaf(category).restricted:
        raise Refused(f"category: {category} is about somebody; it goes no short way.")
    return category
