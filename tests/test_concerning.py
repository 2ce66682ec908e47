"""Where a service looks at a fact only if its type stands in a set, the set names all that its rule knows."""

import ast
import inspect
from types import ModuleType

import pytest

from libs.events.base import Event
from services.evaluation import score_projection
from services.intake import keeping_views, linked, public_views, recusal_views, regions
from services.supervision import duty_views


def known_in(module: ModuleType, *functions: str) -> set[str]:
    """The names of the facts that some functions of a module match."""
    tree = ast.parse(inspect.getsource(module))
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in functions]
    assert len(found) >= len(functions)
    patterns = [n for one in found for n in ast.walk(one) if isinstance(n, ast.MatchClass)]
    return {one.cls.id for one in patterns if isinstance(one.cls, ast.Name)}


@pytest.mark.parametrize(
    ("module", "functions", "concerning"),
    [
        (score_projection, ("fold",), score_projection.CHANGED_BY),
        (recusal_views, ("fold",), recusal_views.CHANGED_BY),
        (keeping_views, ("_changed",), keeping_views.CHANGED_BY),
        (public_views, ("fold",), public_views.CHANGED_BY),
        (duty_views, ("_key",), duty_views.CHANGED_BY),
        (regions, ("moved", "_kept"), regions.MOVING),
    ],
    ids=lambda value: value.__name__ if isinstance(value, ModuleType) else "",
)
def test_no_fact_that_a_rule_knows_is_left_out_before_it(
    module: ModuleType, functions: tuple[str, ...], concerning: frozenset[type[Event]]
) -> None:
    known = known_in(module, *functions)
    assert known
    assert known <= {event.__name__ for event in concerning}


def test_no_fact_of_others_that_decides_whether_a_case_is_joined_is_left_out() -> None:
    known = known_in(linked, "after")
    assert "ReplyDelivered" in known
    assert known <= {event.__name__ for event in linked.BEARING}
