"""A message board is played whole: a real city's where there is time for it and the file, else an invented one."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.log.topics import RESTRICTED
from services.list import EVERY
from tests.board import Message, invent_board, is_breached, messages_of, real_board, write
from tests.simulate.plays import Play
from tools.cluster.fixtures import shared_broker
from tools.cluster.postgres import Postgres


@dataclass(frozen=True)
class Board:
    """A file of messages and what stands in it."""

    file: Path
    messages: list[Message]
    real: bool


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Board:
    """The real one takes some minutes: only the whole run of the tests plays it."""
    real = real_board()
    if real and os.environ.get("LIANXIN_FULL") == "1":
        return Board(real, messages_of(real), real=True)
    messages = invent_board()
    return Board(write(tmp_path_factory.mktemp("board") / "board.jsonl", messages), messages, real=False)


@pytest.mark.timeout(1500)
def test_every_message_of_the_board_comes_to_its_end(board: Board, tmp_path: Path) -> None:
    found = Play(tmp_path, board.file, {}).figures(seconds=1400)
    assert found["cases"] == len(board.messages)
    assert found["closed"] + found["referred"] == len(board.messages)
    late = sum(map(is_breached, board.messages))
    assert 0 < late < len(board.messages), "some are late, and some are not"
    assert found["breached"] == late
    if board.real:
        days = (found["days_mean"], found["days_median"], found["days_p90"])
        assert (len(board.messages), late, *days) == (1408, 735, 21.13, 11.78, 43.74)


@pytest.mark.timeout(1500)
def test_the_same_figures_come_out_of_kafka_and_postgresql(
    board: Board, postgres: Postgres, tmp_path: Path
) -> None:
    count = 200 if board.real else 4
    for name in (*EVERY, "vault"):
        postgres.create_database(name)
        postgres.create_database(f"{RESTRICTED}_{name}")
    embedded = Play(tmp_path / "embedded", board.file, {}).figures("--limit", str(count))
    assert embedded["cases"] == count
    assert embedded["breached"] == sum(map(is_breached, board.messages[:count])) > 0
    for broker in shared_broker(tmp_path / "kafka"):  # of its own: the topics are the platform's
        env = {
            "LOG_URL": broker.url,
            "DATABASE_URL": postgres.url_template,
            "VAULT_URL": postgres.url_template,
        }
        play = Play(tmp_path / "real", board.file, env)
        assert play.figures("--limit", str(count), seconds=1100) == embedded
        assert not (tmp_path / "real/var/simulation/log.db").exists()
