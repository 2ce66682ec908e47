"""Cases of one March, in analytics' tables, and the figures asked of them. No test stands here."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from libs.events.base import Event
from libs.events.dispatch import CaseAssigned
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted, CaseRegistered, Due
from libs.events.supervision import DeadlineBreached
from libs.rules.figures import Counted, month_of, value_of
from libs.rules.left_out import ExclusionCap
from services.analytics.figures import ALL, definitions, figures
from tests.analytics.ledger import Ledger
from tests.spec import UNIT, china, fact

MARCH = month_of(china("2026-03-15 00:00"))
NOW = china("2026-06-01 09:00")
SECOND = china("2026-03-02 09:00")
OTHER = "mc.shuiwu"


def case(
    number: int,
    *more: Any,
    at: datetime = SECOND,
    days: float | None = 2,
    unit: str = UNIT,
    **registered: Any,
) -> Iterator[Event]:
    """A case that is with its unit, answered after so many days if at all, and what else is said of it."""
    on = {"case_id": f"c{number}"}
    yield fact(CaseRegistered, at=at, **on, **registered)
    due = Due(dispatch=at, citizen=at + timedelta(days=7))
    yield fact(CaseAccepted, at=at, due=due, **on)
    yield fact(CaseAssigned, at=at, assignment_id=f"c{number}.1", org=unit, **on)
    if days is not None:
        yield fact(ReplyDelivered, at=at + timedelta(days=days), **on)
    for kind, fields in more:
        yield fact(kind, **{"at": at + timedelta(days=3)} | on | fields)


def of_march(
    ledger: Ledger, cap: ExclusionCap | None = None, **how: Any
) -> dict[str, dict[str, Counted]]:
    """Each figure of March, of the city or by unit."""
    return ledger.asked(figures, MARCH, NOW, cap, **how)


def value(found: dict[str, dict[str, Counted]], name: str, unit: str = ALL) -> Decimal | None:
    """What a figure comes to."""
    units = {definition.id: definition.unit for definition in definitions(NOW)}
    return value_of(found[name][unit], units[name])


def late(number: int) -> tuple[type[Event], dict[str, Any]]:
    """That a case's unit missed its limit."""
    return DeadlineBreached, {"timer": f"HANDLE.c{number}.1"}
