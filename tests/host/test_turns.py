"""One turn: all of it or nothing, each fact once, a bad record alone.

One file as the turn is one: what it owes is seen here whole, on both homes of its tables.
"""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from libs.events.envelope import read_attributes
from libs.host.turn import STUCK
from libs.host.work import Done, OwnStreamBehind, Work
from libs.log.partition import partition_of
from libs.log.port import Record
from libs.sourcing.database import Conflict
from libs.sourcing.decider import Refused
from libs.sourcing.store import load_headers
from libs.sourcing.tables import events, heads, outbox, quarantine
from tests.host.desk import (
    AT,
    PARTITIONS,
    Bench,
    ask,
    garbled,
    lay,
    newer,
    outgoing,
    same_partition,
    told,
)

HOUR = timedelta(hours=1)


def facts(*words: tuple[str, str, int]) -> list[Record]:
    return lay(*(outgoing(told(*word)) for word in words))


def due(bench: Bench, at: timedelta) -> Done:
    owned = frozenset(range(PARTITIONS))
    return bench.turns.run(Work(due_until=AT + at, partitions=owned), AT + at)


# ------------------------------------------------------------------------- all of it or nothing


def test_what_was_heard_what_follows_and_where_we_stand_are_written_together(bench: Bench) -> None:
    records = facts(("a", "hello", 1), ("b", "sign:x", 1), ("a", "again", 2))
    done = bench.run(*records, asks=[ask("c", "y")])
    assert bench.stories() == {"a": "hello again", "b": "sign:x"}
    assert {(r.case_id, r.seq) for r in bench.rows(events)} == {("b", 1), ("c", 1)}
    assert len(bench.rows(outbox)) == 2
    assert bench.standing() == done.positions
    assert sum(done.positions.values()) == 3
    assert (done.heard, len(done.stated), done.repeats) == (3, 2, 0)


def test_a_turn_whose_views_fail_has_done_nothing(bench: Bench) -> None:
    before = bench.everything()
    bench.faults.words = {"bad"}
    with pytest.raises(ValueError, match="cannot be shown"):
        bench.run(*facts(("a", "sign:x", 1), ("b", "bad", 1)), asks=[ask("c", "y")])
    assert bench.everything() == before


def test_a_refusal_is_for_the_one_who_asked_and_for_nobody_else(bench: Bench) -> None:
    done = bench.run(asks=[ask("a", "x", "1"), ask("a", "refused", "2"), ask("b", "y", "3")])
    first, second, third = done.results
    assert isinstance(second, Refused)
    assert not isinstance(first, Exception)
    assert not isinstance(third, Exception)
    assert [r.case_id for r in bench.rows(events)] == ["a", "b"]


def test_a_reaction_that_the_rules_refuse_is_no_poison(bench: Bench) -> None:
    done = bench.run(*facts(("a", "sign:refused", 1), ("a", "sign:x", 2)))
    assert done.refused == ["Sign: This desk does not sign that."]
    assert bench.stories() == {"a": "sign:refused sign:x"}
    assert bench.rows(quarantine) == []


# ------------------------------------------------------------------------------ each fact once


def test_a_fact_that_comes_again_changes_nothing_but_the_position(bench: Bench) -> None:
    bench.run(*facts(("a", "sign:x", 1), ("a", "hello", 2)))
    before = bench.everything()
    resent = lay(*(outgoing(told("a", w, n)) for w, n in (("sign:x", 1), ("hello", 2))), start=2)
    done = bench.run(*resent)
    after = bench.everything()
    assert (done.heard, done.repeats, done.stated) == (0, 2, [])
    assert bench.standing() == {partition_of("a", PARTITIONS): 4}
    assert {n: rows for n, rows in after.items() if n != "positions"} == {
        n: rows for n, rows in before.items() if n != "positions"
    }


