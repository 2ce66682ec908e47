"""How the rows of a table follow a case through its rounds and ends. It asks no question of them."""

from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from libs.events.base import Recorded
from libs.rules.ends import ENDING, End, Ends
from libs.sourcing.views import Fold, Row, blank

NO_OTHER_WORDS: Mapping[End, str] = {}
MAY_END = frozenset(ENDING)


def columns_of_a_case() -> tuple[sa.Column[object], ...]:
    """What a table of cases needs for ``followed``: the round, what ended it, and where it stood then."""
    return (
        sa.Column("round", sa.Integer, default=0),
        sa.Column("ends", sa.Text, default=""),
        sa.Column("stage", sa.Text),
    )


def followed(
    table: sa.Table, kept: Sequence[str] = (), shown: Mapping[End, str] = NO_OTHER_WORDS
) -> Callable[[Fold], Fold]:
    """A fold for a table whose rows follow a case through its rounds and ends.

    A fact of an earlier round is left out, and with a new round the row begins anew but for what is
    ``kept``. While the case is over its ``status`` is the end that holds, in the words ``shown``, and
    ``stage`` the status it would have; when the end is undone, that is its status again. What ends before
    the table knows of it leaves no row.
    """

    def following(fold: Fold) -> Fold:
        def folded(row: Row, recorded: Recorded) -> Row | None:
            event, begins = recorded.event, False
            if event.round != row["round"]:
                if event.round < row["round"]:
                    return None
                again = blank(table, row["case_id"]) | {name: row[name] for name in kept}
                row, begins = again | {"round": event.round}, True
            if not row["ends"] and type(event) not in MAY_END:
                changed = fold(row, recorded)
                return row if changed is None and begins else changed
            was = Ends.read(row["ends"])
            status = row["stage"] if was.over else row["status"]
            changed = fold(row | {"status": status}, recorded)
            ends = was.after(event)
            if changed is None and not begins and (ends == was or status is None):
                return None
            after = changed if changed is not None else row | {"status": status}
            end = ends.end
            if end is None:
                return after | {"ends": ends.text, "stage": None}
            over = {"stage": after["status"], "status": shown.get(end, end)}
            return after | over | {"ends": ends.text}

        return folded

    return following
