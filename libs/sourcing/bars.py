"""Finds the cases that somebody may not see. It decides nothing: who that is, the facts say."""

import sqlalchemy as sa

from libs.sourcing.tables import heads

# Built once, for every read of a member of staff asks them. The literal lets both homes use the index of
# the few cases that have a bar; a wildcard in an account finds too much, never too little.
_BARS = sa.select(heads.c.bars).where(heads.c.case_id == sa.bindparam("case"))
_HIDDEN = sa.select(heads.c.case_id, heads.c.bars).where(
    sa.text("bars <> ''"), heads.c.bars.contains(sa.bindparam("account", type_=sa.Text))
)


def bars_of(db: sa.Connection, case_id: str) -> tuple[str, ...]:
    """The bars of one case."""
    return tuple((db.execute(_BARS, {"case": case_id}).scalar() or "").split())


def hidden_from(db: sa.Connection, account: str) -> frozenset[str]:
    """The cases that an account may not see. Nothing is kept by account."""
    found = db.execute(_HIDDEN, {"account": account})
    return frozenset(case_id for case_id, bars in found if account in bars.split())
