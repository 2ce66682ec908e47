"""The clocks of a case (domain 2.5): when each turns amber and red, ends, and is late. It states nothing.

What starts, moves and ends them stands in ``history``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from libs.rules.calendar import SHANGHAI, Due, is_late
from libs.rules.forwarding import dispatch_due
from libs.rules.limit import Limit
from libs.rules.moving import MOMENT, is_provisional, runs_on
from libs.rules.rules import Rules
from libs.rules.shares import moved_warnings
from services.supervision.beyond import NOTHING, Beyond

A_DAY = timedelta(days=1)
PLATFORM = "platform"
"""Who answers for the steps that the hotline body itself must take."""
ACCEPT_AGAIN = "ACCEPT.contested"
"""As which clock the time for acceptance runs after the citizen contested a short way."""
CITIZEN = "citizen"
"""Whose time it is to supplement what is missing: nobody is warned, nobody is late."""
OF_ASSIGNMENT = frozenset({"SIGN", "CONTACT", "HANDLE", "AUDIT"})
"""The clocks that end with their assignment, when it turns out to be another's or units meet; that of an answer
too, which crossed this and which nobody can review any more."""
UNDER_REVIEW = frozenset({"HANDLE", "CONTACT", "CITIZEN", "REWORK"})
"""The clocks of which nothing is stated while a reply is under review."""
UNWARNED = frozenset({"CITIZEN", "SUPPLEMENT"})
"""The citizen's clock warns nobody; its end is a public figure."""
UNBREACHED = frozenset({"SUPPLEMENT", "RECHECK"})
"""Waiting for the citizen ends in intake's decision, a hold by itself at its due instant."""


OUTLIVES_CLOSING = frozenset({"REVIEW", "REREVIEW", "REWORK"})
"""The clocks that a closing does not end: a petition is reviewed after it, and what is revoked then is done
again. None of them runs when a case closes."""


@dataclass(frozen=True, slots=True)
class Started:
    """A clock that was started. ``step`` is the timer's name in the policy pack; ``track`` that of
    the limit, where the case may change its own while the clock runs. ``delivery``: it ends with that
    answer, counted from 0, if with nothing before."""

    step: str
    at: datetime
    due_at: datetime
    owner_org: str
    assignment_id: str | None = None
    track: str | None = None
    delivery: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a clock on its way: when it stood still (the last pause may not have ended), and
    its new end. ``since``: when the act was done that led to that end; ``granted``: a person set a day."""

    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    due_at: datetime | None = None
    since: datetime | None = None
    granted: bool = False

    @property
    def paused_at(self) -> datetime | None:
        """Since when the clock stands still, if it does."""
        return self.pauses[-1][0] if self.pauses and self.pauses[-1][1] is None else None


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a published calendar made of a clock: its end, never before the one that was told, and the
    edition by which it was counted."""

    due_at: datetime
    calendar: str


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What dispatch said besides assignments: disputes (by assignment those that wait, with their clock
    and since when), meetings, as which clock DISPATCH runs, for
    each assignment that ended without blame the instant from which its time is the platform's, and to
    which unit an assignment passed."""

    disputes: int = 0
    disputed: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    coordination: str = ""
    clock: str = "DISPATCH"
    released: Mapping[str, datetime] = field(default_factory=dict)
    passed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handled:
    """What feedback said besides replies: since when more time is asked for, when the case was put on
    hold, and as which clock an assignment's HANDLE runs after that."""

    asked_at: datetime | None = None
    held: tuple[datetime, ...] = ()
    handles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Over:
    """When the case was withdrawn, since when it is handled with another, and when it was terminated."""

    withdrawn_at: datetime | None = None
    merged_at: datetime | None = None
    terminated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """The clocks of a case by name: who starts one writes ``started``, who ends it ``stopped``, who
    moves it ``changed``.

    A clock's name is its step, with the number of the assignment, reply or supervision where there
    may be several; each name has one starter, one stopper and one mover. Of the other fields intake
    writes the first three, dispatch the next two, feedback the five from ``waiting`` (``reply_of``: of
    which assignment the last answer was handed in), evaluation ``reworks``, ``closed_at`` and
    ``closings``, supervision the rest, of which ``breached`` gives by clock the due instant that stands
    as missed. What is rare stands apart, for a state is copied with each fact. All are kept sorted, so
    that the same history gives the same text in any interleaving of owners. In ``ends`` intake says the
    first two, dispatch the third.
    """

    round: int = 0
    policy: str = ""
    track: str = "hotline"
    sla_class: str = "G"
    unit_id: str | None = None
    dispatched: Dispatched = Dispatched()
    waiting: bool = False
    approved: bool = False
    reply_of: str = ""
    delivered: tuple[datetime, ...] = ()
    handled: Handled = Handled()
    reworks: int = 0
    started: Mapping[str, Started] = field(default_factory=dict)
    stopped: Mapping[str, datetime] = field(default_factory=dict)
    changed: Mapping[str, Change] = field(default_factory=dict)
    stated: tuple[str, ...] = ()
    breached: Mapping[str, datetime] = field(default_factory=dict)
    supervisions: Mapping[str, int] = field(default_factory=dict)
    recounted: Mapping[str, Recounted] = field(default_factory=dict)
    beyond: Beyond = NOTHING
    closed_at: datetime | None = None
    closings: tuple[datetime, ...] = ()
    ends: Over | None = None

    @property
    def under_review(self) -> bool:
        """Whether an answer of the unit that has the case is looked at; not that of one that lost it."""
        return self.waiting and self.reply_of not in self.dispatched.released

    @property
    def handed_in(self) -> bool:
        """Whether an answer of the unit is under review or on its way to the citizen: the unit, though it
        may be late, has nothing more to do and is not urged."""
        on_its_way = self.waiting or self.approved
        return on_its_way and self.reply_of not in self.dispatched.released


