"""The two scales of ratings, and how five levels are read as three. It counts nothing."""

from typing import Literal

Three = Literal["satisfied", "basically", "dissatisfied"]
LEVELS = {
    "xinfang3": ("satisfied", "basically", "dissatisfied"),
    "gnb5": ("very_satisfied", "satisfied", "basically", "dissatisfied", "very_dissatisfied"),
}
"""满意度评价 of petitions (国信发〔2014〕16号), and 政务服务“好差评”."""
IN_THREE: dict[str, Three] = {
    "very_satisfied": "satisfied",
    "satisfied": "satisfied",
    "basically": "basically",
    "dissatisfied": "dissatisfied",
    "very_dissatisfied": "dissatisfied",
}


def in_three(level: str | None) -> Three | None:
    """A level of either scale in the three of 群众满意率 (K09): 非常满意 and 满意 are 满意, 不满意 and
    非常不满意 are 不满意. No rating stays none: it is never satisfied."""
    return None if level is None else IN_THREE[level]
