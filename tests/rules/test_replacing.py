"""Values with some fields changed: the same as the library's own, and nothing is lost or let through."""

import dataclasses

import pytest

from libs.rules.replacing import replace
from services.dispatch.assignment import Assignment
from services.evaluation.state import Verdict
from services.feedback.state import Handling
from services.intake.state import Registration
from services.supervision.clocks import Watch

STATES = (Registration(), Assignment(), Handling(), Verdict(), Watch())


@dataclasses.dataclass(frozen=True, slots=True)
class Base:
    first: int
    second: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Longer(Base):
    third: str = ""


@dataclasses.dataclass(frozen=True)
class Loose:
    first: int


@dataclasses.dataclass(frozen=True, slots=True)
class Doubled:
    first: int
    twice: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.first)


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_every_field_of_every_state_is_changed_alone(state: Registration) -> None:
    for field in dataclasses.fields(state):
        changed = replace(state, **{field.name: "other"})  # type: ignore[arg-type]
        assert changed == dataclasses.replace(state, **{field.name: "other"})  # type: ignore[arg-type]
        assert getattr(state, field.name) != "other"


def test_several_fields_are_changed_at_once_and_those_of_a_base_class_too() -> None:
    value = Longer(1, ("a",), "b")
    assert replace(value, first=2, third="c") == Longer(2, ("a",), "c")
    assert type(replace(value)) is Longer


def test_what_was_changed_is_frozen_still() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(Base(1), first=2).first = 3  # type: ignore[misc]


def test_a_field_that_there_is_not_is_refused_by_its_name() -> None:
    with pytest.raises(TypeError, match="Base has no field 'fourth'"):
        replace(Base(1), fourth=4)  # type: ignore[call-arg]


@pytest.mark.parametrize("value", [Loose(1), Doubled(1)], ids=["no slots", "looks at its fields"])
def test_what_it_would_copy_wrongly_it_does_not_copy(value: Loose | Doubled) -> None:
    with pytest.raises(TypeError, match=r"dataclasses\.replace"):
        replace(value, first=2)