def unstated(case: Watch, rules: Rules) -> Iterator[tuple[str, Started, str, datetime]]:
    """Every clock with the thresholds that it has passed or will pass and that were not stated yet.

    Of a case of which only supervision's own words are known yet, as in a rebuild, nothing falls due.
    """
    if not case.policy:
        return
    for name, clock in case.started.items():
        for threshold, at in thresholds(name, clock, case, rules):
            if threshold == "breach":
                if name not in case.breached:
                    yield name, clock, threshold, at
            elif f"{name}/{threshold}" not in case.stated:
                yield name, clock, threshold, at


def thresholds(
    name: str, clock: Started, case: Watch, rules: Rules
) -> Iterator[tuple[str, datetime]]:
    """The thresholds that a clock has passed or will pass. A reply under review holds HANDLE."""
    end = ended(name, clock, case)
    if end is None and case.under_review and clock.step in UNDER_REVIEW:
        return
    if end is not None and end <= clock.at:
        return
    due = clock.due_at
    if case.changed or case.recounted:
        due = due_of(name, clock, case)
    if clock.step not in UNWARNED:
        track = clock.track or case.track
        if due is clock.due_at or not _is_changed(name, case):
            warnings = rules.warnings(case.policy, clock.step, case.sla_class, track, clock.at)
        else:
            warnings = _warnings_of_moved(name, clock, due, case, rules)
        for threshold, at in warnings:
            if at < due and (end is None or is_late(end, at)):
                yield threshold, at
    if clock.step not in UNBREACHED and (end is None or is_late(end, due)):
        yield "breach", due


def due_of(name: str, clock: Started, case: Watch) -> datetime:
    """When a clock ends now: where a person or a pause moved it, or by the newest calendar if that is later,
    else where it was first set to."""
    change = case.changed.get(name) if case.changed else None
    again = case.recounted.get(name) if case.recounted else None
    if change is not None and change.due_at is not None:
        return change.due_at if again is None else max(change.due_at, again.due_at)
    return clock.due_at if again is None else again.due_at


def _is_changed(name: str, case: Watch) -> bool:
    change = case.changed.get(name)
    return change is not None and change.due_at is not None


def owner_of(clock: Started, case: Watch) -> str:
    """Who answers for a clock: the successor of a unit that is no more."""
    return case.dispatched.passed.get(clock.assignment_id or "", clock.owner_org)


def recounts(case: Watch, rules: Rules) -> Iterator[tuple[str, Started, Due]]:
    """The running clocks that were counted by an older calendar, with their end by the newest (domain 6.2).

    What a pause moved is counted with it, what a person granted rolls off a day that is no workday now;
    what is missed already stays. A clock whose end is the same is confirmed if it lies in the last
    published year: it may have been told as provisional.
    """
    published_at = rules.calendars_published_at
    if published_at is None:
        return
    calendar = rules.calendar(case.policy)
    version = rules.versions_of(case.policy).calendar
    begins = datetime(calendar.last_year, 1, 1, tzinfo=SHANGHAI)
    for name, clock in case.started.items():
        if clock.at > published_at or name in case.breached:
            continue
        if is_of_a_follower(name):
            continue
        again = case.recounted.get(name)
        if (again is not None and again.calendar == version) or ended(
            name, clock, case
        ) is not None:
            continue
        stands = due_of(name, clock, case)
        due = _counted_again(name, clock, case, rules)
        if due.at != stands or stands > begins:
            yield name, clock, due


