"""Whether the citizen is shown where the case stands: intake's view against the table of transitions."""

from libs.events.base import Event, Recorded
from libs.events.feedback import HoldLifted
from libs.events.intake import CaseReferred
from libs.rules.states import CaseState as S
from libs.rules.transitions import standing
from libs.sourcing.views import Row, blank
from services.intake import projection
from services.intake.service import service
from tests.chain.chain import Case

IN_HAND = frozenset({S.HANDLING, S.REWORK})


def shown(case: Case) -> S:
    """What intake's view says after the whole log."""
    row: Row = blank(projection.cases, case.case_id)
    for number, said in enumerate(case.log, 1):
        if said.owner == service.name or isinstance(said.event, tuple(service.takes_in)):
            recorded = Recorded("e", said.event, number, said.event.occurred_at, "c", "c")
            row = projection.fold(row, recorded) or row
    return S(projection.shown_status(row))


def may_be_shown(case: Case) -> frozenset[S]:
    """Where it stands, and what may be shown of it instead, for a reason that each line gives."""
    stands = standing(said.event for said in case.log)
    found = {stands.state, *([stands.beside] if stands.state is S.DISPUTED else [])}  # and beside a dispute
    if S.REPLIED in found:  # a citizen reads of an answer once it is given, and of the unit till then
        found |= IN_HAND
    if stands.restricted and any(_refers(said.event, stands.round) for said in case.log):
        found |= {S.REFERRED}  # D05: of what the discipline organ does with a report, its citizen reads nothing
    lifted = any(isinstance(said.event, HoldLifted) for said in case.log)
    if lifted and found & IN_HAND:  # whether a rework that crosses a hold's end is one, only the unit asks
        found |= IN_HAND
    return frozenset(found)


def _refers(event: Event, round_: int) -> bool:
    return isinstance(event, CaseReferred) and event.round == round_
