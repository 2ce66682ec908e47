"""The log, looked at from outside: listed, followed, counted, and a case told in words.

One file, because each of its commands is tried on the same town, in both homes of the log.
"""

import asyncio
import json
import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from libs.events.base import Actor, Event, Recorded
from libs.events.catalog import CATALOG
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.envelope import to_headers
from libs.events.intake import CaseAccepted, CaseRegistered
from libs.host.settings import Settings
from libs.log.connect import open_log
from libs.log.port import Outgoing
from libs.log.scan import open_scan
from libs.rules.calendar import SHANGHAI
from libs.rules.rules import shipped_rules
from tests.whole import Platform, platform, run
from tools.log import chinese, english
from tools.log.__main__ import main
from tools.log.names import Lang, Names

SAMPLES = Path(__file__).parents[1] / "events" / "samples"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
RECEIPT = "LX0429617358O"
CLERK = Actor(id="clerk-1", role="unit_clerk", org="mc.chengguan")
OPERATOR = Actor(id="op-1", role="operator")


def sample(kind: type[Event], /, **fields: Any) -> Event:
    text = (SAMPLES / f"{kind.type()}.v{kind.version}.json").read_text(encoding="utf-8")
    return kind.model_validate(json.loads(text)["value"] | fields)


class Town:
    """A log with a topic of the test's own, and one case in it among others."""

    def __init__(self, url: str, topic: str) -> None:
        self.url, self.topic = url, topic
        self.case_id = str(uuid.uuid4())

    def put(self, *records: Outgoing) -> None:
        async def append() -> None:
            log = open_log(self.url)
            await log.prepare({self.topic: 3})
            await log.append(records)
            await log.close()

        asyncio.run(append())

    def record(self, event: Event, seq: int = 1) -> Outgoing:
        recorded = Recorded(
            str(uuid.uuid4()), event, seq, event.occurred_at + timedelta(seconds=1), "c", "c"
        )
        body = event.model_dump_json().encode()
        return Outgoing(self.topic, event.case_id, to_headers(recorded), body)

    def fill(self) -> None:
        mine: dict[str, Any] = {"case_id": self.case_id}
        signed = sample(
            AssignmentSigned, **mine, occurred_at=MONDAY + timedelta(hours=2), actor=CLERK
        )
        due = MONDAY + timedelta(days=7)
        assigned = {"org": "mc.chengguan", "automatic": False, "role": "lead", "due_handle": due}
        events: Sequence[tuple[Event, int]] = [
            (sample(CaseRegistered, **mine, receipt_no=RECEIPT, actor=OPERATOR, kind="K3"), 1),
            (sample(CaseAccepted, **mine, occurred_at=MONDAY + timedelta(minutes=5)), 2),
            (sample(CaseAssigned, **mine, **assigned, occurred_at=MONDAY + timedelta(hours=1)), 1),
            (signed, 2),
            (signed, 2),  # the relay may send twice
        ]
        others = [sample(CaseAccepted, case_id=str(uuid.uuid4())) for _ in range(20)]
        self.put(*(self.record(event, seq) for event, seq in events), *map(self.record, others))


