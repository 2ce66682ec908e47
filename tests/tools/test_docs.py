"""The page of events says what the classes say."""

from libs.events.catalog import CATALOG
from tools.docs import PAGE, events_page


def test_the_page_of_events_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == events_page(), "run: python -m tools.docs"


def test_the_page_tells_of_every_event_who_hears_it_and_what_it_holds() -> None:
    page = events_page()
    for event in CATALOG.values():
        assert f"### {event.__name__}\n" in page
    (row,) = [line for line in page.splitlines() if line.startswith("| [CaseAssigned]")]
    assert row.startswith("| [CaseAssigned](#caseassigned) | 2 | dispatch | intake, supervision,")
    assert "A unit must act (交办)" in row
    assert "| `title` | sealed |" in page
    assert '| `role` | `assist`, `lead`? = `"lead"` |' in page
