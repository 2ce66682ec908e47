"""Supervision 督办: keeps the clock of every step, warns, states breaches, calls units to account, tells people.

States DeadlineWarned, DeadlineBreached, BreachRetracted, DeadlineMoved; SupervisionIssued, SupervisionAnswered,
       EscalationProposed, EscalationDismissed; LeaderAssigned, LeaderReleased, OldCaseListed, OldCaseDelisted;
       InstructionGiven,
       InstructionAnswered, RecommendationMade, RecommendationAnswered.
Hears  every start and end of a step, and what moves, stops or ends a clock on its way: all main facts of
       intake, dispatch, feedback and evaluation.
"""
