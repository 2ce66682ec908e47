"""Evaluation 评价: calls back, takes the citizen's rating and requests for review, and closes the case;
or lets the unit do it again.

States CallbackRecorded, EvaluationSubmitted, ReworkOrdered, ReviewRequested, ReviewDecided, CaseClosed.
Hears  CaseAccepted, CaseReferred, CaseAssigned, ReplyDelivered, CaseHeld, HoldLifted, SupervisionIssued,
       SupervisionAnswered; DisputeDecided, CoordinationOpened: the case is taken from its unit.
"""
