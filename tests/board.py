"""A message board's messages: a real city's, where this machine has them, or invented ones of the same shape.

Nothing of the real ones is kept here: they are a city's own words, which a checkout has not and must not have.
"""

import json
import os
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
BESIDE = CHECKOUT.parent / "shared/data/board_messages.jsonl"
Message = dict[str, str]
MATTERS = ("公交车班次太少", "小区电梯常停", "夜间施工吵闹", "路口没有红绿灯", "自来水发黄", "菜市场污水横流")
PLACES = ("梧桐街", "清水塘", "东风里", "柳树湾", "南塔小区")


def real_board() -> Path | None:
    """The file that BOARD_MESSAGES names, or the one beside the checkout, if there is one."""
    named = os.environ.get("BOARD_MESSAGES")
    path = Path(named or BESIDE).resolve()
    assert path.is_file() or not named, f"BOARD_MESSAGES names {path}, and there is no such file"
    return path if path.is_file() else None


def messages_of(path: Path) -> list[Message]:
    """What stands in a file of messages, one a line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write(path: Path, messages: Sequence[Message]) -> Path:
    """A file of messages, one a line."""
    path.write_text("".join(json.dumps(m, ensure_ascii=False) + "\n" for m in messages))
    return path


def invent_board(count: int = 40) -> list[Message]:
    """Messages of nine years at any second of the day; some are answered at once, some after months,
    and every fourth within an hour of the midnight at which its limit ends."""
    dice = random.Random(20110402)
    found = []
    for number in range(count):
        asked = datetime(2011, 4, 2) + timedelta(seconds=dice.randrange(8 * 365 * 86_400))
        answered = asked + timedelta(days=dice.lognormvariate(2.3, 1.1), seconds=600)
        if number % 4 == 0:
            edge = end_of_limit(asked, dice.choice((6, 7, 7, 7)))
            answered = edge + timedelta(seconds=dice.choice((-1800, -1, 0, 1800)))
        title = f"{dice.choice(PLACES)}{dice.choice(MATTERS)}"
        found.append(
            {
                "id": f"B{number:03d}",
                "title": title,
                "text": f"{title}，希望有关部门管一管。第{number}条。",
                "registered_at": asked.isoformat(),
                "reply": f"网友您好，{title}一事已经处理，感谢监督。",
                "replied_at": answered.replace(microsecond=0).isoformat(),
            }
        )
    return found


# ------------------------------------------------------------------- working days, read plainly


def is_breached(message: Message, days: int = 7) -> bool:
    """Whether the answer came after the end of the nth working day after the question."""
    asked = datetime.fromisoformat(message["registered_at"])
    return datetime.fromisoformat(message["replied_at"]) >= end_of_limit(asked, days)


def end_of_limit(asked: datetime, days: int) -> datetime:
    """The midnight that ends the nth working day after a question."""
    off, on = working_days()
    day = asked.date()
    while days:
        day += timedelta(days=1)
        days -= day in on or (day.weekday() < 5 and day not in off)
    return datetime.combine(day + timedelta(days=1), datetime.min.time())


@lru_cache(maxsize=1)
def working_days() -> tuple[frozenset[date], frozenset[date]]:
    """Holidays and make-up days of all published years, out of the file of facts."""
    facts = yaml.safe_load((CHECKOUT / "libs/rules/data/calendar-cn-gov.yaml").read_text())
    off: set[date] = set()
    on: set[date] = set()
    for year, spans in facts["years"].items():
        for found, text in ((off, spans["holidays"]), (on, spans.get("makeup", ""))):
            for span in text.split():
                first, _, last = span.partition("..")
                day = date.fromisoformat(f"{year}-{first}")
                while day <= date.fromisoformat(f"{year}-{last or first}"):
                    found.add(day)
                    day += timedelta(days=1)
    return frozenset(off), frozenset(on)
