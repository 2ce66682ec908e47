"""Intake after an edition of the taxonomy that retires a category: what is old still works."""

import dataclasses

from libs.events.intake import CaseAccepted, CaseClassified, CaseReferred, CaseRegistered
from libs.rules.rules import Rules
from libs.rules.taxonomy import Taxonomy
from services.intake.commands import AcceptCase, ClassifyCase, ReferCase, RegisterCase, Suggested
from services.intake.decider import decider
from tests.spec import ACCEPTOR, RULES, Given, fact, sealed, stated

REMEDY = sealed("可以申请行政复议")


def without(code: str) -> Rules:
    """The shipped rules after a category was retired."""
    old = RULES.taxonomy
    new = Taxonomy("t2", old.fields, (leaf for leaf in old.leaves if leaf.code != code))
    return dataclasses.replace(RULES, taxonomy=new, older_taxonomies=(old,))


def classified(source: str = "human") -> Given:
    """A case that had the category before it was retired."""
    return Given(decider, without("0109")).facts(
        fact(CaseRegistered), fact(CaseClassified, category="0109", kind="K3", source=source)
    )


def test_a_case_with_a_retired_category_is_accepted_with_its_class() -> None:
    classified().when(AcceptCase, by=ACCEPTOR).then(
        stated(CaseAccepted, category="0109", sla_class="U")
    )


def test_a_person_may_confirm_the_retired_category_that_was_suggested() -> None:
    classified("rule").when(AcceptCase, by=ACCEPTOR).then(
        stated(CaseClassified, source="human", category="0109"), stated(CaseAccepted)
    )


def test_a_case_with_a_retired_category_may_be_referred() -> None:
    classified().when(
        ReferCase, by=ACCEPTOR, ground="D02", organ="法院", channel="court", remedy=REMEDY
    ).then(stated(CaseReferred, category="0109"))


def test_no_case_is_given_a_retired_category() -> None:
    case = Given(decider, without("0109")).facts(fact(CaseRegistered))
    case.when(ClassifyCase, category="0109").then_refused("no category 0109 in taxonomy t2")
    case.when(AcceptCase, category="0109").then_refused("no category 0109 in taxonomy t2")


def test_a_retired_category_is_not_suggested() -> None:
    case = Given(decider, without("0109"))
    suggested = Suggested(category="0109", confidence=0.9, words=("路灯",))
    case.when(
        RegisterCase,
        receipt_no="LX00000000010",
        channel="web_portal",
        privacy_notice=True,
        kind="K3",
        title=sealed("路灯不亮"),
        text=sealed("人民路路灯不亮"),
        suggested=suggested,
    ).then(stated(CaseRegistered))
