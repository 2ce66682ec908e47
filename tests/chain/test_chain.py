"""The whole chain under random commands of random people: what it promises holds after every step.

Hypothesis draws plays and shortens one that breaks a promise; a seed plays one again by hand:
``python -m tests.chain.play SEED``. LIANXIN_FULL=1 plays many more.
"""

import os
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from libs.events.catalog import CATALOG
from libs.rules.transitions import TRANSITIONS
from tests.chain.chain import Chain
from tests.chain.play import KINDS, drawn, play, services
from tests.chain.wishes import asked_by_people, onward, register, wish
from tests.chain.wrong import WRONG
from tests.spec import CASE

FULL = os.environ.get("LIANXIN_FULL") == "1"
PLAYS, SEEDS, STEPS, ENOUGH = (100, 60, 60, 60) if FULL else (12, 15, 60, 60)
NOT_OF_CASES = {"reference"}
steps = st.tuples(
    st.integers(0, len(KINDS) - 1), st.integers(0, 999), st.integers(0, 999_999)
)


@settings(
    max_examples=PLAYS,
    deadline=None,
    database=None,
    print_blob=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(steps, min_size=STEPS, max_size=STEPS))
def test_whoever_asks_what_in_whatever_order_the_chain_keeps_its_promises(
    taken: list[tuple[int, int, int]],
) -> None:
    play(taken, services())


def test_plays_come_far_and_meet_every_kind_of_step() -> None:
    """A chain in which nothing happens shows nothing."""
    happened: Counter[str] = Counter()
    for seed in range(SEEDS):
        try:
            happened.update(play(drawn(Random(seed), STEPS), services()).happened)
        except AssertionError as wrong:
            pytest.fail(f"seed {seed}: {wrong}")
    print(f"\n{SEEDS} seeds: {dict(sorted(happened.items()))}")
    often = ("CaseAccepted", "AssignmentSigned", "DisputeDecided", "ReplyDelivered", "CaseHeld")
    rare = ("BreachRetracted", "CoordinationResolved", "ReworkOrdered", "CaseReopened", "ReplyDrafted")
    missing = [n for n in often if happened[n] < SEEDS / 5] + [n for n in rare if not happened[n]]
    assert not missing


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_found_out(name: str) -> None:
    wrong = WRONG[name]
    for seed in range(ENOUGH):
        found = ""
        try:
            with wrong.planted():
                taken, changed = drawn(Random(seed), STEPS), wrong.services(services())
                play(taken, changed, favours=wrong.favours, answered=wrong.answered)
        except AssertionError as broken:
            found = str(broken)
        if found:
            print(f"\n{name}: found out by seed {seed}: {found}")
            assert found.startswith(wrong.breaks)
            return
    pytest.fail(f"{name} went unnoticed in {ENOUGH} seeds")


def test_every_fact_that_can_be_stated_of_a_case_has_a_row() -> None:
    rows = {row.event for row in TRANSITIONS}
    facts = {name for name in CATALOG if name.partition(".")[0] not in NOT_OF_CASES}
    assert rows == facts


def test_every_command_can_be_wished_for() -> None:
    """One whose fields nobody thought of would never be asked, and nobody would see it."""
    chain, dice = Chain(services(), {CASE: ""}), Random(1)
    case = chain.cases[CASE]
    chain.ask(register(chain, case, dice))
    onward(chain, case, 3, dice)
    never = [
        kind.__name__
        for kind in asked_by_people(chain)
        if not any(wish(chain, case, kind, dice) for _ in range(80))
    ]
    assert never == []
