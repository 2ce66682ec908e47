"""What reference's tables answer: which editions there are, and which years wait for a person."""

from collections.abc import Sequence

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.events.edition import Edition
from libs.events.reference import (
    CalendarPublished,
    CalendarYearProposed,
    CalendarYearRejected,
    Knowledge,
    KnowledgeProposed,
    KnowledgePublished,
    KnowledgeRejected,
    KnowledgeWithdrawn,
    PolicyPublished,
)
from libs.sourcing.tables import UtcTime
from libs.sourcing.views import Row, Views
from services.reference.search import TABLES as TABLES
from services.reference.search import entries, index_of, words

editions = sa.Table(
    "editions",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("published_at", UtcTime, nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("removed", sa.Integer, nullable=False),
    sa.Column("accepted_unusual", sa.Text, nullable=False),
    sa.Index("editions_subject", "case_id", "edition"),
)
"""One row per edition."""

proposals = sa.Table(
    "proposals",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("holidays", sa.Text, nullable=False),
    sa.Column("makeup", sa.Text, nullable=False),
    sa.Column("unread", sa.Text, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Index("proposals_waiting", "status", "case_id"),
)
"""One row per proposed year: ``waiting``, ``published`` or ``rejected``."""

offers = sa.Table(
    "knowledge_offers",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("keywords", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Text, nullable=False),
    sa.Column("sources", sa.Text, nullable=False),
    sa.Column("valid_until", UtcTime, nullable=False),
    sa.Column("answers_topic", sa.Text),
    sa.Column("from_publication", sa.Text),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Index("knowledge_offers_waiting", "status", "proposed_at"),
)
"""One row per proposed entry of the knowledge base: ``waiting``, ``published`` or ``rejected``."""


def project(heard: Sequence[Recorded], views: Views) -> None:
    """Take events into the tables."""
    views.write(editions, [_edition(r) for r in heard if isinstance(r.event, Edition)])
    rows = {r.event.proposal_id: _proposal(r) for r in heard if isinstance(r.event, CalendarYearProposed)}
    ends = {r.event.proposal_id: "rejected" for r in heard if isinstance(r.event, CalendarYearRejected)}
    for recorded in heard:
        if isinstance(recorded.event, CalendarPublished):
            ends |= dict.fromkeys(recorded.event.settles, "published")
    rows = views.load(proposals, ends.keys() - rows.keys()) | rows
    for proposal_id, status in ends.items():
        rows[proposal_id] = rows[proposal_id] | {"status": status}
    views.write(proposals, list(rows.values()))
    _take_in_knowledge(heard, views)


def _take_in_knowledge(heard: Sequence[Recorded], views: Views) -> None:
    """Entries, what waits for a second person, and the words by which entries are found."""
    rows = {r.event.proposal_id: _offer(r) for r in heard if isinstance(r.event, KnowledgeProposed)}
    ends: dict[str, Row] = {}
    held: dict[str, Row] = {}
    index: dict[str, list[Row]] = {}
    withdrawn: set[str] = set()
    for recorded in heard:
        name = recorded.event.case_id.partition("/")[2]
        match recorded.event:
            case KnowledgeRejected(proposal_id=proposal_id, reason=reason):
                ends[proposal_id] = {"status": "rejected", "reason": reason}
            case KnowledgePublished(proposal_id=proposal_id, entry=entry):
                ends[proposal_id] = {"status": "published"}
                held[name], index[name] = _held(recorded), index_of(name, entry)
                withdrawn.discard(name)
            case KnowledgeWithdrawn():
                withdrawn.add(name)
                index[name] = []
            case _:
                continue
    rows = views.load(offers, ends.keys() - rows.keys()) | rows
    views.write(offers, [row | ends.get(offer, {}) for offer, row in rows.items()])
    held = views.load(entries, withdrawn - held.keys()) | held
    views.write(entries, [row | {"withdrawn": name in withdrawn} for name, row in held.items()])
    kept = [row for rows_ in index.values() for row in rows_]
    had = {row["id"] for row in views.load_by(words, "entry", index)}
    views.remove(words, had - {row["id"] for row in kept})
    views.write(words, kept)


def _said(entry: Knowledge) -> Row:
    """What an entry says, as columns."""
    return {
        "question": entry.question,
        "answer": entry.answer,
        "category": entry.category,
        "keywords": "\n".join(entry.keywords),
        "unit_id": entry.unit,
        "sources": "\n".join(entry.sources),
        "valid_until": entry.valid_until,
        "answers_topic": entry.answers_topic,
        "from_publication": entry.from_publication,
    }


def _offer(recorded: Recorded) -> Row:
    event = recorded.event
    assert isinstance(event, KnowledgeProposed)
    return _said(event.entry) | {
        "id": event.proposal_id,
        "entry": event.case_id.partition("/")[2],
        "proposed_at": event.occurred_at,
        "proposed_by": event.actor.id,
        "status": "waiting",
        "reason": None,
    }


def _held(recorded: Recorded) -> Row:
    event = recorded.event
    assert isinstance(event, KnowledgePublished)
    return _said(event.entry) | {
        "id": event.case_id.partition("/")[2],
        "edition": event.edition,
        "published_at": event.occurred_at,
        "published_by": event.actor.id,
        "proposed_by": event.proposed_by,
        "withdrawn": False,
    }


def _edition(recorded: Recorded) -> Row:
    event = recorded.event
    assert isinstance(event, Edition)
    unusual = event.accepted_unusual if isinstance(event, PolicyPublished) else ()
    return {
        "id": f"{event.case_id}@{event.edition}",
        "case_id": event.case_id,
        "edition": event.edition,
        "published_at": event.occurred_at,
        "published_by": event.actor.id,
        "source": event.source,
        "digest": event.digest,
        "added": event.changes.added,
        "changed": event.changes.changed,
        "removed": event.changes.removed,
        "accepted_unusual": "\n".join(unusual),
    }


def _proposal(recorded: Recorded) -> Row:
    event = recorded.event
    assert isinstance(event, CalendarYearProposed)
    return {
        "id": event.proposal_id,
        "case_id": event.case_id,
        "year": event.year,
        "holidays": event.holidays,
        "makeup": event.makeup,
        "unread": "\n".join(event.unread),
        "proposed_at": event.occurred_at,
        "proposed_by": event.actor.id,
        "status": "waiting",
    }


def editions_of(views: Views, subject: str | None, limit: int = 100) -> list[Row]:
    """What was published, the latest first."""
    query = sa.select(editions)
    if subject is not None:
        query = query.where(editions.c.case_id == subject)
    order = editions.c.published_at.desc(), editions.c.edition.desc()
    return views.rows(query.order_by(*order).limit(limit))


def waiting_proposals(views: Views, limit: int = 100) -> list[Row]:
    """Years that were read out of a notice and that nobody has confirmed yet."""
    query = sa.select(proposals).where(proposals.c.status == "waiting")
    return views.rows(query.order_by(proposals.c.proposed_at).limit(limit))


def waiting_offers(views: Views, unit_id: str | None, limit: int = 100) -> list[Row]:
    """Entries of the knowledge base that wait for a second person; of one unit only, if it is named."""
    query = sa.select(offers).where(offers.c.status == "waiting")
    if unit_id is not None:
        query = query.where(offers.c.unit_id == unit_id)
    return views.rows(query.order_by(offers.c.proposed_at, offers.c.id).limit(limit))


def entry_row(views: Views, name: str) -> Row | None:
    """One entry of the knowledge base, also one that holds no more."""
    return views.load(entries, [name]).get(name)
