"""Two cities' published figures, from the log to what HTTP answers: scenarios 6 and 7."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from libs.events.dispatch import CaseAssigned
from libs.events.evaluation import CallbackRecorded, CaseClosed, EvaluationSubmitted
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseClassified, CaseRegistered, Due
from libs.events.supervision import DeadlineBreached
from libs.rules.figures import rounded
from services.list import service_named
from tests.http.city import City, open_city
from tests.journeys.told import CaseLog, tell
from tests.spec import china
from tests.whole import Clock

DAY = timedelta(days=1)


def read(city: City, path: str, role: str = "analyst") -> Any:
    """What a desk reads."""
    answer = city.get(path, city.token(role))
    assert answer.is_success, answer.text
    return answer.json()


def by_id(found: Any) -> dict[str, Any]:
    """Figures by their definition."""
    return {one["definition_id"]: one for one in found["figures"]}


def around(mean: timedelta, spread: timedelta) -> Iterator[timedelta]:
    """Times of which each two have this mean."""
    return itertools.cycle((mean - spread, mean + spread))


# ------------------------------------------------------------------------------- 6: old cases


def test_6_of_708_old_cases_418_are_resolved_in_33_97_days_on_average_against_60(
    tmp_path: Path,
) -> None:
    """兰州: 排查 708 件, 化解 418 件; 平均 33.97 天办结, 比规定的 60 天缩短 26 天."""
    since = china("2026-01-05 09:00")
    services = [service_named("supervision"), service_named("analytics")]
    with open_city(tmp_path, clock=Clock(china("2026-01-05 10:00")), services=services) as city:
        cases = [old_case(since) for _ in range(708)]
        tell(city, iter(cases))
        supervisor = city.token("supervisor")
        for case in cases:
            path = f"/supervision/cases/{case.case_id}/old-case"
            assert city.post(path, supervisor).is_success
        city.settle()
        city.whole.clock.at = china("2026-03-16 09:00")
        times = around(timedelta(days=33.97), 5 * DAY)
        resolved = [answered(case, since + next(times)) for case in cases[:418]]
        tell(city, iter(resolved))

        found = read(city, "/supervision/old-cases", "supervisor")
        assert (found["resolved"]["numerator"], found["resolved"]["denominator"]) == (418, 708)
        assert (found["resolved"]["value"], found["open"]) == ("59.04", 290)
        period = "since=2026-01-01&until=2026-03-15"
        mean = by_id(read(city, f"/analytics/figures?{period}"))["K11"]
        assert (mean["value"], mean["unit"], mean["denominator"]) == ("33.97", "days", 418)
        assert 60 - Decimal(mean["value"]) == Decimal("26.03")
        assert (mean["median"], mean["p90"]) == ("28.97", "38.97")


def old_case(at: datetime) -> CaseLog:
    """A petition that is with a unit, which has sixty days (信访工作条例 Art. 34)."""
    until = at + 60 * DAY
    petition = {"track": "xinfang", "sla_class": "X"}
    case = CaseLog().says(CaseRegistered, at=at, track="xinfang")
    case.says(CaseAccepted, at=at, due=Due(dispatch=at + 15 * DAY, citizen=until), **petition)
    limits = {"due_sign": until, "due_contact": until, "due_handle": until}
    return case.says(CaseAssigned, at=at, assignment_id=f"{case.case_id}.1", **limits, **petition)


def answered(case: CaseLog, at: datetime) -> CaseLog:
    """The same case, of which the unit's answer resolved it; only what is new is said."""
    case.facts.clear()
    ids = {"assignment_id": f"{case.case_id}.1", "reply_id": f"{case.case_id}.r1"}
    return case.says(ReplyDelivered, at=at, **ids).says(CaseClosed, at=at, outcome="resolved")


# ------------------------------------------------------------------------ 7: January's report

LETTERS = {
    "mailbox_secretary": 1_338,
    "mailbox_mayor": 4_773,
    "mailbox_county": 659,
    "mailbox_town": 26,
}
KINDS = {"K3": 3_358, "K5": 608, "K1": 419, "K6": 48, "K2": 2_363}
FIELDS = {"01": 920, "02": 823, "03": 625}
OTHER_FIELDS = ("04", "05", "06", "07", "08", "11", "13", "14")
JANUARY, DECEMBER = china("2017-01-02 09:00"), china("2016-12-02 09:00")


def spread(counts: dict[str, int]) -> Iterator[str]:
    """Each name as often as it is counted."""
    return itertools.chain.from_iterable(itertools.repeat(n, count) for n, count in counts.items())


