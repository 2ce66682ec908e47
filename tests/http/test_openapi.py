"""Each service tells in OpenAPI what can be asked of it, with the body and the refusals."""

from typing import Any

import pytest

from services.list import EVERY, service_named
from tests.http.city import City


def document(city: City, name: str) -> dict[str, Any]:
    """A service's description."""
    answer = city.request("GET", f"/{name}/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def commands(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation that is posted, by its id."""
    return {
        path["post"]["operationId"]: path["post"]
        for path in said["paths"].values()
        if "post" in path
    }


@pytest.mark.parametrize("name", EVERY)
def test_a_service_describes_itself(city: City, name: str) -> None:
    said = document(city, name)
    assert said["openapi"].startswith("3.")
    assert said["info"]["title"] == f"Lianxin {name}"
    text = str(said)
    refs = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert refs <= set(said["components"]["schemas"])


TIMERS_AND_POLICIES = {
    "StateDeadline",
    "MoveDeadline",
    "RetractBreach",
    "CallToAccount",
    "DropSupervision",
    "ProposeEscalation",
    "CloseCase",
    "SettlePanel",
    "ArchiveCase",
    "EscalateCoordination",
    "PassOn",
    "StopDispatch",
    "ResumeDispatch",
    "CompleteWithdrawal",
    "LeadCase",
    "PartCase",
    "ReleaseFollower",
    "ReleaseFollowers",
    "ConcludeFollower",
    "ArchiveFollower",
    "ConcludeFollowers",
    "RemindOfCommitment",
    "ResumeClock",
    "ReworkAsSupervised",
}
"""Commands that no person may put, so there is no route for them."""


@pytest.mark.parametrize("name", EVERY)
def test_every_command_of_a_service_can_be_put_over_http_but_those_of_the_clock(
    city: City, name: str
) -> None:
    put = commands(document(city, name))
    expected = {c.__name__ for c in service_named(name).commands} - TIMERS_AND_POLICIES
    assert set(put) - {"ReleaseCase", "CitizenToken", "draft"} == expected
    for operation_id in expected:
        operation = put[operation_id]
        assert "requestBody" in operation, operation_id
        names = {p["name"] for p in operation["parameters"]}
        assert "Idempotency-Key" in names
        assert {"400", "401", "403", "409", "422"} <= set(operation["responses"])


@pytest.mark.parametrize(
    ("service", "schema", "required", "also"),
    [
        ("intake", "SubmitCase", {"channel", "kind", "title", "text"}, {"claims", "occurred_at"}),
        (
            "intake",
            "DeclineCaseBody",
            {"ground", "reason", "alternative_channel", "remedy"},
            {"evidence"},
        ),
        ("dispatch", "AssignCaseBody", set(), {"unit_id", "note"}),
        ("feedback", "DraftReplyBody", {"answers", "text"}, {"evidence"}),
        ("feedback", "SubmitReplyBody", set(), {"answers", "text", "draft_id"}),
        ("evaluation", "SubmitEvaluationBody", {"target", "level"}, {"text", "via"}),
        ("supervision", "IssueSupervisionBody", {"level", "ground"}, set()),
    ],
)
def test_a_body_is_what_the_caller_says_and_nothing_that_the_platform_knows_itself(
    city: City, service: str, schema: str, required: set[str], also: set[str]
) -> None:
    body = document(city, service)["components"]["schemas"][schema]
    assert body["additionalProperties"] is False
    assert set(body.get("required", [])) == required
    assert set(body["properties"]) >= required | also
    assert not {"case_id", "by", "receipt_no", "realm", "suggested"} & set(body["properties"])
