"""The moments at which a process is made to die, as data: one sentence each. Nothing here kills."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """``place`` names the service (or the key store), ``act`` what its port is asked to do, ``within``
    what else the same transaction has done by then, ``nth`` which occurrence it is."""

    name: str
    sentence: str
    play: str
    place: str
    when: str
    act: str
    within: str = ""
    nth: int = 1
    real_parts: bool = False
    """Whether it is played on Kafka and PostgreSQL too: where their own ways of failing matter."""


STATED = "insert events"
ANSWERED = "insert answers"

POINTS = (
    # ------------------------------------------------------------------------------ the first start
    Point("kept-tables-made", "The migration has made the tables and is not committed.",
          "first", "intake", "before", "commit", "create outbox"),
    Point("views-made", "The views and the fingerprint are there, not committed.",
          "first", "dispatch", "before", "commit", "insert service_facts"),
    Point("partitions-taken", "The first positions are written, not committed.",
          "first", "supervision", "before", "commit", "insert positions", real_parts=True),
    # ------------------------------------------------------------------------------- a command
    Point("key-made", "The case's key is made, not committed.",
          "cases", "vault", "before", "commit", "insert case_keys"),
    Point("key-kept", "The case's key is committed, of the case nobody knows yet.",
          "cases", "vault", "after", "commit", "insert case_keys", real_parts=True),
    Point("number-drawn", "The receipt numbers are drawn, no case is registered.",
          "cases", "intake", "after", "update numbers"),
    Point("before-own-events", "It is decided; the events are not written.",
          "cases", "intake", "before", STATED),
    Point("own-events-written", "The events stand in their stream, not in the outbox.",
          "cases", "intake", "after", STATED),
    Point("outbox-written", "Stream and outbox have them; the heads' positions come next.",
          "cases", "intake", "after", "insert outbox"),
    Point("command-before-commit", "Everything is written and nothing committed.",
          "cases", "intake", "before", "commit", ANSWERED, real_parts=True),
    Point("command-after-commit", "It is committed; neither disk nor caller was waited for.",
          "cases", "intake", "after", "commit", ANSWERED, real_parts=True),
    Point("command-on-disk", "It is on the disk; the caller has not been told.",
          "cases", "intake", "after", "secure"),
    # -------------------------------------------------------------------------------- hearing
    Point("batch-taken", "A batch was taken from the log, no turn has begun.",
          "cases", "dispatch", "after", "read", nth=2, real_parts=True),
    Point("positions-locked", "The positions are read and locked.",
          "cases", "dispatch", "after", "select positions", nth=3),
    Point("heard-before-reaction", "The reaction's events are not written.",
          "cases", "dispatch", "before", STATED),
    Point("heard-position-moved", "Everything is written, the position has moved, not committed.",
          "cases", "dispatch", "after", "update positions", STATED),
    Point("heard-before-commit", "A turn that reacted is about to be committed.",
          "cases", "dispatch", "before", "commit", STATED, real_parts=True),
    Point("heard-after-commit", "A turn that reacted is committed, its events are in the outbox.",
          "cases", "dispatch", "after", "commit", STATED, real_parts=True),
    Point("view-before-commit", "A turn that only heard is about to be committed.",
          "cases", "supervision", "before", "commit", "write watches"),
    Point("view-after-commit", "A turn that only heard is committed.",
          "cases", "supervision", "after", "commit", "write watches", nth=2, real_parts=True),
    # ----------------------------------------------------------------------------- what is due
    Point("due-before-events", "A deadline is found due; what is stated of it is not written.",
          "cases", "supervision", "before", STATED),
    Point("due-before-commit", "A deadline is stated, not committed.",
          "cases", "supervision", "before", "commit", STATED, real_parts=True),
    Point("due-after-commit", "A deadline is stated and committed.",
          "cases", "supervision", "after", "commit", STATED),
    # ------------------------------------------------------------------------------ the relay
    Point("lease-taken", "The relay has taken its lease, not committed.",
          "cases", "intake", "after", "insert leases"),
    Point("lease-renewed", "The relay has renewed its lease, not committed.",
          "cases", "intake", "before", "commit", "insert leases", nth=2, real_parts=True),
    Point("outbox-read", "The rows are read; the log was not asked.",
          "cases", "intake", "before", "append", real_parts=True),
    Point("half-published", "The log has half of the rows.",
          "cases", "intake", "halfway", "append", real_parts=True),
    Point("ack-awaited", "The rows are on their way and nothing came back yet.",
          "cases", "intake", "during", "append", real_parts=True),
    Point("published", "The log has acknowledged; the rows still stand in the outbox.",
          "cases", "intake", "after", "append", real_parts=True),
    Point("outbox-deleted", "The rows are deleted, not committed.",
          "cases", "intake", "after", "delete outbox"),
    Point("outbox-gone", "The deletion is committed.",
          "cases", "intake", "after", "commit", "delete outbox", real_parts=True),
    # ------------------------------------------------------------------------------- an erasure
    Point("key-destroyed", "The key is destroyed; the turn that heard the erasure is not committed.",
          "cases", "vault", "after", "commit", "insert case_keys", nth=2, real_parts=True),
    # ------------------------------------------------------------------------------- a rebuild
    Point("swap-begins", "All is folded and copied; the first table is about to go.",
          "rebuild", "supervision", "before", "drop table", real_parts=True),
    Point("swap-halfway", "One table is swapped, the next is not.",
          "rebuild", "supervision", "before", "drop table", nth=2, real_parts=True),
    Point("swap-before-commit", "All tables are swapped, not committed.",
          "rebuild", "supervision", "before", "commit", "insert service_facts", real_parts=True),
    Point("swap-after-commit", "The swap is committed, the scaffolding still stands.",
          "rebuild", "supervision", "after", "commit", "insert service_facts", real_parts=True),
    Point("import-before-commit", "A lost database's own events are brought back, not committed.",
          "lost", "supervision", "before", "commit", STATED),
    Point("import-after-commit", "They are committed; no view is in its place yet.",
          "lost", "supervision", "after", "commit", STATED, real_parts=True),
)  # fmt: skip
