"""Which cases are merged into one, as every service that must know counts them. It states nothing."""

from collections.abc import Sequence

from libs.events.intake import CaseLinkChanged


def followers_after(links: Sequence[str], event: CaseLinkChanged) -> tuple[str, ...]:
    """The links of the cases that follow, after a fact of the case that leads."""
    others = tuple(link for link in links if link != event.link_id)
    match event.relation:
        case "leads":
            return (*others, event.link_id)
        case "released" | "concludes":
            return others
        case _:
            return tuple(links)
