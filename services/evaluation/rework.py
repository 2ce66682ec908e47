"""The rules of doing it again (重办). Nothing here waits, reads or writes."""

from typing import Literal

from libs.events.base import Event, in_round
from libs.events.evaluation import ReworkOrdered
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.evaluation.commands import OrderRework, ReworkAsSupervised
from services.evaluation.guards import must_be_answered, must_be_independent
from services.evaluation.state import Verdict

DISSATISFIED = frozenset({"dissatisfied", "very_dissatisfied"})
POLICY_LIMIT = "policy_limit"
"""The reason code of what no policy in force allows (现行政策无法解决)."""
ReworkReason = Literal["dissatisfied_unresolved", "perfunctory", "false_reply", "review_revoked"]


def order_rework(command: OrderRework, case: Verdict, rules: Rules) -> list[Event]:
    """A named person who had no part in it lets the unit do it again, on a trigger of the policy and as
    often as that allows; what no policy can solve only if there is something new (transition 32)."""
    if case.delivered_at is not None and case.reply_id == case.reworked:
        return []
    must_be_answered(case)
    if case.evaluation_until is None:
        raise Refused("A referred case is not reworked for the hotline.")
    if case.held:
        raise Refused("The case is on hold (挂账); the hold must be lifted first.")
    if case.reviews.open is not None:
        raise Refused("The level above looks at it; its decision comes first.")
    if case.reviews.final:
        raise Refused("The case has been finally reviewed (三级终结).")
    must_be_independent(command, case, "order a rework")
    policy = rules.pack(case.policy).rework
    if command.reason not in policy.triggers:
        raise Refused(f"reason: a rework is ordered for one of: {', '.join(policy.triggers)}.")
    if command.reason == "dissatisfied_unresolved" and not is_dissatisfied(case):
        raise Refused("The citizen has not said that it is unsolved or unsatisfactory.")
    if _is_of_policy(case) and not command.new_facts:
        raise Refused(
            "No policy in force allows what is asked (policy_limit), and there are no new_facts."
        )
    if case.reworks >= policy.max_rounds:
        raise Refused(
            f"It was reworked {case.reworks} times, the most there is; it must be supervised."
        )
    return [rework(command, case, rules, command.reason, command.note)]


def rework_as_supervised(
    command: ReworkAsSupervised, case: Verdict, rules: Rules
) -> list[Event]:
    """The answer that a supervisor found bad is done again, however often it was before (transition 33).
    Where a rework could not be ordered either, the supervision alone stands."""
    stands = case.answered_at is not None and case.reply_id == command.reply_id
    elsewhere = case.held or case.reviews.open is not None or case.reviews.final
    if not stands or elsewhere or case.evaluation_until is None:
        return []
    return [rework(command, case, rules, command.reason, None)]


def rework(
    command: Command, case: Verdict, rules: Rules, reason: ReworkReason, note: str | None
) -> ReworkOrdered:
    """That the unit must do it again, within the pack's limit."""
    due = rules.due(case.policy, "REWORK", case.sla_class, case.track, command.occurred_at)
    ordinal = case.reworks + 1
    return ReworkOrdered(
        **command.stamp(rules.versions_of(case.policy), case.round),
        rework_id=f"{in_round(command.case_id, case.round)}.w{ordinal}",
        ordinal=ordinal,
        assignment_id=case.assignment_id,
        org=case.unit_id or case.org,
        reply_id=case.reply_id,
        reason=reason,
        note=note,
        due_rework=due.at,
        answer=case.answers,
    )


def _is_of_policy(case: Verdict) -> bool:
    rating = case.rated.get("handling")
    codes = (case.called and case.called.reason_code, rating and rating.reason_code)
    return POLICY_LIMIT in codes


def is_dissatisfied(case: Verdict) -> bool:
    """Whether the citizen has said that it is unsolved or unsatisfactory."""
    call, rating = case.called, case.rated.get("handling")
    said_no = call is not None and (call.resolved in ("no", "partly") or call.level in DISSATISFIED)
    return said_no or (rating is not None and rating.level in DISSATISFIED)
