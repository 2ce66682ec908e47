"""The rules of dispatch: one lead unit, by the catalogue or with a reason, all limits at once."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.base import SYSTEM, Actor
from libs.events.dispatch import AssignmentSigned, CaseAssigned
from libs.events.intake import CaseAccepted, CaseReferred
from libs.rules.rules import Rules
from services.dispatch.commands import AssignCase, SignAssignment
from services.dispatch.decider import decider
from services.dispatch.policy import react
from tests.spec import (
    CASE,
    CLERK,
    DISPATCHER,
    DUE,
    LATER,
    RULES,
    UNIT,
    Given,
    any_history,
    china,
    fact,
    fold,
    sealed,
    shuffled,
    stated,
)

WHY = sealed("井盖属水务局")
OFFICER = Actor(id="jiwei-1", role="discipline_officer", org="mc.jiwei")


def accepted(**fields: object) -> Given:
    """A case that was accepted on Monday at nine."""
    return Given(decider).facts(fact(CaseAccepted, **fields))


# --------------------------------------------------------------------------------- assignment


def test_the_catalogue_names_the_unit_and_all_limits_start_with_the_assignment() -> None:
    accepted().when(AssignCase, by=DISPATCHER).then(
        stated(
            CaseAssigned,
            assignment_id=f"{CASE}.1",
            org=UNIT,
            basis="catalogue",
            catalogue_basis="municipal",
            automatic=False,
            due_sign=china("2026-03-03 10:00"),
            due_contact=china("2026-03-03 10:00"),
            due_handle=china("2026-03-10 00:00"),
            provisional=False,
        )
    )


def test_in_a_district_the_districts_department_leads() -> None:
    accepted(adcode="990102").when(AssignCase).then(
        stated(CaseAssigned, org="mc.yunxi.chengguan", catalogue_basis="district", automatic=True)
    )


@pytest.mark.parametrize(
    ("sla", "track", "contact", "handle"),
    [
        ("Q", "hotline", "2026-03-02 14:00", "2026-03-04 00:00"),
        ("E", "hotline", "2026-03-02 09:30", "2026-03-02 11:00"),
        ("U", "hotline", "2026-03-02 11:00", "2026-03-03 09:00"),
        ("C", "hotline", "2026-03-03 10:00", "2026-03-24 00:00"),
        ("X", "xinfang", "2026-03-18 00:00", "2026-05-07 00:00"),
        ("M", "market", "2026-03-03 10:00", "2026-05-09 00:00"),
        ("P", "proposal", "2026-03-03 10:00", "2026-03-24 00:00"),
        ("R", "hotline", "2026-03-03 10:00", "2026-03-04 00:00"),
    ],
)
def test_contact_and_answer_are_due_by_the_class(
    sla: str, track: str, contact: str, handle: str
) -> None:
    accepted(sla_class=sla, track=track).when(AssignCase).then(
        stated(CaseAssigned, due_contact=china(contact), due_handle=china(handle))
    )


def test_a_limit_that_ends_in_an_unpublished_year_is_provisional() -> None:
    accepted(sla_class="X", track="xinfang").when(AssignCase, at=china("2026-12-01 09:00")).then(
        stated(CaseAssigned, provisional=True)
    )


def test_another_unit_than_the_catalogues_needs_a_note_that_says_why() -> None:
    case = accepted().when(AssignCase, by=DISPATCHER, unit_id="mc.shuiwu")
    case.then_refused("The catalogue says mc.chengguan")
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.shuiwu", note=WHY).then(
        stated(CaseAssigned, org="mc.shuiwu", basis="designated")
    )


def test_a_unit_that_does_not_exist_is_given_nothing() -> None:
    accepted().when(AssignCase, unit_id="mc.nobody", note=WHY).then_refused("no unit mc.nobody")


def test_a_case_that_is_not_accepted_is_not_assigned() -> None:
    Given(decider).when(AssignCase).then_refused("not accepted")
    referred = Given(decider).facts(fact(CaseReferred, ground="D02", due=None))
    referred.when(AssignCase).then_refused("not accepted")


def test_assigned_twice_is_assigned_once_and_there_is_one_lead() -> None:
    case = accepted().facts(fact(CaseAssigned))
    case.when(AssignCase, by=DISPATCHER).then_nothing()
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.shuiwu", note=WHY).then_refused(
        "it must return it first"
    )


def test_a_report_on_an_official_goes_to_the_discipline_organ() -> None:
    report = {"track": "restricted", "category": "1602", "sla_class": "R", "due": DUE}
    Given(decider).facts(fact(CaseReferred, ground="D05", **report)).when(
        AssignCase, by=OFFICER
    ).then(stated(CaseAssigned, org="mc.jiwei", basis="competence"))


@pytest.mark.parametrize("unit", ["mc.chengguan", "mc.yunxi", "mc.gov", "mc.yunxi.chengguan"])
def test_no_note_brings_a_report_on_an_official_to_another_than_a_discipline_organ(
    unit: str,
) -> None:
    report = {"track": "restricted", "category": "1602", "sla_class": "R", "due": DUE}
    case = Given(decider).facts(fact(CaseReferred, ground="D05", **report))
    case.when(AssignCase, by=OFFICER, unit_id=unit, note=WHY).then_refused("discipline organ")
    case.when(AssignCase, by=OFFICER, unit_id="province.jiwei", note=WHY).then(
        stated(CaseAssigned, org="province.jiwei", basis="designated")
    )


# ------------------------------------------------------------------------------------ signing


def test_the_unit_that_has_the_case_signs_once() -> None:
    case = accepted().facts(fact(CaseAssigned))
    case.when(SignAssignment, by=CLERK, at=LATER).then(
        stated(AssignmentSigned, assignment_id=f"{CASE}.1", org=UNIT)
    )
    case.when(SignAssignment, by=CLERK, at=LATER).then_nothing()


def test_nobody_signs_for_another_unit() -> None:
    stranger = Actor(id="clerk-2", role="unit_clerk", org="mc.shuiwu")
    case = accepted().facts(fact(CaseAssigned))
    case.when(SignAssignment, by=stranger).then_refused("only that unit can sign it")
    case.facts(fact(AssignmentSigned)).when(SignAssignment, by=stranger).then_refused("only that")


def test_there_is_nothing_to_sign_before_the_assignment() -> None:
    accepted().when(SignAssignment, by=CLERK).then_refused("with no unit yet")


# --------------------------------------------------------------------- what the system may do


def rules_that(**auto: object) -> Rules:
    """The shipped rules, but the catalogue may assign alone as said."""
    name = RULES.default_pack
    pack = RULES.packs[name]
    changed = pack.auto_dispatch.model_copy(update={"enabled": True, **auto})
    return replace(
        RULES, packs={**RULES.packs, name: pack.model_copy(update={"auto_dispatch": changed})}
    )


def alone(rules: Rules = RULES, **fields: object) -> bool:
    """Whether an accepted case is assigned without a dispatcher."""
    event = fact(CaseAccepted, **fields)
    wishes = react(event, decider.evolve(decider.initial, event), rules)
    assert all(
        (w.by, w.case_id, w.occurred_at) == (SYSTEM, CASE, event.occurred_at) for w in wishes
    )
    return bool(wishes)


def test_the_system_assigns_alone_only_where_the_policy_says_so() -> None:
    assert not alone()
    assert alone(rules_that())
    assert not alone(rules_that(), sla_class="C")


@pytest.mark.parametrize(
    "fields",
    [
        {"sla_class": "E", "category": "1103"},
        {"sla_class": "X", "category": "1402"},
        {"sla_class": "R", "category": "1202"},
        {"kind": "K4"},
        {"kind": "K4a"},
        {"kind": "K4b"},
        {"category": "1601"},
        {"category": "1604"},
        {"category": "9901"},
        {"secrecy": "sealed"},
        {"category": "0102"},
    ],
    ids=str,
)
def test_a_person_assigns_what_is_grave_restricted_or_touches_several_departments(
    fields: dict[str, str],
) -> None:
    assert not alone(rules_that(), **fields)


def test_what_the_system_assigned_is_marked_as_its_doing() -> None:
    accepted().when(AssignCase, by=SYSTEM).then(stated(CaseAssigned, automatic=True))


@given(any_history, st.randoms(use_true_random=False))
def test_facts_of_several_owners_may_come_in_any_order(history: list, random: Random) -> None:
    assert fold(decider, shuffled(history, random)) == fold(decider, history)
