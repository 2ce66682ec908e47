"""A notice of holidays is read, a year is proposed, and what cannot be read is said.

The notices are invented; only which days are off and worked is fact, and compared with the calendar.
"""

import time
from datetime import date, timedelta

import pytest

from libs.rules.calendar_content import read_calendar, with_year
from libs.rules.notice import read_notice, spans
from libs.rules.rules import shipped_rules
from libs.rules.shipped import read_shipped

SHIPPED = shipped_rules().calendars["CN-GOV"]
CONTENT = read_shipped("calendar-cn-gov")

PLAIN_2026 = """明川市关于2026年节假日的告知
各单位：以下为2026年各节日的休息与补班日期。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
放假期间请各单位留人值守，遇突发情况及时上报。
明川市政府办公室
2025年11月4日
"""
FULL_WIDTH_2025 = """２０２５年节假日：元旦，１月１日（星期三）放假１天，不调休；
春节，１月２８日（农历除夕，星期二）至２月４日（星期二）放假调休，共８天，１月２６日（星期日）、２月８日（星期六）照常上班；
清明，４月４日（星期五）～６日（星期日）放假，共３天；
劳动节，５月１日（星期四）－５日（星期一）放假调休，共５天；４月２７日（星期日）上班；
端午，５月３１日（星期六）至６月２日（星期一）放假，共３天；
国庆节、中秋节，１０月１日（星期三）—８日（星期三）放假调休，共８天；９月２８日（星期日）及１０月１１日（星期六）上班
"""
LOOSE_2024 = """【2024年节假日提醒】
元旦 2024年1月1日 放假，与周末连休，共三天
春节 2月10日至17日 放假调休，共八天
2月4日周日、18日周日 上班
清明 4月4日到6日 放假 共3天 4月7日（周日）上班
劳动节 5月1日-5日
放假调休，共5天
4月28日（周日）、5月11日（周六）补班
端午 6月10日（周一）放假，与周末连休，共3天
中秋 9月15日（周日）至
17日（周二）放假调休，共3天。9月14日（周六）上班
国庆 10月1日至7日放假调休，共7天；9月29日（周日）和10月12日（周六）上班！
"""


@pytest.mark.parametrize(
    ("notice", "year"), [(LOOSE_2024, 2024), (FULL_WIDTH_2025, 2025), (PLAIN_2026, 2026)]
)
def test_a_notice_gives_the_very_days_of_the_calendar(notice: str, year: int) -> None:
    proposed = read_notice(notice, year)
    assert proposed.unread == ()
    assert proposed.holidays == CONTENT["years"][year]["holidays"]
    assert proposed.makeup == CONTENT["years"][year]["makeup"]
    others = {y: days for y, days in CONTENT["years"].items() if y < year}
    read = read_calendar(
        with_year(CONTENT | {"years": others}, year, proposed.holidays, proposed.makeup)
    )
    day = date(year, 1, 1)
    while day.year == year:
        assert read.is_workday(day) == SHIPPED.is_workday(day), day
        day += timedelta(days=1)


