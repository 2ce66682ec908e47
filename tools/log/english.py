"""One sentence per event, in English. It shows no citizen's word: those stand as 〔密〕.

Long, for one match holds them all, as in chinese.py.
"""

from libs.events import dispatch, evaluation, feedback, intake, reference, supervision
from libs.events.base import Event
from libs.events.edition import Edition
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
        case intake.DeclineProposed() as e:
            return f"proposed to be declined: {n.ground(e.ground)}, reason {SEALED}; a second person decides"
        case intake.DeclineRejected() as e:
            return f"the second person does not agree to decline it ({n.ground(e.ground)}); it goes on"
        case intake.CaseDeclined() as e:
            return f"not accepted: {n.ground(e.ground)}; reason, other channel and remedy {SEALED}"
        case intake.CaseReferred() as e:
            due = f"; to be handed over by {n.at(e.due.dispatch)}" if e.due else ""
            return f"referred to {SEALED}: {n.ground(e.ground)}{due}"
        case intake.InformationRequested() as e:
            what = ", ".join(e.missing)
            return f"the citizen is asked for {what} {SEALED}, until {n.at(e.due_supplement)}"
        case intake.CaseSupplemented() as e:
            due = f"; to be accepted or not by {n.at(e.due_accept)}" if e.due_accept else ""
            return f"supplemented {SEALED}{due}"
        case intake.AnsweredAtDesk() as e:
            used = ", ".join(f"{one.entry} edition {one.edition}" for one in e.entries)
            return (
                f"answered at the desk {SEALED} from {used}; to be rated or contested by "
                f"{n.at(e.evaluation_until)}"
            )
        case intake.PraiseForwarded() as e:
            return (
                f"praise forwarded to {n.org(e.org)}, the citizen thanked {SEALED}; to be contested "
                f"by {n.at(e.object_until)}"
            )
        case intake.AnswerContested() as e:
            return f"the citizen says that this was no answer {SEALED}; to be accepted by {n.at(e.due_accept)}"
        case intake.WithdrawalRequested() as e:
            through = f" through {n.org(e.through_org)}, to be confirmed" if e.through_org else ""
            return f"the citizen wants to withdraw{through}; can be taken back until {n.at(e.cooling_end)}"
        case intake.WithdrawalConfirmed() as e:
            return (
                "a call confirmed that the citizen wants to withdraw; can be taken back until "
                f"{n.at(e.cooling_end)}"
            )
        case intake.WithdrawalCancelled():
            return "the citizen does not withdraw; the case goes on"
        case intake.CaseWithdrawn():
            return "withdrawn by the citizen"
        case intake.ReopeningAsked():
            return f"the citizen asks that it be taken up anew {SEALED}"
        case intake.ReopeningDeclined():
            return f"not taken up anew; reason and remedy {SEALED}"
        case intake.CaseReopened() as e:
            return (
                f"taken up anew ({n.small(e.ground)}), round {e.round + 1} {SEALED}; to be dispatched by "
                f"{n.at(e.due.dispatch)}, the citizen answered by {n.at(e.due.citizen)}"
            )
        case intake.CaseLinkChanged() as e:
            return f"{n.relation(e.relation)} ({e.other_case}){f', reason {SEALED}' if e.reason else ''}"
        case intake.ConsentChanged() as e:
            agrees = "agrees" if e.publish else "no longer agrees"
            return f"the citizen {agrees} that question and answer be published without names"
        case intake.RedactionProposed():
            return f"made fit to be published {SEALED}; another auditor must look at it"
        case intake.RedactionReturned():
            return f"it cannot be published like that, reason {SEALED}"
        case intake.CasePublished() as e:
            return f"question and answer published {SEALED} as {e.publication_id}"
        case intake.CaseUnpublished() as e:
            return f"{e.publication_id} is public no more: {n.unpublished(e.ground)}"
        case intake.RecusalClaimed():
            return f"the citizen asks that somebody keep out of the case, reason {SEALED}"
        case intake.RecusalDecided() as e:
            said = "agreed to" if e.outcome == "granted" else "not agreed to"
            return f"what the citizen asked is {said}, reason {SEALED}"
        case intake.RecusalRecorded() as e:
            how = "was asked to keep" if e.claim_id else "keeps"
            return f"somebody {how} out of the case and sees it no more: {n.small(e.ground)}"
        case intake.RecusalLifted():
            return f"somebody need keep out of the case no more, reason {SEALED}"
        case intake.CaseArchived() as e:
            return (
                f"archived ({n.track(e.retention_class)}): contact data are kept until "
                f"{n.at(e.contact_until)}, the words until {n.at(e.retain_until)}"
            )
        case intake.LegalHoldPut() as e:
            return f"nothing of it may be erased, for {n.small(e.ground)} {SEALED}"
        case intake.LegalHoldLifted():
            return "it need not be kept for a court or an inquiry any more"
        case intake.ProcessingRestricted() as e:
            until = f", until {n.at(e.until)}" if e.until else ""
            return f"its words are closed, stored and not used: {n.small(e.ground)}{until}"
        case intake.RestrictionLifted():
            return "its words are open again"
        case intake.ContactDataErased():
            return "name and number erased"
        case intake.PersonalDataErased() as e:
            return f"personal data erased; its words can never be read again ({e.ground})"
        case dispatch.CaseAssigned() as e:
            how = "assigned by the system" if e.automatic else "assigned"
            how += " directly" if e.direct else ""
            law = f", {e.law}" if e.law else ""
            part = "to assist" if e.role == "assist" else "to lead"
            return (
                f"{how} to {n.org(e.org)} {part} ({n.small(e.basis)}{law}); to be signed by "
                f"{n.at(e.due_sign)}, the citizen contacted by {n.at(e.due_contact)}, "
                f"answered by {n.at(e.due_handle)}"
            )
        case dispatch.AssignmentSigned() as e:
            return f"{n.org(e.org)} signed"
        case dispatch.DisputeProposed() as e:
            until = f" by {n.at(e.countersign_until)}" if e.countersign_until else ""
            return (
                f"{n.org(e.org)} proposes a dispute: {n.small(e.reason_code)}, basis {SEALED}; "
                f"its head decides{until}"
            )
        case dispatch.DisputeWithheld() as e:
            return f"the head of {n.org(e.org)} does not countersign the dispute {SEALED}"
        case dispatch.AssignmentDisputed() as e:
            instead = f", it names {n.org(e.suggested_org)}" if e.suggested_org else ""
            return (
                f"{n.org(e.org)} disputes the assignment: {n.small(e.reason_code)}, basis {SEALED}"
                f"{instead}; to be decided by {n.at(e.due_decide)}"
            )
        case dispatch.DisputeDecided() as e:
            to = f"; {n.org(e.designated_org)} is designated" if e.designated_org else ""
            said = "upheld, to be dispatched anew" if e.outcome == "upheld" else "denied"
            return f"dispute {said}{to}, reason {SEALED}"
        case dispatch.CoordinationOpened() as e:
            who = ", ".join(n.org(one) for one in e.parties)
            return f"{n.small(e.level)}{f' ({who})' if who else ''}; a lead by {n.at(e.due_resolve)}"
        case dispatch.CoordinationResolved() as e:
            if e.lead is None:
                return f"no lead was found, minutes {SEALED}"
            with_ = ", ".join(n.org(one) for one in e.assists)
            return f"{n.org(e.lead)} leads{f', assisted by {with_}' if with_ else ''}, minutes {SEALED}"
        case dispatch.TerminationProposed() as e:
            return f"termination proposed: {n.ground(e.ground)}; reason, other channel and remedy {SEALED}"
        case dispatch.TerminationRejected():
            return "a second person does not agree to terminate; the case goes on"
        case dispatch.CaseTerminated() as e:
            return f"terminated: {n.ground(e.ground)}; reason, other channel and remedy {SEALED}"
        case dispatch.DispatchStopped() as e:
            unit = f"; {n.org(e.org)} has it no more" if e.org else ""
            return f"handled with another case, no unit is looked for{unit}"
        case dispatch.DispatchResumed() as e:
            return f"goes by itself again; to be dispatched by {n.at(e.due_dispatch)}"
        case dispatch.AssignmentPassedOn() as e:
            return f"{n.org(e.from_org)} is no more; {n.org(e.org)} goes on, the limits stay"
        case feedback.CommitmentMade() as e:
            return f"{n.org(e.org)} promised {SEALED}, by {n.at(e.due_at)}"
        case feedback.CommitmentFellDue() as e:
            return f"a promise of {n.org(e.org)} fell due at {n.at(e.due_at)}; it is reminded"
        case feedback.CommitmentReported() as e:
            kept = "kept" if e.outcome == "kept" else "not kept"
            again = f"; due again at {n.at(e.next_due_at)}" if e.next_due_at else ""
            return f"{n.org(e.org)} says that its promise was {kept} {SEALED}{again}"
        case feedback.ProgressReported() as e:
            until = f", expected {n.at(e.expected_at)}" if e.expected_at else ""
            return f"progress reported {SEALED}{until}"
        case feedback.ExtensionRequested() as e:
            return f"{n.org(e.org)} asks for time until {n.at(e.new_due)}, reason {SEALED}"
        case feedback.ExtensionDecided() as e:
            if e.outcome == "rejected":
                return f"no more time; the citizen was told {SEALED}"
            to = f" until {n.at(e.due_handle)}" if e.due_handle else ""
            return f"more time{to}; the citizen was told why {SEALED}"
        case feedback.ClockAdjusted() as e:
            why = f"{n.small(e.ground)} ({e.law_ref})"
            if e.action == "suspend":
                return f"the unit's clock stands still: {why}"
            due = f"; to be answered by {n.at(e.due_handle)}" if e.due_handle else ""
            return f"the unit's clock goes on: {why}{due}"
        case feedback.ClockAdjustmentRequested() as e:
            what = "stand still" if e.action == "suspend" else "go on"
            return f"{n.org(e.org)} asks that its clock {what}: {n.small(e.ground)} ({e.law_ref})"
        case feedback.ClockAdjustmentRefused():
            return f"an auditor does not agree, and the unit's clock is as it was {SEALED}"
        case feedback.HoldRequested() as e:
            return f"{n.org(e.org)} asks for a hold: {n.small(e.reason_code)} {SEALED}"
        case feedback.HoldRefused():
            return f"no hold; the unit goes on {SEALED}"
        case feedback.CaseHeld() as e:
            told = f"reason, other channel and remedy {SEALED}"
            return f"on hold: {n.small(e.reason_code)}; {told}; looked at again {n.at(e.next_check_at)}"
        case feedback.HoldLifted() as e:
            return f"hold lifted ({n.small(e.reason_code)}); to be answered by {n.at(e.due_handle)}"
        case feedback.CitizenContacted() as e:
            result = "reached" if e.reached else "not reached"
            return f"citizen contacted {n.small(e.mode)}, attempt {e.attempt_no}: {result}"
        case feedback.ReplyDrafted() as e:
            return f"a clerk of {n.org(e.org)} drafted a reply {SEALED}; its head is to sign it"
        case feedback.DraftReturned() as e:
            return f"the head of {n.org(e.org)} does not sign the draft, reason {SEALED}"
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
        case evaluation.ReviewAccepted() as e:
            return f"{n.org(e.org)} takes the {'review' if e.level == 1 else 'second review'} on"
        case evaluation.ReviewDeclined() as e:
            return f"{n.org(e.org)} declines the review: it was asked for too late"
        case evaluation.HearingOpened():
            return "a hearing is opened; the limit of the review stands still"
        case evaluation.HearingClosed() as e:
            return f"the hearing is closed; to be decided by {n.at(e.due_decide)}"
        case evaluation.ReviewDecisionProposed() as e:
            return f"{n.org(e.org)} proposes: the answer {n.small(e.outcome)}"
        case evaluation.ReviewDecisionReturned():
            return "the second officer does not agree with what was proposed"
        case evaluation.ReviewDecided() as e:
            which = "review" if e.level == 1 else "second review"
            return f"{which}: the answer was {n.small(e.outcome)} (document {SEALED})"
        case evaluation.ReworkOrdered() as e:
            due = n.at(e.due_rework)
            return f"{n.org(e.org)} must do it again ({n.small(e.reason)}, time {e.ordinal}), by {due}"
        case evaluation.ScoreAppealed() as e:
            return f"{n.org(e.org)} contests what counts in its score: {n.small(e.against)}"
        case evaluation.AppealDismissed():
            return "the appeal is about nothing that counts; no panel is convened"
        case evaluation.PanelConvened() as e:
            many, due = len(e.members), n.at(e.due_assess)
            return f"a panel of {many} is asked about {n.small(e.question)}, until {due}"
        case evaluation.PanelMemberRecused():
            return "a member leaves the panel for an interest in the matter"
        case evaluation.PanelFindingFiled():
            return f"a member of the panel says what they find {SEALED}"
        case evaluation.ThirdPartyAssessed() as e:
            return f"the panel found {n.small(e.finding)}; in the score it {n.small(e.score_effect)}"
        case evaluation.ExclusionProposed() as e:
            return f"{n.org(e.org)} proposes to leave the case out of its score: {n.small(e.reason)}"
        case evaluation.ExclusionDecided() as e:
            return f"leaving it out of the score of {n.org(e.org)} was {n.small(e.outcome)}"
        case evaluation.UnitCallbackRecorded() as e:
            found = "reached" if e.reached else "not reached"
            return f"call-back {e.attempt_no} to {n.org(e.org)}: {found}"
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
        case supervision.DeadlineMoved() as e:
            moved = f"moves from {n.at(e.was_due_at)} to {n.at(e.due_at)}"
            said = f"stays {n.at(e.due_at)}" if e.due_at == e.was_due_at else moved
            soft = " (provisional)" if e.provisional else ""
            return f"a calendar was published: {n.timer(e.timer)} {said}{soft}"
        case supervision.SupervisionIssued() as e:
            level = {1: "urged", 2: "put under supervision", 3: "listed"}[e.level]
            return f"{n.org(e.addressee)} {level}: {e.ground}; to answer by {n.at(e.due_at)}"
        case supervision.SupervisionAnswered() as e:
            words = f" with measures {SEALED}" if e.measures else ""
            return f"supervision answered{words}, {'lifted' if e.lifted else 'not lifted'}"
        case supervision.EscalationProposed() as e:
            to = "to be listed" if e.to == "listed" else "to be given to a leader"
            return f"{n.org(e.addressee)} is proposed {to}: {n.timer(e.timer)} was missed"
        case supervision.EscalationDismissed() as e:
            return f"the proposal {e.proposal_id} is not followed: {SEALED}"
        case supervision.OldCaseListed() as e:
            return f"listed as an old case, {'by its age' if e.ground == 'age' else 'by a supervisor'}"
        case supervision.OldCaseDelisted():
            return f"a supervisor took it off the list of old cases, reason {SEALED}"
        case supervision.LeaderAssigned() as e:
            return f"a leader ({e.level}) answers for it; to be resolved by {n.at(e.due_at)}"
        case supervision.LeaderReleased() as e:
            return f"the leader no longer answers for it: {n.small(e.ground)}"
        case supervision.InstructionGiven() as e:
            wants = {"similar": "wants the like looked for", "progress": "asks how far it is"}
            said = f"a leader {wants.get(e.kind, 'instructs')}: {SEALED}"
            return f"{said}; {n.org(e.addressee)} to answer by {n.at(e.due_at)}"
        case supervision.InstructionAnswered() as e:
            found = "" if e.found is None else f", {e.found} similar problems"
            return f"{n.org(e.org)} answered the instruction {SEALED}{found}"
        case supervision.RecommendationMade() as e:
            return (
                f"{n.org(e.addressee)} is recommended to {n.small(e.kind)}: {SEALED}; to answer by "
                f"{n.at(e.due_at)}"
            )
        case supervision.RecommendationAnswered() as e:
            return f"{n.org(e.org)} answered the recommendation: {n.small(e.outcome)}, because {SEALED}"
        case reference.CalendarYearProposed() as e:
            off, on = e.holidays, e.makeup or "none"
            return f"read out of the notice for {e.year}: off {off}, make-up {on}; a person must confirm"
        case reference.CalendarYearRejected() as e:
            return f"what was read for {e.year} is rejected: {e.reason}"
        case reference.KnowledgeProposed() as e:
            return f"knowledge proposed as {e.proposal_id}, for {n.org(e.entry.unit)}; a person must approve"
        case reference.KnowledgeRejected() as e:
            return f"knowledge {e.proposal_id} rejected"
        case reference.KnowledgePublished() as e:
            return (
                f"knowledge, edition {e.edition}, published for {n.org(e.entry.unit)}; it holds until "
                f"{n.at(e.entry.valid_until)}"
            )
        case reference.KnowledgeWithdrawn():
            return "knowledge withdrawn; nobody is answered by it any more"
        case Edition() as e:
            c = e.changes
            unusual = e.accepted_unusual if isinstance(e, reference.PolicyPublished) else ()
            accepted = f"; accepted though unusual: {'; '.join(unusual)}" if unusual else ""
            return (
                f"{e.case_id}, edition {e.edition}, published (added {c.added}, changed {c.changed}, "
                f"removed {c.removed}) by {e.source}{accepted}"
            )
        case _:
            return event.type()
