"""Which cases are merged into one: each link once, and gone when it is let go."""

from libs.events.intake import CaseLinkChanged
from libs.rules.followers import followers_after
from tests.spec import CASE, fact


def said(relation: str, link_id: str = "l1") -> CaseLinkChanged:
    """A fact of the case that leads."""
    event = fact(CaseLinkChanged, relation=relation, link_id=link_id)
    assert isinstance(event, CaseLinkChanged)
    return event


def test_a_link_is_counted_once_and_only_while_it_lasts() -> None:
    assert followers_after((), said("leads")) == ("l1",)
    assert followers_after(("l1",), said("leads")) == ("l1",)
    assert followers_after(("l1", "l2"), said("released")) == ("l2",)
    assert followers_after(("l1", "l2"), said("concludes", "l2")) == ("l1",)


def test_what_a_case_says_of_itself_as_a_follower_changes_nothing() -> None:
    for relation in ("merged_into", "unmerged", "concluded", "related"):
        assert followers_after(["l1"], said(relation)) == ("l1",)


def test_letting_go_what_never_followed_changes_nothing() -> None:
    assert followers_after((), said("released", f"{CASE}.l1")) == ()
