"""A unit that was split after it answered, and who has its cases now. No test stands here."""

from libs.events.base import Actor, Event
from libs.events.dispatch import CaseAssigned
from libs.events.feedback import ReplyDelivered
from libs.events.intake import CaseAccepted
from libs.rules.reference import Reference, ReferenceKind
from libs.rules.rules import Rules
from services.evaluation.decider import decider
from tests.spec import UNIT, Given, fact


def split() -> Rules:
    """The rules after urban management was split: waste (01) to the water bureau, the rest to the parks."""
    shipped = Reference.shipped()
    content = dict(shipped.current(ReferenceKind.ORGANISATIONS, "mingchuan") or {})
    went_to = [{"unit": "mc.shuiwu", "categories": ["01"]}, {"unit": "mc.yuanlin"}]
    content["version"] = "2"
    content["units"] = [
        dict(unit, dissolved=True, successors=went_to)
        if unit["id"] == UNIT
        else dict(unit, leads=[*unit.get("leads", []), "城管"])
        if unit["id"] == "mc.yuanlin"
        else unit
        for unit in content["units"]
    ]
    return shipped.with_edition(ReferenceKind.ORGANISATIONS, "mingchuan", content).rules()


def after_the_split(category: str, *more: Event) -> Given:
    """A case that the unit answered before it was split."""
    accepted = fact(CaseAccepted, by=Actor(id="acc-1", role="acceptor"), category=category)
    return Given(decider, split()).facts(accepted, fact(CaseAssigned), fact(ReplyDelivered), *more)


def head_of(unit: str) -> Actor:
    """The head of a unit."""
    return Actor(id=f"head-of-{unit}", role="unit_head", org=unit)
