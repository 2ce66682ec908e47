"""A message board's year and a hotline's day by the articles' own figures, from the log to what HTTP answers:
what scenarios 4 and 5 say of amounts. Their steps stand in ``test_scenarios``."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from libs.events.base import Event, Versions
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CallbackRecorded, EvaluationSubmitted, ReworkOrdered
from libs.events.feedback import CitizenContacted, ReplyDelivered
from libs.events.intake import AnsweredAtDesk, CaseAccepted, CaseRegistered, Due
from libs.events.supervision import DeadlineBreached
from libs.rules.figures import Period
from services.analytics.figures import ALL, figures
from services.analytics.projection import totals
from services.list import service_named
from tests.analytics.ledger import Ledger
from tests.http.city import City, open_city
from tests.journeys.told import CaseLog, tell
from tests.spec import RULES, china, fact
from tests.whole import Clock

PACK = "wuhan-7wd"
A_DAY, UNITS = 400, tuple(sorted(unit.unit_id for unit in RULES.organisations if not unit.dissolved))[:118]
ENDS = {
    "2017-05-25": "2017-06-07",  # Thursday: Saturday 27 is worked, 28 to 30 are the Dragon Boat festival
    "2017-05-26": "2017-06-08",
    "2017-05-27": "2017-06-09",
    "2017-05-28": "2017-06-09",
    "2017-05-29": "2017-06-09",
}
"""By the day of a message, when its seventh working day is over."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read(city: City, path: str, role: str) -> Any:
    """What a desk reads."""
    answer = city.get(path, city.token(role))
    assert answer.is_success, answer.text
    return answer.json()


def messages(versions: Versions) -> Iterator[CaseLog]:
    """Five days of four hundred messages, each unit's in turn. Of a unit's, the first is answered a day late,
    the second when it is nearly due, and six raters are not content; one of the first unit is never answered."""
    number = 0
    for day, end in ENDS.items():
        for _ in range(A_DAY):
            turn, unit = divmod(number, len(UNITS))
            at, until = china(f"{day} 10:00"), china(f"{end} 00:00")
            never = turn == 2 and unit == 0
            answered = {0: until + 12 * HOUR, 1: until - 30 * HOUR}.get(turn, at + 2 * DAY)
            yield message(versions, at, until, UNITS[unit], None if never else answered, turn)
            number += 1


def message(
    versions: Versions, at: datetime, until: datetime, unit: str, answered: datetime | None, turn: int
) -> CaseLog:
    """One message and what became of it."""
    case = CaseLog()
    aid, by = f"{case.case_id}.1", {"decided_with": versions}
    case.says(CaseRegistered, at=at, channel="board_local", due_accept=at + DAY, **by)
    case.says(CaseAccepted, at=at, due=Due(dispatch=at + HOUR, citizen=until), **by)
    limits = {"due_sign": until, "due_contact": until, "due_handle": until}
    case.says(CaseAssigned, at=at, assignment_id=aid, org=unit, **limits, **by)
    case.says(AssignmentSigned, at=at, assignment_id=aid, org=unit, **by)
    case.says(CitizenContacted, at=at, assignment_id=aid, **by)
    if answered is None:
        return case
    case.says(ReplyDelivered, at=answered, assignment_id=aid, due_callback=None, **by)
    level = "dissatisfied" if turn < 6 else "satisfied"
    return case.says(EvaluationSubmitted, at=answered + HOUR, level=level, **by)


def of_the_year(city: City) -> dict[str, dict[str, int]]:
    """The year's report as leaders are told it, by unit, when the schedule has made it."""

    async def told() -> Any:
        for _ in range(600):
            who = city.whole.token("leader")
            found = (await city.whole.get("/supervision/notices?limit=500", who)).json()
            for notice in found:
                if notice["kind"] == "year":
                    return notice["content"]
            await asyncio.sleep(0.05)
        raise AssertionError("there is no report of the year")

    return {one["unit_id"]: one for one in city.runner.run(told())["units"]}


