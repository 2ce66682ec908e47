"""Each check is shown evidence with one thing wrong, and must find it; shown all in order, it is silent."""

import copy
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from libs.events.base import Event, Recorded
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted, ReworkOrdered
from libs.events.feedback import CitizenContacted, ReplyApproved, ReplyDelivered, ReplySubmitted
from libs.events.intake import CaseAccepted, CaseRegistered, CaseReopened, CaseWithdrawn, Due
from libs.events.supervision import BreachRetracted, DeadlineBreached, DeadlineWarned
from libs.host.folding import MemoryViews
from libs.rules.rules import shipped_rules
from services.list import NAMES, service_named
from services.supervision.decider import decider as supervision
from tests.faults.check_views import counters_equal_a_recount, recount
from tests.faults.checks import BY_THEMSELVES, everything
from tests.faults.evidence import Evidence, Lying, Tables
from tests.faults.traffic import Acknowledged
from tests.spec import CASE, MONDAY, fact, fold

LAST = MONDAY + timedelta(days=40)  # what is due before it must be stated


def whole() -> list[Event]:
    """A case that was answered in time and closed; none of its clocks ran out."""
    due = Due(dispatch=MONDAY + timedelta(hours=2), citizen=MONDAY + timedelta(days=2))
    kinds: list[tuple[type[Event], dict[str, Any]]] = [
        (CaseRegistered, {"receipt_no": "LX1"}),
        (CaseAccepted, {"due": due}),
        (CaseAssigned, {}),
        (AssignmentSigned, {}),
        (CitizenContacted, {}),
        (ReplySubmitted, {}),
        (ReplyApproved, {}),
        (ReplyDelivered, {}),
        (CallbackRecorded, {"resolved": "yes"}),
        (EvaluationSubmitted, {"target": "intake"}),
        (EvaluationSubmitted, {"target": "handling"}),
        (CaseClosed, {}),
    ]
    return [
        fact(kind, MONDAY + timedelta(minutes=n), **more) for n, (kind, more) in enumerate(kinds)
    ]


def overdue() -> list[Event]:
    """A case that nobody took up: supervision has said so three times."""
    history = [fact(CaseRegistered, MONDAY, receipt_no="LX2")]
    rules = shipped_rules()
    for command in supervision.pending(CASE, fold(supervision, history), rules):
        history += supervision.decide(command, fold(supervision, history), rules)
    return history


def recorded(case_id: str, history: Sequence[Event]) -> list[Recorded]:
    """A history as its owners recorded it, a second after each fact."""
    seqs: dict[str, int] = defaultdict(int)
    found = []
    for number, event in enumerate(history):
        seqs[event.owner()] += 1
        found.append(
            Recorded(
                event_id=f"{case_id}-{number}",
                event=event.model_copy(update={"case_id": case_id}),
                seq=seqs[event.owner()],
                recorded_at=event.occurred_at + timedelta(seconds=1),
                correlation_id="c",
                causation_id="c",
            )
        )
    return found


@pytest.fixture
def found() -> Evidence:
    """Two cases, all in order, in a log of one partition."""
    return evidence(*recorded("whole", whole()), *recorded("overdue", overdue()))


def evidence(*facts: Recorded) -> Evidence:
    """What is found where these facts were stated and projected."""
    log = [Lying(0, offset, one) for offset, one in enumerate(facts)]
    own = {name: [one for one in facts if one.event.owner() == name] for name in NAMES}
    views = {name: projected(name, facts) for name in NAMES}
    return Evidence(log, own, views, copy.deepcopy(views))


def projected(name: str, facts: Sequence[Recorded]) -> Tables:
    """What a service makes of facts."""
    service, views = service_named(name), MemoryViews(lambda case_id: 0)
    types = (*service.hears, *(type(r.event) for r in facts if r.event.owner() == name))
    service.project([one for one in facts if isinstance(one.event, types)], views)
    return {
        table.name: list(views.tables.get(table, {}).values())
        for table in service.tables.sorted_tables
    }


def told(found: Evidence) -> list[Acknowledged]:
    """What callers were told: all that they asked for."""
    return [
        Acknowledged(one.event.case_id, one.event.type(), one.seq, one.event_id)
        for one in (at.recorded for at in found.log)
        if not isinstance(one.event, BY_THEMSELVES)
    ]


def test_evidence_in_order_is_not_complained_of(found: Evidence) -> None:
    assert everything(found, told(found), 2, LAST) == []


