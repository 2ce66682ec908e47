"""Which organ stands above which, for a review. It decides no case."""

from libs.rules.organisations import Organisations
from libs.rules.unit import OrgType


def reviewed_organ(organisations: Organisations, unit_id: str, level: int) -> str | None:
    """Whose word a review looks at: at the first level the unit's, at the second that of the level above
    it, whichever organ spoke for that. None where nothing is known above the unit."""
    if level == 1:
        return unit_id
    above = organisations.superiors(unit_id)[:1] if unit_id in organisations else ()
    return above[0] if above else None


def reviews(organisations: Organisations, org: str | None, below: str | None) -> bool:
    """Whether an organ is the one to review what another said: its superior (上一级), or the review organ
    that stands under that superior and acts for it (信访工作条例 Art. 35, 36).

    Above the highest organ that the city knows stands only one that it does not know.
    """
    if org is None or org == below:
        return False
    above = organisations.superiors(below)[:1] if below and below in organisations else ()
    if not above:
        return org not in organisations
    if org not in organisations:
        return False
    unit = organisations.unit(org)
    acts_for_it = unit.type is OrgType.REVIEW_ORGAN and unit.superior == above[0]
    return org == above[0] or acts_for_it
