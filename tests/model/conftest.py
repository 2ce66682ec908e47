"""``pytest tests/model --seed N`` plays one seed alone; without it, as many as CI or a desk has time for."""

import os
from pathlib import Path

import pytest

CI_SEEDS, DESK_SEEDS = 500, 60


def pytest_addoption(parser: pytest.Parser) -> None:
    """Only known when this folder is named on the command line; LIANXIN_SEED says the same anywhere."""
    parser.addoption("--seed", type=int, default=None, help="play this seed of the model alone")


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> range:
    """The seeds to be played."""
    alone = _alone(request.config)
    if alone is not None:
        return range(alone, alone + 1)
    return range(CI_SEEDS if os.environ.get("LIANXIN_FULL") == "1" else DESK_SEEDS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a seed alone, the tests here that play others are left out."""
    if _alone(config) is not None:
        here = str(Path(__file__).parent)
        items[:] = [
            item
            for item in items
            if not str(item.path).startswith(here) or "seeds" in getattr(item, "fixturenames", ())
        ]


def _alone(config: pytest.Config) -> int | None:
    seed = config.getoption("--seed", default=None)
    named = os.environ.get("LIANXIN_SEED") if seed is None else seed
    return None if named is None else int(named)
