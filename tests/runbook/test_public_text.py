"""The runbook's chapter on a published text that must go at once."""

import re
from pathlib import Path

from tests.journeys.test_public import closed, publish, status
from tests.runbook.book import Chapter
from tests.runbook.conftest import embedded_home

CHAPTER = Chapter("A published text must go at once")


def path_in(begin: str, **names: str) -> str:
    """The path that the chapter's command asks for, with the names filled in."""
    (path,) = re.findall(r"\$BASE([^\s\"]+)", CHAPTER.command(begin, **names))
    return str(path)


def test_whoever_sees_it_finds_the_case_and_takes_the_text_back_alone(tmp_path: Path) -> None:
    with embedded_home(tmp_path).open() as city:
        number = publish(city, closed(city)["case_id"])
        assert status(city, number) == 200
        CHAPTER.says("by role `operator`, `auditor`, `supervisor` or `privacy_officer`")
        operator = city.token("operator")
        (found,) = city.get(path_in("curl -s -H", ID=number), operator).json()
        ground = {"ground": "personal_data"}
        taken = path_in("curl -s -X POST", CASE=found["case_id"])
        assert city.post(taken, operator, ground).is_success
        city.settle()
        CHAPTER.says("look at `/intake/published/ID`, which then answers 404")
        assert status(city, number) == 404
        CHAPTER.says("the published copy goes with it")
