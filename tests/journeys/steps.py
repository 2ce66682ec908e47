"""What a citizen and an agent do and see on a case's way, for journeys. No test stands here."""

from datetime import datetime
from typing import Any

from tests.http.city import City


def citizen(city: City, receipt: dict[str, Any]) -> str:
    """The token of a citizen who shows receipt number and query code."""
    shown = {name: receipt[name] for name in ("receipt_no", "query_code")}
    answer = city.request("POST", "/intake/citizen-tokens", json=shown)
    token: str = answer.json()["token"]
    return token


def progress(city: City, token: str, case: str) -> dict[str, Any]:
    """How far the case has come."""
    found: dict[str, Any] = city.get(f"/intake/cases/{case}", token).json()
    return found


def verdict(city: City, case: str) -> dict[str, Any]:
    """How the case was answered, called back, rated and closed."""
    path = f"/evaluation/cases/{case}"
    found: dict[str, Any] = city.get(path, city.token("supervisor")).json()
    return found


def at(text: str) -> datetime:
    """An instant that was answered."""
    return datetime.fromisoformat(text)


def call_back(city: City, case: str, **more: Any) -> None:
    """An agent calls the citizen."""
    body = {"reached": True, "resolved": "yes"} | more
    city.do(f"/evaluation/cases/{case}/callbacks", "callback_agent", body)


def rate(city: City, token: str, case: str, target: str) -> int:
    """The citizen rates."""
    body = {"target": target, "level": "satisfied"}
    answer = city.post(f"/evaluation/cases/{case}/evaluations", token, body)
    city.settle()
    return answer.status_code
