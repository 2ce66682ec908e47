"""Dispatch after an edition of the units or the taxonomy: nothing goes to who may not have it."""

import dataclasses

from libs.events.dispatch import CaseAssigned
from libs.events.intake import CaseAccepted
from libs.rules.organisations import Organisation, Organisations
from libs.rules.rules import Rules
from libs.rules.succession import Successor
from libs.rules.taxonomy import Taxonomy
from services.dispatch.commands import AssignCase
from services.dispatch.decider import decider
from tests.spec import DISPATCHER, RULES, Given, fact, sealed, stated

WHY = sealed("街道就近处理")
STREET = "mc.yunxi.zhongyuan"


def merged() -> Rules:
    """The shipped rules after Parks was merged into Urban Management."""

    def after(unit: Organisation) -> Organisation:
        if unit.unit_id != "mc.yuanlin":
            return unit
        heir = (Successor("mc.chengguan"),)
        return dataclasses.replace(unit, dissolved=True, successors=heir)

    units = Organisations("t/2", RULES.organisations.adcode, map(after, RULES.organisations))
    return dataclasses.replace(RULES, organisations=units)


def retired(code: str) -> Rules:
    """The shipped rules after a category was retired."""
    old = RULES.taxonomy
    new = Taxonomy("t2", old.fields, (leaf for leaf in old.leaves if leaf.code != code))
    return dataclasses.replace(RULES, taxonomy=new, older_taxonomies=(old,))


def accepted(rules: Rules, category: str) -> Given:
    return Given(decider, rules).facts(fact(CaseAccepted, category=category))


def test_what_a_dissolved_unit_would_have_led_is_assigned_to_its_successor() -> None:
    accepted(merged(), "0114").when(AssignCase).then(stated(CaseAssigned, org="mc.chengguan"))


def test_nobody_assigns_a_case_to_a_dissolved_unit() -> None:
    case = accepted(merged(), "0114")
    case.when(AssignCase, by=DISPATCHER, unit_id="mc.yuanlin", note=WHY).then_refused(
        "mc.yuanlin was dissolved; its successor is mc.chengguan"
    )


def test_nobody_assigns_to_a_street_what_its_duty_list_does_not_name() -> None:
    case = accepted(RULES, "0106")
    case.when(AssignCase, by=DISPATCHER, unit_id=STREET, note=WHY).then_refused(
        f"0106 is not on the duty list of {STREET}"
    )
    case = accepted(RULES, "1305")
    case.when(AssignCase, by=DISPATCHER, unit_id=STREET, note=WHY).then(
        stated(CaseAssigned, org=STREET, basis="designated")
    )


def test_a_case_of_a_retired_category_is_still_assigned() -> None:
    accepted(retired("0106"), "0106").when(AssignCase).then(
        stated(CaseAssigned, org="mc.chengguan", sla_class="G")
    )
