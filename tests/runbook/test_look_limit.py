"""The runbook's chapter on an account that opens too much."""

import re
from pathlib import Path

import pytest

from tests.journeys.files import looks
from tests.runbook.book import Chapter
from tests.runbook.conftest import embedded_home

CHAPTER = Chapter("An account opens too much")


def test_who_opens_too_much_is_stopped_and_who_looks_after_it_finds_out_who_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKS_PER_HOUR", "1")
    with embedded_home(tmp_path).open() as city:
        first, second = (city.register()["case_id"] for _ in range(2))
        acceptor = city.token("acceptor", "li-na-8")
        asked = [city.get(f"/intake/cases/{c}/words?purpose=handling", acceptor) for c in (first, second)]
        assert [answer.status_code for answer in asked] == [200, 429]
        CHAPTER.says("`Retry-After` says the seconds")
        assert 0 < int(asked[1].headers["Retry-After"]) <= 3600
        CHAPTER.says("to role `supervisor`, `inspector` or `privacy_officer`")
        (path,) = re.findall(r"\$BASE(\S+)", CHAPTER.command("curl"))
        for role in ("supervisor", "inspector", "privacy_officer"):
            (met,) = city.get(path, city.token(role)).json()
            assert met["account"] == "li-na-8"
        city.settle()
        CHAPTER.says("which cases were opened is on `audit-events` under `by`")
        assert [look["by"] for look in looks(tmp_path / "var", first)] == ["li-na-8"]
