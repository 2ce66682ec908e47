"""A policy pack as a person writes it: what is wrong is told with its line, and hostile text is refused."""

import time
from typing import Any

import pytest

from libs.rules.pack_text import read_pack_text
from libs.rules.policy import PolicyPack
from libs.rules.shipped import DATA, read_shipped
from libs.rules.yaml_tree import read_yaml

BASE = read_shipped("packs/cn-generic-2026")
HEAD = """extends: cn-generic-2026
id: our-city
version: 1
effective_from: 2027-01-01
"""
WHOLE = (DATA / "packs/cn-generic-2026.yaml").read_text("utf-8")
SHIPPED = sorted(path.stem for path in (DATA / "packs").glob("*.yaml"))


def read(text: str) -> PolicyPack:
    return read_pack_text(HEAD + text, BASE)


def lines(text: str, base: Any = BASE) -> list[str]:
    """What is said of a text that is wrong."""
    with pytest.raises(ValueError, match="line") as refused:
        read_pack_text(text, base)
    return str(refused.value).splitlines()


def test_a_pack_that_extends_another_says_only_what_is_different() -> None:
    pack = read("sla_classes:\n  G: {handle: {wd: 3, source: 我市办法第五条}}\n")
    assert pack.name == "our-city/1"
    assert pack.limit("HANDLE", "G", "hotline").words == "3个工作日"
    assert pack.limit("HANDLE", "X", "xinfang").words == "60日"


def test_a_whole_pack_needs_no_other() -> None:
    assert read_pack_text(WHOLE).name == "cn-generic-2026/1"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_pack_could_have_been_written_by_a_person(name: str) -> None:
    text = (DATA / f"packs/{name}.yaml").read_text("utf-8")
    assert read_pack_text(text, BASE).id == name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("audit:\n  reply: {bh: 4}\n", "line 6: audit.reply: no such key in a policy pack"),
        ("colour: red\n", "line 5: colour: no such key in a policy pack"),
        (
            "audit:\n  reply_review: {bh: 4, wd: 1}\n",
            "line 6: audit.reply_review: a limit has exactly one of",
        ),
        (
            "sla_classes:\n  M:\n    ext_max: {source: 无}\n",
            "line 7: sla_classes.M.ext_max: a limit has exactly one",
        ),
        (
            "audit: {reply_review: {wd: true}}\n",
            "line 5: audit.reply_review.wd: Input should be a valid int",
        ),
        (
            "audit: {reply_review: {wd: '3'}}\n",
            "line 5: audit.reply_review.wd: Input should be a valid int",
        ),
        (
            "audit: {reply_review: {wd: -1}}\n",
            "line 5: audit.reply_review.wd: Input should be greater than 0",
        ),
        (
            "audit: {reply_review: {wd: 99999}}\n",
            "line 5: audit.reply_review.wd: Input should be less than",
        ),
        (
            "audit: {reply_review: {bh: .inf}}\n",
            "line 5: audit.reply_review.bh: no plain decimal number: .inf",
        ),
        (
            "audit: {reply_review: {wd: 0o7}}\n",
            "line 5: audit.reply_review.wd: Input should be a valid int",
        ),
        (
            "audit: {reply_review: {wd: 010}}\n",
            "line 5: audit.reply_review.wd: no plain decimal number: 010",
        ),
        (
            "audit: {reply_review: {wd: 1:30}}\n",
            "line 5: audit.reply_review.wd: no plain decimal number",
        ),
        ("auto_accept: yes\n", "line 5: auto_accept: write true or false"),
        ("auto_accept: 1\n", "line 5: auto_accept: Input should be a valid boolean"),
        ("audit: 4\n", "line 5: audit: Input should be"),
        ("audit: [1, 2]\n", "line 5: audit: Input should be"),
        ("warn:\n  # late\n  amber_at: 0.95\n", "line 7: warn.amber_at: amber comes before red"),
        ("warn:\n  red_at: 1.5\n", "line 6: warn.red_at: Input should be less than 1"),
        (
            "auto_dispatch:\n  classes: [G, E, X]\n",
            "line 6: auto_dispatch.classes: a human dispatches E, X (G09)",
        ),
        (
            "auto_dispatch:\n  direct: [E, G, X]\n",
            "line 6: auto_dispatch.direct: only E and U go straight, not G, X",
        ),
        ("auto_dispatch:\n  classes: [Z]\n", "line 6: auto_dispatch.classes.0: Input should be"),
        ("sla_classes:\n  Z: {}\n", "line 6: sla_classes.Z: Input should be"),
        (
            "audit: {reply_review: {wd: 1}}\naudit: {}\n",
            "line 6: audit: stands twice; first in line 5",
        ),
        (
            "targets: {satisfaction: 98}\n",
            "line 5: targets.satisfaction: Input should be less than or equal",
        ),
        ("effective_from: soon\n", "line 5: effective_from: stands twice; first in line 4"),
    ],
)
def test_a_mistake_is_told_with_its_line_path_and_reason(text: str, told: str) -> None:
    assert any(line.startswith(told) for line in lines(HEAD + text)), lines(HEAD + text)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("id", "Our City", "line 2: id: String should match pattern"),
        ("version", "0", "line 3: version: Input should be greater than or equal to 1"),
        ("version", "1.5", "line 3: version: Input should be a valid int"),
        ("effective_from", "2027-02-30", "line 4: effective_from: Input should be a valid date"),
        (
            "extends",
            "nowhere",
            "line 1: extends: there is no policy pack nowhere; there are: cn-gen",
        ),
        ("extends", "our-city", "line 1: extends: our-city -> our-city goes in a circle"),
        ("extends", "[a]", "line 1: extends: there is no policy pack"),
    ],
)
def test_a_mistake_in_the_head_is_told_too(field: str, value: str, told: str) -> None:
    text = "\n".join(
        f"{field}: {value}" if line.startswith(f"{field}:") else line for line in HEAD.splitlines()
    )
    assert any(line.startswith(told) for line in lines(text)), lines(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    found = lines(HEAD + "warn: {amber_at: 0.95}\naudit: {reply: 1}\nauto_accept: no\n")
    assert [line.split(":")[0] for line in found] == ["line 5", "line 6", "line 7"]


def test_a_whole_pack_that_lacks_limits_is_told_where_they_are_missing() -> None:
    text = WHOLE.replace("  sign: {bh: 8, source: 平台默认，待运营单位确认}\n", "")
    number = text[: text.index("\ndispatch:")].count("\n") + 2
    assert lines(text) == [f"line {number}: dispatch.sign: is missing"]
    text = WHOLE.replace("  R:\n    zh: 引导/移送", "  RR:\n    zh: 引导/移送")
    number = text[: text.index("\nsla_classes:")].count("\n") + 2
    assert f"line {number}: sla_classes: no limits for R" in lines(text)


def test_a_mistake_below_is_told_at_the_line_that_takes_it_over() -> None:
    broken = {key: value for key, value in BASE.items() if key != "hold"}
    assert lines(HEAD, broken) == ["line 1: hold: is missing"]


def test_a_target_of_satisfaction_over_98_per_cent_is_doubted_by_name_of_the_document() -> None:
    assert read("targets: {satisfaction: 0.98}\n").doubts == ()
    (doubt,) = read("targets: {satisfaction: 0.99}\n").doubts
    assert doubt.startswith("targets.satisfaction: 99.0% is over 98%")
    assert "66号" in doubt


# ------------------------------------------------------------------------------------- hostile text

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "line 1: a: aliases (& and *) are not read"),
        ("id: *x\n", "line 1: id: aliases (& and *) are not read"),
        ("id: !!python/object/apply:os.system [ls]\n", "line 1: id: tags"),
        ("id: !!int '3'\n", "line 1: id: tags"),
        ("<<: {id: x}\n", "line 1: << is not allowed"),
        (f"version: {'9' * 10_000}\n", "line 1: version: no plain decimal number"),
        ("version: 0x" + "f" * 4000 + "\n", "line 1: version: no plain decimal number"),
        ("a: " + "[" * 5_000 + "\n", "line 1: a.0: holds more, or deeper, than a table can need"),
        ("a: " + "{a: " * 5_000 + "\n", "line 1: a.a: holds more, or deeper, than a table can need"),
        ("? [a, b]\n: 1\n", "line 1: a key is a plain word"),
        ("id: a\n---\nid: b\n", "line 2: a second document"),
        ("id: 'a\n", "line "),
        ("id: a\n\tversion: 1\n", "line 2: is no YAML"),
        ("id: a\nname: \x00\n", "line 2: "),
        ("", "line 1: nothing is written here"),
        ("# nothing\n", "line 1: nothing is written here"),
        ("- a\n", "line 1: a policy pack is a mapping of keys"),
        ("hello\n", "line 1: a policy pack is a mapping of keys"),
        ("a: " + "x" * 200_000 + "\n", "line 1: a: is longer than 10000 characters"),
        ("a: {b: 1, b: &x 2}\n", "line 1: a.b: stands twice"),
    ],
)
def test_hostile_text_is_refused_with_its_line_and_at_once(text: str, told: str) -> None:
    begun = time.perf_counter()
    found = lines(text, None)
    assert any(line.startswith(told) for line in found), found[:3]
    assert time.perf_counter() - begun < 3


