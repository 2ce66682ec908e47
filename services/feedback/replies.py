"""The rules of a unit's answer until it is handed in: drafted by the clerk, returned or signed by the head.

Nothing here waits, reads or writes. Whoever may draft and sign stands in ``libs.rules.rights``.
"""

from collections.abc import Sequence
from typing import Any

from libs.events.base import Event, in_round
from libs.events.feedback import (
    ClaimAnswer,
    Commitment,
    DraftReturned,
    ReplyDrafted,
    ReplySubmitted,
)
from libs.rules.rules import Rules
from libs.sourcing.decider import Command, Refused
from services.feedback.clock import must_be_in_hand, must_be_with_the_caller
from services.feedback.commands import Answered, DraftReply, ReturnDraft, SubmitReply
from services.feedback.commitments import must_hold_together, outcome_of
from services.feedback.state import Draft, Handling

Words = DraftReply | SubmitReply | Draft
"""What an answer says: as it is written now, or as the clerk has drafted it."""


def draft_reply(command: DraftReply, case: Handling, rules: Rules) -> list[Event]:
    """The clerk writes the answer, and it waits for the head's signature (transition 26); a later draft
    takes the place of an earlier. The unit's clock runs on."""
    _must_be_to_answer(command, case)
    _must_answer(command, command, case)
    return [
        ReplyDrafted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            draft_id=_next_draft(command, case),
            **_said(command),
        )
    ]


def return_draft(command: ReturnDraft, case: Handling, rules: Rules) -> list[Event]:
    """The head does not sign what the clerk has drafted, and says why (transition 26)."""
    _must_be_to_answer(command, case)
    draft = case.current_draft
    if draft is not None and draft.returned and draft.draft_id == command.draft_id:
        return []
    draft = _waiting(command.draft_id, case)
    return [
        DraftReturned(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            draft_id=draft.draft_id,
            reason=command.reason,
        )
    ]


def submit_reply(command: SubmitReply, case: Handling, rules: Rules) -> list[Event]:
    """An answer to each numbered claim, signed by the unit's head who hands it in (transition 26, 条例
    Art. 32). A clock that stands still does not keep the unit from answering; who assists does not answer."""
    _must_be_to_answer(command, case)
    words = _words_to_sign(command, case)
    _must_answer(words, command, case)
    audit = rules.due(case.policy, "AUDIT", case.sla_class, case.track, command.occurred_at)
    return [
        ReplySubmitted(
            **command.stamp(rules.versions_of(case.policy), case.round),
            assignment_id=case.assignment_id,
            org=case.unit_id or "",
            reply_id=f"{in_round(command.case_id, case.round)}.r{case.replies + 1}",
            signer=command.by.id,
            due_audit=audit.at,
            **_said(words),
        )
    ]


def _must_be_to_answer(command: Command, case: Handling) -> None:
    must_be_with_the_caller(command, case)
    if case.under_review:
        raise Refused("A reply waits for review already.")
    must_be_in_hand(case)


def _words_to_sign(command: SubmitReply, case: Handling) -> SubmitReply | Draft:
    """The words of the command, or those of the draft that it names, exactly as they stand."""
    if command.draft_id is None:
        if command.text is None:
            raise Refused("text: write the answer, or name by draft_id the draft that is signed.")
        return command
    if command.answers or command.text or command.evidence or command.commitments:
        raise Refused(
            "draft_id: a draft is signed exactly as it stands; leave answers, text, evidence and "
            "commitments out, or leave draft_id out and hand in words of your own."
        )
    return _waiting(command.draft_id, case)


def _next_draft(command: Command, case: Handling) -> str:
    """Which draft of which reply it is."""
    number = 1 if case.draft is None else case.draft.number + 1
    return f"{in_round(command.case_id, case.round)}.r{case.replies + 1}.d{number}"


def _waiting(draft_id: str, case: Handling) -> Draft:
    """The draft that waits for the head's signature, if it is the one that is named."""
    draft = case.current_draft
    if draft is None:
        raise Refused("draft_id: no draft waits for the signature of the unit's head.")
    if draft.draft_id != draft_id:
        raise Refused(f"draft_id: {draft_id} is not the newest draft; read {draft.draft_id} first.")
    if draft.returned:
        raise Refused("draft_id: this draft was returned to the clerk, who writes another.")
    return draft


def _must_answer(words: Words, command: Command, case: Handling) -> None:
    """Refuse what does not answer each claim once, or not as it must be answered."""
    wanted = set(range(1, max(case.claims, 1) + 1))
    given = [a.claim for a in words.answers]
    if set(given) != wanted or len(given) != len(wanted):
        raise Refused(f"Answer each claim once: {sorted(wanted)}; given: {sorted(given)}.")
    must_hold_together(words.answers, words.commitments, command.occurred_at, case)
    if case.track == "xinfang":
        _must_be_a_written_opinion(words.answers)


def _must_be_a_written_opinion(answers: Sequence[Answered | ClaimAnswer]) -> None:
    """A 信访处理意见书 gives, for each claim, an outcome with its basis in law (信访工作条例 Art. 32); its
    remedies are told with the delivery (Art. 35, 36)."""
    without = [answer.claim for answer in answers if answer.basis is None]
    if without:
        raise Refused(
            f"answers: a petition is answered with the legal basis of each claim (信访工作条例 Art. 32); "
            f"it lacks for claim {', '.join(map(str, sorted(without)))}."
        )


def _said(words: Words) -> dict[str, Any]:
    """What an answer says, as a fact has it."""
    return {
        "answers": tuple(
            ClaimAnswer(claim=a.claim, outcome=outcome_of(a), basis=a.basis, proposal=a.proposal)
            for a in words.answers
        ),
        "text": words.text,
        "evidence": words.evidence,
        "traces": words.traces,
        "commitments": tuple(
            Commitment(claim=p.claim, text=p.text, due_at=p.due_at, every=p.every)
            for p in words.commitments
        ),
    }
