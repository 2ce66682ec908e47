"""What the dispatch catalogue says goes into the assignment: by what law, from whose mailbox, straight or not."""

import pytest

from libs.events.dispatch import CaseAssigned
from libs.events.intake import CaseAccepted
from services.dispatch.commands import AssignCase
from services.dispatch.decider import decider
from tests.spec import DISPATCHER, RULES, Given, fact, stated


def accepted(**fields: object) -> Given:
    """A case that was accepted on Monday at nine."""
    return Given(decider).facts(fact(CaseAccepted, **fields))


# --------------------------------------------------------------------------------- mailboxes


@pytest.mark.parametrize(
    ("mailbox", "unit"), [("m-mc.shuiwu", "mc.shuiwu"), ("m-mc.yunxi", "mc.yunxi")]
)
def test_what_the_catalogue_knows_no_unit_for_goes_to_whom_was_written(
    mailbox: str, unit: str
) -> None:
    accepted(category="9901", mailbox=mailbox).when(AssignCase, by=DISPATCHER).then(
        stated(CaseAssigned, org=unit, basis="catalogue", catalogue_basis="mailbox")
    )


def test_the_catalogue_stands_before_the_mailbox() -> None:
    accepted(category="0105", mailbox="m-mc.shuiwu").when(AssignCase, by=DISPATCHER).then(
        stated(CaseAssigned, org="mc.chengguan", catalogue_basis="municipal")
    )


@pytest.mark.parametrize(
    "mailbox", ["m-mc.gov", "m-mc.party-1", "m-mc.yunxi.zhongyuan", "m-mc.since.closed"]
)
def test_a_leader_is_given_no_case_by_a_letter_nor_a_street_what_is_not_its_duty(
    mailbox: str,
) -> None:
    pool = RULES.catalogue.route("9901").unit_id
    accepted(category="9901", mailbox=mailbox).when(AssignCase, by=DISPATCHER).then(
        stated(CaseAssigned, org=pool, catalogue_basis="pool")
    )
