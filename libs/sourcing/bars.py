"""Finds the cases that somebody may not see. It decides nothing: who that is, the facts say."""

import sqlalchemy as sa

from libs.sourcing.tables import heads


def bars_of(db: sa.Connection, case_id: str) -> tuple[str, ...]:
    """The bars of one case."""
    query = sa.select(heads.c.bars).where(heads.c.case_id == case_id)
    return tuple((db.execute(query).scalar() or "").split())


def hidden_from(db: sa.Connection, account: str) -> frozenset[str]:
    """The cases that an account may not see. The literal lets both homes use the index of the few
    cases that have a bar; nothing is kept by account."""
    query = sa.select(heads.c.case_id, heads.c.bars).where(
        sa.text("bars <> ''"), heads.c.bars.contains(account, autoescape=True)
    )
    return frozenset(case_id for case_id, bars in db.execute(query) if account in bars.split())
