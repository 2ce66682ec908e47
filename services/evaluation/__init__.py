"""Evaluation 评价: calls back citizen and unit, takes the citizen's rating and requests for review, and closes
the case; or lets the unit do it again. What counts in a unit's score can be contested here.

States CallbackRecorded, EvaluationSubmitted, ReworkOrdered, CaseClosed; of reviews ReviewRequested,
       ReviewAccepted, ReviewDeclined, HearingOpened, HearingClosed, ReviewDecisionProposed,
       ReviewDecisionReturned, ReviewDecided.
       About scores ScoreAppealed, AppealDismissed, PanelConvened, PanelMemberRecused, PanelFindingFiled,
       ThirdPartyAssessed, ExclusionProposed, ExclusionDecided; and UnitCallbackRecorded.
Hears  CaseAccepted, CaseReferred, AnsweredAtDesk, PraiseForwarded, AnswerContested, CaseAssigned, ReplyApproved,
       ReplyReturned, ReplyDelivered, CaseHeld, HoldLifted, SupervisionIssued (a bad answer is done again),
       SupervisionAnswered, CaseArchived (nothing is asked of it any more),
       PersonalDataErased; CaseWithdrawn, CaseReopened, CaseLinkChanged, CaseTerminated: ends; DisputeDecided,
       CoordinationOpened, DispatchStopped: the case is taken from its unit; DeadlineBreached,
       BreachRetracted: what counts; RecusalRecorded, RecusalLifted: who sits on no panel.
"""
