"""Intake 受理: a citizen's request becomes a case, is classified, and is accepted, declined or referred.

States CaseRegistered, CaseClassified, InformationRequested, CaseSupplemented, CaseAccepted, DeclineProposed,
       DeclineRejected, CaseDeclined, CaseReferred, CaseLinkChanged, AnsweredAtDesk, PraiseForwarded,
       AnswerContested, PersonalDataErased; of publication, recusal and keeping what their files name;
       WithdrawalRequested, WithdrawalConfirmed, WithdrawalCancelled, CaseWithdrawn; ReopeningAsked,
       ReopeningDeclined, CaseReopened.
Hears  what becomes of the case, to tell the citizen: CaseAssigned, AssignmentSigned, AssignmentDisputed,
       DisputeDecided, CoordinationOpened, CoordinationResolved, ExtensionDecided, ClockAdjusted, CaseHeld,
       HoldLifted, ReplySubmitted, ReplyReturned, ReplyDelivered, ReworkOrdered, CaseTerminated, CaseClosed,
       DispatchStopped.
"""
