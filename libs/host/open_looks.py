"""Which looks last, and how many an account has begun in this hour: counted in the service's database, so by
all its replicas together. It shows no word and puts nothing on record."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from libs.host.look import LimitMet, Look
from libs.rules.looking import LASTS, MET_IS_KEPT, hour_of, is_counted
from libs.sourcing.database import TRANSIENT, Database
from libs.sourcing.tables import look_hours, open_looks


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of wishes to look. ``until``: by key when each that is granted is over; ``begun``: those that
    began just now; ``met``: who met the limit just now."""

    until: Mapping[str, datetime]
    begun: Sequence[Look]
    met: Sequence[LimitMet]


class OpenLooks:
    """The looks of a service that last."""

    def __init__(self, database: Database, per_hour: int) -> None:
        self._database, self.per_hour = database, per_hour
        self._forgot_at: datetime | None = None

    def admit(self, db: sa.Connection, wishes: Sequence[Look]) -> Admitted:
        """Let each wish join the look that lasts, or begin one, as long as the hour's limit is not met."""
        if not wishes:
            return Admitted({}, [], [])
        # In one order in every replica: two that wait for each other's rows would wait for ever.
        first = {look.key: look for look in sorted(reversed(wishes), key=lambda look: look.key)}
        rows = [
            {"id": key, "audit_id": look.audit_id, "opened_at": look.at, "until": look.until}
            for key, look in first.items()
        ]
        lasting = db.execute(_opening(self._database.locks), rows).all()
        begun = [first[row.id] for row in lasting if first[row.id].audit_id == row.audit_id]
        too_many, met = self._count(db, [look for look in begun if is_counted(look.principal.role)])
        self._database.remove(db, open_looks, "id", sorted(too_many))
        return Admitted(
            {row.id: row.until for row in lasting if row.id not in too_many},
            [look for look in begun if look.key not in too_many],
            met,
        )

    def _count(self, db: sa.Connection, begun: Sequence[Look]) -> tuple[set[str], list[LimitMet]]:
        """Count what began. Gives the keys of what is too many, and who met the limit by it."""
        asked = defaultdict[tuple[str, datetime], list[Look]](list)
        for look in begun:
            asked[look.principal.id, hour_of(look.at)].append(look)
        if not asked:
            return set(), []
        rows = [_hour_row(looks) for _, looks in sorted(asked.items())]
        counted = db.execute(_counting(self._database.locks), rows).all()
        too_many, met = set[str](), list[LimitMet]()
        for account, hour, looks, met_at in counted:
            wishes = asked[account, hour]
            had = looks - len(wishes)
            refused = wishes[max(0, self.per_hour - had) :]
            too_many |= {look.key for look in refused}
            if refused and met_at is None:
                look = refused[0]
                met.append(LimitMet(look.principal, look.service, self.per_hour, look.at))
        self._note(db, met)
        return too_many, met

    def _note(self, db: sa.Connection, met: Sequence[LimitMet]) -> None:
        """Keep who met the limit and when, for who looks after it."""
        if met:
            t = look_hours.c
            who = sa.tuple_(t.account, t.hour).in_([(one.principal.id, hour_of(one.at)) for one in met])
            db.execute(sa.update(look_hours).where(who).values(met_at=met[0].at))

    def forget(self, now: datetime) -> None:
        """Now and then strike out what is over: looks, and the counts of hours that are past."""
        if self._forgot_at is not None and self._forgot_at <= now < self._forgot_at + LASTS:
            return
        self._forgot_at = now
        t = look_hours.c
        quiet = (t.hour < hour_of(now)) & t.met_at.is_(None)
        old = quiet | (t.hour < hour_of(now) - MET_IS_KEPT)
        over = sa.select(open_looks.c.id).where(open_looks.c.until <= now)
        over = over.with_for_update(skip_locked=True)  # what another replica has in hand, it opens anew
        past = sa.select(t.account, t.hour).where(old).with_for_update(skip_locked=True)
        with suppress(*TRANSIENT), self._database.begin() as db:
            db.execute(sa.delete(open_looks).where(open_looks.c.id.in_(over)))
            db.execute(sa.delete(look_hours).where(sa.tuple_(t.account, t.hour).in_(past)))


def _hour_row(looks: Sequence[Look]) -> dict[str, Any]:
    last = looks[-1]
    return {
        "account": last.principal.id,
        "hour": hour_of(last.at),
        "role": last.principal.role.value,
        "unit_id": last.principal.unit_id,
        "looks": len(looks),
        "met_at": None,
    }


@lru_cache(maxsize=2)
def _opening(postgres: bool) -> Any:
    """Opens looks that are not open, and gives of all of them whose record stands for them and until when."""
    put = postgresql.insert(open_looks) if postgres else sqlite.insert(open_looks)
    t, new = open_looks.c, put.excluded
    over = t.until <= new.opened_at
    changes = {c: sa.case((over, new[c]), else_=t[c]) for c in ("audit_id", "opened_at", "until")}
    return put.on_conflict_do_update(index_elements=[t.id], set_=changes).returning(t.id, t.audit_id, t.until)


@lru_cache(maxsize=2)
def _counting(postgres: bool) -> Any:
    """Adds to the counts of accounts, and gives what they are then."""
    put = postgresql.insert(look_hours) if postgres else sqlite.insert(look_hours)
    t, new = look_hours.c, put.excluded
    changes = {"looks": t.looks + new.looks, "role": new.role, "unit_id": new.unit_id}
    counted = put.on_conflict_do_update(index_elements=[t.account, t.hour], set_=changes)
    return counted.returning(t.account, t.hour, t.looks, t.met_at)
