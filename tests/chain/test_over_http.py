"""What the rules refuse is refused over HTTP in the same words, and what they state is stated there too."""

import json
import os
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from libs.events.envelope import decode, read_attributes
from libs.sourcing.decider import Command
from tests.chain.chain import Chain, Refusal
from tests.chain.play import services
from tests.chain.wishes import anything, likely
from tests.http.city import City, open_city
from tests.journeys.files import log_rows

FULL = os.environ.get("LIANXIN_FULL") == "1"
SEEDS, STEPS = (range(12), 60) if FULL else (range(2), 35)
FILLED_IN = {"case_id", "occurred_at", "by", "publication_id"}
"""What the host puts into a command."""
NOT_ALIKE = frozenset(
    {"ErasePersonalData", "MergeCase", "RelateCases", "RecuseSelf", "DecideRecusal"}
)
"""After an erasure the host has no key to seal words with, who is recused it keeps out (tests/http/test_recusal),
and the others are about a case that is not there. It refuses these before any rule is asked."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_commands_are_refused_and_stated_over_http(seed: int, tmp_path: Path) -> None:
    dice = Random(seed)
    with open_city(tmp_path) as city:
        case_id = city.register(title="路灯不亮", text="路灯已经三天不亮。")["case_id"]
        chain = Chain(services(), {case_id: ""})
        case = chain.cases[case_id]
        chain.now = city.whole.clock.at
        chain.recall(case, stated(tmp_path, case_id))
        refusals = 0
        for _ in range(STEPS):
            draw = anything if dice.random() < 0.3 else likely
            command = draw(chain, case, dice)
            if command is None or not routed(city, command):
                continue
            found, answer = chain.ask(command), put(city, command)
            told = f"{type(command).__name__} by {command.by.role}: {answer.text}"
            if isinstance(found, Refusal):
                refusals += 1
                assert answer.status_code == (403 if found.by_right else 409), told
                assert answer.json()["detail"] == found.words, told
            else:
                assert answer.status_code == 200, told
                assert [e["type"] for e in answer.json()["events"]] == [e.type() for e in found]
            chain.settle()
            city.settle()
            hours = dice.choice((0, 0, 1, 5, 30))
            chain.live(timedelta(hours=hours))
            city.wait(hours=hours)
            assert sorted(map(brief, stated(tmp_path, case_id))) == sorted(
                brief(said.event) for said in case.log
            ), told
        assert refusals >= 3


def routed(city: City, command: Command) -> bool:
    """Whether it is a command that is put to a case over HTTP."""
    name = type(command).__name__
    return name not in NOT_ALIKE and "{case_id}" in city.operations.get(name, ("", "", ""))[2]


def put(city: City, command: Command) -> httpx.Response:
    """The same command over HTTP, by a caller with the same token."""
    service, _, path = city.operations[type(command).__name__]
    who = command.by
    own = {"case_id": command.case_id} if who.role == "citizen" else {"unit_id": who.org}
    token = city.token(who.role, who.id, **own)
    body = command.model_dump(mode="json", exclude=FILLED_IN)
    return city.post(f"/{service}{path}".replace("{case_id}", command.case_id), token, plain(body))


def plain(value: Any) -> Any:
    """Words as a person says them, where the chain has them sealed."""
    match value:
        case str():
            return "已经三天没有人管。" if value.startswith("lx1.") else value
        case list():
            return [plain(one) for one in value]
        case dict():
            return {name: plain(one) for name, one in value.items()}
        case _:
            return value


def stated(root: Path, case_id: str) -> list[Any]:
    """The facts of a case in the log."""
    rows = log_rows(root, "case-events", case_id)
    return [
        decode(read_attributes([(n, v.encode()) for n, v in json.loads(headers)]), value).event
        for headers, value in rows
    ]


def brief(event: Any) -> tuple[str, str, str]:
    """What a fact is, when, by whom."""
    return event.type(), event.occurred_at.astimezone().isoformat(), event.actor.id