def test_4_of_four_hundred_messages_a_day_the_year_says_what_each_of_118_units_did(tmp_path: Path) -> None:
    """武汉 2017: 每天400多条, 118家单位, 七个工作日; 年终统计各单位办结率、警示次数、群众满意率."""
    services = [service_named("supervision"), service_named("analytics")]
    clock = Clock(china("2017-05-25 09:00"))
    with open_city(tmp_path, PACK, clock=clock, services=services) as city:
        rules = city.whole.host.running[0].world.rules
        for day, end in ENDS.items():
            due = rules.due(rules.default_pack, "HANDLE", "G", "hotline", china(f"{day} 10:00"))
            assert due.at == china(f"{end} 00:00")
        city.whole.clock.at = china("2017-07-03 09:00")
        tell(city, messages(rules.versions))
        city.whole.clock.at = china("2018-01-02 09:00")
        year = read(city, "/analytics/figures/units?since=2017-01-01&until=2017-12-31", "leader")
        figures = {
            one["unit_id"]: {each["definition_id"]: each["value"] for each in one["figures"]}
            for one in year["units"]
        }
        warned = of_the_year(city)
        (never,) = read(city, "/supervision/overdue", "supervisor")

    first, second, last = UNITS[0], UNITS[1], UNITS[-1]
    assert len(figures) == 118
    wanted = ("K07", "K10", "K09a")
    assert [figures[first][name] for name in wanted] == ["94.12", "11.76", "68.75"]
    assert [figures[second][name] for name in wanted] == ["100.00", "5.88", "64.71"]
    assert [figures[last][name] for name in wanted] == ["100.00", "6.25", "62.50"]
    assert (warned[second]["warned"], warned[second]["breached"]) == (3, 1)
    overdue, unanswered = (2 + 3, 2), (2 * 2, 2)  # its two late ones, and neither supervision is answered
    both = tuple(map(sum, zip(overdue, unanswered, strict=True)))
    assert (warned[first]["warned"], warned[first]["breached"]) == both
    assert (never["unit_id"], never["supervision_level"]) == (first, 2)
    assert (warned[first]["supervised"], warned[second]["supervised"]) == (2, 0)


# ------------------------------------------------------------------------- 5: a day of a hotline

TO_UNITS = 2_250
"""Of fifteen thousand; the rest is answered at the desk, as at most hotlines (domain 4.2 K22)."""


def calls(day: datetime) -> Iterator[Event]:
    """Fifteen thousand of one day: who is not answered at the desk is, by one of 118 units, and called back.
    Every fiftieth answer was late, every twenty-fifth was perfunctory and is done again."""
    for number in range(15_000):
        at, on = day + number * DAY / 15_000, {"case_id": f"c{number}"}
        yield fact(CaseRegistered, at=at, channel="phone_12345", **on)
        if number >= TO_UNITS:
            yield fact(AnsweredAtDesk, at=at, category="0113", **on)
            continue
        yield fact(CaseAccepted, at=at, due=Due(dispatch=at + HOUR, citizen=at + 7 * DAY), **on)
        given = {"assignment_id": f"c{number}.1", "org": UNITS[number % len(UNITS)]}
        yield fact(CaseAssigned, at=at, **on, **given)
        if number % 50 == 0:
            yield fact(DeadlineBreached, at=at + 7 * DAY, timer=f"HANDLE.c{number}.1", **on)
        yield fact(ReplyDelivered, at=at + 3 * DAY, **on)
        if number % 25 == 0:
            yield fact(ReworkOrdered, at=at + 4 * DAY, reason="perfunctory", **on)
            yield fact(ReplyDelivered, at=at + 5 * DAY, reply_id=f"{number}.r2", **on)
        yield fact(CallbackRecorded, at=at + 6 * DAY, resolved="yes", **on)


def test_5_of_fifteen_thousand_a_day_the_wallboard_is_what_the_log_says(tmp_path: Path) -> None:
    """兰州 2016: 每天办理民生服务1.5万件左右; 承办情况具体到部门, 信息均为电脑生成; 重新办理; 100%回访."""
    day = china("2016-06-03 00:00")
    ledger = Ledger(f"sqlite:///{tmp_path}/analytics.db?synchronous=OFF")
    heard = list(calls(day))
    ledger.hear(*heard)
    board = ledger.asked(totals, "all")["all"]
    by_unit = ledger.asked(totals, "unit")
    found = ledger.asked(figures, Period(day, day + DAY), day + 30 * DAY, None)
    ledger.close()

    said: Counter[str] = Counter()
    for kind, _ in {(type(event).__name__, event.case_id) for event in heard}:
        said[kind] += 1
    shown = {
        "registered": "CaseRegistered",
        "direct": "AnsweredAtDesk",
        "assigned": "CaseAssigned",
        "delivered": "ReplyDelivered",
        "reached": "CallbackRecorded",
        "reworked": "ReworkOrdered",
        "breached": "DeadlineBreached",
    }
    assert {name: board[name] for name in shown} == {name: said[kind] for name, kind in shown.items()}
    assert (board["registered"], board["direct"], board["breached"], board["reworked"]) == (
        15_000,
        12_750,
        45,
        90,
    )
    assert board["reached"] == board["delivered"] == TO_UNITS, "every citizen was called back"
    of_units = {unit: of for unit, of in by_unit.items() if unit != "none"}
    assert len(of_units) == 118
    for name in ("assigned", "delivered", "breached", "reworked"):
        assert sum(of[name] for of in of_units.values()) == board[name], name
    assert (found["K22"][ALL].numerator, found["K22"][ALL].denominator) == (12_750, 15_000)
    assert (found["K10"][ALL].numerator, found["K10"][ALL].denominator) == (45, TO_UNITS)
