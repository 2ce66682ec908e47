"""One case from message to closed over real HTTP, whoever serves it. No test stands here."""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import httpx

from libs.host.tokens import make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role

UNIT = "mc.chengguan"
WORDS = {
    "title": "槐荫里的秋千链条断了",
    "text": "我叫欧阳慕白，孩子在槐荫里玩秋千时链条断了，请尽快修理。",
    "name": "欧阳慕白",
    "phone": "13987654321",
    "place": "槐荫里九号院秋千旁",
}
REPLY = "秋千链条已更换为新链条，并检查了全部游乐设施。"
PERSONAL = (
    "秋千", "链条", "欧阳慕白", "13987654321", "槐荫里", "九号院", "游乐设施", "滑梯漆皮",
)  # fmt: skip


class Walker:
    """Someone who takes every part in turn. ``where`` says under which address a service answers."""

    def __init__(self, where: Callable[[str], str], keys: Path) -> None:
        self.where = where
        self.http = httpx.Client(timeout=30, trust_env=False)
        self._staff = make_key(keys / "staff.jwk.json", "staff")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self.http.close()

    def token(self, role: str, unit_id: str | None = None) -> str:
        principal = Principal(id=f"{role}-1", role=Role(role), unit_id=unit_id)
        return sign(self._staff, principal, timedelta(hours=1))

    def ask(self, path: str, token: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """A command; asked again while the service has not heard of the case's last step yet."""
        service = path.split("/")[1]
        until = time.monotonic() + 30
        while True:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
            answer = self.http.post(self.where(service) + path, json=body or {}, headers=headers)
            if answer.status_code != 409 or time.monotonic() > until:
                return answer
            time.sleep(0.1)

    def must(self, path: str, token: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.ask(path, token, body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def see(self, path: str, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.http.get(self.where(path.split("/")[1]) + path, headers=headers)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def register(self, **more: str) -> Any:
        message = {"channel": "web_portal", "kind": "K3", "privacy_notice": True, **WORDS, **more}
        return self.must("/intake/cases", self.token("channel"), message)

    def walk(self) -> str:
        """From message to closed; the case id."""
        receipt = self.register()
        case = receipt["case_id"]
        clerk = self.token("unit_clerk", UNIT)
        self.must(f"/intake/cases/{case}/acceptance", self.token("acceptor"), {"category": "0101"})
        self.must(f"/dispatch/cases/{case}/assignment", self.token("dispatcher"), {"unit_id": UNIT})
        self.must(f"/dispatch/cases/{case}/signature", clerk)
        contact = {"mode": "online", "reached": True}
        self.must(f"/feedback/cases/{case}/contacts", clerk, contact)
        reply = {"answers": [{"claim": 1, "outcome": "supported"}], "text": REPLY}
        self.must(f"/feedback/cases/{case}/replies", self.token("unit_head", UNIT), reply)
        self.must(f"/feedback/cases/{case}/approval", self.token("auditor"))
        agent = self.token("callback_agent")
        self.must(f"/evaluation/cases/{case}/callbacks", agent, {"reached": True, "resolved": "yes"})
        shown = {name: receipt[name] for name in ("receipt_no", "query_code")}
        answer = self.http.post(self.where("intake") + "/intake/citizen-tokens", json=shown)
        citizen = answer.json()["token"]
        for target in ("handling", "intake"):
            rating = {"target": target, "level": "satisfied"}
            self.must(f"/evaluation/cases/{case}/evaluations", citizen, rating)
        self.until_status(case, "closed", citizen)
        found = self.see(f"/feedback/cases/{case}/reply?purpose=reading_my_reply", citizen)
        assert REPLY in str(found)
        return str(case)

    def until_status(self, case: str, status: str, token: str) -> None:
        until = time.monotonic() + 30
        while (now := self.see(f"/intake/cases/{case}", token)["status"]) != status:
            assert time.monotonic() < until, f"the case is {now}, not {status}"
            time.sleep(0.1)

    def until_counted(self, closed: int) -> None:
        """Until analytics has so many closed cases."""
        until = time.monotonic() + 30
        while (now := self.closed()) != closed:
            assert time.monotonic() < until, f"{now} closed cases, not {closed}"
            time.sleep(0.1)

    def closed(self) -> int:
        found = self.see("/analytics/totals", self.token("analyst"))
        return int(found["counts"]["closed"])
