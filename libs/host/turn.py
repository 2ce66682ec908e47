"""One turn of a service: what was heard, what is due and what was asked, in one transaction.

Positions, own events, outbox, heads and views move together or not at all. It reads no clock and
opens no connection but through the database it was given. One file, because one transaction is read from
top to bottom: hearing, deciding, writing.
"""

import sys
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from libs.events.base import Actor, Event, Recorded, Versions
from libs.events.catalog import NewerVersion
from libs.events.envelope import Attributes, BadEnvelope, decode
from libs.host.agreement import behind
from libs.host.problems import NOT_YOURS, Denied
from libs.host.records import BROKEN, attributes_of
from libs.host.service import Service
from libs.host.tracing import Tracing
from libs.host.work import (
    BREAKER_LIMIT,
    Ask,
    Done,
    Gap,
    Kept,
    KeyReused,
    Outcome,
    OwnStreamBehind,
    Result,
    Unsure,
    Work,
)
from libs.log.headers import first
from libs.log.partition import partition_of
from libs.log.port import LARGEST_VALUE, Record
from libs.rules.bars import BARRING, barred, own_recusal, recused
from libs.rules.rules import Rules
from libs.sourcing.database import Conflict, Database
from libs.sourcing.decider import Command, Refused
from libs.sourcing.store import Head, StateCodec, Store, dump_headers, load_headers
from libs.sourcing.tables import answers, quarantine
from libs.sourcing.views import Views
from libs.vault.contact import contact_key
from libs.vault.keys import Vault
from libs.vault.receipts import Receipts
from libs.vault.sealing import brings_contact, is_personal, seal

NAMESPACE = uuid.UUID("5d3c9f0a-6c1e-5b7e-9a51-1c0f4e6b2a90")
ANSWERS_LAST = timedelta(hours=72)
STUCK = timedelta(minutes=5)
"""How long a due command that changed nothing is left alone: a fault in a rule must not spin."""
SHORT = frozenset({datetime, int, float, bool, type(None), Actor, Versions})
"""What in an event is never long."""
LONGEST_ID = 100
"""Characters of a case's id that a broken record is trusted to name."""
PARKED = "parked: an earlier record of this case is in quarantine"


class Turns:
    """Runs turns of one service, one after another, in a thread of the caller's choosing."""

    def __init__(
        self,
        service: Service,
        database: Database,
        vault: Vault,
        receipts: Receipts,
        rules: Rules,
        topic: str,
        partitions: int,
        tracing: Tracing,
        realm: str = "",
    ) -> None:
        self.realm = realm
        self.service, self.database, self.vault, self.receipts = service, database, vault, receipts
        self.rules, self.topic, self.partitions, self.tracing = rules, topic, partitions, tracing
        self.codec: StateCodec[Any] = StateCodec(service.decider.initial)
        self.store: Store[Any] = Store(database, self.codec)
        own = ((e, keys) for e, keys in service.shreds.items() if e.owner() == service.name)
        self.shreds = {event.type(): keys for event, keys in own}
        self._heard_types = {event.type() for event in service.takes_in}
        self._known: dict[bytes, bool] = {}

    def partition(self, case_id: str) -> int:
        """The partition that a case's facts lie in."""
        return partition_of(case_id, self.partitions)

    def hears(self, type_: str) -> bool:
        """Whether a type is one of ours or one that we listen for."""
        return type_ in self._heard_types or type_.startswith(f"{self.service.name}.")

    def concerns(self, record: Record) -> bool:
        """Whether a record is for this service, or so broken that it must be looked at."""
        type_ = first(record.headers, "ce_type")
        if not type_:
            return True
        known = self._known.get(type_)
        return self._look_up(type_) if known is None else known

    def _look_up(self, type_: bytes) -> bool:
        try:
            found = self.hears(type_.decode())
        except UnicodeDecodeError:
            return True
        if len(self._known) < 1000:  # else someone fills the log with names: not to be remembered
            self._known[type_] = found
        return found

    def run(self, work: Work, now: datetime) -> Done:
        """Do the work. Raises ``Conflict`` (do it again), ``Gap`` (read again), a database error, or
        what ``project`` raised."""
        asks = self._sealed(work.asks)
        with self.database.begin() as db, self.database.alone():
            turn = _Turn(self, db, now)
            turn.take(work, asks)
        if turn.done.stated or turn.done.results or turn.aside:
            self.database.secure()
        return turn.done

    def release(self, case_id: str, now: datetime) -> Done:
        """Take a case's quarantined records in again, in order. What still fails goes back.

        The caller has looked for newer rules since the records came.
        """
        with self.database.begin() as db:
            turn = _Turn(self, db, now)
            turn.take_again(case_id)
            return turn.done

    def _sealed(self, asks: Sequence[Ask]) -> list[Ask | Exception]:
        """The asks with personal fields under the keys of their cases, before any rule sees them."""
        personal = {a.command.case_id for a in asks if is_personal(type(a.command))}
        apart = {contact_key(a.command.case_id) for a in asks if brings_contact(a.command)}
        keys = self.vault.obtain(personal | apart) if personal else {}
        sealed: list[Ask | Exception] = []
        for ask in asks:
            case_id = ask.command.case_id
            if case_id not in personal or not is_personal(type(ask.command)):
                sealed.append(ask)
            elif case_id not in keys:
                sealed.append(Refused("The personal data of this case were erased."))
            else:
                contact = keys.get(contact_key(case_id)) if apart else None
                command = seal(ask.command, case_id, keys[case_id], contact)
                sealed.append(
                    Ask(command, ask.cause, ask.correlation_id, ask.traceparent, ask.idempotency)
                )
        return sealed


