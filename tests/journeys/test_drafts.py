"""An answer is drafted by the unit's clerk, sent back by its head, drafted anew and signed. Over HTTP."""

from pathlib import Path
from typing import Any

from tests.http.city import REPLY, UNIT, City
from tests.journeys.files import files_with, history, log_rows
from tests.journeys.steps import citizen, progress
from tests.journeys.test_handling import refused, signed

FIRST = {
    "answers": [{"claim": 1, "outcome": "explained", "basis": "梧桐苑初稿依据"}],
    "text": "梧桐苑初稿答复。",
    "commitments": [{"claim": 1, "text": "梧桐苑初稿承诺", "due_at": "2026-04-01T00:00:00+08:00"}],
}
WHY = "梧桐苑初稿未写明清运时间。"
OTHER = "mc.shuiwu"


def draft(city: City, case: str, role: str = "unit_head", unit: str = UNIT) -> Any:
    """What somebody of a unit reads of the draft."""
    path = f"/feedback/cases/{case}/draft?purpose=signing"
    return city.get(path, city.token(role, unit_id=unit))


def waiting(city: City, unit: str = UNIT) -> list[dict[str, Any]]:
    """What waits for the signature of a unit's head."""
    found: list[dict[str, Any]] = city.get(
        f"/feedback/units/{unit}/drafts", city.token("unit_head", unit_id=unit)
    ).json()
    return found


def test_a_draft_is_returned_written_anew_and_signed_by_the_head(
    city: City, tmp_path: Path
) -> None:
    receipt = signed(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    path = f"/feedback/cases/{case}"
    assert (waiting(city), draft(city, case).json()) == ([], None)
    city.do(f"{path}/drafts", "unit_clerk", FIRST, unit_id=UNIT)
    (first,) = waiting(city)
    assert (first["case_id"], first["status"]) == (case, "handling")
    read = draft(city, case).json()
    assert (read["text"], read["draft_id"]) == (FIRST["text"], first["draft_id"])
    assert read["answers"][0]["basis"] == "梧桐苑初稿依据"
    assert read["commitments"][0]["text"] == "梧桐苑初稿承诺"

    returned = {"draft_id": first["draft_id"], "reason": WHY}
    city.do(f"{path}/draft-returns", "unit_head", returned, unit_id=UNIT)
    assert waiting(city) == []
    seen = draft(city, case, "unit_clerk").json()
    assert (seen["text"], seen["reason"]) == (FIRST["text"], WHY)
    sign = {"draft_id": first["draft_id"]}
    assert "was returned" in refused(city, f"{path}/replies", "unit_head", sign, unit_id=UNIT)

    city.do(f"{path}/drafts", "unit_clerk", REPLY, unit_id=UNIT)
    (second,) = waiting(city)
    assert draft(city, case).json()["reason"] is None
    assert "not the newest" in refused(city, f"{path}/replies", "unit_head", sign, unit_id=UNIT)
    sign = {"draft_id": second["draft_id"]}
    clerk = city.post(f"{path}/replies", city.token("unit_clerk", unit_id=UNIT), sign)
    assert clerk.status_code == 403
    city.do(f"{path}/replies", "unit_head", sign, unit_id=UNIT)
    assert (waiting(city), draft(city, case).json()) == ([], None)
    city.do(f"{path}/approval", "auditor")

    assert progress(city, token, case)["status"] == "delivered"
    told = city.get(f"{path}/reply?purpose=own_case", token).json()
    assert told["text"] == REPLY["text"]
    said = [name for name in history(tmp_path, case) if "Draft" in name or "Reply" in name]
    assert said == [
        "ReplyDrafted",
        "DraftReturned",
        "ReplyDrafted",
        "ReplySubmitted",
        "ReplyApproved",
        "ReplyDelivered",
    ]
    signers = [value for _, value in log_rows(tmp_path, "case-events", case) if b'"signer"' in value]
    assert [b'"signer":"unit_head-1"' in value for value in signers] == [True]
    assert files_with(tmp_path, ["梧桐苑初稿"]) == {}


def test_a_draft_is_seen_by_its_unit_alone(city: City) -> None:
    receipt = signed(city)
    case, token = receipt["case_id"], citizen(city, receipt)
    city.do(f"/feedback/cases/{case}/drafts", "unit_clerk", FIRST, unit_id=UNIT)
    path = f"/feedback/cases/{case}/draft?purpose=curious"
    for who in (
        token,
        *(city.token(role) for role in ("auditor", "dispatcher", "supervisor", "coordinator")),
        *(city.token(role, unit_id=OTHER) for role in ("unit_clerk", "unit_head")),
    ):
        assert city.get(path, who).status_code == 403
    stranger = city.token("unit_head", unit_id=OTHER)
    assert city.get(f"/feedback/units/{UNIT}/drafts", stranger).status_code == 403
    assert waiting(city, OTHER) == []
    file = f"/feedback/cases/{case}/file?purpose=curious"
    for role in ("auditor", "coordinator"):
        shown = city.get(file, city.token(role))
        assert (shown.status_code, "初稿" in shown.text) == (200, False)
    assert "初稿" not in city.get(f"/feedback/cases/{case}/reply?purpose=own_case", token).text
    assert progress(city, token, case)["status"] == "handling"