def letters(
    at: datetime,
    number: int,
    answered: int,
    late: int,
    called: tuple[int, int],
    rated: tuple[int, int],
    mean: timedelta,
    properties: Iterator[tuple[str, str, str]],
) -> Iterator[CaseLog]:
    """A month's letters: so many were answered, were late, said that it is resolved, were content."""
    times, handled = around(mean, 2 * DAY), 0
    for n, (channel, kind, category) in zip(range(number), properties, strict=False):
        came = at + timedelta(hours=n % 360)
        case = CaseLog().says(CaseRegistered, at=came, channel=channel, kind=kind)
        case.says(CaseClassified, at=came, category=category, kind=kind)
        if kind == "K6":  # praise: volume alone
            yield case
            continue
        case.says(CaseAccepted, at=came, due=Due(dispatch=came, citizen=came + 7 * DAY))
        assignment = f"{case.case_id}.1"
        case.says(CaseAssigned, at=came, assignment_id=assignment)
        if handled < late:
            timer = {"timer": f"HANDLE.{assignment}", "assignment_id": assignment}
            case.says(DeadlineBreached, at=came + 7 * DAY, **timer)
        if handled < answered:
            then = came + next(times)
            case.says(ReplyDelivered, at=then, assignment_id=assignment)
            if handled < called[1]:
                said = "yes" if handled < called[0] else "no"
                case.says(CallbackRecorded, at=then, resolved=said)
            if handled < rated[1]:
                level = "satisfied" if handled < rated[0] else "dissatisfied"
                case.says(EvaluationSubmitted, at=then, level=level)
        handled += 1
        yield case


def januarys() -> Iterator[tuple[str, str, str]]:
    """Channel, kind and category of January's letters."""
    rest = 6_796 - sum(FIELDS.values())
    each, more = divmod(rest, len(OTHER_FIELDS))
    fields = FIELDS | {f: each + (n < more) for n, f in enumerate(OTHER_FIELDS)}
    categories = (f"{field}01" for field in spread(fields))
    return zip(spread(LETTERS), reversed(list(spread(KINDS))), categories, strict=True)


def test_7_januarys_report_is_rebuilt_from_the_log_and_never_says_40_20(tmp_path: Path) -> None:
    """成都 2017 年一月分析汇报: 6796 = 1338 + 4773 + 659 + 26; 99.2, 90.4, 90.6, 8.5 %, 6.1 天; 较之前
    +0.2, +0.6, +0.9, −0.8 个百分点, −1.1 天. The article's kinds leave 2363 letters out: here they
    are requests for help."""
    usual = itertools.repeat(("mailbox_mayor", "K2", "0401"))
    with open_city(
        tmp_path, clock=Clock(china("2017-02-13 09:00")), services=[service_named("analytics")]
    ) as city:
        december = (2_000, 1_980, 186, (898, 1_000), (897, 1_000), timedelta(days=7.2))
        tell(city, letters(DECEMBER, *december, usual))
        january = (6_796, 6_694, 574, (4_520, 5_000), (4_530, 5_000), timedelta(days=6.1))
        tell(city, letters(JANUARY, *january, januarys()))
        report = read(city, "/analytics/report?month=2017-01", "leader")

    tables = {table["by"]: table for table in report["tables"]}
    counts = {
        by: {part["code"]: part["count"] for part in of["parts"]} for by, of in tables.items()
    }
    assert counts["channel"] == LETTERS
    assert counts["kind"] == KINDS
    assert [table["total"] for table in tables.values()] == [6_796] * 3
    assert [table["faults"] for table in tables.values()] == [[], [], []]
    shares = {part["zh"]: part["share"] for part in tables["field"]["parts"][:3]}
    assert shares == {"城市管理": "13.54", "城乡住房": "12.11", "交通管理": "9.20"}
    assert (tables["field"]["top_count"], tables["field"]["top_share"]) == (2_368, "34.84")
    shares = {part["code"]: part["share"] for part in tables["channel"]["parts"]}
    assert list(shares.values()) == ["70.23", "19.69", "9.70", "0.38"]

    figures = by_id(report)
    assert figures["K01"]["value"] == "6796"
    printed = {
        name: (to_one_place(figures[name]["value"]), to_one_place(figures[name]["change"]["value"]))
        for name in ("K07", "K08", "K09a", "K10", "K11")
    }
    assert printed == {
        "K07": ("99.2", "0.2"),
        "K08": ("90.4", "0.6"),
        "K09a": ("90.6", "0.9"),
        "K10": ("8.5", "-0.8"),
        "K11": ("6.1", "-1.1"),
    }
    assert {figures[name]["change"]["unit"] for name in ("K07", "K10")} == {"points"}
    assert figures["K07"]["denominator"] == 6_796 - KINDS["K6"], "praise is volume alone"


def to_one_place(value: str) -> str:
    """As the article prints it."""
    return str(rounded(Decimal(value), Decimal("0.1")))
