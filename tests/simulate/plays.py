"""Runs ``python -m tools.simulate`` as an operator does, on messages that a test invents."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.board import CHECKOUT

KEYS = (
    "cases", "events", "closed", "referred", "days_mean", "days_median", "days_p90", "warned", "breached",
)  # fmt: skip
MATTERS = ("路灯整夜不亮", "楼道堆满纸箱", "公交站牌字迹模糊", "井盖松动有响声", "河边步道积水", "广场音响太吵")
PLACES = ("桂花巷", "松涛路", "竹影小区", "石桥社区", "晨光里")
REPORT = ("举报某科长受贿", "该科长受贿，以权谋私，请调查。")


def invent(count: int) -> list[dict[str, str]]:
    """Messages around a long holiday, some answered at the very edge of their limit; two report an
    official."""
    dice = random.Random(20261001)
    found = []
    for number in range(count):
        at = datetime(2025, 9, 22, 9) + timedelta(days=number % 6, hours=2 * (number % 2))
        taken = dice.choice((0, 1, 3, 6, 9, 12, 15, 16, 17, 18, 19, 24))
        replied_at = (at + timedelta(days=taken)).replace(hour=dice.choice((0, 16)))
        title = f"{dice.choice(PLACES)}{dice.choice(MATTERS)}"
        text = f"{title}，已经有一阵子了，请派人来看看。编号{number}。"
        if number in (7, 23):
            title, text = REPORT
        found.append(
            {
                "id": f"T{number:03d}",
                "title": title,
                "text": text,
                "registered_at": at.isoformat(),
                "reply": f"您好，{title}一事已办理，谢谢。",
                "replied_at": max(at + timedelta(hours=2), replied_at).isoformat(),
            }
        )
    return found


@dataclass(frozen=True)
class Play:
    """A simulation's place; what it leaves lies in ``var`` there."""

    place: Path
    file: Path
    env: Mapping[str, str]

    def start(self, *words: str) -> subprocess.Popen[str]:
        self.place.mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-m", "tools.simulate", str(self.file), *words],
            cwd=self.place,
            env={**clean_env(), "PYTHONPATH": str(CHECKOUT), **self.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, seconds: float = 540) -> subprocess.CompletedProcess[str]:
        process = self.start(*words)
        try:
            said, errors = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, said, errors)

    def figures(self, *words: str, seconds: float = 540) -> dict[str, float]:
        done = self.run("--json", *words, seconds=seconds)
        assert done.returncode == 0, done.stderr
        found: dict[str, float] = json.loads(done.stdout)
        return found

    def records(self) -> int:
        """Records in the log, of every topic."""
        log = self.place / "var/simulation/log.db"
        if not log.exists():
            return 0
        with sqlite3.connect(log) as db:
            (count,) = db.execute("SELECT count(*) FROM records").fetchone()
        db.close()
        return int(count)


def clean_env() -> dict[str, str]:
    """Ours, without what would lead it to other databases."""
    names = {"LOG_URL", "DATABASE_URL", "VAULT_URL", "REALM", "POLICY", "PORT"}
    return {name: value for name, value in os.environ.items() if name not in names}
