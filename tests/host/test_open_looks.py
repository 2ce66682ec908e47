"""A look lasts a quarter of an hour and an account begins so many in an hour, whichever replica is asked; in both
homes of the tables."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from libs.host.look import Look
from libs.host.looks import Looks, limits_met
from libs.host.problems import TooManyLooks
from libs.rules.rights import Principal
from libs.rules.roles import Role
from libs.sourcing.database import Database
from libs.sourcing.tables import look_hours, looks, open_looks, outbox
from libs.sourcing.views import Views
from tests.whole import Clock

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
CLERK = Principal("wang-5", Role.UNIT_CLERK, unit_id="mc.shuiwu")
OFFICER = Principal("sun-1", Role.PRIVACY_OFFICER)


def case(number: int) -> str:
    """The id of a case."""
    return f"0190c0de-0000-5000-8000-{number:012}"


class Desks:
    """Replicas of a service at which people look, with a clock in hand."""

    def __init__(self, databases: Sequence[Database], per_hour: int = 240) -> None:
        self.clock = Clock(NINE)
        self.databases = databases
        self.books = [self._book(one, per_hour) for one in databases]

    def _book(self, database: Database, per_hour: int) -> Looks:
        async def write(work: Callable[..., Any], batch: Sequence[Look]) -> Any:
            return await asyncio.to_thread(work, batch)

        return Looks(database, "audit-events", write, lambda records: None, self.clock, per_hour)

    def look(
        self, number: int = 1, by: Principal = CLERK, purpose: str = "handling", kind: Any = "PersonalDataRevealed"
    ) -> Look:
        """A wish to look at a case, now."""
        return Look(kind, case(number), by, "feedback", purpose, self.clock.at)

    async def reveal(self, replica: int = 0, **wish: Any) -> datetime | None:
        """Until when it may be read; ``None`` if that is one look too many."""
        try:
            return await self.books[replica].reveal(self.look(**wish))
        except TooManyLooks:
            return None

    def audit(self) -> Counter[str]:
        """How many records of each type wait to go to the audit topic."""
        with self.databases[0].read() as db:
            kept = db.execute(sa.select(outbox.c.headers)).scalars()
            return Counter(dict(json.loads(headers))["ce_type"].partition(".")[2] for headers in kept)

    def said(self, kind: str) -> list[dict[str, Any]]:
        """What the records of a type say."""
        with self.databases[0].read() as db:
            kept = db.execute(sa.select(outbox.c.headers, outbox.c.value).order_by(outbox.c.id))
            return [
                json.loads(value) for headers, value in kept if f"audit.{kind}" in str(headers)
            ]

    def rows(self, table: sa.Table) -> list[Any]:
        """What stands in a table."""
        with self.databases[0].read() as db:
            return list(db.execute(sa.select(table)).all())


def test_who_reads_again_within_a_quarter_of_an_hour_reads_on_as_the_same_look(
    database: Database,
) -> None:
    desks = Desks([database])

    async def story() -> None:
        until = await desks.reveal()
        assert until == NINE + QUARTER
        for minutes in (1, 13):
            desks.clock.at += timedelta(minutes=minutes)
            assert await desks.reveal() == until
        desks.clock.at = NINE + QUARTER - timedelta(microseconds=1)
        assert await desks.reveal() == until
        assert desks.audit() == {"PersonalDataRevealed": 1}
        desks.clock.at = NINE + QUARTER
        assert await desks.reveal() == NINE + 2 * QUARTER

    asyncio.run(story())
    assert desks.audit() == {"PersonalDataRevealed": 2}
    assert [row.at for row in desks.rows(looks)] == [NINE, NINE + QUARTER]
    (first, _) = desks.said("PersonalDataRevealed")
    assert first["until"] == (NINE + QUARTER).isoformat()
    assert "wang-5" not in str(desks.rows(open_looks))


@pytest.mark.parametrize(
    "other",
    [
        {"purpose": "coordination"},
        {"number": 2},
        {"by": replace(CLERK, id="li-6")},
        {"by": replace(CLERK, role=Role.UNIT_HEAD)},
        {"by": replace(CLERK, unit_id="mc.chengguan")},
        {"by": Principal("wang-5", Role.CITIZEN, case_id=case(1))},
    ],
    ids=["purpose", "case", "account", "role", "unit", "citizen"],
)
def test_another_caller_case_or_purpose_is_another_look(
    database: Database, other: dict[str, Any]
) -> None:
    desks = Desks([database])

    async def story() -> None:
        await desks.reveal()
        await desks.reveal(**other)

    asyncio.run(story())
    assert desks.audit() == {"PersonalDataRevealed": 2}


def test_two_citizens_of_one_matter_are_two_looks_though_their_account_is_called_the_same(
    database: Database,
) -> None:
    desks = Desks([database])
    citizens = [Principal("citizen", Role.CITIZEN, case_id=case(n)) for n in (1, 2)]

    async def story() -> None:
        for by in citizens:
            await desks.reveal(by=by)

    asyncio.run(story())
    assert len(desks.rows(looks)) == 2


def test_what_is_refused_is_on_record_each_time_and_opens_nothing(database: Database) -> None:
    desks = Desks([database])

    async def story() -> None:
        for _ in range(2):
            await desks.books[0].refuse(desks.look(kind="AccessRefused"))
        assert await desks.reveal() == NINE + QUARTER

    asyncio.run(story())
    assert desks.audit() == {"AccessRefused": 2, "PersonalDataRevealed": 1}


def test_one_look_at_two_replicas_at_once_is_one_record_and_ends_at_one_time(
    replicas: tuple[Database, Database],
) -> None:
    desks = Desks(replicas)

    async def story() -> list[datetime | None]:
        again = [desks.reveal(n % 2, number=n // 4) for n in range(80)]
        return list(await asyncio.gather(*again))

    assert set(asyncio.run(story())) == {NINE + QUARTER}
    assert desks.audit() == {"PersonalDataRevealed": 20}
    assert len(desks.rows(looks)) == 20


def test_beyond_the_limit_nothing_is_opened_until_the_next_hour_but_what_is_open_stays(
    database: Database,
) -> None:
    desks = Desks([database], per_hour=3)

    async def story() -> None:
        desks.clock.at = NINE + timedelta(minutes=50, seconds=0.5)
        for number in (1, 2, 3):
            assert await desks.reveal(number=number) is not None
        with pytest.raises(TooManyLooks) as refused:
            await desks.books[0].reveal(desks.look(number=4))
        assert refused.value.wait == timedelta(minutes=9, seconds=59.5)
        assert await desks.reveal(number=1) == desks.clock.at + QUARTER
        assert await desks.reveal(number=4, by=replace(CLERK, id="li-6")) is not None
        desks.clock.at = NINE + timedelta(hours=1) - timedelta(microseconds=1)
        assert await desks.reveal(number=4) is None
        desks.clock.at = NINE + timedelta(hours=1)
        assert await desks.reveal(number=4) == desks.clock.at + QUARTER

    asyncio.run(story())
    assert desks.audit() == {"PersonalDataRevealed": 5, "LookLimitMet": 1}
    assert len(desks.rows(looks)) == 5


def test_the_limit_holds_over_replicas_that_are_asked_at_once(
    replicas: tuple[Database, Database],
) -> None:
    desks = Desks(replicas, per_hour=7)

    async def story() -> list[datetime | None]:
        return list(await asyncio.gather(*(desks.reveal(n % 2, number=n) for n in range(40))))

    assert Counter(asyncio.run(story())) == {NINE + QUARTER: 7, None: 33}
    assert desks.audit() == {"PersonalDataRevealed": 7, "LookLimitMet": 1}
    assert len(desks.rows(open_looks)) == 7


def test_that_a_limit_was_met_names_the_account_and_no_case(database: Database) -> None:
    desks = Desks([database], per_hour=1)

    async def story() -> None:
        for number in (1, 2, 3):
            await desks.reveal(number=number)
            desks.clock.at += timedelta(minutes=1)

    asyncio.run(story())
    (met,) = desks.said("LookLimitMet")
    at = NINE + timedelta(minutes=1)
    assert met == {
        "by": "wang-5",
        "role": "unit_clerk",
        "unit": "mc.shuiwu",
        "service": "feedback",
        "limit": 1,
        "hour": NINE.isoformat(),
        "at": at.isoformat(),
    }
    with database.read() as db:
        (row,) = limits_met(Views(database, db), 10)
    assert (row["account"], row["looks"], row["met_at"]) == ("wang-5", 3, at)


@pytest.mark.parametrize(
    "by", [OFFICER, Principal("citizen", Role.CITIZEN, case_id=case(1))], ids=["officer", "citizen"]
)
def test_the_citizen_and_the_privacy_officer_are_not_counted(
    database: Database, by: Principal
) -> None:
    desks = Desks([database], per_hour=1)

    async def story() -> None:
        for purpose in ("own_case", "court", "audit"):
            assert await desks.reveal(by=by, purpose=purpose) is not None

    asyncio.run(story())
    assert desks.rows(look_hours) == []


def test_a_courts_purpose_frees_nobody_else_from_the_limit(database: Database) -> None:
    desks = Desks([database], per_hour=1)

    async def story() -> None:
        assert await desks.reveal(number=1, purpose="court") is not None
        assert await desks.reveal(number=2, purpose="court") is None

    asyncio.run(story())


def test_what_is_over_is_struck_out_and_what_met_the_limit_after_thirty_days(
    database: Database,
) -> None:
    desks = Desks([database], per_hour=1)
    other = replace(CLERK, id="li-6")

    async def story() -> None:
        for number in (1, 2):
            await desks.reveal(number=number)
        await desks.reveal(by=other)
        desks.clock.at = NINE + timedelta(hours=1)
        await desks.reveal(by=OFFICER)
        assert [(row.account, row.looks) for row in desks.rows(look_hours)] == [("wang-5", 2)]
        assert len(desks.rows(open_looks)) == 1
        desks.clock.at = NINE + timedelta(days=30)
        await desks.reveal(by=OFFICER)
        assert len(desks.rows(look_hours)) == 1
        desks.clock.at += timedelta(hours=1)
        await desks.reveal(by=OFFICER)
        assert desks.rows(look_hours) == []

    asyncio.run(story())
