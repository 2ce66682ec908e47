"""What is left out of a unit's rates: the earliest decided, up to the cap; what is beyond counts and is told."""

from datetime import timedelta
from typing import Any

import pytest

from libs.events.base import Event
from libs.events.evaluation import ExclusionDecided
from libs.rules.figures import Counted, days, value_of
from libs.rules.left_out import ExclusionCap
from services.analytics.cells import reasons_of_the_city, reasons_shown
from services.analytics.figures import ALL, reply_times
from tests.analytics.ledger import Ledger
from tests.analytics.march import MARCH, OTHER, SECOND, case, late, of_march, value
from tests.spec import UNIT

TENTH = ExclusionCap(cap=0.1, source="我市办法")
DAY = 24 * 3600


def left_out(
    day: float, unit: str = UNIT, reason: str = "objective"
) -> tuple[type[Event], dict[str, Any]]:
    """That two persons left the case out of a unit's score, so many days after it came."""
    at = SECOND + timedelta(days=day)
    return ExclusionDecided, {"at": at, "org": unit, "outcome": "approved", "reason": reason}


def test_up_to_the_cap_the_earliest_decided_are_left_out_and_the_rest_counts(ledger: Ledger) -> None:
    for n in range(17):
        ledger.hear(*case(n))
    ledger.hear(*case(17, late(17), left_out(9)))
    ledger.hear(*case(18, left_out(8, reason="policy_limit")), *case(19, left_out(7)))
    k10 = of_march(ledger, TENTH)["K10"][ALL]
    assert k10 == Counted(1, 18, {"policy_limit": 1, "objective": 1}, beyond_cap=1)
    assert of_march(ledger)["K10"][ALL] == Counted(0, 17, {"objective": 2, "policy_limit": 1})
    assert value(of_march(ledger, TENTH), "K01") == 20, "a volume counts all"


@pytest.mark.parametrize(("cases", "most"), [(9, 0), (10, 1), (19, 1), (20, 2)])
def test_what_is_not_a_whole_case_of_the_cap_is_none(ledger: Ledger, cases: int, most: int) -> None:
    for n in range(cases):
        ledger.hear(*case(n, *([left_out(9)] if n < 3 else [])))
    k10 = of_march(ledger, TENTH)["K10"][ALL]
    assert (sum(k10.excluded.values()), k10.beyond_cap) == (most, 3 - most)
    assert k10.denominator == cases - most


def test_the_cap_is_read_as_it_is_written() -> None:
    assert [ExclusionCap(cap=cap).most(100) for cap in (0.07, 0.29, 0.57, 0, 1)] == [7, 29, 57, 0, 100]


def test_no_unit_leaves_out_what_another_could_have_and_the_city_is_their_sum(ledger: Ledger) -> None:
    for n in range(20):
        unit = UNIT if n < 10 else OTHER
        ledger.hear(*case(n, *([left_out(n + 4)] if n < 3 else []), unit=unit))
    of_units = of_march(ledger, TENTH, by_unit=True)["K10"]
    assert of_units == {UNIT: Counted(0, 9, {"objective": 1}, beyond_cap=2), OTHER: Counted(0, 10)}
    assert of_march(ledger, TENTH)["K10"][ALL] == Counted(0, 19, {"objective": 1}, beyond_cap=2)


def test_each_rate_has_the_cap_of_the_cases_that_it_is_of(ledger: Ledger) -> None:
    for n in range(10):
        answered = 2 if n < 5 else None
        ledger.hear(*case(n, *([left_out(9)] if n == 0 else []), days=answered))
    found = of_march(ledger, TENTH)
    assert [found[name][ALL].beyond_cap for name in ("K10", "K11")] == [0, 1]
    assert [found[name][ALL].denominator for name in ("K10", "K11")] == [9, 5]


def test_mean_median_and_ninetieth_are_of_the_same_cases(ledger: Ledger) -> None:
    for n in range(10):
        slow = [left_out(30 - n)] if n > 7 else []
        ledger.hear(*case(n, *slow, days=n + 1))
    ledger.hear(*(event for n in range(10, 20) for event in case(n, days=1, unit=OTHER)))
    k11 = of_march(ledger, TENTH, by_unit=True)["K11"][UNIT]
    assert (k11.denominator, k11.beyond_cap) == (9, 1)
    assert value_of(k11, "days") == days(sum(range(1, 10)) * DAY, 9), "the tenth was decided first"
    assert ledger.asked(reply_times, MARCH, TENTH) == {"median": DAY, "p90": 8 * DAY}
    assert ledger.asked(reply_times, MARCH, None) == {"median": DAY, "p90": 7 * DAY}


# ---------------------------------------------------------------- the footnote points at nobody


def why(**reasons: int) -> Counted:
    """A figure out of which cases were left for these reasons."""
    return Counted(0, 100, reasons)


def test_a_reason_that_could_point_at_few_citizens_is_not_told() -> None:
    assert reasons_of_the_city(why(objective=9, policy_limit=7, citizen_withdrew=2)) == {"objective": 9}
    assert reasons_of_the_city(why(objective=4)) == {}
    other = {OTHER: why(objective=9, policy_limit=2), "mc.c": why(objective=30)}
    found = {UNIT: why(objective=12, policy_limit=12)} | other
    told = reasons_shown(found)
    assert told == {UNIT: {}, OTHER: {}, "mc.c": {"objective": 30}}, "else two were told from the city's"
    assert reasons_shown({UNIT: why(objective=12), OTHER: why(objective=9)}, hide={OTHER})[UNIT] == {}
