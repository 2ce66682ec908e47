"""The page of features is honest: every row is there once, and every test that it names exists."""

import ast
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in (ROOT / "docs/features.md").read_text().splitlines()
    if line.startswith("|") and not line.startswith(("| #", "|---"))
]
WANTED = [f"S{n}" for n in range(1, 58)] + [f"N{n}" for n in range(1, 13)]


@lru_cache
def names_in(path: Path) -> frozenset[str]:
    """The tests that a file has."""
    tree = ast.parse(path.read_text())
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in found if node.name.startswith("test_"))


def wrong_with(row: list[str]) -> str | None:
    """What is wrong with a row, in words."""
    if len(row) != 5:
        return f"{row[0]} has {len(row)} cells and needs five"
    number, _, state, shown, missing = row
    named = [one.strip("`") for one in shown.split()]
    for one in named:
        file, _, name = one.partition("::")
        if not (ROOT / file).is_file() or name not in names_in(ROOT / file):
            return f"{number} names {one}, which there is not"
    match state:
        case "built":
            return None if named and not missing else f"{number} is built: it lacks a test or says what is missing"
        case "part":
            return None if named and missing else f"{number} is built in part: name a test and what is missing"
        case "waits":
            return None if missing and not named else f"{number} waits: say for what, and name no test"
        case _:
            return f"{number} is {state!r}, neither built nor part nor waits"


def test_every_feature_and_every_scenario_has_one_row() -> None:
    assert [row[0] for row in ROWS] == [*WANTED, *map(str, range(1, 11))]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_tests_that_there_are_and_says_what_is_missing(row: list[str]) -> None:
    assert wrong_with(row) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["S1", "x", "built", "`tests/no/test_x.py::test_y`", ""], "which there is not"),
        (["S1", "x", "built", "`tests/tools/test_features_page.py::test_no`", ""], "which there is not"),
        (["S1", "x", "built", "", ""], "it lacks a test"),
        (["S1", "x", "waits", "", ""], "say for what"),
        (["S1", "x", "done", "", ""], "neither built nor part nor waits"),
        (["S1", "x"], "needs five"),
    ],
)
def test_a_row_that_is_not_true_is_found(row: list[str], words: str) -> None:
    assert words in (wrong_with(row) or "")
