"""Rates, means, periods and what changed, with published figures."""

from datetime import timedelta
from decimal import Decimal

import pytest

from libs.rules.figures import (
    NOTHING_BEFORE,
    Counted,
    Period,
    change,
    corrected,
    days,
    month_of,
    rate,
    rounded,
    value_of,
)
from tests.spec import china

WEEKS = (timedelta(days=7), timedelta(days=7))


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [(418, 708, "59.04"), (4_433, 5_000, "88.66"), (1_990, 2_000, "99.50"), (2_368, 6_796, "34.84")],
)
def test_a_rate_is_in_per_cent_to_two_places(numerator: int, denominator: int, percent: str) -> None:
    assert rate(numerator, denominator) == Decimal(percent)


def test_half_is_rounded_up_where_a_float_would_go_down() -> None:
    assert rounded(Decimal("17.665")) == Decimal("17.67")


@pytest.mark.parametrize("unit", ["percent", "days"])
def test_of_nothing_there_is_no_figure(unit: str) -> None:
    assert value_of(Counted(0, 0), unit) is None


def test_a_mean_is_in_calendar_days() -> None:
    assert days(34 * 86_400 + 43_200, 1) == Decimal("34.50")
    assert value_of(Counted(10 * 86_400, 4), "days") == Decimal("2.50")


def test_what_a_panel_took_back_is_told_beside_the_value() -> None:
    counted = Counted(10, 40, {"objective": 2}, taken_back=2)
    assert (value_of(counted, "percent"), value_of(corrected(counted), "percent")) == (25, 20)
    rated = Counted(30, 40, taken_out=10)
    assert value_of(corrected(rated), "percent") == 100


def test_a_month_is_compared_with_the_month_before_and_with_last_years() -> None:
    march = month_of(china("2024-03-31 23:59"))
    assert (march.since, march.until) == (china("2024-03-01 00:00"), china("2024-04-01 00:00"))
    assert march.before() == month_of(china("2024-02-01 00:00"))
    assert march.year_before() == month_of(china("2023-03-15 00:00"))
    january = month_of(china("2024-01-01 00:00"))
    assert january.before() == month_of(china("2023-12-05 00:00"))


def test_another_period_is_compared_with_as_long_a_time_before() -> None:
    assessed = Period(china("2024-01-19 00:00"), china("2024-02-19 00:00"))
    assert assessed.before().until == assessed.since
    assert assessed.before().length == timedelta(days=31)
    leap = Period(china("2024-02-29 00:00"), china("2024-03-01 00:00"))
    assert leap.year_before().since == china("2023-02-28 00:00")


def test_a_period_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(ValueError, match="until"):
        Period(china("2024-02-01 00:00"), china("2024-02-01 00:00"))


@pytest.mark.parametrize(
    ("now", "then", "unit", "changed"),
    [
        ("99.20", "99.00", "percent", ("points", "0.20")),
        ("8.50", "9.30", "percent", ("points", "-0.80")),
        ("6.10", "7.20", "days", ("days", "-1.10")),
        ("110", "100", "cases", ("percent", "10.00")),
    ],
)
def test_rates_change_by_points_durations_by_days_and_volumes_by_per_cent(
    now: str, then: str, unit: str, changed: tuple
) -> None:
    found = change(Decimal(now), Decimal(then), unit, WEEKS)
    assert (found.unit, found.value, found.note) == (changed[0], Decimal(changed[1]), "")


def test_where_nothing_was_before_nothing_is_made_up() -> None:
    for unit, then in (("cases", Decimal(0)), ("percent", None), ("days", None)):
        found = change(Decimal(5), then, unit, WEEKS)
        assert (found.value, found.note) == (None, NOTHING_BEFORE)


def test_volumes_of_periods_of_other_lengths_are_compared_by_the_day() -> None:
    months = (timedelta(days=31), timedelta(days=28))
    found = change(Decimal(310), Decimal(280), "cases", months)
    assert (found.value, found.note) == (Decimal("0.00"), "按日均计算")
