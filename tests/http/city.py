"""The platform over HTTP, one step after another, for tests that are not about waiting."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from libs.host.tokens import CITIZEN_KID, make_key, sign
from libs.rules.rights import Principal
from libs.rules.roles import Role
from services.list import EVERY
from tests.conftest import embedded
from tests.whole import Platform, platform

UNIT = "mc.chengguan"
MESSAGE = {
    "channel": "web_portal",
    "privacy_notice": True,
    "kind": "K2",
    "title": "垃圾无人清运",
    "text": "小区门口的垃圾三天没有人清运，请尽快处理。",
}
REPLY = {
    "answers": [{"claim": 1, "outcome": "supported", "basis": "城市生活垃圾管理办法"}],
    "text": "已安排清运，今后每日一次。",
}
REFERRAL = {"ground": "D05", "organ": "明川市纪委监委", "channel": "移送", "remedy": "12388"}


class City:
    """A platform whose loop runs while one asks it something."""

    def __init__(self, runner: asyncio.Runner, whole: Platform) -> None:
        self.runner, self.whole = runner, whole
        self._citizen = make_key(whole.host.settings.citizen_key_file, CITIZEN_KID)

    def token(self, role: Role | str, name: str | None = None, **more: Any) -> str:
        """A token as the platform would give it: a citizen's by the citizens' key."""
        if role != Role.CITIZEN:
            return self.whole.token(role, name, **more)
        return sign(self._citizen, Principal("citizen", Role.CITIZEN, **more), timedelta(days=1))

    def get(self, path: str, token: str, **headers: str) -> httpx.Response:
        """Read."""
        return self.runner.run(self.whole.get(path, token, **headers))

    def post(
        self,
        path: str,
        token: str,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """Put a command."""
        return self.runner.run(self.whole.post(path, token, body, key))

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Anything else."""
        return self.runner.run(self.whole.http.request(method, path, **more))

    def settle(self) -> None:
        """Let every service hear what there is to hear."""
        self.runner.run(self.whole.settle())

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.runner.run(self.whole.wait(**time))

    # ---------------------------------------------------------------------- a case, step by step

    def do(self, path: str, role: str, body: Mapping[str, Any] | None = None, **who: Any) -> Any:
        """A command that must succeed; then all is quiet."""
        answer = self.post(path, self.token(role, **who), body)
        assert answer.is_success, f"{path}: {answer.text}"
        self.settle()
        return answer.json()

    def register(self, realm: str = "", **message: Any) -> dict[str, Any]:
        """A registered case: its receipt."""
        who = "operator" if not realm else "discipline_officer"
        where = f"/{realm}/intake/cases" if realm else "/intake/cases"
        return self.do(where, who, MESSAGE | message, realm=realm)

    def assigned(self, category: str = "0107", **message: Any) -> dict[str, Any]:
        """A case that is accepted and with its unit."""
        receipt = self.register(**message)
        case = receipt["case_id"]
        self.do(f"/intake/cases/{case}/acceptance", "acceptor", {"category": category})
        self.do(f"/dispatch/cases/{case}/assignment", "dispatcher")
        return receipt

    def submitted(self, **message: Any) -> dict[str, Any]:
        """A case whose reply waits for review."""
        receipt = self.assigned(**message)
        case = receipt["case_id"]
        self.do(f"/dispatch/cases/{case}/signature", "unit_clerk", unit_id=UNIT)
        self.do(f"/feedback/cases/{case}/replies", "unit_head", REPLY, unit_id=UNIT)
        return receipt

    def delivered(self, **message: Any) -> dict[str, Any]:
        """A case whose citizen has the answer."""
        receipt = self.submitted(**message)
        self.do(f"/feedback/cases/{receipt['case_id']}/approval", "auditor")
        return receipt

    @cached_property
    def operations(self) -> dict[str, tuple[str, str, str]]:
        """Every operation of every service: its id -> service, method, path."""
        found = {}
        for service in EVERY:
            paths = self.request("GET", f"/{service}/openapi.json").json()["paths"]
            for path, methods in paths.items():
                for method, operation in methods.items():
                    found[operation["operationId"]] = (service, method.upper(), path)
        return found


@contextmanager
def open_city(root: Path, policy: str = "", **more: Any) -> Iterator[City]:
    """The platform at work under a directory, stopped gracefully at the end; by the pack that is named."""
    usual = embedded(root)
    settings = usual.model_copy(update={"policy": policy}) if policy else usual
    with asyncio.Runner() as runner:
        opened = platform(settings, **more)
        whole = runner.run(opened.__aenter__())
        try:
            yield City(runner, whole)
        finally:
            runner.run(opened.__aexit__(None, None, None))