def test_a_batch_that_was_done_already_is_not_done_again(bench: Bench) -> None:
    case = same_partition(1)[0]
    records = facts(*((case, f"word-{n}", n + 1) for n in range(5)))
    bench.run(*records[:3])
    before = bench.everything()
    assert bench.run(*records[:3]).heard == 0
    assert bench.everything() == before
    assert bench.run(*records[1:]).heard == 2
    assert bench.stories()[case] == "word-0 word-1 word-2 word-3 word-4"


def test_of_two_owners_with_the_same_batch_one_does_it(bench: Bench) -> None:
    records = facts(*((f"case-{n}", "sign:x", 1) for n in range(40)))
    results: list[Done | Conflict] = []
    both = threading.Barrier(2)

    def work() -> None:
        both.wait()
        while True:
            try:
                results.append(bench.run(*records))
                return
            except Conflict as clash:
                results.append(clash)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    heard = sorted(done.heard for done in results if isinstance(done, Done))
    assert heard == [0, 40]
    assert len(bench.rows(events)) == len(bench.rows(outbox)) == 40


def test_our_own_words_come_back_and_are_shown_but_not_said_again(bench: Bench) -> None:
    done = bench.run(asks=[ask("a", "x")])
    back = lay(outgoing(done.stated[0]))
    again = bench.run(*back)
    assert (again.heard, again.stated) == (1, [])
    assert bench.stories() == {"a": "x"}
    (head,) = bench.rows(heads)
    assert (head.seq, head.seen) == (1, '{"dispatch":1}')


def test_words_of_ours_that_our_database_does_not_know_stop_the_service(bench: Bench) -> None:
    done = bench.run(asks=[ask("a", "x")])
    lost = replace(done.stated[0], seq=2)
    before = bench.everything()
    with pytest.raises(OwnStreamBehind, match="it was lost or is an old copy"):
        bench.run(*lay(outgoing(lost)))
    assert bench.everything() == before


def forget(bench: Bench) -> None:
    """As if nothing had ever been."""
    with bench.database.begin() as db:
        for table in (heads, events, outbox, bench.story):
            db.execute(sa.delete(table))


def test_the_same_cause_gives_the_same_ids_and_two_causes_never_do(bench: Bench) -> None:
    def ids(cause: str) -> list[str]:
        forget(bench)
        return [r.event_id for r in bench.run(asks=[ask("a", "twice", cause)]).stated]

    once = ids("cause-1")
    assert len(set(once)) == 2
    assert ids("cause-1") == once
    assert not set(ids("cause-2")) & set(once)


def test_an_answer_names_its_cause_its_story_and_the_record_that_it_answers(bench: Bench) -> None:
    bench.run(*facts(("a", "hello", 1), ("a", "sign:x", 2)), asks=[ask("b", "y", "cause-9")])
    sent = {
        attributes.case_id: attributes
        for attributes in (read_attributes(load_headers(r.headers)) for r in bench.rows(outbox))
    }
    assert sent["a"].correlation_id == "story-of-a"
    assert sent["a"].causation_id == "a/2/dispatch/0"
    assert (sent["a"].cause_partition, sent["a"].cause_offset) == (partition_of("a", PARTITIONS), 1)
    assert sent["b"].causation_id == "cause-9"
    assert (sent["b"].cause_partition, sent["b"].cause_offset) == (None, None)


def test_an_answer_to_a_fact_heard_twice_has_the_same_id(bench: Bench) -> None:
    first = bench.run(*facts(("a", "sign:x", 1))).stated[0]
    forget(bench)
    again = lay(outgoing(told("a", "sign:x", 1)), start=1)
    assert bench.run(*again).stated[0].event_id == first.event_id


# ------------------------------------------------------------------------------- a bad record