def test_a_date_stays_a_text_so_that_json_can_hold_it() -> None:
    assert read_yaml("a: 2027-01-01\nb: [1, 2.5, null, 'true', true]\n").typed() == {
        "a": "2027-01-01",
        "b": [1, 2.5, None, "true", True],
    }


def test_a_limit_that_no_law_gives_is_doubted_and_not_refused() -> None:
    text = "sla_classes:\n  G:\n    handle: {wd: 600, source: 令}\n"
    (doubt,) = read(text).doubts
    assert doubt.startswith("sla_classes.G.handle.wd: 600 is over 90")
    assert read(text.replace("600", "90")).doubts == ()


def test_a_pack_that_says_nothing_of_withdrawals_lets_none_take_effect_at_once() -> None:
    silent = WHOLE.replace("withdrawal:\n  cooling: {h: 24, source: 平台默认，待运营单位确认}\n", "")
    assert silent != WHOLE
    cooling = read_pack_text(silent).withdrawal.cooling
    assert (cooling.words, cooling.source) == ("24小时", "平台默认，待运营单位确认")


@pytest.mark.parametrize("at_once", ["null", "{h: 0, source: 我市办法第五条}"])
def test_a_pack_that_lets_a_withdrawal_take_effect_at_once_is_refused(at_once: str) -> None:
    (told,) = [one for one in lines(f"{HEAD}withdrawal:\n  cooling: {at_once}\n") if "cooling" in one]
    assert told.startswith("line 6: withdrawal.cooling")
