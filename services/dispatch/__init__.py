"""Dispatch 交办: finds the unit that must act, by the dispatch catalogue and the place; the unit signs.

A unit that says the case is not its own is heard by a judge (派单异议); where several are concerned, or
none, they meet (会商), level by level, until a lead is named.

States CaseAssigned, AssignmentSigned, DisputeProposed, DisputeWithheld, AssignmentDisputed, DisputeDecided,
       CoordinationOpened, CoordinationResolved, AssignmentPassedOn (a dissolved unit's cases go to its successor);
       TerminationProposed, TerminationRejected, CaseTerminated; DispatchStopped, DispatchResumed (it is
       handled with another case, or by itself again).
Hears  CaseAccepted, CaseReferred (in the restricted realm the discipline organ goes on with it);
       ReplySubmitted, ReplyReturned, ReplyDelivered, CaseHeld, HoldLifted: what is answered or on hold is
       returned no more;
       CitizenContacted: who was tried in vain; CaseWithdrawn, CaseLinkChanged, CaseClosed: it is over;
       ReworkOrdered, CaseReopened, PersonalDataErased.
"""
