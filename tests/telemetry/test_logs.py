"""Logs are JSON, one object a line, and hold no citizen's word, name or number, whatever happens."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.log.connect import open_log
from libs.log.port import Outgoing
from libs.log.topics import Topics
from tests.conftest import embedded
from tests.telemetry.journey import PERSONAL, UNIT, Walker
from tools.cluster.children import free_port, wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
NAMES = (
    "log_url", "database_url", "vault_url", "master_key_file", "server_key_file", "token_jwks_file",
    "citizen_key_file",
)  # fmt: skip


class Served:
    """``python -m services`` with all that it says."""

    def __init__(self, root: Path) -> None:
        self.settings = embedded(root)
        self.output = root / "said"
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        env = {name.upper(): str(getattr(self.settings, name)) for name in NAMES}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services"],
                cwd=CHECKOUT,
                env={**os.environ, **env, "PORT": str(port), "LOG_LEVEL": "DEBUG"},
                stdout=output,
                stderr=output,
            )
        assert wait_until(self._ready, limit_s=60), self.output.read_text()

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.base}/readyz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """All that the services say during a journey, refusals and a poison record included."""
    root = tmp_path_factory.mktemp("logs")
    served = Served(root)
    try:
        with Walker(lambda service: served.base, root / "keys") as walker:
            walker.walk()
            refusals(walker)
            poison(served, walker)
        assert served.stop() in (0, -signal.SIGTERM)
    finally:
        served.process.kill()
        served.process.wait()
    return served.output.read_text()


def refusals(walker: Walker) -> None:
    """Everything a caller may do wrong, with the citizen's words in hand."""
    case = walker.register(external_id="journey-2")["case_id"]
    clerk = walker.token("unit_clerk", UNIT)
    words: dict[str, Any] = {"title": "秋千" * 400, "text": "13987654321", "channel": "web_portal"}
    assert walker.ask("/intake/cases", walker.token("channel"), words).status_code == 422
    wrong = {"phone": ["13987654321"], "kind": "欧阳慕白", "channel": "槐荫里"}
    assert walker.ask("/intake/cases", walker.token("channel"), wrong).status_code == 422
    walker.http.post(f"{walker.where('intake')}/intake/cases", content="{欧阳慕白")
    walker.http.get(f"{walker.where('intake')}/intake/cases/欧阳慕白", params={"phone": "13987654321"})
    contact = {"mode": "online", "reached": True}
    headers = {"Authorization": f"Bearer {clerk}", "Idempotency-Key": "refused-1"}
    path = f"/feedback/cases/{case}/contacts"
    assert walker.http.post(walker.where("feedback") + path, json=contact, headers=headers).status_code == 409
    assert walker.ask(f"/intake/cases/{case}/acceptance", clerk, {"category": "0101"}).status_code == 403


def poison(served: Served, walker: Walker) -> None:
    """A record in the log that holds personal words in clear, and that nobody can read."""
    case = walker.register(external_id="journey-3")["case_id"]
    value = {"case_id": case, "title": {"words": "滑梯漆皮 欧阳慕白 13987654321"}}
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", b"poison-1"),
        ("ce_type", b"intake.CaseAccepted"),
        ("ce_source", b"/intake"),
        ("ce_subject", case.encode()),
        ("ce_time", b"2026-03-02T01:00:00.000000Z"),
        ("ce_dataschema", b"urn:lianxin:event:intake.CaseAccepted:1"),
        ("content-type", b"application/json"),
        ("ce_recordedtime", b"2026-03-02T01:00:00.000000Z"),
        ("ce_seq", b"7"),
        ("ce_correlationid", b"c"),
        ("ce_causationid", b"c"),
    )

    async def append() -> None:
        log = open_log(served.settings.log_url)
        await log.prepare(Topics("", 6).partitions())
        record = Outgoing("case-events", case, headers, json.dumps(value, ensure_ascii=False).encode())
        await log.append([record])
        await log.close()

    asyncio.run(append())
    operator = walker.token("ops")
    until = time.monotonic() + 20
    while not (aside := walker.see("/dispatch/operations/quarantine", operator)):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert [row["case_id"] for row in aside] == [case]
    shown = json.dumps(aside, ensure_ascii=False)
    assert not [word for word in PERSONAL if word in shown], "operations read ids and reasons alone"


def test_every_line_is_a_json_object_with_time_level_and_logger(said: str) -> None:
    lines = [line for line in said.splitlines() if line.strip()]
    assert lines
    for line in lines:
        found = json.loads(line)
        assert {"time", "level", "logger", "message"} <= found.keys(), line


def test_the_log_says_that_a_record_was_set_aside_and_by_whom(said: str) -> None:
    found = [json.loads(line) for line in said.splitlines()]
    aside = [f["message"] for f in found if f["level"] == "ERROR"]
    assert any("dispatch set 1 record(s) aside" in message for message in aside), aside


def test_no_line_holds_a_word_a_name_or_a_number_of_a_citizen(said: str) -> None:
    escaped = {word.encode("unicode_escape").decode() for word in PERSONAL}
    assert "\\u" in "".join(escaped)
    for word in (*PERSONAL, *escaped):
        found = [line for line in said.splitlines() if word in line]
        assert not found, f"{word} stands in {found[0][:300]}"