@pytest.fixture(params=["sqlite", "kafka"])
def town(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/log.db?synchronous=OFF"
    else:
        url = request.getfixturevalue("broker").url
    monkeypatch.setenv("LOG_URL", url)
    town = Town(url, f"t-{uuid.uuid4().hex[:12]}")
    town.fill()
    return town


def show(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    capsys.readouterr()
    assert main(words) == 0, capsys.readouterr().err
    return capsys.readouterr().out.splitlines()


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_case_is_told_in_chinese_by_its_receipt_number(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    told = show(capsys, "history", RECEIPT.lower(), "--topic", town.topic)
    assert len(told) == 4
    assert told[0].startswith("2026-03-02 09:00  话务/受理员  收到门户网站投诉（")
    assert f"登记为 {RECEIPT}，标题〔密〕；" in told[0]
    assert "明川市城市管理局主办" in told[2]
    assert "2026-03-09 09:00 前办结" in told[2]
    assert told[3] == "2026-03-02 11:00  明川市城市管理局 经办人  明川市城市管理局签收"


def test_a_case_is_told_in_english_by_its_id(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    told = show(capsys, "history", town.case_id, "--topic", town.topic, "--lang", "en")
    assert told[3] == (
        "2026-03-02 11:00  Unit clerk, Municipal Urban Management Bureau  "
        "Municipal Urban Management Bureau signed"
    )


def test_a_list_shows_what_was_asked_for(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    listed = show(capsys, "list", "--topic", town.topic, "--case", RECEIPT)
    assert [line.split()[3] for line in listed[1:]] == [
        "intake.CaseRegistered",
        "intake.CaseAccepted",
        "dispatch.CaseAssigned",
        "dispatch.AssignmentSigned",
        "dispatch.AssignmentSigned",
    ]
    assert all(town.case_id in line for line in listed[1:])
    assert len(show(capsys, "list", "--topic", town.topic, "--type", "CaseAccepted")) == 22
    assert len(show(capsys, "list", "--topic", town.topic, "--owner", "dispatch")) == 4
    assert len(show(capsys, "list", "--topic", town.topic, "--limit", "7")) == 8
    since = show(capsys, "list", "--topic", town.topic, "--since", "2026-03-02 10:00")
    assert len(since) == 4


def test_a_list_for_programs_holds_no_sealed_word(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = show(capsys, "list", "--topic", town.topic, "--json")
    records = [json.loads(line) for line in lines]
    assert len(records) == 25
    assert "lx1." not in "".join(lines)
    (first,) = [r for r in records if r["headers"]["ce_type"] == "intake.CaseRegistered"]
    assert first["value"]["title"] == "〔密〕"
    assert first["key"] == town.case_id


def test_stats_count_types_and_partitions(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        line.split()[0]: line.split()[1:] for line in show(capsys, "stats", "--topic", town.topic)
    }
    assert rows["intake.CaseAccepted"][0] == "21"
    assert rows["合计"][0] == "25"
    assert sum(map(int, rows["末端"])) == 25
    assert rows["合计"][1:] == rows["末端"]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_following_shows_what_comes(
    town: Town, capsys: pytest.CaptureFixture[str], form: list[str]
) -> None:
    words = ["follow", "--topic", town.topic, "--type", "CaseRegistered", "--limit", "2", *form]

    async def both() -> None:
        following = asyncio.create_task(asyncio.to_thread(main, words))
        await asyncio.sleep(1.5)
        for _ in range(2):
            await asyncio.to_thread(town.put, town.record(sample(CaseRegistered)))
            await asyncio.to_thread(town.put, town.record(sample(CaseAccepted)))
        assert await asyncio.wait_for(following, 30) == 0

    asyncio.run(both())
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 2
    assert all("intake.CaseRegistered" in line for line in shown)


def test_following_since_a_time_shows_what_lies_there_first(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("follow", "--topic", town.topic, "--since", "2026-03-02", "--limit", "25")
    assert len(show(capsys, *words)) == 25


def test_looking_joins_no_group_and_writes_nothing(
    town: Town, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    async def groups() -> set[str]:
        admin = AIOKafkaAdminClient(bootstrap_servers=town.url.removeprefix("kafka://"))
        await admin.start()
        found = {group for group, *_ in await admin.list_consumer_groups()}
        await admin.close()
        return found

    def traces() -> object:
        if town.url.startswith("kafka"):
            return asyncio.run(groups())
        path = Path(town.url.removeprefix("sqlite:///").partition("?")[0])
        return path.read_bytes()

    before = traces()
    show(capsys, "stats", "--topic", town.topic)
    show(capsys, "history", RECEIPT, "--topic", town.topic)
    assert traces() == before


def test_a_record_that_nobody_can_read_is_shown_as_such(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    later = sample(AssignmentSigned, case_id=town.case_id)
    headers = dict(town.record(later, 3).headers)
    headers["ce_dataschema"] = b"urn:lianxin:event:dispatch.AssignmentSigned:9"
    newer = Outgoing(town.topic, town.case_id, tuple(headers.items()), b"{}")
    town.put(newer, Outgoing(town.topic, town.case_id, (), b"\x00 no JSON"))
    listed = show(capsys, "list", "--topic", town.topic, "--case", town.case_id)
    assert len(listed) == 8
    told = show(capsys, "history", town.case_id, "--topic", town.topic)
    assert "无法读懂的记录: dispatch.AssignmentSigned" in told[4]
    assert "无法读懂的记录: ?" in told[5]


def test_what_cannot_be_is_refused_in_words(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    here = ("--topic", town.topic)
    assert "its check character does not fit" in refusal(capsys, "history", "LX0429617358P", *here)
    other = refusal(capsys, "history", "LX00000000010", *here)
    assert "No case in" in other or "check character" in other
    assert "There is no case nobody" in refusal(capsys, "history", "nobody", *here)
    said = refusal(capsys, "list", "--type", "Assigned", *here)
    assert said == (
        "No event is called Assigned. There are: CaseAssigned, LeaderAssigned, "
        "dispatch.CaseAssigned, supervision.LeaderAssigned.\n"
    )
    assert "police states no events" in refusal(capsys, "list", "--owner", "police", *here)
    assert "is no time. Write 2026-03-02" in refusal(capsys, "list", "--since", "soon", *here)
    assert "--limit counts from 1" in refusal(capsys, "list", "--limit", "0", *here)
    assert "the log has no topic t-none; there are:" in refusal(
        capsys, "stats", "--topic", "t-none"
    )


def test_no_log_is_made_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_URL", f"sqlite:///{tmp_path}/none.db")
    assert main(["stats"]) == 1
    assert "there is no log at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "none.db").write_text("a letter, not a log; " * 100)
    assert main(["stats"]) == 1
    assert "this is not a log of ours" in capsys.readouterr().err
    monkeypatch.setenv("LOG_URL", "redis://somewhere")
    assert "no log home for redis" in refusal(capsys, "stats")
    monkeypatch.setenv("LOG_URL", "kafka://127.0.0.1:1")
    assert main(["stats"]) == 1
    assert "The log cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("type_", sorted(CATALOG))
def test_every_event_has_a_sentence_without_a_sealed_word(type_: str, lang: Lang) -> None:
    names = Names(shipped_rules(), lang)
    said = (chinese if lang == "zh" else english).tell(sample(CATALOG[type_]), names)
    assert said != type_, f"give {type_} a sentence in tools/log/chinese.py and english.py"
    assert "lx1." not in said
    assert "\n" not in said
    assert bool(re.search("[一-鿿]", said.replace("〔密〕", ""))) == (lang == "zh")


def test_a_case_of_the_platform_is_told_while_it_runs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_URL", settings.log_url)
    words = {"title": "路灯不亮", "text": "路灯三天不亮。"}
    report = {"channel": "web_portal", "kind": "K3", "privacy_notice": True} | words

    async def journey(city: Platform) -> str:
        done = await city.post("/intake/cases", city.token("operator"), report)
        assert done.status_code == 201, done.text
        await city.settle()
        await asyncio.to_thread(main, ["history", done.json()["receipt_no"]])
        await asyncio.to_thread(main, ["list", "--topic", "audit-events"])
        scan = await open_scan(settings.log_url)
        assert "case-events" in await scan.topics()
        await scan.close()
        return str(done.json()["receipt_no"])

    async def whole() -> str:
        async with platform(settings) as city:
            return await journey(city)

    receipt_no = run(whole())
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("2026-03-02 09:00  话务/受理员  收到门户网站投诉（实名），登记为 ")
    assert receipt_no in first
    assert "路灯" not in first
