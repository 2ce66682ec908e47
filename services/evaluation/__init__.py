"""Evaluation 评价: calls back, takes the citizen's rating and requests for review, and closes the case.

States CallbackRecorded, EvaluationSubmitted, ReviewRequested, ReviewDecided, CaseClosed.
Hears  CaseAccepted, CaseReferred, CaseAssigned, ReplyDelivered, SupervisionIssued, SupervisionAnswered.
"""
