"""Dispatch 交办: finds the unit that must act, by the dispatch catalogue and the place; the unit signs.

States CaseAssigned, AssignmentSigned.
Hears  CaseAccepted, CaseReferred (in the restricted realm the discipline organ goes on with it).
"""
