"""Who is told what, by which channel and when; and that nobody is told twice or of what is long past."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from libs.events.base import Actor
from libs.events.dispatch import AssignmentPassedOn, AssignmentSigned, CaseAssigned
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseRegistered
from libs.events.supervision import (
    BreachRetracted,
    DeadlineBreached,
    DeadlineWarned,
    SupervisionIssued,
)
from libs.notify.deliveries import GAVE_UP, SENT, TOO_OLD, WAITING, WITHDRAWN, deliveries, forget
from services.supervision.kept import recipients
from services.supervision.notices import plan, write_off
from services.supervision.projection import unit_notices, watches
from services.supervision.recipients import Preferences, person, quiet_until, unit
from services.supervision.wording import NoticeKind
from tests.notices.gateways import Webhook
from tests.notices.office import HORIZON, Office, at_work, until
from tests.spec import CASE, CLERK, MONDAY, UNIT, china, fact
from tests.whole import run

OTHER = "mc.shuiwu"


def sms(number: str = "13900000001", **more: Any) -> dict[str, Any]:
    return {"sms": {"address": number} | more}


def told(office: Office) -> set[tuple[str, str]]:
    return {(row["recipient_id"], row["kind"]) for row in office.sent_out()}


def signed_case(office: Office) -> None:
    """A case that clerk-1 of the unit has in hand."""
    office.hear(fact(CaseRegistered), fact(CaseAssigned), fact(AssignmentSigned, actor=CLERK))


def test_a_warning_is_for_the_unit_who_has_the_case_in_hand_and_who_wants_all_of_the_unit(
    office: Office,
) -> None:
    signed_case(office)
    office.prefers(unit(UNIT), channels=sms())
    office.prefers(person("clerk-1", UNIT), channels=sms())
    office.prefers(person("head-1", UNIT, "unit_head"), scope="unit", channels=sms())
    office.prefers(person("clerk-2", UNIT), channels=sms())  # has other cases in hand
    office.prefers(person("head-2", OTHER), scope="unit", channels=sms())
    office.prefers(person("boss", role="leader"), channels=sms())  # is told by lists
    office.hear(fact(DeadlineWarned, timer="HANDLE.1"))
    office.plan("sms")
    warned = {name for name, kind in told(office) if kind == "amber"}
    assert warned == {f"unit/{UNIT}", "person/clerk-1", "person/head-1"}


def test_who_had_the_case_in_hand_at_another_unit_is_told_nothing(office: Office) -> None:
    signed_case(office)
    office.prefers(person("clerk-1", UNIT), channels=sms())
    office.hear(fact(CaseAssigned, org=OTHER), fact(DeadlineWarned, owner_org=OTHER))
    office.plan("sms")
    assert told(office) == set()


def test_who_has_the_case_in_hand_is_not_told_of_the_hotlines_own_steps(office: Office) -> None:
    signed_case(office)
    office.prefers(person("clerk-1", UNIT), channels=sms())
    office.prefers(unit("platform"), channels=sms())
    office.hear(fact(DeadlineWarned, timer="AUDIT.r1", owner_org="platform"))
    office.plan("sms")
    assert told(office) == {("unit/platform", "amber")}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (fact(DeadlineWarned), "amber"),
        (fact(DeadlineWarned, threshold="red"), "red"),
        (fact(DeadlineBreached), "breach"),
        (fact(SupervisionIssued, level=1, ground="overdue"), "urged"),
        (fact(SupervisionIssued, level=2, ground="overdue"), "supervised"),
        (fact(SupervisionIssued, level=3, ground="overdue"), "listed"),
        (fact(CaseAssigned), "assigned"),
        (fact(AssignmentPassedOn, from_org=OTHER, org=UNIT), "passed_on"),
    ],
)
def test_every_kind_is_told_to_who_wants_it_and_to_nobody_else(
    office: Office, event: Any, kind: str
) -> None:
    others = [k for k in NoticeKind if k != kind]
    office.prefers(unit(UNIT), channels=sms(kinds=[kind]) | {"mail": {"address": "a@b.cn", "kinds": others}})
    office.hear(event)
    assert office.plan("sms", "mail") == 1
    assert [(r["channel"], r["kind"]) for r in office.sent_out()] == [("sms", kind)]


def test_a_new_case_is_sent_only_to_who_asks_for_it(office: Office) -> None:
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(CaseAssigned))
    assert office.plan("sms") == 1
    assert told(office) == set()


def test_a_channel_without_a_gateway_gets_nothing(office: Office) -> None:
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(DeadlineBreached))
    assert office.plan("mail") == 1
    assert office.sent_out() == []


def test_without_any_recipient_the_list_in_the_platform_is_the_notice(office: Office) -> None:
    office.hear(fact(DeadlineBreached))
    assert office.plan("sms") == 1
    ((row),) = office.rows(deliveries)
    assert (row["channel"], row["recipient_id"], row["state"]) == ("inapp", f"unit/{UNIT}", SENT)


def test_tables_that_are_built_anew_tell_nothing_twice(office: Office) -> None:
    office.prefers(unit(UNIT), channels=sms())
    heard = office.hear(fact(DeadlineWarned), fact(DeadlineBreached), fact(CaseAssigned))
    assert office.plan("sms") == 3
    before = office.rows(deliveries)
    office.forget_views()
    assert office.plan("sms") == 0
    office.project(heard)
    assert office.plan("sms") == 0
    assert office.rows(deliveries) == before


def test_after_a_lost_database_last_years_notices_are_logged_and_not_sent(office: Office) -> None:
    office.prefers(unit(UNIT), channels=sms())
    last_year = office.now - timedelta(days=300)
    many = [fact(DeadlineBreached, case_id=f"case-{n}", timer="HANDLE.1") for n in range(1203)]
    office.hear(*many, at=last_year)
    office.hear(fact(DeadlineBreached, timer="SIGN.1"), at=office.now - timedelta(hours=47))
    assert office.plan("sms") == 1
    after: tuple[Any, ...] = ()
    parts = 0
    while after or not parts:
        with office.database.begin() as db:
            after = write_off(office.database, db, office.now, HORIZON, after)
        parts += 1
    assert parts == 3
    assert Counter((r["channel"], r["state"]) for r in office.rows(deliveries)) == {
        ("inapp", TOO_OLD): 1203,
        ("inapp", SENT): 1,
        ("sms", WAITING): 1,
    }
    office.now += timedelta(hours=1)
    assert office.plan("sms") == 0


def test_many_notices_of_one_instant_are_planned_part_by_part_each_once(office: Office) -> None:
    office.hear(*(fact(DeadlineBreached, case_id=f"case-{n}", timer="HANDLE.1") for n in range(1203)))
    since, parts = office.now - HORIZON, []
    after: tuple[Any, ...] = ()
    while after or not parts:
        with office.database.begin() as db:
            count, after = plan(office.database, db, office.now, since, (), after)
        parts.append(count)
    assert parts == [500, 500, 203]
    assert len({row["notice_id"] for row in office.rows(deliveries)}) == 1203
    assert office.plan() == 0


def test_the_log_is_shortened_a_part_at_a_time_and_what_it_forgot_is_neither_told_nor_logged_again(
    office: Office,
) -> None:
    office.prefers(unit(UNIT), channels=sms())
    keeps = timedelta(days=365)
    many = [fact(DeadlineBreached, case_id=f"case-{n}", timer="HANDLE.1") for n in range(25)]
    office.hear(*many)
    assert office.plan("sms") == 25
    office.now += timedelta(days=300)
    office.hear(fact(DeadlineBreached, timer="SIGN.1"))
    assert office.plan("sms") == 1
    before, office.now = len(office.rows(deliveries)), office.now + timedelta(days=70)
    parts = []
    while not parts or parts[-1]:
        with office.database.begin() as db:
            parts.append(forget(db, office.now - keeps, 20))
    assert (before, parts) == (52, [20, 20, 10, 0])
    assert {row["noticed_at"] for row in office.rows(deliveries)} == {office.now - timedelta(days=70)}
    assert office.plan("sms") == 0
    with office.database.begin() as db:
        assert write_off(office.database, db, office.now, HORIZON, (), office.now - keeps) == ()
    assert len(office.rows(deliveries)) == 2


def test_what_happened_long_ago_but_became_known_now_is_told(office: Office) -> None:
    """After a long standstill breaches are stated with their own instant; the unit has not heard of them."""
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(DeadlineBreached, occurred_at=office.now - timedelta(days=9)))
    office.plan("sms")
    assert told(office) == {(f"unit/{UNIT}", "breach")}


def test_a_breach_that_was_taken_back_is_not_told_but_its_correction_is(
    office: Office, gateway: Webhook
) -> None:
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(DeadlineBreached, timer="HANDLE.1"))
    office.plan("sms")
    office.hear(fact(BreachRetracted, timer="HANDLE.1"))
    office.hear(fact(DeadlineBreached, timer="SIGN.1"), fact(BreachRetracted, timer="SIGN.1"))
    office.plan("sms")

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: WAITING not in office.states())

    run(story())
    assert office.states() == {WITHDRAWN: 1, SENT: 2}
    assert {body["title"][:6] for _, _, body in gateway.got} == {"【超期更正】"}
    marked = {row["timer"]: row["retracted"] for row in office.notices() if row["kind"] == "breach"}
    assert marked == {"HANDLE.1": True, "SIGN.1": True}


def test_a_warning_whose_case_was_answered_while_it_waited_is_not_sent(
    office: Office, gateway: Webhook
) -> None:
    office.prefers(unit(UNIT), channels=sms())
    signed_case(office)
    office.hear(fact(DeadlineWarned, timer="HANDLE.1"), fact(DeadlineBreached, timer="CONTACT.1"))
    office.plan("sms")
    office.hear(fact(ReplyDelivered))

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: WAITING not in office.states())

    run(story())
    assert {r["kind"]: r["last_error"] for r in office.sent_out()} == {
        "amber": "the case has moved on",
        "breach": None,
    }


def test_who_no_longer_wants_it_gets_nothing_any_more(office: Office, gateway: Webhook) -> None:
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(DeadlineBreached))
    office.plan("sms")
    office.prefers(unit(UNIT))

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {WITHDRAWN: 1})

    run(story())
    assert gateway.got == []


NIGHT = {"from": "22:00", "to": "07:00"}


@pytest.mark.parametrize(
    ("sla_class", "waits"), [("G", True), ("U", True), ("E", False)]
)
def test_quiet_hours_hold_everything_but_an_emergency(
    office: Office, gateway: Webhook, sla_class: str, waits: bool
) -> None:
    office.now = china("2026-03-02 23:30")
    office.prefers(unit(UNIT), quiet=NIGHT, channels=sms())
    office.hear(
        fact(CaseRegistered), fact(CaseAssigned, sla_class=sla_class), fact(DeadlineBreached)
    )
    office.plan("sms")

    async def story() -> None:
        sender = office.sender("sms", gateway.url)
        async with at_work(sender):
            if waits:
                morning = china("2026-03-03 07:00")
                await until(lambda: office.sent_out()[0]["next_try_at"] == morning)
                assert (gateway.got, office.sent_out()[0]["attempts"]) == ([], 0)
                office.now = morning
                sender.wake()
            await until(lambda: office.states() == {SENT: 1})

    run(story())
    assert len(gateway.got) == 1


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        (("22:00", "07:00"), "2026-03-02 22:00", "2026-03-03 07:00"),
        (("22:00", "07:00"), "2026-03-03 06:59", "2026-03-03 07:00"),
        (("22:00", "07:00"), "2026-03-03 07:00", None),
        (("22:00", "07:00"), "2026-03-03 21:59", None),
        (("12:00", "14:00"), "2026-03-03 13:00", "2026-03-03 14:00"),
        (("12:00", "14:00"), "2026-03-03 14:00", None),
        (("00:00", "00:00"), "2026-03-03 14:00", None),
        ((None, None), "2026-03-03 14:00", None),
    ],
)
def test_quiet_hours_end_at_their_own_instant(
    quiet: tuple[str | None, str | None], now: str, end: str | None
) -> None:
    row = {"quiet_from": quiet[0], "quiet_to": quiet[1]}
    assert quiet_until(row, china(now)) == (china(end) if end else None)


def test_what_waited_too_long_for_a_gateway_is_not_sent_any_more(
    office: Office, gateway: Webhook
) -> None:
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(DeadlineBreached))
    office.plan("sms")
    office.now += HORIZON + timedelta(seconds=1)

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {TOO_OLD: 1})

    run(story())
    assert gateway.got == []
    assert office.sent_out()[0]["last_error"] == "older than 48 h"


def test_addresses_lie_sealed_and_an_earlier_ones_key_is_destroyed(office: Office) -> None:
    office.prefers(unit(UNIT), channels=sms("13911112222"))
    (first,) = office.rows(recipients)
    assert "13911112222" not in str(first)
    assert office.vault.read([first["key_id"]])
    office.prefers(unit(UNIT), channels={"mail": {"address": "duty@city.example"}})
    (second,) = office.rows(recipients)
    assert office.vault.read([first["key_id"], second["key_id"]]).keys() == {second["key_id"]}
    assert "duty@city.example" not in str(second)


def test_an_address_whose_key_is_gone_is_not_guessed(office: Office, gateway: Webhook) -> None:
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(DeadlineBreached))
    office.plan("sms")
    office.vault.destroy([office.rows(recipients)[0]["key_id"]], MONDAY)

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {WITHDRAWN: 1})

    run(story())
    assert gateway.got == []
    assert office.sent_out()[0]["last_error"] == "the address is gone"


def test_a_kind_that_only_a_newer_release_knows_holds_up_no_other(
    office: Office, gateway: Webhook
) -> None:
    office.prefers(unit(UNIT), channels=sms())
    office.hear(fact(DeadlineBreached, timer="HANDLE.1"), fact(DeadlineBreached, timer="SIGN.1"))
    office.plan("sms")
    with office.database.begin() as db:
        newer = sa.update(unit_notices).where(unit_notices.c.timer == "SIGN.1")
        db.execute(newer.values(kind="revised"))

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {SENT: 1, GAVE_UP: 1})

    run(story())
    (error,) = [row["last_error"] for row in office.sent_out() if row["state"] == GAVE_UP]
    assert error == "cannot be written: ValueError"


def test_a_message_says_which_case_which_step_and_by_when_in_the_recipients_language(
    office: Office, gateway: Webhook
) -> None:
    signed_case(office)
    office.prefers(unit(UNIT), channels=sms("13900000001"))
    office.prefers(person("clerk-1", UNIT), language="en", channels=sms("13900000002"))
    office.hear(fact(DeadlineWarned, timer="HANDLE.1", threshold="red"))
    office.plan("sms")

    async def story() -> None:
        async with at_work(office.sender("sms", gateway.url)):
            await until(lambda: office.states() == {SENT: 2})

    run(story())
    said = {path: (body["title"], body["message"]) for path, _, body in gateway.got}
    zh, en = said["/to/13900000001"], said["/to/13900000002"]
    assert zh[0] == "【即将到期】LX00000000010"
    assert "“办理”" in zh[1]
    assert "2026年3月9日24:00" in zh[1], "midnight is the end of the day before"
    assert en[0] == "[Due very soon] LX00000000010"
    assert "2026-03-09 24:00" in en[1]


def test_the_same_facts_in_any_batches_make_the_same_rows(office: Office) -> None:
    events = [
        fact(CaseRegistered),
        fact(CaseAssigned),
        fact(AssignmentSigned, actor=CLERK),
        fact(DeadlineWarned, timer="HANDLE.1"),
        fact(DeadlineBreached, timer="HANDLE.1"),
        fact(BreachRetracted, timer="HANDLE.1"),
        fact(CaseAssigned, org=OTHER, sla_class="E"),
    ]
    heard = office.hear(*events)
    whole = office.notices()
    office.forget_views()
    for recorded in heard:
        office.project([recorded])
    assert office.notices() == whole
    assert len(whole) == 5


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"channels": {"sms": {"address": "json://evil/"}}}, "sms.address"),
        ({"channels": {"mail": {"address": "a@b.cn\r\nBcc: c@d.cn"}}}, "mail.address"),
        ({"channels": {"pager": {"address": "1"}}}, "pager"),
        ({"channels": {"sms": {"address": "13900000001", "kinds": ["gossip"]}}}, "kinds"),
        ({"channels": {"sms": {"address": "13900000001", "url": "x"}}}, "url"),
        ({"quiet": {"from": "25:00", "to": "07:00"}}, "from"),
        ({"language": "de"}, "language"),
    ],
)
def test_preferences_that_make_no_sense_are_refused_by_field(
    wanted: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        Preferences(**wanted)
    assert field in str(error.value)


def test_a_system_that_signs_is_nobody_who_has_the_case_in_hand(office: Office) -> None:
    office.hear(fact(CaseRegistered), fact(CaseAssigned), fact(AssignmentSigned))
    office.hear(fact(CaseRegistered, case_id="x"), fact(CaseAssigned, case_id="x"))
    office.hear(fact(AssignmentSigned, case_id="x", actor=Actor(id="c", role="unit_clerk", org=UNIT)))
    handlers = {row["case_id"]: row["handler"] for row in office.rows(watches)}
    assert handlers == {CASE: None, "x": "c"}
