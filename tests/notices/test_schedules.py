"""Lists and reports are made once each, by a clock that may stand still, jump or be read by two processes."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.evaluation import CaseClosed
from libs.events.intake import CaseRegistered
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    SupervisionIssued,
)
from libs.notify.deliveries import SENT
from libs.rules.calendar import SHANGHAI
from libs.rules.limit import Limit
from libs.sourcing.database import Conflict
from services.supervision import schedules
from services.supervision.daily import FIGURES, counted
from services.supervision.kept import scheduled_notices, schedules_fired
from services.supervision.recipients import person, unit
from services.supervision.schedules import DAILY, REPORTS, firings, reminds
from services.supervision.wording import NoticeKind
from tests.notices.gateways import Webhook
from tests.notices.office import RULES, Office, at_work, until
from tests.spec import CLERK, UNIT, china, fact
from tests.whole import run

CALENDAR = RULES.calendar(RULES.default_pack)
OTHER = "mc.shuiwu"


def fired(office: Office) -> Counter[str]:
    return Counter(r["kind"] for r in office.rows(schedules_fired) if r["kind"] != "began")


def contents(office: Office, kind: NoticeKind) -> dict[tuple[str, str], dict[str, Any]]:
    """By period and audience."""
    found = {}
    for row in office.rows(scheduled_notices):
        if row["kind"] == kind:
            content = json.loads(row["content"])
            found[content["period"], row["audience"]] = content
    return found


def test_over_a_year_each_list_and_report_is_made_exactly_once(office: Office) -> None:
    office.now = china("2025-12-31 12:00")
    end = china("2027-01-05 12:00")
    while office.now <= end:
        office.fire()
        office.now += timedelta(hours=7)
    office.now = end
    office.fire()
    days = [china("2026-01-01 00:00") + timedelta(days=n) for n in range(370)]
    workdays = [day for day in days if CALENDAR.is_workday(day.date()) and day + timedelta(hours=8.5) < end]
    assert len(workdays) > 240
    assert fired(office) == {
        "daily": len(workdays),
        "overdue": len(workdays),
        "week": 53,
        "month": 13,
        "quarter": 5,
        "half_year": 3,
        "year": 2,
    }
    starts = {r["period_start"] for r in office.rows(schedules_fired) if r["kind"] == "daily"}
    assert starts == set(workdays)
    periods = [period for period, _ in contents(office, NoticeKind.HALF_YEAR)]
    assert sorted(periods) == [
        "2025-07-01–2025-12-31",
        "2026-01-01–2026-06-30",
        "2026-07-01–2026-12-31",
    ]


@pytest.mark.parametrize(
    ("kind", "period_end", "before", "at"),
    [
        (NoticeKind.WEEK, "2026-03-02 00:00", "2026-03-02 08:29", "2026-03-02 08:30"),
        (NoticeKind.MONTH, "2026-03-01 00:00", "2026-03-02 08:29", "2026-03-02 08:30"),  # a Sunday
        (NoticeKind.QUARTER, "2026-04-01 00:00", "2026-04-01 08:29", "2026-04-01 08:30"),
        (NoticeKind.YEAR, "2026-01-01 00:00", "2026-01-04 08:29", "2026-01-04 08:30"),  # make-up Sunday
    ],
)
def test_a_report_is_made_on_the_first_working_day_at_half_past_eight(
    kind: NoticeKind, period_end: str, before: str, at: str
) -> None:
    def made(now: str) -> list[str]:
        end = china(period_end)
        began = end - timedelta(days=20)
        found = firings(began, {}, china(now), CALENDAR)
        return [f.kind for f in found if f.kind == kind and f.end == end]

    assert made(before) == []
    assert made(at) == [kind]


def test_a_daily_list_is_made_on_working_days_alone_make_up_days_too() -> None:
    def latest(now: str) -> set[str]:
        found = firings(china("2025-01-01 00:00"), {}, china(now), CALENDAR)
        return {f"{f.start:%m-%d}" for f in found if f.kind in DAILY}

    assert latest("2026-03-02 08:29") == {"02-28"}, "the make-up Saturday before"
    assert latest("2026-03-02 08:30") == {"03-02"}
    assert latest("2026-03-08 23:00") == {"03-06"}, "a Sunday"
    assert latest("2026-10-05 12:00") == {"09-30"}, "the national holiday"


def test_after_a_pause_the_latest_list_is_made_and_each_report_once(office: Office) -> None:
    office.now = china("2026-03-02 12:00")
    office.fire()
    office.now = china("2026-03-03 09:00")
    office.fire()
    assert fired(office) == {"daily": 1, "overdue": 1}
    office.now = china("2026-07-15 09:00")
    office.fire()
    assert fired(office) == {"daily": 2, "overdue": 2, "week": 19, "month": 4, "quarter": 2, "half_year": 1}
    assert office.fire() == 0
    assert contents(office, NoticeKind.DAILY).keys() == {
        ("2026-03-03", "leaders"),
        ("2026-07-15", "leaders"),
    }


def test_after_years_no_more_than_a_year_is_made_up_for() -> None:
    began = china("2015-06-01 00:00")
    found = firings(began, {}, china("2026-06-03 09:00"), CALENDAR)
    count = Counter(f.kind for f in found)
    assert count[NoticeKind.DAILY] == 1
    assert 52 <= count[NoticeKind.WEEK] <= 53
    assert 12 <= count[NoticeKind.MONTH] <= 13
    assert count[NoticeKind.YEAR] == 1


def test_the_first_start_makes_nothing_of_the_time_before(office: Office) -> None:
    office.now = china("2026-07-01 12:00")
    assert office.fire() == 0
    office.now = china("2026-07-01 23:00")
    assert office.fire() == 0
    assert fired(office) == {}


def test_beyond_the_calendar_there_are_no_schedules_and_no_error() -> None:
    for year in (1999, 2150):
        now = datetime(year, 5, 5, tzinfo=UTC)
        assert firings(now - timedelta(days=30), {}, now, CALENDAR) == []


def test_of_two_replicas_one_makes_the_list(
    url: str, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.now = china("2026-03-02 12:00")
    office.fire()
    replica = Office(url, tmp_path)
    office.now = replica.now = china("2026-03-03 09:00")
    fire = schedules.firings

    def overtaken(*words: Any) -> Any:
        """It has seen what is due; before it writes, the other one has fired."""
        monkeypatch.setattr(schedules, "firings", fire)
        office.fire()
        return fire(*words)

    if office.database.locks:  # SQLite's writers never meet: the second begins after the first
        monkeypatch.setattr(schedules, "firings", overtaken)
        with pytest.raises(Conflict):
            replica.fire()
    else:
        office.fire()
    assert replica.fire() == 0
    replica.close()
    assert fired(office) == {"daily": 1, "overdue": 1}


def test_what_fails_on_the_way_leaves_neither_the_mark_nor_the_list(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.now = china("2026-03-02 12:00")
    office.fire()
    office.now = china("2026-03-03 09:00")
    copy = office.database.copy

    def dies(db: Any, table: Any, rows: Any) -> None:
        if table is scheduled_notices:
            raise KeyboardInterrupt
        copy(db, table, rows)

    with monkeypatch.context() as patch:
        patch.setattr(office.database, "copy", dies)
        with pytest.raises(KeyboardInterrupt):
            office.fire()
    assert fired(office) == {}
    assert office.fire() == 1
    assert len(contents(office, NoticeKind.DAILY)) == 1


# ------------------------------------------------------------------------------ what they count


def case(office: Office, name: str, org: str, due: str, signed: bool = False, **more: Any) -> None:
    """A case with a unit, due then."""
    on = {"case_id": name}
    office.hear(
        fact(CaseRegistered, receipt_no=f"LX-{name}", **on),
        fact(CaseAssigned, org=org, due_handle=china(due), **on),
    )
    if signed:
        by = CLERK.model_copy(update={"org": org})
        office.hear(fact(AssignmentSigned, org=org, actor=by, **on))


def town(office: Office) -> None:
    """Cases of every sort on Tuesday, 3 March."""
    case(office, "today", UNIT, "2026-03-04 00:00", signed=True)
    case(office, "unsigned", UNIT, "2026-03-10 00:00")
    case(office, "well", UNIT, "2026-03-10 00:00", signed=True)
    case(office, "late", OTHER, "2026-03-03 00:00", signed=True)
    case(office, "closed", OTHER, "2026-03-03 00:00", signed=True)
    for name in ("late", "closed"):
        office.hear(fact(DeadlineBreached, case_id=name, timer="HANDLE.1", owner_org=OTHER))
    office.hear(fact(CaseClosed, case_id="closed"))
    office.hear(fact(SupervisionIssued, case_id="late", addressee=OTHER))


def on_tuesday(office: Office) -> None:
    office.now = china("2026-03-02 12:00")
    office.fire()
    town(office)
    office.now = china("2026-03-03 08:30")
    office.fire()


def test_the_daily_list_says_what_is_due_today_overdue_and_picked_up_by_nobody(office: Office) -> None:
    on_tuesday(office)
    ((_, found),) = contents(office, NoticeKind.DAILY).items()
    (zero,) = counted([{"key": UNIT, **dict.fromkeys(FIGURES, 0)}], "unit_id")
    assert found["units"] == [
        zero | {"new": 3, "due_today": 1, "unsigned": 1},
        zero | {"unit_id": OTHER, "new": 1, "overdue": 1, "supervised": 1, "to_answer": 1},
    ]
    assert [one["receipt_no"] for one in found["cases"]] == ["LX-late", "LX-today", "LX-unsigned"]
    assert found["count"] == 3


def test_each_unit_is_reminded_of_its_own_overdue_cases_in_one_notice(office: Office) -> None:
    on_tuesday(office)
    ((_, audience), found), *others = contents(office, NoticeKind.OVERDUE).items()
    assert (audience, others) == (f"unit/{OTHER}", [])
    assert [one["receipt_no"] for one in found["cases"]] == ["LX-late"]
    office.now = china("2026-03-04 08:30")
    office.fire()
    assert len(contents(office, NoticeKind.OVERDUE)) == 2, "every working day while it lasts"


@pytest.mark.parametrize(
    ("every", "days"),
    [
        (Limit(wd=1), ["03-10", "03-11", "03-12", "03-13", "03-16"]),
        (Limit(wd=2), ["03-11", "03-13"]),
        (Limit(cd=3), ["03-12"]),
        (Limit(bh=4), ["03-10", "03-11", "03-12", "03-13", "03-16"]),
    ],
)
def test_a_case_is_reminded_of_as_often_as_its_pack_says(every: Limit, days: list[str]) -> None:
    due = china("2026-03-10 00:00")  # the ninth at 24:00
    found = []
    day = china("2026-03-08 00:00").date()
    while day <= china("2026-03-16 00:00").date():
        if CALENDAR.is_workday(day) and reminds(every, due, day, CALENDAR):
            found.append(f"{day:%m-%d}")
        day += timedelta(days=1)
    assert found == days


def test_a_report_counts_what_happened_in_its_period_of_beijing_time(office: Office) -> None:
    office.now = china("2026-02-27 12:00")
    office.fire()
    last, first = china("2026-03-01 23:59"), china("2026-03-02 00:00")
    end = china("2026-03-09 00:00")
    office.hear(
        fact(DeadlineWarned, timer="a", at=last),
        fact(DeadlineWarned, timer="b", at=first),
        fact(DeadlineWarned, timer="b", threshold="red", at=first),
        fact(DeadlineBreached, timer="b", at=first),
        fact(DeadlineBreached, timer="c", at=first),
        fact(BreachRetracted, timer="c", at=end),
        fact(DeadlineBreached, timer="d", at=end - timedelta(microseconds=1), owner_org=OTHER),
        fact(DeadlineBreached, timer="e", at=end, owner_org=OTHER),
        fact(SupervisionIssued, at=first, level=3),
        fact(CaseAssigned, at=first),
    )
    office.now = china("2026-03-09 08:30")
    office.fire()
    found = contents(office, NoticeKind.WEEK)["2026-03-02–2026-03-08", "leaders"]
    none = {"instructed": 0, "recommended": 0}
    assert found["units"] == [
        {"unit_id": UNIT, "warned": 2, "breached": 1, "retracted": 1, "supervised": 1} | none,
        {"unit_id": OTHER, "warned": 0, "breached": 1, "retracted": 0, "supervised": 0} | none,
    ]


def test_leaders_are_sent_lists_and_units_their_reminders_once(
    office: Office, gateway: Webhook
) -> None:
    office.prefers(person("boss", role="leader"), channels={"sms": {"address": "13900000001"}})
    office.prefers(unit(OTHER), channels={"sms": {"address": "13900000002", "kinds": ["overdue"]}})
    on_tuesday(office)
    office.plan("sms")
    assert office.plan("sms") == 0

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {SENT: 2})

    run(story())
    said = {path: body for path, _, body in gateway.got}
    leaders, reminder = said["/to/13900000001"], said["/to/13900000002"]
    assert leaders["title"] == "【每日清单】2026-03-03"
    assert "今日到期 1，无人签收 1" in leaders["message"]
    assert "工单：LX-late" in leaders["message"]
    assert reminder["title"] == "【逾期提醒】2026-03-03"
    assert reminder["message"] == "工单：LX-late"


def test_every_report_has_a_period_that_ends_before_it_is_made() -> None:
    now = datetime(2026, 7, 1, 9, tzinfo=SHANGHAI)
    found = firings(now - timedelta(days=360), {}, now, CALENDAR)
    assert {f.kind for f in found} == {*DAILY, *REPORTS}
    assert all(f.start < f.end <= f.at <= now for f in found if f.kind in REPORTS)
