"""Feedback 反馈: the unit reaches the citizen, answers every claim; the answer is reviewed and delivered.

States CitizenContacted, ReplySubmitted, ReplyApproved, ReplyReturned, ReplyDelivered.
Hears  CaseRegistered (claims and channel), CaseAccepted, CaseReferred (policy), CaseAssigned,
       AssignmentSigned, PersonalDataErased.
"""
