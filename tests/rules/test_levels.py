"""Which organ reviews what another said (信访工作条例 Art. 35, 36)."""

import pytest

from libs.rules.levels import reviewed_organ, reviews
from libs.rules.organisations import Organisations
from libs.rules.rules import shipped_rules
from libs.rules.unit import Organisation, OrgType

CITY = shipped_rules().organisations


def unit(unit_id: str, superior: str | None, type: OrgType = OrgType.DEPARTMENT) -> Organisation:
    return Organisation(unit_id, unit_id, unit_id, type, "990100", superior)


SMALL = Organisations(
    "small/1",
    "990100",
    [
        unit("gov", None, OrgType.GOVERNMENT),
        unit("review", "gov", OrgType.REVIEW_ORGAN),
        unit("water", "gov"),
        unit("pipes", "water"),
    ],
)


@pytest.mark.parametrize(
    ("org", "below", "may"),
    [
        ("gov", "water", True),
        ("review", "water", True),  # it acts for the government
        ("water", "water", False),
        ("pipes", "water", False),
        ("gov", "pipes", False),  # not directly above
        ("review", "pipes", False),
        ("water", "pipes", True),
        (None, "water", False),
        ("elsewhere", "water", False),
        ("elsewhere", "gov", True),  # above the highest that is known stands one that is not
        ("review", "gov", False),
        ("elsewhere", None, True),
    ],
)
def test_only_the_organ_directly_above_reviews(
    org: str | None, below: str | None, may: bool
) -> None:
    assert reviews(SMALL, org, below) is may


@pytest.mark.parametrize(
    ("unit_id", "level", "organ"),
    [
        ("pipes", 1, "pipes"),
        ("pipes", 2, "water"),
        ("water", 2, "gov"),  # whether the government or its review organ spoke for it
        ("gov", 2, None),
        ("elsewhere", 2, None),
    ],
)
def test_the_second_review_looks_at_what_the_level_above_said(
    unit_id: str, level: int, organ: str | None
) -> None:
    assert reviewed_organ(SMALL, unit_id, level) == organ


def test_a_departments_petition_goes_to_its_government_and_then_to_the_province() -> None:
    assert reviews(CITY, "mc.gov", reviewed_organ(CITY, "mc.zhujian", 1))
    assert reviews(CITY, "province", reviewed_organ(CITY, "mc.zhujian", 2))
