"""Why an open case has no next deadline: a closed list of reasons, each with its name."""

from typing import Any

from libs.rules.states import CaseState as S
from services.supervision.clocks import ended
from tests.chain.chain import Case


def why_no_deadline(case: Case, state: S) -> str | None:
    """The reason in words; nothing where none is known, which is a mistake."""
    watch: Any = case.desks["supervision"].state
    late = [n for n in watch.breached if ended(n, watch.started[n], watch) is None]
    if late:
        return f"overdue: {', '.join(late)}; it stands in the list of overdue cases"
    if state is S.INFO_REQUESTED:
        return "the citizen was asked and did not answer; an acceptor may decline it (D16)"
    if case.realm and state is S.DELIVERED:
        return "the discipline organ has answered; the hotline neither calls back nor closes"
    if any(change.paused_at is not None for change in watch.changed.values()):
        return "the unit's clock stands still by law until it is resumed"
    if state is S.DELIVERED and watch.supervisions:
        return "a supervision was answered and waits for the supervisor's word; the case stays open for it"
    return None
