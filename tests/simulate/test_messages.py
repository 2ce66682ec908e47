"""A file of messages that is not one is refused in words that name file, line and field."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from libs.rules.calendar import SHANGHAI
from tests.board import write
from tests.simulate.plays import Play, invent
from tools.simulate.messages import FIELDS, BadMessage, read_messages


def refusal(path: Path) -> str:
    with pytest.raises(BadMessage) as refused:
        read_messages(path)
    return str(refused.value)


def changed(**fields: Any) -> list[dict[str, Any]]:
    """Three messages, the second with other fields."""
    first, second, third = invent(3)
    return [first, {**second, **fields}, third]


def test_messages_are_read_in_the_order_of_the_file_and_in_chinese_time(tmp_path: Path) -> None:
    told = invent(3)
    found = read_messages(write(tmp_path / "m.jsonl", told))
    assert [m.id for m in found] == [m["id"] for m in told]
    first = datetime.fromisoformat(told[0]["registered_at"]).replace(tzinfo=SHANGHAI)
    assert found[0].registered_at == first
    assert found[0].text == told[0]["text"]


def test_an_instant_with_a_zone_of_its_own_keeps_it(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", changed(registered_at="2025-01-01T00:00:00+00:00"))
    assert read_messages(path)[1].registered_at == datetime(2025, 1, 1, 8, tzinfo=SHANGHAI)


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", invent(2))
    path.write_text(path.read_text() + "\n{not json\n")
    assert refusal(path).startswith(f"{path}:4: ")
    path.write_text("[1, 2]\n")
    assert refusal(path) == f"{path}:1: not a JSON object"


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [None, "  ", 7])
def test_a_field_that_is_missing_is_named(tmp_path: Path, field: str, value: object) -> None:
    path = write(tmp_path / "m.jsonl", changed(**{field: value}))
    assert refusal(path) == f"{path}:2: {field}: a text is missing"


@pytest.mark.parametrize("field", ["registered_at", "replied_at"])
def test_a_date_that_there_is_not_is_named(tmp_path: Path, field: str) -> None:
    path = write(tmp_path / "m.jsonl", changed(**{field: "2025-02-30T10:00:00"}))
    assert refusal(path).startswith(f"{path}:2: {field}: ")


def test_an_answer_before_its_question_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", changed(replied_at="2020-01-01T00:00:00"))
    assert refusal(path) == f"{path}:2: replied_at: lies before registered_at"


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", [*invent(2), invent(1)[0]])
    assert refusal(path) == f"{path}:3: id T000 stands twice"


def test_an_empty_file_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n  \n")
    assert refusal(empty) == f"{empty}: no message in it"
    assert refusal(tmp_path / "none.jsonl") == f"{tmp_path}/none.jsonl: there is no such file"


def test_bytes_that_are_no_utf_8_are_refused_in_words(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", invent(1))
    path.write_bytes(path.read_bytes() + "{\"id\": \"字\"}".encode("gbk"))
    assert refusal(path).startswith(f"{path}:2: ")


def test_the_limit_ends_the_reading(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", invent(3))
    path.write_text(path.read_text() + "{broken\n")
    assert len(read_messages(path, limit=3)) == 3


def test_the_command_says_it_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", changed(reply=None))
    done = Play(tmp_path / "here", path, {}).run("--json")
    assert done.returncode == 2
    assert "reply: a text is missing" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "here/var").exists()


def test_a_policy_pack_that_there_is_not_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", invent(1))
    done = Play(tmp_path / "here", path, {}).run("--pack", "flat-8wd")
    assert done.returncode == 2
    assert "flat-8wd" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