class _Turn:
    def __init__(self, turns: Turns, db: sa.Connection, now: datetime) -> None:
        self.t, self.db, self.now, self.done = turns, db, now, Done()
        self.rules = turns.rules  # one edition for the whole turn
        self.heads: dict[str, Head[Any]] = {}
        self.heard: list[Recorded] = []
        self.follow_ups: list[Ask] = []
        self.aside: list[dict[str, Any]] = []
        self.shredded: list[str] = []
        self.left: set[int] = set()
        self.most = sys.maxsize
        self.sure = True
        self.numbers: Iterator[int] = iter(())

    def take(self, work: Work, asks: Sequence[Ask | Exception]) -> None:
        t = self.t
        self.most, self.sure = BREAKER_LIMIT, work.sure
        touched = {r.partition for r in work.records} | work.skipped.keys() | work.stood.keys()
        positions = t.store.positions(self.db, t.topic, touched) if touched else {}
        self.done.positions |= positions  # another process may have brought us further than we know
        for partition, (left, reached) in work.skipped.items():
            start = positions.get(partition, 0)
            if left > start:
                raise Gap(partition, start, left)
            if reached > start:
                self.done.positions[partition] = reached
        for partition, stood in work.stood.items():
            start = self.done.positions.get(partition, positions.get(partition, 0))
            if start < stood:
                raise Gap(partition, start, stood)
        fresh = self._fresh(work.records, positions)
        read = self._read(fresh, work.poison)
        if work.due_until is not None:
            self.heads |= t.store.due(self.db, work.partitions, work.due_until, 500)
        due = list(self.heads.values())
        wanted = {case for r, a in read if (case := a.case_id if a is not None else self._key_of(r))}
        wanted |= {a.command.case_id for a in asks if isinstance(a, Ask)}
        self.heads |= t.store.load(self.db, wanted - self.heads.keys())
        for record, attributes in read:
            self._hear(record, attributes, work.poison)
        for ask in self.follow_ups:
            self._follow_up(ask)
        if work.due_until is not None:
            for head in due:
                self._fire(head, work.due_until)
        self.done.results = self._answer(asks)
        self._write(positions)

    def take_again(self, case_id: str) -> None:
        self.heads = self.t.store.load(self.db, [case_id])  # first: it locks out who would park more
        records = self._quarantined(case_id)
        if not records:
            return
        self.db.execute(sa.delete(quarantine).where(quarantine.c.case_id == case_id))
        for head in self.heads.values():
            head.parked, head.changed = False, True
        poison: dict[tuple[int, int], str] = {}
        for record, attributes in _in_turn(self._read(records, poison)):
            self._hear(record, attributes, poison)
        if self.done.stopped:
            raise Refused("A record of this case was written by a newer version: upgrade this service first.")
        for ask in self.follow_ups:
            self._follow_up(ask)
        self._write({})

    def _quarantined(self, case_id: str) -> list[Record]:
        query = sa.select(quarantine).where(quarantine.c.case_id == case_id)
        return [
            Record(
                r.topic, r.partition, r.offset, r.key,
                [(n, v.decode().encode("latin1")) for n, v in load_headers(r.headers)], r.value,
            )
            for r in self.db.execute(query.order_by(quarantine.c.partition, quarantine.c.offset))
        ]  # fmt: skip

    # ------------------------------------------------------------------------------ hearing

    def _fresh(self, records: Sequence[Record], positions: dict[int, int]) -> list[Record]:
        """Records not yet processed. What lies before the position was done by us or our successor.

        Raises ``Gap`` if one lies beyond it: the database has forgotten what it had committed (ADR 0012).
        """
        fresh = []
        for record in records:
            start = self.done.positions.get(record.partition, positions.get(record.partition, 0))
            if record.offset > start:
                raise Gap(record.partition, start, record.offset)
            if record.offset == start:
                fresh.append(record)
                self.done.positions[record.partition] = record.offset + 1
        return fresh

    def _read(
        self, records: Sequence[Record], poison: dict[tuple[int, int], str]
    ) -> list[tuple[Record, Attributes | None]]:
        read: list[tuple[Record, Attributes | None]] = []
        for record in records:
            try:
                attributes = attributes_of(record)
                if not self.t.hears(attributes.type):
                    continue
                if record.key is None or record.key.decode() != attributes.case_id:
                    raise BadEnvelope("the key is not the case of ce_subject")
                if "\x00" in attributes.case_id:  # PostgreSQL takes no such text: the batch would fail
                    raise BadEnvelope("ce_subject holds a NUL")
                read.append((record, attributes))
            except BROKEN as error:
                poison[record.partition, record.offset] = f"envelope: {error}"
                read.append((record, None))
        return read

    def _hear(
        self,
        record: Record,
        attributes: Attributes | None,
        poison: dict[tuple[int, int], str],
    ) -> None:
        if record.partition in self.done.stopped or record.partition in self.left:
            return
        if self.done.set_aside > self.most:  # the breaker trips after this turn: leave the rest
            self.left.add(record.partition)
            self.done.positions[record.partition] = record.offset
            return
        reason = poison.get((record.partition, record.offset))
        if attributes is None:
            case_id = self._key_of(record)
            head = None
            if case_id is not None:  # it may have been a fact of this case: what follows must wait for it
                head = self.heads.get(case_id) or self._new_head(case_id)
                head.parked = True
            self._set_aside(record, head, reason or "envelope")
            return
        head = self.heads.get(attributes.case_id)
        if head is None:
            head = self._new_head(attributes.case_id)
        if head.parked:
            if attributes.type in self.t.shreds and attributes.seq <= head.seq:
                self.shredded += self.t.shreds[attributes.type](head.case_id)  # whatever waits
            self._set_aside(record, head, PARKED)
            return
        if attributes.seq <= head.seen.get(attributes.owner, 0):
            self.done.repeats += 1
            return
        try:
            if reason is not None:
                raise ValueError(reason)
            recorded = decode(attributes, record.value or b"")
            state, commands = self._evolve_and_react(head, attributes, recorded)
        except NewerVersion as error:
            self.done.stopped[record.partition] = f"{self.t.topic}/{record.partition}: {error}"
            self.done.positions[record.partition] = record.offset
            return
        except OwnStreamBehind:
            raise
        except Exception as error:
            if reason is None and not self.sure:
                raise Unsure(reason_of(error)) from error
            head.parked = True
            self._set_aside(record, head, reason or reason_of(error))
            return
        head.state = state
        if type(recorded.event) in BARRING and attributes.owner != self.t.service.name:
            head.bars = barred(head.bars, recorded.event)
        head.seen = head.seen | {attributes.owner: attributes.seq}
        head.changed = True
        self.done.seen[attributes.case_id, attributes.owner] = attributes.seq
        self.heard.append(recorded)
        traceparent, span = self.t.tracing.heard(self.t.service.name, recorded)
        if span is not None:
            self.done.spans.append(span)
        for number, command in enumerate(commands):
            self.follow_ups.append(
                Ask(
                    command=command,
                    cause=f"{recorded.event_id}/{self.t.service.name}/{number}",
                    correlation_id=recorded.correlation_id,
                    traceparent=traceparent,
                    heard=(record.partition, record.offset),
                )
            )

    def _evolve_and_react(
        self, head: Head[Any], attributes: Attributes, recorded: Recorded
    ) -> tuple[Any, Sequence[Command]]:
        t = self.t
        if attributes.owner != t.service.name:
            state = t.service.decider.evolve(head.state, recorded.event)
        elif attributes.seq <= head.seq:
            seen = head.seen.get(attributes.owner, 0)
            if attributes.seq > seen + 1:  # of our own every number comes; of others' only what we hear
                raise ValueError(f"our own event {attributes.seq} came before {seen + 1}")
            state = head.state  # our own words come back: the state has them since we stated them
        else:
            raise behind(t.service.name, t.realm, attributes.seq, head.seq)
        return state, t.service.react(recorded.event, state, self.rules)

    def _key_of(self, record: Record) -> str | None:
        """The case that a record's key names, if it is where a case of that name would lie."""
        try:
            key = (record.key or b"").decode()
        except UnicodeDecodeError:
            return None
        named = 0 < len(key) <= LONGEST_ID and "\x00" not in key
        return key if named and self.t.partition(key) == record.partition else None

    def _set_aside(self, record: Record, head: Head[Any] | None, reason: str) -> None:
        self.done.set_aside += reason != PARKED
        self.done.parked += reason == PARKED
        if head is not None:
            head.changed = True
        headers = [(n, (v or b"").decode("latin1").encode()) for n, v in record.headers]
        self.aside.append(
            {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "case_id": head.case_id if head else None,
                "key": record.key,
                "headers": dump_headers(tuple(headers)),
                "value": record.value,
                "reason": reason,
                "quarantined_at": self.now,
            }
        )

    def _new_head(self, case_id: str) -> Head[Any]:
        partition = self.t.partition(case_id)
        head = self.heads[case_id] = Head(case_id, partition, self.t.service.decider.initial)
        return head

    # ----------------------------------------------------------------------------- deciding

    def _follow_up(self, ask: Ask) -> None:
        try:
            self._decide(ask)
        except Refused as refusal:  # nobody waits for it: counted and logged, never poison
            self.done.refused.append(f"{type(ask.command).__name__}: {refusal}")

    def _fire(self, head: Head[Any], until: datetime) -> None:
        t = self.t
        moved = tried = False
        for command in t.service.decider.pending(head.case_id, head.state, self.rules):
            if command.occurred_at > until:
                continue
            tried = True
            late = (self.now - command.occurred_at).total_seconds()
            self.done.lateness = max(self.done.lateness, late)
            name = f"{t.service.name}/{command.model_dump_json()}"
            cause = str(uuid.uuid5(NAMESPACE, name))
            ask = Ask(command, cause, correlation_id=cause, traceparent=t.tracing.woke(t.service.name))
            before = len(self.done.stated)
            self._follow_up(ask)
            moved = moved or len(self.done.stated) > before
        self.done.fired += moved
        head.changed = True
        if tried and not moved:
            head.wake_at = self.now + STUCK

    def _answer(self, asks: Sequence[Ask | Exception]) -> list[Result]:
        ids = {a.idempotency.id for a in asks if isinstance(a, Ask) and a.idempotency}
        known: dict[str, Kept] = {}
        if ids:
            rows = self.t.database.fetch(self.db, answers, "id", sorted(ids))
            kept_answers = [Kept(*row) for row in rows]
            known = {one.id: one for one in kept_answers if one.expires_at > self.now}
        self._draw_numbers(asks)
        results: list[Result] = []
        kept: dict[str, dict[str, Any]] = {}
        for ask in asks:
            try:
                if isinstance(ask, Exception):
                    raise ask
                results.append(self._answer_one(ask, known, kept))
            except (Conflict, sa.exc.SQLAlchemyError):
                raise  # no answer to one command: the whole transaction is lost
            except Exception as refusal:
                results.append(refusal)
        self.t.database.write(self.db, answers, list(kept.values()))
        return results

    def _draw_numbers(self, asks: Sequence[Ask | Exception]) -> None:
        """As many receipt numbers as may be needed, in one statement; one that is not used is lost."""
        commands = [a.command for a in asks if isinstance(a, Ask)]
        new = [c for c in commands if type(c) in self.t.service.receipts and c.case_id not in self.heads]
        if new:
            self.numbers = iter(self.t.store.draw(self.db, "receipt", len(new)))

    def _answer_one(self, ask: Ask, known: dict[str, Kept], kept: dict[str, dict[str, Any]]) -> Outcome:
        head, account = self.heads.get(ask.command.case_id), ask.command.by.id
        keeps_out = head is not None and bool(head.bars) and recused(head.bars, account)
        idempotency = ask.idempotency
        if idempotency and idempotency.id in known:
            row = known[idempotency.id]
            events = self.t.store.own_events(self.db, row.case_id, row.from_seq, row.to_seq)
            if keeps_out and own_recusal(events, account) is None:
                raise Denied(NOT_YOURS)
            if row.body_hash != idempotency.body_hash:
                raise KeyReused("This Idempotency-Key was used before with another body.")
            return Outcome(row.case_id, row.to_seq, tuple(events))
        if keeps_out and type(ask.command) not in self.t.service.recusing:
            raise Denied(NOT_YOURS)
        if idempotency and idempotency.id in kept:
            raise KeyReused("This Idempotency-Key came twice at the same moment.")
        outcome = self._as_then(ask.command) if keeps_out else self._decide(ask)
        if idempotency:
            kept[idempotency.id] = {
                "id": idempotency.id,
                "body_hash": idempotency.body_hash,
                "case_id": outcome.case_id,
                "from_seq": outcome.seq - len(outcome.events) + 1,
                "to_seq": outcome.seq,
                "expires_at": self.now + ANSWERS_LAST,
            }
        return outcome

    def _as_then(self, command: Command) -> Outcome:
        """What somebody was told who has said already to keep out of the case (信访工作条例 Art. 28(3)). Who keeps
        out by another's word is told nothing."""
        case_id, head = command.case_id, self.heads[command.case_id]
        stated = self.t.store.own_events(self.db, case_id, 1, head.seq)
        stated += [one for one in self.done.stated if one.event.case_id == case_id]
        said = own_recusal(stated, command.by.id)
        if said is None:
            raise Denied(NOT_YOURS)
        return Outcome(case_id, said.seq, (said,))

    def _decide(self, ask: Ask) -> Outcome:
        t, command = self.t, ask.command
        head = self.heads.get(command.case_id)
        if head is None:
            head = self._new_head(command.case_id)
        if head.parked:
            return self._decide_parked(ask, head)
        field = t.service.receipts.get(type(command))
        if field is not None and head.seq == 0:
            number = next(self.numbers)
            command = command.model_copy(update={field: t.receipts.number(number)})
        events = t.service.decider.decide(command, head.state, self.rules)
        for event in events:
            _must_fit(event)
        stated = tuple(self._state(head, ask, number, event) for number, event in enumerate(events))
        return Outcome(head.case_id, head.seq, stated)

    def _decide_parked(self, ask: Ask, head: Head[Any]) -> Outcome:
        """A parked case takes no command but its erasure: the law does not wait for operations.

        What is parked and can be read is looked at for it, such as that the case has ended.
        """
        t = self.t
        events: Sequence[Event] = ()
        if t.service.shreds:
            state = head.state
            for record, attributes in _in_turn(self._read(self._quarantined(head.case_id), {})):
                if attributes is not None:
                    with suppress(Exception):
                        state = t.service.decider.evolve(
                            state, decode(attributes, record.value or b"").event
                        )
            with suppress(Refused):
                events = t.service.decider.decide(ask.command, state, self.rules)
        if not events or not all(type(event) in t.service.shreds for event in events):
            raise Refused("The case is parked: a record of it could not be read. Operations must release it.")
        stated = tuple(self._state(head, ask, n, event) for n, event in enumerate(events))
        return Outcome(head.case_id, head.seq, stated)

    def _state(self, head: Head[Any], ask: Ask, number: int, event: Event) -> Recorded:
        partition, offset = ask.heard or (None, None)
        head.seq += 1
        recorded = Recorded(
            event_id=str(uuid.uuid5(NAMESPACE, f"{ask.cause}|{event.type()}|{number}")),
            event=event,
            seq=head.seq,
            recorded_at=self.now,
            correlation_id=ask.correlation_id,
            causation_id=ask.cause,
            cause_partition=partition,
            cause_offset=offset,
            traceparent=ask.traceparent,
        )
        head.state = self.t.service.decider.evolve(head.state, event)
        if type(event) in BARRING:
            head.bars = barred(head.bars, event)
        head.changed = True
        self.done.stated.append(recorded)
        return recorded

    # ------------------------------------------------------------------------------ writing

    def _write(self, positions: dict[int, int]) -> None:
        t, db, done = self.t, self.db, self.done
        for recorded in self.heard if t.service.shreds else ():
            if type(recorded.event) in t.service.shreds:
                self.shredded += t.service.shreds[type(recorded.event)](recorded.event.case_id)
        if self.shredded:  # before the commit: asked twice it is done once, and never forgotten
            t.vault.destroy(list(dict.fromkeys(self.shredded)), self.now)
        if self.heard:
            t.service.project(self.heard, Views(t.database, db, t.partition))
            done.heard = len(self.heard)
        changed = [head for head in self.heads.values() if head.changed]
        for head in changed:
            head.wake_at = self._wake_at(head)
        if changed:
            t.store.save(db, changed)
        if done.stated:
            t.store.append(db, done.stated, t.topic)
        if self.aside:
            t.store.set_aside(db, self.aside)
        moved = {p: (positions.get(p, 0), n) for p, n in done.positions.items() if positions.get(p, 0) != n}
        if not t.store.advance(db, t.topic, moved):
            raise Conflict("a position moved: another process has taken over this partition")
        wakes = [head.wake_at for head in changed if head.wake_at is not None]
        done.next_wake = min(wakes, default=None)

    def _wake_at(self, head: Head[Any]) -> datetime | None:
        if head.parked:
            return None
        wake_at = self.t.service.decider.wake_at(head.case_id, head.state, self.rules)
        if wake_at is not None and head.wake_at is not None and wake_at < head.wake_at == self.now + STUCK:
            return head.wake_at
        return wake_at


