"""The messages of a real city's board, where this machine has them: nothing of them is kept here."""

import os
from pathlib import Path

import pytest

from libs.log.topics import RESTRICTED
from services.list import NAMES
from tests.simulate.plays import CHECKOUT, Play
from tools.cluster.fixtures import shared_broker
from tools.cluster.postgres import Postgres

BESIDE = CHECKOUT.parent / "shared/data/board_messages.jsonl"


@pytest.fixture(scope="module")
def board() -> Path:
    """The file that BOARD_MESSAGES names, or the one beside the checkout."""
    path = Path(os.environ.get("BOARD_MESSAGES") or BESIDE).resolve()
    if not path.is_file():
        # No failure in CI: these are a city's own words, which a checkout has not and must not have.
        pytest.skip(f"there is no file of messages at {path}; BOARD_MESSAGES names one")
    return path


def whole_run() -> None:
    if os.environ.get("LIANXIN_FULL") != "1":
        pytest.skip("it takes some minutes; LIANXIN_FULL=1 asks for it")


@pytest.mark.timeout(1500)
def test_every_message_of_the_board_comes_to_its_end(board: Path, tmp_path: Path) -> None:
    whole_run()
    play = Play(tmp_path, board, {})
    found = play.figures(seconds=1400)
    assert found["cases"] == 1408
    assert found["closed"] + found["referred"] == 1408
    days = (found["days_mean"], found["days_median"], found["days_p90"])
    assert days == (21.13, 11.78, 43.74)
    assert found["breached"] == 735


@pytest.mark.timeout(1500)
def test_the_same_figures_come_out_of_kafka_and_postgresql(
    board: Path, postgres: Postgres, tmp_path: Path
) -> None:
    count = "200" if os.environ.get("LIANXIN_FULL") == "1" else "4"
    for name in (*NAMES, "vault"):
        postgres.create_database(name)
        postgres.create_database(f"{RESTRICTED}_{name}")
    embedded = Play(tmp_path / "embedded", board, {}).figures("--limit", count)
    assert embedded["cases"] == int(count)
    for broker in shared_broker(tmp_path / "kafka"):  # of its own: the topics are the platform's
        env = {
            "LOG_URL": broker.url,
            "DATABASE_URL": postgres.url_template,
            "VAULT_URL": postgres.url_template,
        }
        play = Play(tmp_path / "real", board, env)
        assert play.figures("--limit", count) == embedded
        assert not (tmp_path / "real/var/simulation/log.db").exists()
