"""The tool for reference data, against the platform itself: what is told, and what it exits with."""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from libs.rules.reference import ReferenceKind
from libs.rules.sheets import render
from tests.http.city import City, open_city
from tools.reference import main

Tool = Callable[..., tuple[int, list[str]]]
PACK = "extends: cn-generic-2026\nid: our-city\nversion: 1\neffective_from: 2027-01-01\n"
ABSURD = PACK + "sla_classes:\n  G:\n    handle: {wd: 600, source: 我市办法第五条}\n"


class Through(httpx.BaseTransport):
    """To a platform that runs in this process."""

    def __init__(self, city: City) -> None:
        self.city = city

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        sent = {"content": request.read(), "headers": dict(request.headers)}
        answer = self.city.request(request.method, path, **sent)
        self.city.settle()
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with open_city(tmp_path) as opened:
        yield opened


@pytest.fixture
def tool(city: City, capsys: pytest.CaptureFixture[str]) -> Tool:
    def run(*words: str) -> tuple[int, list[str]]:
        token = ("--token", city.token("reference_officer"), "--base", "http://city/reference")
        code = main([*token, *words], Through(city))
        told = capsys.readouterr()
        return code, (told.out + told.err).splitlines()

    return run


def written(root: Path, name: str, text: str | bytes) -> str:
    file = root / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_each_mistake_is_told_with_file_line_and_field(tmp_path: Path, tool: Tool) -> None:
    items = "#city,mingchuan\ncategory,adcode,unit,basis,direct\n106,,mc.tiyu,LAW,\n0107,,mc.nowhere,LAW,\n"
    code, told = tool("import", "catalogue", "mingchuan", written(tmp_path, "items.csv", items))
    assert code == 1
    assert told == [
        "items.csv, line 3, column category: '106' is not a category of four digits"
        " (a spreadsheet may have cut its zeros)",
        "items.csv, line 4, column unit: there is no unit mc.nowhere",
    ]
    pack = written(tmp_path, "pack.yaml", PACK + "audit: {reply: 1}\n")
    assert tool("import", "policy", "our-city", pack) == (
        1,
        ["pack.yaml, line 5, audit.reply: no such key in a policy pack"],
    )


def test_an_import_that_changes_nothing_says_so_and_publishes_nothing(
    tmp_path: Path, city: City, tool: Tool
) -> None:
    file = str(tmp_path / "units.csv")
    assert tool("export", "organisations", "mingchuan", file)[0] == 0
    assert tool("import", "organisations", "mingchuan", file) == (
        0,
        ["units.csv says what edition 0 says: nothing is published."],
    )
    assert tool("list") == (0, ["Nothing was published; what ships is in force."])


def test_an_absurd_limit_is_published_only_by_who_says_that_it_is_meant(
    tmp_path: Path, city: City, tool: Tool
) -> None:
    words = ("import", "policy", "our-city", written(tmp_path, "pack.yaml", ABSURD))
    words += ("--source", "令", "--based-on", "0")
    code, told = tool(*words)
    assert code == 1
    assert told[-2].startswith("unusual: sla_classes.G.handle.wd: 600 is over 90")
    assert told[-1].startswith("--accept-unusual")
    headers = {"Authorization": f"Bearer {city.token('reference_officer')}"}
    over_http = city.request(
        "POST",
        "/reference/data/policy/our-city/editions",
        params={"form": "yaml", "source": "令", "based_on": "0"},
        content=ABSURD.encode(),
        headers=headers | {"Idempotency-Key": "absurd-limit-1"},
    )
    assert over_http.status_code == 409
    assert "600 is over 90" in over_http.json()["detail"]
    assert tool(*words, "--accept-unusual")[0] == 0
    _, told = tool("list")
    assert told[1].endswith("by reference_officer-1")
    assert told[3].startswith("    accepted though unusual: sla_classes.G.handle.wd: 600 is over 90")


def test_what_is_usual_needs_no_acceptance(tmp_path: Path, tool: Tool) -> None:
    file = written(tmp_path, "pack.yaml", ABSURD.replace("600", "10"))
    assert tool("import", "policy", "our-city", file, "--source", "令", "--based-on", "0")[0] == 0
    assert not any("unusual" in line for line in tool("list")[1])


def test_the_list_fits_a_terminal_of_80_columns(tmp_path: Path, city: City, tool: Tool) -> None:
    year = ("2027", "--holidays", "01-01..01-03", "--source", "国办发明电〔2026〕10号", "--incomplete")
    assert tool("publish-year", *year)[0] == 0
    city.wait(minutes=1)
    rules = city.whole.host.find("reference").turns.rules.reference
    assert rules is not None
    units = dict(rules.current(ReferenceKind.ORGANISATIONS, "mingchuan") or {}, version="2")
    file = written(tmp_path, "units.yaml", render(ReferenceKind.ORGANISATIONS, units, "yaml"))
    publish = ("organisations", "mingchuan", file, "--source", "明川市机构改革方案", "--based-on", "0")
    assert tool("import", *publish)[0] == 0
    code, told = tool("list")
    assert code == 0
    assert [line.partition("  ")[2] for line in told if not line.startswith(" ")] == [
        "organisations/mingchuan, edition 1",
        "calendar/CN-GOV, edition 1",
    ]
    assert max(map(width, told)) <= 80


def test_a_year_is_read_out_of_a_notice_and_waits_for_a_person(tmp_path: Path, tool: Tool) -> None:
    notice = "一、元旦：2027年1月1日（周五）放假。五、劳动节：5月1日至2日放假。"
    file = written(tmp_path, "notice.txt", notice)
    code, told = tool("propose-year", "2027", file)
    assert code == 0
    first = told.index("to confirm: CN-GOV.2027.1")
    assert told[first + 1 : first + 3] == ["    off: 01-01 05-01..05-02", "    make-up: none"]
    assert all(line.startswith("    look at the notice: ") for line in told[first + 3 :])
    assert "2027-10-01 is a statutory day off" in "".join(told)
    confirm = ("confirm-year", "CN-GOV.2027.1", "--source", "国办发明电〔2026〕10号")
    assert tool(*confirm)[0] == 1, "the days of October are missing"
    assert tool(*confirm, "--incomplete")[0] == 0
    assert tool("list")[1][0].endswith("calendar/CN-GOV, edition 1")
    code, told = tool("reject-year", "CN-GOV.2027.1", "--reason", "误读")
    assert (code, told) == (1, ["No proposal CN-GOV.2027.1 waits for a person."])
