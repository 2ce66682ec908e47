"""A petition is with the organ that must act within fifteen days of its receipt (信访工作条例 Art. 22)."""

import pytest

from libs.rules.forwarding import dispatch_due
from libs.rules.rules import shipped_rules
from tests.spec import china

RULES = shipped_rules("xinfang-2022")
POLICY = RULES.default_pack
MONDAY = china("2026-03-02 09:00")
LAST = china("2026-03-18 00:00")
"""The fifteenth day from Monday the second of March ends then."""


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-03-02 10:00", "2026-03-02 12:00"),
        ("2026-03-17 16:00", "2026-03-18 00:00"),
        ("2026-03-17 17:30", "2026-03-18 00:00"),
        ("2026-03-18 09:00", "2026-03-18 11:00"),
    ],
)
@pytest.mark.parametrize("track", ["xinfang", "restricted"])
def test_what_is_taken_on_in_the_last_hours_is_dispatched_within_the_fifteen_days(
    accepted: str, due: str, track: str
) -> None:
    at = dispatch_due(RULES, POLICY, "X", track, MONDAY, china(accepted)).at
    assert at <= max(LAST, china(due))
    assert at == china(due)


def test_the_waiting_for_the_citizen_is_left_out() -> None:
    asked = (china("2026-03-10 09:00"), china("2026-03-12 09:00"))
    accepted = china("2026-03-17 16:00")
    at = dispatch_due(RULES, POLICY, "X", "xinfang", MONDAY, accepted, [asked]).at
    assert at == china("2026-03-18 10:00")


def test_the_hotline_has_two_hours_from_the_acceptance_whenever_that_was() -> None:
    accepted = china("2026-03-17 16:00")
    at = dispatch_due(RULES, POLICY, "G", "hotline", MONDAY, accepted).at
    assert at == china("2026-03-18 10:00")
