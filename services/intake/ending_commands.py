"""What can be asked about ending a case and taking it up anew. It decides nothing."""

from typing import Literal

from libs.sourcing.decider import Command
from libs.sourcing.words import Code, PersonalWords


class RequestWithdrawal(Command):
    """The citizen withdraws (撤回): by own code, or through an operator by telephone or letter. No reason is
    asked; until the cooling-off is over it can be taken back."""

    via: Literal["code", "phone", "letter"] = "code"


class PassOnWithdrawal(Command):
    """A unit says that the citizen wants to withdraw; nothing follows before somebody independent has heard it
    from the citizen."""


class ConfirmWithdrawal(Command):
    """An agent who is not of the unit has called the citizen, who wants to withdraw."""


class CancelWithdrawal(Command):
    """The citizen goes on with the case, or never wanted to withdraw it."""


class CompleteWithdrawal(Command):
    """The cooling-off is over. Nobody asks for it but the clock, which names the instant."""


class AskReopening(Command):
    """The citizen asks that the case be taken up anew, and says why."""

    reason: PersonalWords


class DeclineReopening(Command):
    """The case is not taken up anew, with the reason and what remains to the citizen."""

    reason: PersonalWords
    remedy: PersonalWords


class ReopenCase(Command):
    """Take a case up anew that has ended: new facts, a remedy that succeeded, an officer's error.

    ``category`` where it shall be another than it had, or where it had none.
    """

    ground: Literal["new_facts", "remedy_succeeded", "officer_error"]
    reason: PersonalWords
    category: Code | None = None


EndingCommand = (
    RequestWithdrawal
    | PassOnWithdrawal
    | ConfirmWithdrawal
    | CancelWithdrawal
    | CompleteWithdrawal
    | AskReopening
    | DeclineReopening
    | ReopenCase
)
