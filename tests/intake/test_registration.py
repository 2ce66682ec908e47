"""The rules of registration: what a request must bring, by which channel it came and for whom."""

import pytest

from libs.events.intake import CaseAccepted, CaseRegistered, Place
from services.intake.commands import AcceptCase, RegisterCase
from services.intake.decider import decider
from tests.spec import ACCEPTOR, OPERATOR, Given, sealed, stated

LETTER = {
    "receipt_no": "LX00000000010",
    "channel": "mailbox_county",
    "kind": "K3",
    "title": sealed("路灯不亮"),
    "text": sealed("门前的路灯不亮"),
}
COUNTY_BOX = "m-mc.yunxi"


# --------------------------------------------------------------------------------- mailboxes


@pytest.mark.parametrize(
    ("channel", "mailbox"),
    [
        ("mailbox_secretary", "m-mc.party-1"),
        ("mailbox_mayor", "m-mc.gov"),
        ("mailbox_county", COUNTY_BOX),
        ("mailbox_town", "m-mc.yunxi.zhongyuan"),
        ("web_portal", "m-mc.shuiwu"),
    ],
)
def test_a_letter_says_in_whose_mailbox_it_was_put(channel: str, mailbox: str) -> None:
    letter = LETTER | {"channel": channel, "mailbox": mailbox}
    Given(decider).when(RegisterCase, by=OPERATOR, **letter).then(
        stated(CaseRegistered, channel=channel, mailbox=mailbox)
    )


def test_a_mailbox_that_the_city_does_not_have_is_refused_by_its_name() -> None:
    asked = Given(decider).when(RegisterCase, by=OPERATOR, **LETTER, mailbox="m-mc.nobody")
    asked.then_refused("mailbox: there is no mailbox m-mc.nobody")


@pytest.mark.parametrize(
    ("channel", "mailbox"),
    [("mailbox_mayor", COUNTY_BOX), ("phone_12345", COUNTY_BOX), ("mailbox_town", "m-mc.shuiwu")],
)
def test_a_mailbox_of_another_channel_is_refused(channel: str, mailbox: str) -> None:
    letter = LETTER | {"channel": channel, "mailbox": mailbox}
    Given(decider).when(RegisterCase, by=OPERATOR, **letter).then_refused("mailbox: ")


def test_a_letter_that_names_no_place_is_of_the_area_of_its_mailbox() -> None:
    Given(decider).when(RegisterCase, by=OPERATOR, **LETTER, mailbox=COUNTY_BOX).then(
        stated(CaseRegistered, place=Place(adcode="990102"))
    )


def test_the_place_that_the_citizen_named_stands_before_that_of_the_mailbox() -> None:
    letter = LETTER | {"mailbox": COUNTY_BOX, "adcode": "990103"}
    Given(decider).when(RegisterCase, by=OPERATOR, **letter).then(
        stated(CaseRegistered, place=Place(adcode="990103"))
    )


def test_a_mailbox_of_the_whole_city_says_nothing_of_the_place() -> None:
    letter = LETTER | {"channel": "mailbox_mayor", "mailbox": "m-mc.gov"}
    Given(decider).when(RegisterCase, by=OPERATOR, **letter).then(
        stated(CaseRegistered, place=Place())
    )


def test_who_dispatches_learns_with_the_acceptance_to_whom_was_written() -> None:
    case = Given(decider).when(RegisterCase, by=OPERATOR, **LETTER, mailbox=COUNTY_BOX)
    case.when(AcceptCase, by=ACCEPTOR, category="0105")
    assert case.events is not None
    (accepted,) = [event for event in case.events if isinstance(event, CaseAccepted)]
    assert (accepted.mailbox, accepted.adcode) == (COUNTY_BOX, "990102")