def test_a_record_sent_again_is_not_complained_of(found: Evidence) -> None:
    again = [replace(at, offset=at.offset + 100) for at in found.log[:5]]
    found.log = [*found.log, *again]
    assert everything(found, told(found), 2, LAST) == []


def at(found: Evidence, kind: type[Event], case_id: str = "whole") -> int:
    """Where the first fact of a kind lies."""
    return next(
        n
        for n, lying in enumerate(found.log)
        if isinstance(lying.recorded.event, kind) and lying.place[0] == case_id
    )


def lose(
    kind: type[Event], stream_too: bool = False, case_id: str = "whole"
) -> Callable[[Evidence], None]:
    """A fact that is in no log, and perhaps in no stream."""

    def plant(found: Evidence) -> None:
        lost = found.log[at(found, kind, case_id)]
        found.log = [lying for lying in found.log if lying is not lost]
        if stream_too:
            owner = lost.place[1]
            rest = [one for one in found.own[owner] if one != lost.recorded]
            found.own = {**found.own, owner: rest}

    return plant


def restate(
    kind: type[Event], case_id: str = "whole", **changes: Any
) -> Callable[[Evidence], None]:
    """The same fact as a new one, at the end of log and stream."""

    def plant(found: Evidence) -> None:
        first = found.log[at(found, kind, case_id)].recorded
        last = max(
            one.seq for one in found.own[first.event.owner()] if one.event.case_id == case_id
        )
        new = replace(first, seq=last + 1, event_id="again")
        put(found, replace(new, event=new.event.model_copy(update=changes)))

    return plant


def put(found: Evidence, one: Recorded) -> None:
    """A fact more in log and stream."""
    owner = one.event.owner()
    found.log = [*found.log, Lying(0, len(found.log), one)]
    stream = sorted([*found.own[owner], one], key=lambda r: (r.event.case_id, r.seq))
    found.own = {**found.own, owner: stream}


def alter(kind: type[Event], case_id: str, **changes: Any) -> Callable[[Evidence], None]:
    """Another envelope around a fact."""

    def plant(found: Evidence) -> None:
        old = found.log[at(found, kind, case_id)]
        new = replace(old, recorded=replace(old.recorded, **changes))
        found.log = [new if lying is old else lying for lying in found.log]

    return plant


def one_id_twice(found: Evidence) -> None:
    put(found, replace(recorded("new", [fact(CaseRegistered)])[0], event_id="whole-0"))


def swap(found: Evidence) -> None:
    """A later fact of an owner comes before an earlier one: readers would never take the earlier."""
    one, other = at(found, ReplySubmitted), at(found, ReplyApproved)
    log = found.log = [*found.log]
    log[one], log[other] = log[other], log[one]


def breach_of_a_kept_promise(found: Evidence) -> None:
    event = fact(
        DeadlineBreached,
        MONDAY + timedelta(days=2),
        timer="CITIZEN",
        due_at=MONDAY + timedelta(days=2),
    )
    put(found, replace(recorded("whole", [event])[0], event_id="false"))


def retraction_of_a_true_breach(found: Evidence) -> None:
    event = fact(BreachRetracted, MONDAY, timer="ACCEPT", due_at=LAST, done_at=MONDAY)
    put(found, replace(recorded("overdue", [event])[0], seq=4, event_id="false"))


def in_view(
    name: str, table: str, change: Callable[[list[dict[str, Any]]], None]
) -> Callable[[Evidence], None]:
    """A view that is otherwise than it was projected."""
    return lambda found: change(found.views[name][table])


