"""Ratings in two scales."""

import pytest

from libs.rules.scale import IN_THREE, LEVELS, in_three


@pytest.mark.parametrize(
    ("level", "three"),
    [
        ("very_satisfied", "satisfied"),
        ("satisfied", "satisfied"),
        ("basically", "basically"),
        ("dissatisfied", "dissatisfied"),
        ("very_dissatisfied", "dissatisfied"),
        (None, None),
    ],
)
def test_five_levels_are_read_as_three_and_silence_as_none(level: str, three: str) -> None:
    assert in_three(level) == three


def test_every_level_of_either_scale_is_read() -> None:
    assert {level for levels in LEVELS.values() for level in levels} == IN_THREE.keys()
    assert all(in_three(level) == level for level in LEVELS["xinfang3"])
