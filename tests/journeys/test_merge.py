"""Several citizens, one matter: the cases are merged, one unit answers once, each reads it by the own code."""

from pathlib import Path
from typing import Any

from tests.http.city import City
from tests.journeys.files import history
from tests.journeys.steps import citizen, progress


def merge(city: City, case: str, into: str) -> Any:
    """A dispatcher says that it is the same matter."""
    body = {"into": into, "reason": "同一广告"}
    return city.do(f"/intake/cases/{case}/merger", "dispatcher", body)


def test_a_case_is_merged_and_unmerged(city: City, tmp_path: Path) -> None:
    lead, follower = city.assigned(), city.register(channel="letter")
    merge(city, follower["case_id"], lead["case_id"])
    assert history(tmp_path, lead["case_id"]).count("CaseLinkChanged") == 1
    seen = progress(city, citizen(city, follower), follower["case_id"])
    assert seen["lead_seen"] == "已转承办单位"
    assert lead["receipt_no"] not in str(seen)
    assert lead["case_id"] not in str(seen)