@pytest.mark.parametrize("fault", ["value", "type", "envelope", "key", "header"])
def test_a_record_that_cannot_be_read_is_set_aside_alone(bench: Bench, fault: str) -> None:
    bad_case, good_case = same_partition(2)
    bad = outgoing(told(bad_case, "bad", 2))
    headers = dict(bad.headers)
    match fault:
        case "value":
            bad = garbled(bad)
        case "type":
            headers |= {
                "ce_type": b"dispatch.NeverHeardOf",
                "ce_dataschema": b"urn:lianxin:event:dispatch.NeverHeardOf:1",
            }
        case "envelope":
            headers |= {"ce_seq": b"two"}
        case "header":
            headers |= {"ce_id": b"\xff\xfe"}
    bad = replace(bad, headers=list(headers.items()))
    before = outgoing(told(bad_case, "before", 1))
    after = outgoing(told(bad_case, "after", 3))
    fine = [outgoing(told(good_case, f"fine-{n}", n)) for n in (1, 2)]
    records = lay(before, fine[0], bad, after, fine[1])
    if fault == "key":
        records[2] = replace(records[2], key=good_case.encode())
    done = bench.run(*records)
    assert (done.set_aside, bench.standing()) == (1, {0: 5})
    kept = {r.offset: r for r in bench.rows(quarantine)}
    if fault == "key":  # nobody can say whose it was, but whoever's key it bears must wait
        assert bench.stories()[bad_case] == "before after"
        assert bench.stories()[good_case] == "fine-1"
        assert set(kept) == {2, 4}
    else:
        assert bench.stories() == {bad_case: "before", good_case: "fine-1 fine-2"}
        assert set(kept) == {2, 3}
        assert kept[2].value == records[2].value
        assert {r.case_id for r in kept.values()} == {bad_case}
        assert kept[3].reason.startswith("parked")


def test_a_nul_in_the_name_of_a_case_harms_nobody(bench: Bench) -> None:
    good, strange = "case-1", "case\x00-2"
    records = [
        *lay(outgoing(told(good, "fine", 1)), partition=0),
        *lay(outgoing(told(strange, "bad", 1)), partition=0, start=1),
        *lay(outgoing(told(good, "fine too", 2)), partition=0, start=2),
    ]
    done = bench.run(*records)
    assert done.set_aside == 1
    assert bench.stories() == {good: "fine fine too"}


def test_a_parked_case_takes_no_command_and_fires_no_deadline(bench: Bench) -> None:
    case = same_partition(1)[0]
    deadline = outgoing(told(case, f"due:{(AT + HOUR).isoformat()}", 1))
    bench.run(*lay(deadline, garbled(outgoing(told(case, "bad", 2)))))
    (refusal,) = bench.run(asks=[ask(case, "x")]).results
    assert isinstance(refusal, Refused)
    assert "parked" in str(refusal)
    assert due(bench, 2 * HOUR).stated == []
    assert bench.rows(events) == []


def test_a_released_case_is_taken_in_again_in_the_logs_order(bench: Bench) -> None:
    case = same_partition(1)[0]
    records = facts((case, "one", 1), (case, "bad", 2), (case, "sign:x", 3), (case, "four", 4))
    bench.run(*records[:1])
    bench.run(records[1], poison={(0, 1): "ValueError: this word cannot be shown"})
    bench.run(*records[2:])
    assert bench.stories() == {case: "one"}
    assert [r.offset for r in bench.rows(quarantine)] == [1, 2, 3]
    done = bench.turns.release(case, AT)
    assert done.heard == 3
    assert bench.stories() == {case: "one bad sign:x four"}
    assert bench.rows(quarantine) == []
    assert [r.seq for r in bench.rows(events)] == [1]
    (outcome,) = bench.run(asks=[ask(case, "y")]).results
    assert not isinstance(outcome, Exception)


def test_what_still_cannot_be_read_goes_back_and_nothing_is_lost(bench: Bench) -> None:
    case = same_partition(1)[0]
    first = garbled(outgoing(told(case, "bad", 1)))
    bench.run(*lay(first, *(outgoing(told(case, f"w{n}", n)) for n in (2, 3))))
    before = [tuple(r) for r in bench.rows(quarantine)]
    assert bench.turns.release(case, AT).heard == 0
    assert [tuple(r) for r in bench.rows(quarantine)] == before
    assert bench.stories() == {}


