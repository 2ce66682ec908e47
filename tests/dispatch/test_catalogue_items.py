"""What the dispatch catalogue says goes into the assignment: by what law, from whose mailbox, straight or not."""

from dataclasses import replace

import pytest

from libs.events.base import SYSTEM
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.feedback import ReplySubmitted
from libs.events.intake import CaseAccepted
from libs.rules.catalogue import Item
from libs.rules.rules import Rules
from libs.rules.states import SlaClass
from services.dispatch.commands import AssignCase
from services.dispatch.decider import decider
from services.dispatch.policy import react
from tests.spec import CASE, CLERK, DISPATCHER, LATER, RULES, UNIT, Given, fact, sealed, stated

LAW = "明川市燃气管理条例 Art. 12"
LEAK = {"category": "1103", "sla_class": "E", "adcode": "990102"}
STRAIGHT = Item("1103", "mc.ranqi", LAW, direct=True)
WHY = sealed("属水务局职责")


def accepted(rules: Rules = RULES, **fields: object) -> Given:
    """A case that was accepted on Monday at nine."""
    return Given(decider, rules).facts(fact(CaseAccepted, **fields))


def with_items(*items: Item, direct: str = "EU") -> Rules:
    """The shipped rules with published entries, and what the policy sends straight to the unit."""
    name = RULES.default_pack
    pack = RULES.packs[name]
    auto = pack.auto_dispatch.model_copy(update={"direct": tuple(map(SlaClass, direct))})
    packs = {**RULES.packs, name: pack.model_copy(update={"auto_dispatch": auto})}
    return replace(RULES, items=items, packs=packs)


def alone(rules: Rules, **fields: object) -> bool:
    """Whether an accepted case is assigned without a dispatcher."""
    event = fact(CaseAccepted, **fields)
    return bool(react(event, decider.evolve(decider.initial, event), rules))


# ---------------------------------------------------------------------------- law and 工单直派


def test_an_assignment_names_the_law_of_the_entry_and_that_it_went_straight() -> None:
    accepted(with_items(STRAIGHT), **LEAK).when(AssignCase, by=DISPATCHER).then(
        stated(CaseAssigned, org="mc.ranqi", catalogue_basis="listed", law=LAW, direct=True)
    )


def test_another_unit_than_the_entrys_has_not_its_law() -> None:
    case = accepted(with_items(STRAIGHT), **LEAK)
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.shuiwu", note=WHY).then(
        stated(CaseAssigned, org="mc.shuiwu", basis="designated", law="", direct=False)
    )


def test_who_assists_is_not_there_by_the_entrys_law() -> None:
    case = accepted(with_items(STRAIGHT), **LEAK)
    case.when(AssignCase, by=DISPATCHER, assists=("mc.shuiwu",)).then(
        stated(CaseAssigned, law=LAW, direct=True),
        stated(CaseAssigned, org="mc.shuiwu", role="assist", law="", direct=False),
    )


def test_an_urgent_matter_goes_straight_to_the_unit_where_policy_and_entry_say_so() -> None:
    assert alone(with_items(STRAIGHT), **LEAK)
    assert not alone(with_items(STRAIGHT, direct=""), **LEAK)
    assert not alone(with_items(STRAIGHT, direct="U"), **LEAK)
    assert not alone(with_items(replace(STRAIGHT, direct=False)), **LEAK)
    assert not alone(RULES, **LEAK)


def test_an_entry_settles_whose_a_matter_is_that_several_departments_touch() -> None:
    flood = {"category": "0110", "sla_class": "E"}
    assert alone(with_items(Item("0110", "mc.shuiwu", LAW, direct=True)), **flood)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "K4"},
        {"kind": "K4a"},
        {"category": "1402", "sla_class": "X"},
        {"category": "1202", "sla_class": "R"},
        {"secrecy": "sealed"},
    ],
    ids=str,
)
def test_a_report_a_petition_and_a_referral_never_go_straight(fields: dict[str, str]) -> None:
    category = fields.get("category", "1103")
    straight = with_items(replace(STRAIGHT, category=category))
    assert not alone(straight, **LEAK | fields)


def test_a_retaliation_report_never_goes_straight() -> None:
    assert not alone(with_items(STRAIGHT), **LEAK | {"category": "1605"})


# ------------------------------------------------------------------ what the system did, undone


def given_by_the_system(**fields: object) -> Given:
    return accepted().facts(fact(CaseAssigned, automatic=True, by=SYSTEM, **fields))


def test_what_the_system_assigned_a_dispatcher_takes_back_with_a_reason() -> None:
    case = given_by_the_system()
    case.when(AssignCase, by=DISPATCHER, at=LATER, unit_id="mc.shuiwu", note=WHY).then(
        stated(
            CaseAssigned,
            assignment_id=f"{CASE}.2",
            org="mc.shuiwu",
            basis="designated",
            automatic=False,
            prev_assignment=f"{CASE}.1",
        )
    )
    case.when(AssignCase, by=DISPATCHER, unit_id=UNIT, note=WHY).then_refused("must return it")


def test_without_a_reason_it_stays_where_it_is() -> None:
    case = given_by_the_system().when(AssignCase, by=DISPATCHER, unit_id="mc.shuiwu")
    case.then_refused("give a note")


def test_the_system_takes_nothing_back() -> None:
    case = given_by_the_system().when(AssignCase, by=SYSTEM, unit_id="mc.shuiwu", note=WHY)
    case.then_refused("must return it")


@pytest.mark.parametrize("since", [fact(AssignmentSigned, by=CLERK), fact(ReplySubmitted)])
def test_what_a_person_has_signed_for_is_returned_by_the_unit_alone(since: object) -> None:
    case = given_by_the_system().facts(since)  # type: ignore[arg-type]
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.shuiwu", note=WHY).then_refused(
        "must return it"
    )


def test_what_a_person_assigned_is_not_taken_back() -> None:
    case = accepted().facts(fact(CaseAssigned, by=DISPATCHER))
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.shuiwu", note=WHY).then_refused(
        "must return it"
    )


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
