"""One sentence per event, in English. It shows no citizen's word: those stand as 〔密〕."""

from libs.events import dispatch, evaluation, feedback, intake, supervision
from libs.events.base import Event
from tools.log.names import Names
from tools.log.reading import SEALED


def tell(event: Event, n: Names) -> str:
    """What happened. An event without a sentence of its own is told by its name."""
    match event:
        case intake.CaseRegistered() as e:
            return (
                f"registered as {e.receipt_no}: {n.kind(e.kind).lower()} by {n.channel(e.channel)} "
                f"({n.identity(e.identity_mode).lower()}), title {SEALED}; "
                f"to be accepted or not by {n.at(e.due_accept)}"
            )
        case intake.CaseClassified() as e:
            return f"classified as {n.category(e.category)}, {n.kind(e.kind)} ({n.small(e.source)})"
        case intake.CaseAccepted() as e:
            return (
                f"accepted: {n.category(e.category)}, {n.sla(e.sla_class)}; to be dispatched by "
                f"{n.at(e.due.dispatch)}, the citizen answered by {n.at(e.due.citizen)}"
            )
        case intake.CaseDeclined() as e:
            return f"not accepted: {n.ground(e.ground)}; reason, other channel and remedy {SEALED}"
        case intake.CaseReferred() as e:
            due = f"; to be handed over by {n.at(e.due.dispatch)}" if e.due else ""
            return f"referred to {SEALED}: {n.ground(e.ground)}{due}"
        case intake.PersonalDataErased() as e:
            return f"personal data erased; its words can never be read again ({e.ground})"
        case dispatch.CaseAssigned() as e:
            how = "assigned by the system" if e.automatic else "assigned"
            part = "to assist" if e.role == "assist" else "to lead"
            return (
                f"{how} to {n.org(e.org)} {part} ({n.small(e.basis)}); to be signed by "
                f"{n.at(e.due_sign)}, the citizen contacted by {n.at(e.due_contact)}, "
                f"answered by {n.at(e.due_handle)}"
            )
        case dispatch.AssignmentSigned() as e:
            return f"{n.org(e.org)} signed"
        case feedback.CitizenContacted() as e:
            result = "reached" if e.reached else "not reached"
            return f"citizen contacted {n.small(e.mode)}, attempt {e.attempt_no}: {result}"
        case feedback.ReplySubmitted() as e:
            claims = ", ".join(f"claim {a.claim} {n.small(a.outcome)}" for a in e.answers)
            due = n.at(e.due_audit)
            return f"{n.org(e.org)} submitted a reply {SEALED}: {claims}; to be audited by {due}"
        case feedback.ReplyApproved():
            return "reply approved"
        case feedback.ReplyReturned() as e:
            return f"reply returned: {n.small(e.reason)}"
        case feedback.ReplyDelivered() as e:
            due = f"; call-back by {n.at(e.due_callback)}" if e.due_callback else ""
            until = f", rating until {n.at(e.evaluation_until)}" if e.evaluation_until else ""
            said = n.small(e.outcome)
            return f"{n.org(e.org)} answered the citizen {n.small(e.mode)}: {said}{due}{until}"
        case evaluation.CallbackRecorded() as e:
            said_ = [n.small(e.resolved), n.small(e.level)] if e.reached else ["not reached"]
            return f"call-back {e.attempt_no}: {', '.join(filter(None, said_)) or 'reached'}"
        case evaluation.EvaluationSubmitted() as e:
            return f"the citizen rated {n.small(e.target)}: {n.small(e.level)}"
        case evaluation.ReviewRequested() as e:
            late = "" if e.in_time else " (too late)"
            which = "review" if e.level == 1 else "second review"
            return f"{which} requested{late}; to be decided by {n.at(e.due_decide)}"
        case evaluation.ReviewDecided() as e:
            which = "review" if e.level == 1 else "second review"
            return f"{which}: the answer was {n.small(e.outcome)} (document {SEALED})"
        case evaluation.CaseClosed() as e:
            return f"closed: {n.small(e.outcome)}"
        case supervision.DeadlineWarned() as e:
            due = n.at(e.due_at)
            return f"{e.threshold} warning: {n.timer(e.timer)}, due {due} ({n.org(e.owner_org)})"
        case supervision.DeadlineBreached() as e:
            return f"overdue: {n.timer(e.timer)}, was due {n.at(e.due_at)} ({n.org(e.owner_org)})"
        case supervision.BreachRetracted() as e:
            return (
                f"not overdue after all: {n.timer(e.timer)} was done in time, {n.at(e.done_at)} "
                f"({n.org(e.owner_org)})"
            )
        case supervision.SupervisionIssued() as e:
            level = {1: "urged", 2: "put under supervision", 3: "listed"}[e.level]
            return f"{n.org(e.addressee)} {level}: {e.ground}; to answer by {n.at(e.due_at)}"
        case supervision.SupervisionAnswered() as e:
            words = f" with measures {SEALED}" if e.measures else ""
            return f"supervision answered{words}, {'lifted' if e.lifted else 'not lifted'}"
        case _:
            return event.type()