def counted_twice(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row["count"] *= 2


PLANTED: dict[str, tuple[Callable[[Evidence], None], str]] = {
    "a fact acknowledged and lost": (lose(CaseAccepted, True), "lost: intake.CaseAccepted"),
    "a fact stated and never sent": (lose(CaseClosed), "was stated and is not in the log"),
    "a fact in the log that nobody stated": (
        lambda found: found.own.update(evaluation=found.own["evaluation"][:-1]),  # type: ignore[attr-defined]
        "was stated by nobody",
    ),
    "a command done twice": (restate(CitizenContacted), "done twice"),
    "a receipt number given twice": (
        lambda found: put(found, recorded("new", [fact(CaseRegistered, receipt_no="LX1")])[0]),
        "the receipt number LX1 was given 2 times",
    ),
    "two facts under one number": (
        lambda found: setattr(
            found,
            "log",
            [*found.log, Lying(0, 99, replace(found.log[0].recorded, event_id="other"))],
        ),
        "two facts under one number",
    ),
    "one id for two facts": (one_id_twice, "doubled: whole-0"),
    "facts of an owner out of order": (swap, "readers miss a fact"),
    "a case missing in a view": (
        in_view("dispatch", "assignments", list.clear),
        "0 times in dispatch's",
    ),
    "a case twice in a view": (
        in_view("intake", "cases", lambda rows: rows.append(dict(rows[0]))),
        "2 times in intake's cases",
    ),
    "a view otherwise than the log": (
        in_view("feedback", "files", lambda rows: rows[0].update(attempts=7)),
        "feedback's files differs from a rebuild",
    ),
    "a row too many": (
        in_view("supervision", "notices", lambda rows: rows.append({**rows[0], "notice_id": "n"})),
        "supervision's notices differs from a rebuild",
    ),
    "a step left out": (lose(CaseAssigned, True), "no path: dispatch.AssignmentSigned"),
    "a step taken twice": (restate(ReplyApproved), "no path: feedback.ReplyApproved"),
    "a deadline stated twice": (restate(DeadlineWarned, "overdue"), "stated 2 times: ACCEPT/amber"),
    "a deadline stated early": (
        alter(DeadlineBreached, "overdue", recorded_at=MONDAY),
        "early: ACCEPT/breach",
    ),
    "a deadline never stated": (
        lose(DeadlineBreached, True, "overdue"),
        "never stated: ACCEPT/breach",
    ),
    "a breach of a promise that was kept": (breach_of_a_kept_promise, "false: CITIZEN/breach"),
    "a true breach taken back": (retraction_of_a_true_breach, "was taken back and holds"),
    "a case counted twice": (
        in_view("analytics", "counters", counted_twice),
        "analytics counts 4 registered",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_wrong_is_found(found: Evidence, what: str) -> None:
    plant, words = PLANTED[what]
    asked = told(found)
    plant(found)
    wrong = everything(found, asked, 2, LAST)
    assert any(words in one for one in wrong), wrong


def test_a_case_that_no_log_holds_is_missed(found: Evidence) -> None:
    assert any(
        "2 cases are in the log, not 3" in one for one in everything(found, told(found), 3, LAST)
    )


def test_a_breach_taken_back_in_good_faith_is_not_complained_of(found: Evidence) -> None:
    breach_of_a_kept_promise(found)
    last = found.log[-1].recorded
    event = fact(
        BreachRetracted, MONDAY, timer="CITIZEN", due_at=last.event.occurred_at, done_at=MONDAY
    )
    put(found, replace(recorded("whole", [event])[0], seq=2, event_id="back"))
    wrong = everything(found, told(found), 2, LAST)
    assert [one for one in wrong if "CITIZEN" in one] == []


ANSWERED = {"registered", "accepted", "assigned", "delivered", "reached", "rated"}
BEGUN = {"registered", "accepted", "reopened"}
AGAIN, ANEW = fact(ReworkOrdered, LAST), fact(CaseReopened, LAST, round=1)
TURNED: dict[str, tuple[list[Event], set[str]]] = {
    "it is done again": ([AGAIN], ANSWERED | {"reworked"}),
    "it is closed again": ([AGAIN, fact(CaseClosed, LAST)], ANSWERED | {"reworked", "closed"}),
    "it is taken up anew": ([ANEW], BEGUN),
    "what was stated before that is heard after it": ([ANEW, fact(CaseClosed, LAST)], BEGUN),
    "its second round is over too": (
        [ANEW, fact(CaseAssigned, LAST, round=1), fact(CaseClosed, LAST, round=1)],
        BEGUN | {"assigned", "closed"},
    ),
    "the citizen withdraws it as it is closed": (
        [fact(CaseWithdrawn, LAST)],
        ANSWERED | {"resolved"},
    ),
}


@pytest.mark.parametrize("what", TURNED)
def test_the_recount_counts_what_stands_and_not_what_was_undone(what: str) -> None:
    more, stands = TURNED[what]
    history = [*whole(), *more]
    assert {key[2] for key in recount([history]) if key[0] == "all"} == stands
    assert list(counters_equal_a_recount(evidence(*recorded("whole", history)))) == []


def test_a_case_that_went_to_another_unit_is_with_that_one_alone() -> None:
    other = fact(CaseAssigned, LAST, assignment_id=f"{CASE}.2", org="mc.shuiwu")
    history = [*whole(), other]
    assert [key[1] for key in recount([history]) if key[0] == "unit"] == ["mc.shuiwu"]
    assert list(counters_equal_a_recount(evidence(*recorded("whole", history)))) == []