def _in_turn(
    read: Sequence[tuple[Record, Attributes | None]],
) -> list[tuple[Record, Attributes | None]]:
    """The same places in the log, but each owner's facts by their number: some may have been swapped."""
    by_owner: dict[str, list[tuple[Record, Attributes]]] = defaultdict(list)
    for record, attributes in read:
        if attributes is not None:
            by_owner[attributes.owner].append((record, attributes))
    turns = {o: iter(sorted(facts, key=lambda f: f[1].seq)) for o, facts in by_owner.items()}
    return [(r, a) if a is None else next(turns[a.owner]) for r, a in read]


def _must_fit(event: Event) -> None:
    """Refuse what no log would take: its row would stand in the outbox for ever, and all after it."""
    if _length(event) < LARGEST_VALUE // 10:  # each character is at most six bytes
        return
    size = len(event.model_dump_json().encode())
    if size > LARGEST_VALUE:
        parts = {name: _length(getattr(event, name)) for name in type(event).model_fields}
        longest = max(parts, key=lambda name: parts[name])
        raise Refused(
            f"{type(event).__name__} would have {size} bytes and may have {LARGEST_VALUE}; "
            f"the longest part of it is {longest} with {parts[longest]} characters."
        )


def _length(value: Any) -> int:
    """How many characters of text stand in a value. Asked of every event, so it loses no time."""
    kind = value.__class__
    if kind is str:
        return len(value)
    if kind is tuple or kind is list:
        return sum(map(_length, value))
    if kind is dict:
        return sum(map(_length, value.values()))
    total = 0
    for part in getattr(value, "__dict__", {}).values():  # a model; anything else has no text
        if part.__class__ is str:
            total += len(part)
        elif part.__class__ not in SHORT:
            total += _length(part)
    return total


def reason_of(error: Exception) -> str:
    """Why a record could not be taken, without what stands in it."""
    if isinstance(error, ValidationError):
        words = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])}: {one['type']}" for one in error.errors()
        )
        return f"not a valid event: {words}"[:500]
    return f"{type(error).__name__}: {error}"[:500]
