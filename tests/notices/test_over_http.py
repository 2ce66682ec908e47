"""From a deadline to a telephone, through the whole platform: told once, by preference, and shown in the log."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from libs.events.base import Recorded
from libs.events.supervision import DeadlineBreached
from libs.host.settings import Settings
from libs.log.topics import RESTRICTED
from libs.rules.roles import Role
from libs.sourcing.views import Views
from services.supervision import telling
from services.supervision.projection import project
from services.supervision.telling import LOOK_FAR_EVERY, gateways
from tests.http.city import MESSAGE, UNIT
from tests.notices.gateways import Webhook, webhook
from tests.notices.office import until
from tests.rebuild.town import rebuild_aside
from tests.spec import fact
from tests.whole import Platform, platform, run

OTHER = "mc.shuiwu"
HEAD, CLERK, LEADER = "13911110001", "13911110002", "13911110003"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a clock in hand need not be waited for."""
    monkeypatch.setattr(telling, "PACE_SECONDS", 0.01)


@asynccontextmanager
async def city(settings: Settings, sms: Webhook | None = None) -> AsyncIterator[Platform]:
    url = sms.url if sms else ""
    async with platform(settings.model_copy(update={"notify_sms": SecretStr(url)})) as whole:
        yield whole


async def put(whole: Platform, path: str, token: str, body: Any) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {token}"}
    return await whole.http.put(f"/supervision{path}", json=body, headers=bearer)


async def assigned(whole: Platform) -> str:
    """A case with its unit, signed by clerk-1."""
    said = await whole.post("/intake/cases", whole.token("operator"), MESSAGE)
    case: str = said.json()["case_id"]
    for path, role, body, who in (
        (f"/intake/cases/{case}/acceptance", "acceptor", {"category": "0107"}, {}),
        (f"/dispatch/cases/{case}/assignment", "dispatcher", {}, {}),
        (f"/dispatch/cases/{case}/signature", "unit_clerk", {}, {"unit_id": UNIT}),
    ):
        await whole.settle()
        done = await whole.post(path, whole.token(role, **who), body)
        assert done.is_success, done.text
    await whole.settle()
    return case


async def pass_days(whole: Platform, days: int) -> None:
    """In steps that who tells people can follow: what is two days old is not told any more."""
    for _ in range(days * 2):
        await whole.wait(hours=12)
        whole.host.find("supervision").tick()
        await asyncio.sleep(0.15)


async def until_logged(whole: Platform, count: int, asked: str = "") -> list[dict[str, Any]]:
    """The delivery log, once it holds so many."""
    for _ in range(750):
        log = await whole.get(f"/supervision/deliveries{asked}", whole.token(Role.OPS))
        found: list[dict[str, Any]] = log.json()
        if len(found) == count:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"the log holds {len(found)}, not {count}")


async def until_known(whole: Platform) -> list[dict[str, Any]]:
    """The delivery log as it is."""
    answer = await whole.get("/supervision/deliveries?limit=500", whole.token(Role.OPS))
    found: list[dict[str, Any]] = answer.json()
    return found


def sms(address: str, **more: Any) -> dict[str, Any]:
    return {"channels": {"sms": {"address": address} | more}}


def to(gateway: Webhook, address: str) -> list[str]:
    """The titles of what an address was sent, without numbers of cases."""
    return [b["title"].partition("】")[0][1:] for p, _, b in gateway.got if p.endswith(address)]