def test_a_case_with_a_fact_of_tomorrow_is_not_released_and_keeps_all_its_records(
    bench: Bench,
) -> None:
    case = same_partition(1)[0]
    parked = [newer(outgoing(told(case, "tomorrow", 2))), outgoing(told(case, "later", 3))]
    bench.run(*lay(outgoing(told(case, "bad", 1)), *parked), poison={(0, 0): "cannot be shown"})
    before = bench.everything()
    assert len(before["quarantine"]) == 3
    with pytest.raises(Refused, match="newer version"):
        bench.turns.release(case, AT)
    assert bench.everything() == before


def test_releasing_a_case_that_is_not_parked_does_nothing(bench: Bench) -> None:
    bench.run(*facts(("a", "hello", 1)))
    before = bench.everything()
    assert bench.turns.release("a", AT).heard == 0
    assert bench.turns.release("not-there", AT).heard == 0
    assert bench.everything() == before


def test_a_fact_from_a_newer_version_stops_its_partition_and_is_not_set_aside(
    bench: Bench,
) -> None:
    old, other = same_partition(2)
    elsewhere = next(c for c in map(str, range(99)) if partition_of(c, PARTITIONS) == 1)
    future = newer(outgoing(told(old, "tomorrow", 1)))
    records = lay(
        outgoing(told(other, "before", 1)), future, outgoing(told(other, "after", 2)),
        outgoing(told(elsewhere, "fine", 1)),
    )  # fmt: skip
    done = bench.run(*records)
    assert list(done.stopped) == [0]
    assert "knows 1" in done.stopped[0]
    assert bench.stories() == {other: "before", elsewhere: "fine"}
    assert bench.standing() == {0: 1, 1: 1}
    assert bench.rows(quarantine) == []


# ------------------------------------------------------------------------------------ deadlines


def test_a_deadline_fires_when_it_is_due_and_once(bench: Bench) -> None:
    bench.run(*facts(("a", f"due:{(AT + HOUR).isoformat()}", 1)))
    assert due(bench, HOUR - timedelta(microseconds=1)).stated == []
    done = due(bench, HOUR)
    assert [r.event.case_id for r in done.stated] == ["a"]
    assert done.stated[0].event.occurred_at == AT + HOUR
    assert due(bench, 2 * HOUR).stated == []


def test_a_deadline_of_a_partition_that_is_anothers_does_not_fire(bench: Bench) -> None:
    bench.run(*facts(("a", f"due:{AT.isoformat()}", 1)))
    others = frozenset(range(PARTITIONS)) - {partition_of("a", PARTITIONS)}
    done = bench.turns.run(Work(due_until=AT + HOUR, partitions=others), AT + HOUR)
    assert done.stated == []


def test_a_due_command_that_changes_nothing_is_left_alone_for_a_while(bench: Bench) -> None:
    bench.run(*facts(("a", "idle", 1), ("a", f"due:{AT.isoformat()}", 2)))
    done = due(bench, HOUR)
    assert (done.stated, done.fired) == ([], 0)
    (head,) = bench.rows(heads)
    assert head.wake_at == AT + HOUR + STUCK
    assert due(bench, HOUR).next_wake is None, "it is not even looked at"


def test_a_promise_kept_in_the_same_batch_is_not_called_broken(bench: Bench) -> None:
    case = "a"
    bench.run(*facts((case, f"due:{AT.isoformat()}", 1)))
    kept = lay(outgoing(told(case, "done", 2)), start=1)
    owned = frozenset(range(PARTITIONS))
    done = bench.turns.run(Work(kept, due_until=AT + HOUR, partitions=owned), AT + HOUR)
    assert done.stated == []