def test_a_new_year_that_begins_in_december_is_read_with_its_years() -> None:
    said = "一、元旦：2022年12月31日（周六）至2023年1月2日（周一）放假调休，共3天。"
    assert read_notice(said, 2023).holidays == "2022-12-31..2023-01-02"
    unsaid = "一、元旦：12月30日（周日）至1月1日（周二）放假调休，共3天。12月29日（周六）上班。"
    proposed = read_notice(unsaid, 2019)
    assert (proposed.holidays, proposed.makeup) == ("2018-12-30..2019-01-01", "2018-12-29")
    assert not any("共" in word or "周" in word for word in proposed.unread)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "1月4日（周日）上班",
            "1月4日（周六）上班",
            "2026-01-04 is a 周日, and the notice says 周六",
        ),
        ("6日（周一）放假，共3天", "6日（周一）放假，共4天", "3 days, and the notice says 4"),
        ("5月9日（周六）上班", "5月8日（周五）上班", "2026-05-08 is a make-up day and no Saturday"),
        ("5月9日（周六）上班", "5月3日（周日）上班", "2026-05-03 is a day off and a make-up day"),
        ("六、中秋节：", "六、另：", "nothing is said of 中秋"),
        ("2026年节假日", "2025年节假日", "the notice is for 2025, and 2026 was asked for"),
        (
            "10月1日（周四）至7日（周三）",
            "10月2日（周五）至7日（周三）",
            "2026-10-01 is a statutory day off",
        ),
        ("6月19日（周五）", "6月31日", "there is no such day: 6月31日"),
        (
            "6月19日（周五）至21日",
            "6月19日（周五）至18日",
            "no span of days: 2026-06-19 to 2026-06-18",
        ),
        (
            "6月19日（周五）至21日",
            "2024年6月19日至21日",
            "2024-06-19 is not of 2026",
        ),
        ("6月19日（周五）至21日（周日）放假", "2024年6月19日放假", "2024-06-19 is not of 2026"),
        ("6月19日（周五）至21日（周日）放假", "6月19日不放假", "not taken, for it denies"),
        (
            "6月19日（周五）至21日（周日）放假",
            "6月19日的公休移至他日",
            "not understood: 「五、端午节：6月19日",
        ),
        (
            "6月19日（周五）至21日（周日）放假",
            "五月初五放假",
            "not understood: 「五、端午节：五月初五放假",
        ),
        ("放假，共3天。\n六", "放假，共3天，窗口单位除外。\n六", "an exception was not understood"),
    ],
)
def test_what_cannot_be_right_is_said(before: str, after: str, told: str) -> None:
    assert before in PLAIN_2026
    told = told.replace("：", ":")
    unread = read_notice(PLAIN_2026.replace(before, after, 1), 2026).unread
    assert any(words.startswith(told) for words in unread), unread


def test_what_could_not_be_published_is_not_proposed() -> None:
    weekday = read_notice(PLAIN_2026.replace("5月9日（周六）", "5月8日（周五）"), 2026)
    assert weekday.makeup == "01-04 02-14 02-28 09-20 10-10"
    with_year(CONTENT, 2026, weekday.holidays, weekday.makeup)
    both = read_notice(PLAIN_2026.replace("5月9日（周六）", "5月3日（周日）"), 2026)
    assert both.makeup == "01-04 02-14 02-28 09-20 10-10"
    with_year(CONTENT, 2026, both.holidays, both.makeup)


def test_a_weekend_that_is_joined_is_counted_but_not_listed() -> None:
    said = "元旦：1月1日（周一）放假，与周末连休，共{}天。"
    three, four = (read_notice(said.format(n), 2024) for n in (3, 4))
    assert three.holidays == four.holidays == "01-01"
    assert not any("days, and the notice says" in words for words in three.unread)
    assert any("3 days, and the notice says 4" in words for words in four.unread)
    one = read_notice("元旦：1月1日（周一）放假1天，与周末连休。", 2024)
    assert not any("days, and the notice says" in words for words in one.unread)


def test_the_day_on_which_it_was_signed_is_no_day_off() -> None:
    assert "11-04" not in read_notice(PLAIN_2026, 2026).holidays


@pytest.mark.parametrize("text", ["", "。。。", "今天天气很好。", "<script>1月</script>"])
def test_a_text_that_is_no_notice_proposes_nothing(text: str) -> None:
    proposed = read_notice(text, 2026)
    assert (proposed.holidays, proposed.makeup) == ("", "")
    assert proposed.unread == ("no day off was found",)


@pytest.mark.parametrize(
    "piece", ["1月1日至", "1月1日、", "(", "1", "至", "元旦1月1日放假1月2日上班", "星期"]
)
def test_a_hostile_text_is_read_at_once_or_refused(piece: str) -> None:
    begun = time.perf_counter()
    read_notice(piece * (20_000 // len(piece)), 2026)
    assert time.perf_counter() - begun < 5
    with pytest.raises(ValueError, match="longer than"):
        read_notice(piece * 20_001, 2026)


def test_spans_are_written_as_the_calendar_has_them() -> None:
    days = [
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 1, 2),
        date(2027, 2, 5),
        date(2027, 2, 7),
    ]
    assert spans(2027, days) == "2026-12-31..2027-01-02 02-05 02-07"
    assert spans(2027, []) == ""
