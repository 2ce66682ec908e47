"""Feedback 反馈: the unit reaches the citizen, answers every claim; the answer is reviewed and delivered.
Meanwhile it reports how far it is, and its time may be extended, stopped, or end in a hold.

States CitizenContacted, ProgressReported, ExtensionRequested, ExtensionDecided, ClockAdjustmentRequested,
       ClockAdjustmentRefused, ClockAdjusted, HoldRequested, HoldRefused, CaseHeld, HoldLifted,
       ReplyDrafted, DraftReturned, ReplySubmitted, ReplyApproved, ReplyReturned, ReplyDelivered; of
       promises CommitmentMade, CommitmentFellDue, CommitmentReported.
Hears  CaseRegistered and CaseSupplemented (claims and channel), CaseAccepted, CaseReferred (policy),
       CaseAssigned, AssignmentSigned, AssignmentPassedOn, AssignmentDisputed, DisputeDecided,
       CoordinationOpened, DispatchStopped (which unit), ReworkOrdered, PersonalDataErased; ReviewRequested,
       ReviewDeclined, ReviewDecided (no hold meanwhile); CaseLinkChanged (who
       else reads the answer); CaseWithdrawn, CaseTerminated, CaseClosed: it is over; CaseReopened.
"""
