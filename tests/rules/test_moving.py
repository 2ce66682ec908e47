"""Limits whose clock stood still for a while, and limits that begin where another ends."""



from libs.rules.limit import Limit
from libs.rules.moving import due_after, is_provisional, runs_on
from tests.spec import RULES, china

CALENDAR = RULES.calendar(RULES.default_pack)


def test_what_was_left_on_the_last_day_is_the_day_on_which_it_goes_on() -> None:
    due = china("2026-03-10 00:00")  # 24:00 of the 9th
    stopped = china("2026-03-09 15:00")
    for limit in (Limit(wd=5), Limit(cd=5)):
        on = runs_on(CALENDAR, due, limit, stopped, china("2026-03-11 10:00"))
        assert on.at == china("2026-03-12 00:00")
        over_weekend = runs_on(CALENDAR, due, limit, stopped, china("2026-03-14 10:00"))
        assert over_weekend.at == china("2026-03-17 00:00")  # a Saturday: the next working day


def test_thirty_days_after_sixty_are_ninety() -> None:
    start = china("2026-04-02 09:00")
    due = CALENDAR.due(start, Limit(cd=60)).at
    assert due == china("2026-06-02 00:00")
    assert due_after(CALENDAR, due, Limit(cd=30)).at == CALENDAR.due(start, Limit(cd=90)).at
    assert due_after(CALENDAR, due, Limit(h=24)).at == china("2026-06-03 00:00")


def test_an_instant_in_a_year_that_is_not_published_is_provisional() -> None:
    assert not is_provisional(CALENDAR, china("2027-01-01 00:00"))  # 24:00 of 31 December
    assert is_provisional(CALENDAR, china("2027-01-04 00:00"))
