"""What intake can be asked about recusal, publication and how a case is kept."""

from typing import Literal

from libs.events.intake import RecusalGround
from libs.sourcing.decider import Command
from libs.sourcing.words import Code, PersonalWords


class RecuseSelf(Command):
    """Say of oneself that one must keep out of a case (自行回避)."""

    ground: RecusalGround


class ClaimRecusal(Command):
    """Ask, as the citizen, that somebody keep out of the case (申请回避): who and why, in words; by
    ``account`` if it is known."""

    reason: PersonalWords
    account: Code | None = None


class DecideRecusal(Command):
    """Decide what the citizen asked for; ``account`` is who must keep out, ``reason`` what the citizen is
    told."""

    claim_id: Code
    outcome: Literal["granted", "denied"]
    reason: PersonalWords
    account: Code | None = None
    ground: RecusalGround = "interest_in_matter"


class LiftRecusal(Command):
    """Let an account act on the case again, since the reason is gone."""

    account: Code
    reason: PersonalWords


RecusalCommand = RecuseSelf | ClaimRecusal | DecideRecusal | LiftRecusal