def test_a_unit_its_clerk_and_a_leader_are_told_as_they_wish_and_never_twice(
    settings: Settings, tmp_path: Path
) -> None:
    async def story() -> None:
        with webhook() as gateway:
            async with city(settings, gateway) as whole:
                head = whole.token(Role.UNIT_HEAD, unit_id=UNIT)
                clerk = whole.token(Role.UNIT_CLERK, unit_id=UNIT)
                leader = whole.token(Role.LEADER)
                breaches = ["breach", "retracted"]
                done = await put(
                    whole, f"/units/{UNIT}/notice-preferences", head, sms(HEAD, kinds=breaches)
                )
                assert done.json()["channels"] == {"sms": breaches}
                await put(whole, "/notice-preferences", clerk, sms(CLERK, kinds=["amber", "red"]))
                await put(whole, "/notice-preferences", leader, sms(LEADER, kinds=["daily"]))
                case = await assigned(whole)
                await pass_days(whole, 10)
                handling = [t for t in to(gateway, HEAD) if t == "已超期"]
                assert handling == ["已超期", "已超期"], "first contact and handling"
                assert to(gateway, CLERK) == ["临近到期", "即将到期"] * 2
                assert set(to(gateway, LEADER)) == {"每日清单"}
                assert 6 <= len(to(gateway, LEADER)) <= 8

                mine = (await whole.get("/supervision/notices", clerk)).json()
                of_case = [one for one in mine if one["case_id"] == case]
                told = {"assigned", "amber", "red", "breach", "urged"}
                assert {one["kind"] for one in of_case} == told
                assert all(one["in_hand"] for one in of_case)
                assert {one["kind"] for one in mine} - {one["kind"] for one in of_case} == {"overdue"}
                lists = (await whole.get("/supervision/notices", leader)).json()
                assert {one["kind"] for one in lists} >= {"daily", "week"}
                for path in ("notices", f"units/{OTHER}/notices"):
                    stranger = whole.token(Role.UNIT_HEAD, unit_id=OTHER)
                    assert (await whole.get(f"/supervision/{path}", stranger)).json() == []

                ops = whole.token(Role.OPS)
                log = (await whole.get("/supervision/deliveries?channel=sms", ops)).json()
                assert {row["state"] for row in log} == {"sent"}
                assert {row["key"] for row in log} == set(gateway.keys)
                metrics = (await whole.http.get("/metrics")).text
                counted = re.findall(r"lianxin_messages_total{(.*)} (.*)", metrics)
                assert [float(count) for _, count in counted] == [float(len(log))]
                assert 'channel="sms",outcome="sent"' in counted[0][0]
                waiting = await whole.get("/supervision/deliveries?state=waiting", ops)
                assert waiting.json() == []

                told = list(gateway.keys)
                await rebuild_aside("supervision", settings)
                whole.host.find("supervision").tick()
                await asyncio.sleep(0.5)
                await pass_days(whole, 0)
                assert gateway.keys == told
                assert len(set(told)) == len(told)

    run(story())
    for file in tmp_path.rglob("*.db*"):
        content = file.read_bytes()
        for address in (HEAD, CLERK, LEADER):
            assert address.encode() not in content, f"{file.name} holds an address in clear"


def test_preferences_are_shown_without_their_addresses_and_can_be_taken_back(
    settings: Settings,
) -> None:
    async def story() -> None:
        with webhook() as gateway:
            async with city(settings, gateway) as whole:
                clerk = whole.token(Role.UNIT_CLERK, unit_id=UNIT)
                assert (await whole.get("/supervision/notice-preferences", clerk)).json() is None
                wanted = sms(CLERK) | {"quiet": {"from": "22:00", "to": "07:00"}, "language": "en"}
                await put(whole, "/notice-preferences", clerk, wanted)
                shown = (await whole.get("/supervision/notice-preferences", clerk)).json()
                assert shown["quiet"] == {"from": "22:00", "to": "07:00"}
                assert list(shown["channels"]) == ["sms"]
                assert CLERK not in str(shown)
                await put(whole, "/notice-preferences", clerk, {})
                shown = (await whole.get("/supervision/notice-preferences", clerk)).json()
                assert (shown["channels"], shown["quiet"]) == ({}, None)

    run(story())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (sms("json://10.0.0.1/admin"), "body.channels"),
        (sms(CLERK) | {"gateway": "json://10.0.0.1/"}, "body.gateway"),
        ({"channels": {"json": {"address": CLERK}}}, "body.channels.json"),
        ({"quiet": {"from": "7", "to": "8"}}, "body.quiet.from"),
    ],
)
def test_a_hostile_wish_is_refused_by_field_and_not_repeated(
    settings: Settings, body: dict[str, Any], field: str
) -> None:
    async def story() -> httpx.Response:
        async with city(settings) as whole:
            token = whole.token(Role.UNIT_CLERK, unit_id=UNIT)
            return await put(whole, "/notice-preferences", token, body)

    answer = run(story())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert "10.0.0.1" not in answer.text


@pytest.mark.parametrize("realm", ["", RESTRICTED])
def test_a_channel_that_no_gateway_serves_is_refused_by_its_name(
    settings: Settings, realm: str
) -> None:
    async def story() -> httpx.Response:
        with webhook() as gateway:
            async with city(settings, gateway) as whole:
                token = whole.token(Role.UNIT_CLERK, unit_id=UNIT, realm=realm)
                mail = {"channels": {"mail": {"address": "duty@city.example"}}}
                bearer = {"Authorization": f"Bearer {token}"}
                base = f"/{realm}" if realm else ""
                path = f"{base}/supervision/notice-preferences"
                answer = await whole.http.put(path, json=mail, headers=bearer)
                assert (await whole.get(path, token)).json() is None
                return answer

    answer = run(story())
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "body.channels.mail"
    may = "there is none here" if realm else "there are: sms"
    assert error["message"] == f"no gateway is set up for this channel; {may}"


