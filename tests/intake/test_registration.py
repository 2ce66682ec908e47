"""The rules of registration: what a request must bring, by which channel it came and for whom."""

import pytest

from libs.events.intake import CaseAccepted, CaseRegistered, Place
from services.intake.commands import AcceptCase, RegisterCase
from services.intake.decider import decider
from tests.spec import ACCEPTOR, OPERATOR, Given, sealed, stated

LETTER = {
    "receipt_no": "LX00000000010",
    "channel": "mailbox_county",
    "privacy_notice": True,
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


# ---------------------------------------------------------------------------- representatives


VISIT = {**LETTER, "channel": "visit", "privacy_notice": None}
FIVE = tuple(sealed(f"代表{n}") for n in range(5))


def test_many_who_come_with_one_matter_elect_up_to_five_who_speak_for_them() -> None:
    Given(decider).when(RegisterCase, by=OPERATOR, **VISIT, representatives=FIVE).then(
        stated(CaseRegistered, representatives=FIVE, contact_apart=True)
    )
    six = (*FIVE, sealed("代表6"))
    case = Given(decider).when(RegisterCase, by=OPERATOR, **VISIT, representatives=six)
    case.then_refused("representatives: at most 5")


def test_who_writes_a_letter_is_represented_by_nobody() -> None:
    case = Given(decider).when(RegisterCase, by=OPERATOR, **LETTER, representatives=FIVE[:1])
    case.then_refused("representatives: they come by visit")


# --------------------------------------------------------------------------- filing for another


def test_a_daughter_files_for_her_father_whose_case_it_is() -> None:
    filed = {"proxy": "child", "proxy_name": sealed("女儿"), "proxy_phone": sealed("139")}
    own = {"name": sealed("父亲"), "phone": sealed("138")}
    Given(decider).when(RegisterCase, by=OPERATOR, **LETTER, **filed, **own).then(
        stated(CaseRegistered, **filed, **own)
    )


def test_a_cadre_helps_at_the_citizens_home() -> None:
    visit = VISIT | {"channel": "grid_worker", "proxy": "cadre"}
    Given(decider).when(RegisterCase, by=OPERATOR, **visit).then(
        stated(CaseRegistered, proxy="cadre", proxy_name=None)
    )


@pytest.mark.parametrize("field", ["proxy_name", "proxy_phone"])
def test_who_files_for_another_says_how_they_stand_to_each_other(field: str) -> None:
    case = Given(decider).when(RegisterCase, by=OPERATOR, **LETTER, **{field: sealed("139")})
    case.then_refused("proxy: ")


def test_who_is_anonymous_brings_no_name() -> None:
    hidden = LETTER | {"identity_mode": "anonymous", "name": sealed("张三")}
    Given(decider).when(RegisterCase, by=OPERATOR, **hidden).then_refused("name: ")


# ------------------------------------------------------------------------------ privacy notice


@pytest.mark.parametrize(
    "channel", ["web_portal", "app", "wechat", "qr_code", "board_local", "mailbox_mayor"]
)
@pytest.mark.parametrize("shown", [None, False])
def test_our_own_form_is_not_taken_before_its_notice_was_shown(
    channel: str, shown: bool | None
) -> None:
    message = LETTER | {"channel": channel, "privacy_notice": shown}
    case = Given(decider).when(RegisterCase, by=OPERATOR, **message)
    case.then_refused(f"privacy_notice: {channel}")
    Given(decider).when(RegisterCase, by=OPERATOR, **message | {"privacy_notice": True}).then(
        stated(CaseRegistered, privacy_notice=True)
    )


@pytest.mark.parametrize("channel", ["phone_12345", "import", "letter", "from_110"])
def test_what_comes_by_no_form_of_ours_is_registered_without_it(channel: str) -> None:
    message = LETTER | {"channel": channel, "privacy_notice": None}
    Given(decider).when(RegisterCase, by=OPERATOR, **message).then(
        stated(CaseRegistered, privacy_notice=None)
    )