def _counted_again(name: str, clock: Started, case: Watch, rules: Rules) -> Due:
    """When a clock ends by the calendars of today, as whoever set or moved it counted."""
    kind = case.policy, clock.step, case.sla_class, clock.track or case.track
    change = case.changed.get(name)
    if change is None or change.due_at is None:
        accept = case.started.get("ACCEPT")
        if name != "DISPATCH" or accept is None:
            return rules.due(*kind, clock.at)
        return dispatch_due(
            rules, case.policy, case.sla_class, case.track, accept.at, clock.at, _over("ACCEPT", case)
        )
    calendar = rules.calendar(case.policy)
    if change.granted:
        day = (change.due_at - MOMENT).astimezone(SHANGHAI).date()
        if calendar.is_workday(day):
            return Due(change.due_at, is_provisional(calendar, change.due_at))
        return calendar.due(change.due_at - MOMENT - A_DAY, Limit(cd=1))  # 民法典 Art. 203
    if clock.step == "ACCEPT":
        return rules.due_with_pauses(*kind, clock.at, _over(name, case))
    due, limit = rules.due(*kind, clock.at), rules.pack(case.policy).limit(*kind[1:])
    for since, until in _over(name, case):
        due = runs_on(calendar, due.at, limit, since, until)
    return due


def _over(name: str, case: Watch) -> tuple[tuple[datetime, datetime], ...]:
    """The pauses of a clock that are over."""
    pauses = case.changed[name].pauses if name in case.changed else ()
    return tuple((since, until) for since, until in pauses if until is not None)


def ended(name: str, clock: Started, case: Watch) -> datetime | None:
    """When a clock ended, or since when it stands still: by an act, with its assignment, with the
    answer or the hold that it waits for, or with the case."""
    end = case.stopped.get(name)
    if end is None and case.closings and clock.step not in OUTLIVES_CLOSING:
        end = next((at for at in case.closings if at >= clock.at), case.closed_at)
    if case.ends is not None:
        end = _first(end, over_at(case))
    if clock.step in OF_ASSIGNMENT and case.dispatched.released:
        end = _first(end, case.dispatched.released.get(clock.assignment_id or ""))
    if clock.delivery is not None:
        if clock.delivery < len(case.delivered):
            end = _first(end, case.delivered[clock.delivery])
        for held_at in case.handled.held:
            if held_at >= clock.at:
                end = _first(end, held_at)
    if clock.step == "CALLBACK" and case.handled.held:
        for lifted_at in _lifted(case):
            if lifted_at > clock.at:
                end = _first(end, lifted_at)
    if is_of_a_follower(name):
        for delivered_at in case.delivered:
            if delivered_at >= clock.at:
                end = _first(end, delivered_at)
    if case.changed and (change := case.changed.get(name)) is not None:
        end = _first(end, change.paused_at)
    return end


def _lifted(case: Watch) -> Iterator[datetime]:
    """When holds were lifted. The answer before a hold stands no more then, and nobody calls back about it
    (transition 36)."""
    for name, clock in case.started.items():
        if clock.step == "HANDLE" and name.rpartition(".")[2].startswith("h"):
            yield clock.at


def is_of_a_follower(name: str) -> bool:
    """Whether a clock is that of a citizen whose case is merged into this one: it was set there, once for all,
    and ends with the first answer here."""
    return name.startswith("CITIZEN.")


def over_at(case: Watch) -> datetime | None:
    """Since when nothing more is done about the case: every clock ends then, the citizen's too. Those of a
    merged case go on when it is unmerged, as if they had never stopped. A termination that crossed a
    reply is void (``libs.rules.ends``)."""
    if case.ends is None:
        return case.closed_at
    ends = case.ends
    terminated_at = None if case.delivered else ends.terminated_at
    at = _first(_first(ends.withdrawn_at, ends.merged_at), terminated_at)
    return _first(at, case.closed_at)


def disproved(name: str, case: Watch) -> datetime | None:
    """When the act was done that shows a stated breach to have been none; nothing if it stands.

    The clock had ended before the missed instant, or that instant was moved by what was done before it.
    """
    clock, missed = case.started.get(name), case.breached.get(name)
    if clock is None or missed is None:
        return None
    end = ended(name, clock, case)
    if end is not None and not is_late(end, missed):
        return end
    change = case.changed.get(name)
    if change is None or change.since is None or is_late(change.since, missed):
        return None
    return change.since if due_of(name, clock, case) > missed else None


def _warnings_of_moved(
    name: str, clock: Started, due: datetime, case: Watch, rules: Rules
) -> tuple[tuple[str, datetime], ...]:
    """Amber and red of a clock that was moved: shares of its new whole limit, its pauses left out. What
    was stated before it was moved is not stated again (domain 6.2)."""
    kind = case.policy, clock.step, case.sla_class, clock.track or case.track
    pauses = case.changed[name].pauses
    over = tuple((since, until) for since, until in pauses if until is not None)
    return moved_warnings(rules, *kind, clock.at, due, over)


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