def test_the_log_is_shortened_once_a_day_by_the_age_that_is_set(settings: Settings) -> None:
    async def story() -> None:
        async with city(settings.model_copy(update={"notify_keep_days": 30.0})) as whole:
            await assigned(whole)
            before = await until_logged(whole, 1)
            assert [row["state"] for row in before] == ["sent"]
            await whole.wait(days=29)
            whole.host.find("supervision").tick()
            kept = {row["notice_id"] for row in await until_known(whole)}
            assert before[0]["notice_id"] in kept
            await whole.wait(days=2)
            whole.host.find("supervision").tick()
            for _ in range(500):
                left = {row["notice_id"] for row in await until_known(whole)}
                if before[0]["notice_id"] not in left:
                    return
                await asyncio.sleep(0.02)
            raise AssertionError("it is still there")

    run(story())


def test_a_unit_that_is_not_there_has_no_preferences(settings: Settings) -> None:
    async def story() -> httpx.Response:
        async with city(settings) as whole:
            token = whole.token(Role.OPS)
            return await put(whole, "/units/mc.nobody/notice-preferences", token, {})

    assert run(story()).status_code == 403


def test_the_restricted_realm_tells_nobody_outside_the_platform(settings: Settings) -> None:
    given = settings.model_copy(update={"notify_sms": SecretStr("json://127.0.0.1:9/{address}")})
    assert [gateway.channel for gateway in gateways(given)] == ["sms"]
    assert gateways(given.in_realm("restricted")) == []


def test_a_gateway_that_apprise_cannot_read_keeps_the_service_from_starting(
    settings: Settings,
) -> None:
    wrong = settings.model_copy(update={"notify_mail": SecretStr("mailto://u:secret@/{address}")})

    async def story() -> None:
        async with platform(wrong):
            pass

    with pytest.raises(ValueError, match="NOTIFY_MAIL") as error:
        run(story())
    assert "secret" not in str(error.value)


def test_a_gateway_that_hangs_holds_up_no_fact(settings: Settings) -> None:
    async def story() -> None:
        with webhook() as gateway:
            gateway.hangs.set()
            async with city(settings, gateway) as whole:
                head = whole.token(Role.UNIT_HEAD, unit_id=UNIT)
                everything = sms(HEAD, kinds=["assigned", "amber", "red", "breach"])
                await put(whole, f"/units/{UNIT}/notice-preferences", head, everything)
                await assigned(whole)
                await until(lambda: gateway.got)
                await whole.wait(days=10)
                clocks = await whole.get("/supervision/overdue", head)
                assert len(clocks.json()) == 1
                assert whole.host.find("supervision").failure is None
                gateway.hangs.clear()

    run(story())


def test_what_is_heard_long_after_it_was_stated_is_found_by_the_look_at_the_whole_horizon(
    settings: Settings,
) -> None:
    async def story() -> None:
        async with city(settings) as whole:
            running = whole.host.find("supervision")
            await assigned(whole)
            await until_logged(whole, 1)
            await asyncio.sleep(0.2)  # it has looked at the whole horizon and found no more
            late = fact(DeadlineBreached, case_id="late")
            stated = whole.clock.at - timedelta(hours=1)
            recorded = Recorded("late", late, 1, stated, "late", "late")
            with running.database.begin() as db:
                project([recorded], Views(running.database, db))
            running.tick()
            await asyncio.sleep(0.3)
            await until_logged(whole, 1)
            whole.clock.at += LOOK_FAR_EVERY
            running.tick()
            await until_logged(whole, 2)

    run(story())


def test_the_clock_of_a_message_is_the_platforms(settings: Settings) -> None:
    """Nothing here looks at the machine's: a notice made now in the story is not years too old."""

    async def story() -> None:
        with webhook() as gateway:
            async with city(settings, gateway) as whole:
                head = whole.token(Role.UNIT_HEAD, unit_id=UNIT)
                path = f"/units/{UNIT}/notice-preferences"
                await put(whole, path, head, sms(HEAD, kinds=["assigned"]))
                await assigned(whole)
                (row,) = await until_logged(whole, 1, "?channel=sms&state=sent")
                assert datetime.fromisoformat(row["sent_at"]) == whole.clock.at

    run(story())
