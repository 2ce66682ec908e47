"""Who may do and see what: every command and view, for every role, over HTTP.

``rights_matrix.csv`` says it in words; what stands in no row is nobody's.
"""

import csv
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.rules.rights import CONTRACTOR_ROLES, RESTRICTED_ALONE, RIGHTS, Principal, refusal
from libs.rules.roles import Role
from libs.rules.shipped import DATA
from tests.http.city import MESSAGE, REFERRAL, REPLY, UNIT, City


def rows_of(lines: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """The rows of a matrix by action, and who has it by how far; the last columns may be left out. Raises
    ``ValueError`` naming a row with too many, or an action that has two."""
    found: dict[str, dict[str, list[str]]] = {}
    for number, row in enumerate(csv.DictReader(lines, restval=""), 2):
        action = row.pop("action")
        if None in row:
            raise ValueError(f"line {number}: {action} has more columns than the first line names")
        if action in found:
            raise ValueError(f"line {number}: {action} has a row already")
        found[action] = {how: roles.split() for how, roles in row.items()}
    return found


with Path(__file__).with_name("rights_matrix.csv").open() as file:
    MATRIX = rows_of(file)
ALONE = {action: set(row.pop("restricted realm alone")) for action, row in MATRIX.items()}
"""Who of a row has the right in the restricted realm alone."""
CALENDAR = (DATA / "calendar-cn-gov.yaml").read_bytes().replace(b"2026.1", b"2026.9")
PUBLIC = ("published", "published_text")
"""For everybody, without a token."""
OTHER_CASE = "0190c0de-0000-5000-8000-000000000009"
BODIES: dict[str, dict[str, Any]] = {
    "RegisterCase": MESSAGE,
    "CitizenToken": {"receipt_no": "LX00000000000", "query_code": "AAAAAAAAAA"},
    "ClassifyCase": {"category": "0105"},
    "RequestInformation": {"missing": ["place"], "question": "在哪一条路？"},
    "SupplementCase": {"text": "在人民路"},
    "AcceptCase": {"category": "0105"},
    "DeclineCase": {
        "ground": "D15",
        "reason": "民事",
        "alternative_channel": "法院",
        "remedy": "起诉",
        "evidence": ["e-1"],
    },
    "ProposeDecline": {
        "ground": "D08",
        "reason": "无新情况",
        "alternative_channel": "热线",
        "remedy": "复查",
        "evidence": ["e-1"],
    },
    "ApproveDecline": {},
    "RejectDecline": {},
    "ReferCase": REFERRAL,
    "AnswerAtDesk": {
        "entries": [{"entry": "street-lamps", "edition": 1}],
        "text": "由城管部门维修",
        "mode": "phone",
    },
    "ForwardPraise": {"unit": UNIT, "text": "感谢您的肯定"},
    "ContestAnswer": {},
    "ErasePersonalData": {"ground": "citizen_request"},
    "MergeCase": {"into": OTHER_CASE, "reason": "同一路段"},
    "UnmergeCase": {"reason": "另一件事"},
    "RelateCases": {"other_case": OTHER_CASE, "reason": "同一路段"},
    "RecuseSelf": {"ground": "other"},
    "ClaimRecusal": {"reason": "与物业经理是亲属"},
    "DecideRecusal": {"claim_id": "h1", "outcome": "denied", "reason": "没有利害关系"},
    "GiveConsent": {},
    "PutLegalHold": {"ground": "court", "reference": "某法院调查令"},
    "LiftLegalHold": {},
    "LiftRestriction": {},
    "EraseContactData": {"ground": "citizen_request"},
    "WithdrawConsent": {},
    "ProposeRedaction": {
        "title": "路灯不亮",
        "question": "路灯何时能修好？",
        "answer": "已经修好。",
        "concerns_minor": False,
    },
    "ApproveRedaction": {"redaction_id": "p1"},
    "ReturnRedaction": {"redaction_id": "p1", "reason": "还能认出是谁"},
    "UnpublishCase": {"ground": "wrong"},
    "LiftRecusal": {"account": "nobody-1", "reason": "已调离"},
    "RequestWithdrawal": {},
    "PassOnWithdrawal": {},
    "ConfirmWithdrawal": {},
    "CancelWithdrawal": {},
    "AskReopening": {"reason": "有新情况"},
    "DeclineReopening": {"reason": "无新情况", "remedy": "可以申请复查"},
    "ReopenCase": {"ground": "new_facts", "reason": "有新情况"},
    "AssignCase": {},
    "SignAssignment": {},
    "ProposeDispute": {"reason_code": "not_our_duty", "law_basis": "三定规定"},
    "DisputeAssignment": {},
    "WithholdDispute": {"note": "属本单位职责"},
    "DecideDispute": {"outcome": "denied", "reason": "属城管职责"},
    "OpenCoordination": {"parties": ["mc.yunxi", "mc.shuiwu"]},
    "ResolveCoordination": {"coordination_id": "k1", "minutes": "会商纪要"},
    "ProposeTermination": {
        "ground": "D15",
        "reason": "民事",
        "alternative_channel": "法院",
        "remedy": "起诉",
    },
    "ApproveTermination": {},
    "RejectTermination": {},
    "ContactCitizen": {"mode": "phone", "reached": True},
    "ReportProgress": {"text": "正在清运"},
    "RequestExtension": {"reason": "等待配件", "new_due": "2026-03-16T16:00:00Z"},
    "DecideExtension": {"extension_id": "x1", "outcome": "rejected", "notice": "不予延期"},
    "RequestSuspension": {"ground": "appraisal", "law_ref": "行政许可法第四十五条"},
    "RequestResumption": {},
    "AdjustClock": {"adjustment_id": "c1"},
    "RefuseClockAdjustment": {"adjustment_id": "c1", "note": "依据不足"},
    "RequestHold": {
        "reason_code": "objective",
        "reason": "等待规划",
        "alternative_channel": "规划窗口",
        "remedy": "申请复查",
    },
    "HoldCase": {"hold_id": "h1"},
    "RefuseHold": {"hold_id": "h1", "note": "可以办理"},
    "LiftHold": {"reason_code": "leader"},
    "DraftReply": REPLY,
    "ReturnDraft": {"draft_id": "r1.d1", "reason": "依据不足"},
    "SubmitReply": REPLY,
    "ApproveReply": {},
    "ReportCommitment": {"commitment_id": "m1", "outcome": "kept", "text": "已兑现"},
    "ReturnReply": {"reason": "perfunctory"},
    "DeliverReply": {"mode": "phone"},
    "RecordCallback": {"reached": False},
    "SubmitEvaluation": {"target": "handling", "level": "satisfied"},
    "OrderRework": {"reason": "dissatisfied_unresolved"},
    "RequestReview": {"text": "补偿过低"},
    "AcceptReview": {"review_id": "v1"},
    "DeclineReview": {"review_id": "v1", "reason": "已逾期", "remedy": "行政复议"},
    "OpenHearing": {"review_id": "v1"},
    "CloseHearing": {"review_id": "v1", "minutes": "听证笔录"},
    "DecideReview": {"review_id": "v1", "outcome": "uphold", "doc": "1号"},
    "ConfirmReviewDecision": {"review_id": "v1", "proposal_id": "p1"},
    "ReturnReviewDecision": {"review_id": "v1", "proposal_id": "p1", "note": "证据不足"},
    "AppealScore": {"against": "rework", "reason": "已办结", "evidence": ["e1"]},
    "DismissAppeal": {"appeal_id": "a1", "note": "无扣分"},
    "ConvenePanel": {"members": [{"account": "tp-1", "kind": "lawyer"}], "brief": "案情摘要"},
    "RecuseFromPanel": {"panel_id": "j1"},
    "FilePanelFinding": {"panel_id": "j1", "finding": "for_unit", "reason": "已尽责"},
    "ProposeExclusion": {"reason": "policy_limit", "evidence": ["e1"], "note": "现行政策"},
    "DecideExclusion": {"exclusion_id": "e1", "outcome": "rejected", "note": "证据不足"},
    "RecordUnitCallback": {"reached": False},
    "IssueSupervision": {"level": 1, "ground": "overdue"},
    "AnswerSupervision": {"supervision_id": "s1"},
    "LiftSupervision": {"supervision_id": "s1"},
    "DismissEscalation": {"proposal_id": "p1", "reason": "已办结在即"},
    "ListOldCase": {},
    "DelistOldCase": {"reason": "已依法终结"},
    "AssignLeader": {"leader": "leader-1", "level": "city"},
    "HandOverCase": {"leader": "leader-2", "level": "city"},
    "ReleaseLeader": {"ground": "released"},
    "GiveInstruction": {"text": "立即整改"},
    "AnswerInstruction": {"instruction_id": "i1", "text": "已整改"},
    "MakeRecommendation": {"kind": "improve_work", "addressee": UNIT, "text": "完善巡查"},
    "AnswerRecommendation": {"recommendation_id": "m1", "outcome": "adopted", "reason": "采纳"},
    "ReleaseCase": {},
    "PublishCalendarYear": {"year": 2020, "holidays": "01-01", "source": "通知", "incomplete": True},
    "ProposeCalendarYear": {"year": 2020, "notice": "没有日期"},
    "ConfirmCalendarYear": {"proposal_id": "p1", "source": "通知"},
    "RejectCalendarYear": {"proposal_id": "p1", "reason": "不是通知"},
    "ProposeKnowledge": {
        "question": "水价是多少",
        "answer": "每立方米三元。",
        "category": "0105",
        "unit": UNIT,
        "sources": ["水价通知"],
        "valid_until": "2026-12-31T16:00:00Z",
    },
    "ApproveKnowledge": {"proposal_id": "p1"},
    "RejectKnowledge": {"proposal_id": "p1", "reason": "不准确"},
    "WithdrawKnowledge": {"reason": "已失效"},
    "SetNoticePreferences": {},
    "SetUnitNoticePreferences": {},
}
FILES = {"PublishEdition": "&source=s&based_on=9", "draft": ""}
"""Operations that take a file, and what else they ask for."""


def ask(city: City, action: str, token: str, case: str, realm: str = "") -> httpx.Response:
    """One call of an operation, as well formed as can be."""
    service, method, path = city.operations[action]
    path = f"/{realm}/{service}{path}" if realm else f"/{service}{path}"
    if action == "RecuseSelf":  # or nobody could do anything with the case of the other tests
        case = OTHER_CASE
    path = path.replace("{case_id}", case).replace("{unit_id}", UNIT)
    path = path.replace("{exclusion_id}", f"{case}.e1")
    path = path.replace("{kind}", "calendar").replace("{name}", "CN-GOV")
    if action in FILES:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        path += f"?form=yaml{FILES[action]}"
        return city.request("POST", path, content=CALENDAR, headers=headers)
    if method == "POST":
        return city.post(path, token, BODIES[action])
    if method == "PUT":
        bearer = {"Authorization": f"Bearer {token}"}
        return city.request("PUT", path, json=BODIES[action], headers=bearer)
    purpose = "court" if action == "closed_words" else "handling"
    return city.get(f"{path}?purpose={purpose}", token)


def method_of(city: City, action: str) -> str:
    """How an operation is asked for."""
    return city.operations[action][1]


def holder(city: City, role: Role, case: str, **more: Any) -> str:
    """A token of a role, of the unit and the case in question."""
    if role is Role.CITIZEN:
        return city.token(role, case_id=case, **more)
    return city.token(role, **{"unit_id": UNIT} | more)


def test_every_command_and_view_has_a_row_and_every_row_a_command_or_view(city: City) -> None:
    assert set(city.operations) == set(MATRIX)


def test_the_rights_of_the_code_are_those_of_the_matrix() -> None:
    scopes = {"any": "any", "own unit": "unit", "own case": "case"}
    said = {
        action: {role: scopes[how] for how, roles in row.items() for role in roles}
        for action, row in MATRIX.items()
        if row["any"] != ["*"]
    }
    assert said == {
        action: {role.value: scope.value for role, scope in roles.items()}
        for action, roles in RIGHTS.items()
    }


def test_two_rows_for_one_action_or_one_with_too_many_columns_are_refused() -> None:
    head = "action,any,own unit,own case,restricted realm alone"
    with pytest.raises(ValueError, match="line 3: AcceptCase has a row already"):
        rows_of([head, "AcceptCase,acceptor,,,", "AcceptCase,operator,,"])
    with pytest.raises(ValueError, match="line 2: AcceptCase has more columns"):
        rows_of([head, "AcceptCase,acceptor,,,,"])


def test_the_discipline_organ_handles_reports_on_officials_and_no_ordinary_case() -> None:
    said = {(role, action) for action, roles in ALONE.items() for role in roles}
    assert said == {(r.value, action) for r, actions in RESTRICTED_ALONE.items() for action in actions}
    for role, action in said:
        assert role in {one for roles in MATRIX[action].values() for one in roles}, action
        for realm, may in (("", False), ("restricted", True)):
            holder_ = Principal("j-1", Role(role), "mc.jiwei", realm=realm)
            assert (refusal(holder_, action, realm) is None) == may, action


@pytest.mark.parametrize("action", MATRIX)
def test_a_role_may_do_and_see_what_the_matrix_says_and_nothing_else(
    city: City, case: str, action: str
) -> None:
    may = {role for roles in MATRIX[action].values() for role in roles} - ALONE[action]
    found = {}
    for role in Role:
        status = ask(city, action, holder(city, role, case), case).status_code
        found[role.value] = status not in (403, 429)
        if status != 404 or action not in PUBLIC:
            assert status not in (400, 401, 404, 405, 422, 500), f"{action} by {role}: {status}"
    if may == {"*"}:  # no token is asked for; the wrong code is refused to everybody
        assert set(found.values()) == {action in PUBLIC}
        return
    assert {role for role, allowed in found.items() if allowed} == may


@pytest.mark.parametrize("action", [a for a, row in MATRIX.items() if row["any"] != ["*"]])
def test_without_a_token_nobody_does_or_sees_anything(city: City, case: str, action: str) -> None:
    answer = ask(city, action, "", case)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("action", [a for a, row in MATRIX.items() if row["own unit"]])
def test_a_right_for_the_own_unit_needs_a_unit(city: City, case: str, action: str) -> None:
    for role in MATRIX[action]["own unit"]:
        assert ask(city, action, city.token(role), case).status_code == 403


@pytest.mark.parametrize("action", [a for a, row in MATRIX.items() if row["own unit"]])
def test_a_unit_neither_acts_on_nor_sees_what_is_with_another(
    city: City, case: str, action: str
) -> None:
    for role in set(MATRIX[action]["own unit"]) - ALONE[action]:
        stranger = city.token(role, unit_id="mc.shuiwu")
        answer = ask(city, action, stranger, case)
        if action == "overdue_cases":  # without a unit named, it is shown its own
            assert answer.json() == []
            answer = city.get(f"/supervision/overdue?unit_id={UNIT}", stranger)
        # Whose case it is, the rules of the stage know: they refuse with 409.
        assert answer.status_code == (409 if method_of(city, action) == "POST" else 403), answer.text


@pytest.mark.parametrize("action", [a for a, row in MATRIX.items() if row["own case"]])
def test_a_citizen_opens_no_case_but_the_own(city: City, case: str, action: str) -> None:
    for opens in (OTHER_CASE, None):
        token = city.token(Role.CITIZEN, case_id=opens)
        assert ask(city, action, token, case).status_code == 403


@pytest.mark.parametrize("role", Role)
def test_a_contractor_answers_the_telephone_and_decides_nothing(
    city: City, case: str, role: Role
) -> None:
    token = holder(city, role, case, contractor=True)
    allowed = {
        action
        for action, row in MATRIX.items()
        if row["any"] != ["*"] and ask(city, action, token, case).status_code != 403
    }
    theirs = {a for a, row in MATRIX.items() if any(role.value in roles for roles in row.values())}
    assert allowed == (theirs if role in CONTRACTOR_ROLES else set())


@pytest.mark.parametrize(("of", "to"), [("", "restricted"), ("restricted", "")])
def test_a_token_of_one_realm_opens_nothing_in_the_other_but_handing_a_report_in(
    city: City, case: str, of: str, to: str
) -> None:
    for action, row in MATRIX.items():
        for role in {role for roles in row.values() for role in roles} - {"*"}:
            answer = ask(city, action, holder(city, Role(role), case, realm=of), case, realm=to)
            hosted = to == "" or city.operations[action][0] != "reference"  # published in one realm
            refused = 403 if hosted else 404
            assert answer.status_code == (201 if action == "RegisterCase" else refused), action


LOOKS = [
    "case_progress",
    "case_words",
    "dispatch_trace",
    "case_reply",
    "case_file",
    "case_evaluation",
    "case_review",
    "case_clocks",
    "case_duties",
]


@pytest.mark.parametrize("action", LOOKS)
def test_a_case_that_is_not_there_looks_like_one_that_is_not_yours(city: City, action: str) -> None:
    answer = ask(city, action, city.token(MATRIX[action]["any"][0]), OTHER_CASE)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "There is no such case, or it is not yours to see."


def test_a_desk_sees_the_queue_of_its_own_district_and_what_is_of_no_known_place(
    city: City,
) -> None:
    here = city.register(adcode="990102", title="云溪的垃圾")["case_id"]
    street = city.register(adcode="990102001")["case_id"]
    there = city.register(adcode="990103")["case_id"]
    unknown = city.register()["case_id"]
    seen = city.get("/intake/cases?limit=500", city.token("acceptor", adcode="990102")).json()
    ids = {row["case_id"] for row in seen}
    assert ids >= {here, street, unknown}
    assert there not in ids
