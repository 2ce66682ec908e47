"""Wrong and hostile files of reference data: each is refused in words, with line and column."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.rules.columns import TABLES, ReferenceKind
from libs.rules.mistakes import Mistakes
from libs.rules.reference import Reference
from libs.rules.sheets import Form, parse, render

SHIPPED = Reference.shipped()
TABLE_KINDS = list(TABLES)
FORMS: tuple[Form, Form] = ("csv", "yaml")
HEAD = "#city,mingchuan\n"
ITEMS = HEAD + "category,adcode,unit,basis,direct\n"
YAML_HEAD = "city: mingchuan\nitems:\n"


def mistakes(kind: ReferenceKind, data: str | bytes, form: Form = "csv") -> list[str]:
    with pytest.raises(Mistakes) as caught:
        parse(kind, data.encode() if isinstance(data, str) else data, form)
    return str(caught.value).splitlines()


def items(data: str | bytes, form: Form = "csv") -> list[str]:
    return mistakes(ReferenceKind.CATALOGUE, data, form)


def shipped(kind: ReferenceKind) -> dict[str, Any]:
    return dict(SHIPPED.current(kind, SHIPPED.names(kind)[0]) or {})


@given(st.binary(max_size=300), st.sampled_from(TABLE_KINDS), st.sampled_from(FORMS))
@settings(max_examples=200, deadline=None)
def test_no_bytes_at_all_do_more_than_be_refused(
    data: bytes, kind: ReferenceKind, form: Form
) -> None:
    with pytest.raises(Mistakes):
        parse(kind, data, form)


@given(st.text(st.sampled_from("#city,mnguha\n\"'&*!<>:-[]{} 019;=\t|"), max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for form in FORMS:
        with pytest.raises(Mistakes):
            parse(ReferenceKind.LEADERS, text.encode(), form)


def test_all_mistakes_of_a_csv_file_are_told_with_line_and_column() -> None:
    data = ITEMS + (
        "0106,990102,mc.chengguan,LAW,\n"
        "106,,mc.chengguan,LAW,\n"
        "0107,99,MC,,maybe\n"
        "0106,990102,mc.chengguan,LAW,\n"
        "0108,,mc.chengguan,LAW\n"
    )
    assert items(data) == [
        "line 4, column category: '106' is not a category of four digits"
        " (a spreadsheet may have cut its zeros)",
        "line 5, column direct: 'maybe' is neither true nor empty",
        "line 5, column adcode: '99' is not a code of 6, 9 or 12 digits",
        "line 5, column unit: 'MC' is not small letters, digits, dots, - and _, at most 64",
        "line 5, column basis: is missing",
        "line 6, column category: 0106@990102 stands twice; first as entry 1",
        "line 7: has 4 cells, and the header 5",
    ]


def test_a_header_that_is_not_the_tables_is_refused_column_by_column() -> None:
    assert items(HEAD + "category,adcode,unit,unit,colour\n") == [
        "line 2, column unit: stands twice in the header",
        "line 2, column colour: there is no such column",
        "line 2, column basis: is missing in the header",
        "line 2, column direct: is missing in the header",
    ]
    assert items("") == ["there is no header row with the columns' names"]


def test_the_values_of_the_edition_stand_first_and_once() -> None:
    header = "category,adcode,unit,basis,direct\n"
    assert items(header) == ["column city: is missing"]
    assert items("#city,a\n#city,b\n" + header) == ["line 2, column #city: stands twice"]
    assert items("#town,a\n" + HEAD + header) == ["line 1: there is no #town; there are: #city"]
    assert items("#city\n" + header)[-1] == (
        "line 1, column #city: must have one value in the cell beside it"
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            ITEMS.encode() + "0106,,a,城市,".encode("gb18030"),
            "line 3: is not UTF-8; if a spreadsheet",
        ),
        (ITEMS.encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
        (ITEMS.encode() + b"0106,,a\0,x,", "line 3: holds a NUL"),
        (b"a" * 5_000_001, "the file has 5000001 bytes; 2000000 are the most"),
        (
            ITEMS.encode() + b"0106,,a,x,\n" * 20_100,
            "line 20051: the file has more than 20000 rows",
        ),
        (ITEMS.encode() + b"0106,,a,x,\n" * 20_001, "column items: has 20001 entries; 20000 are"),
        (ITEMS.encode() + b'0106,,a,"x', "line 3: cannot be read: unexpected end of data"),
        (ITEMS.encode() + b'0106,,a,"x"y,', "line 3: cannot be read"),
        (ITEMS.encode() + b"0106,,a," + b"x" * 140_000, "line 3: cannot be read: field larger"),
        (ITEMS.encode() + b"0106,,a," + b"x" * 2001 + b",", "column basis: is longer than 2000"),
        (
            ITEMS.encode() + "0106,,a,x\u202ey,".encode(),
            "column basis: holds a character that nobody",
        ),
        (
            ITEMS.encode() + b'0106,,a,"x\ny",',
            "column basis: holds a character that nobody sees (U+000A)",
        ),
    ],
)
def test_a_hostile_csv_file_is_refused_in_words(data: bytes, reason: str) -> None:
    found = items(data)
    assert reason in found[0]
    assert "/" not in found[0].replace("0106@", "")


def test_all_mistakes_of_a_yaml_file_are_told_with_their_lines() -> None:
    data = YAML_HEAD + (
        "- category: '106'\n"
        "  unit: mc.a\n"
        "  basis: LAW\n"
        "- {category: 0107, unit: [mc.a], basis: LAW, colour: red}\n"
        "- 0108\n"
        "- {category: 0109, unit: mc.a, basis: LAW, direct: 3}\n"
    )
    assert items(data + "town: x\n", "yaml") == [
        "line 3, column category: '106' is not a category of four digits"
        " (a spreadsheet may have cut its zeros)",
        "line 6, column colour: there is no such column",
        "line 6, column unit: must be a text, not list",
        "line 7: must be a mapping",
        "line 8, column direct: '3' is neither true nor empty",
        "line 9, column town: there is no such key",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: nothing is written here"),
        ("- a\n", "line 1: must be a mapping"),
        ("city: a\ncity: b\nitems: []\nitems: []\n", "line 2: city: stands twice; first in line 1"),
        ("city: &a b\nitems: [*a]\n", "line 1: city: aliases (& and *) are not read"),
        ("city: a\nitems: *b\n", "line 2: items: aliases (& and *) are not read"),
        ("city: !!python/object/apply:os.system [ls]\n", "line 1: city: tags"),
        ("city: a\n---\ncity: b\n", "line 2: a second document; write one"),
        ("city: [a\n", "is no YAML"),
        ("city: 'a\n", "is no YAML"),
        ("? [a]\n: b\n", "line 1: a key is a plain word"),
        ("a: " + "[" * 100_000, "line 1: a.0: holds more, or deeper, than a table can need"),
        ("items: [" + "a," * 400_001, "holds more, or deeper, than a table can need"),
        ("city: " + "a" * 10_001, "line 1: city: is longer than 10000 characters"),
        ('city: "a\\u0007"\nitems: []\n', "holds a character that nobody sees (U+0007)"),
        ("city: \x07\n", "is no YAML"),
        ("city: a\n", "column items: must be a list of entries"),
        ("city: a\nitems: {a: b}\n", "line 2, column items: must be a list of entries"),
    ],
)
def test_a_hostile_yaml_file_is_refused_in_words(text: str, reason: str) -> None:
    assert reason in items(text, "yaml")[0]


def test_a_billion_laughs_are_not_heard() -> None:
    laughs = "a: &a [x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert mistakes(ReferenceKind.POLICY, laughs, "yaml") == [
        "line 1: a: aliases (& and *) are not read; write it out"
    ]


@pytest.mark.parametrize("value", ["9" * 5000, "9" * 30, ".nan", ".inf", "1.0e+400", "13:00"])
def test_a_number_that_is_none_is_refused(value: str) -> None:
    (told,) = mistakes(ReferenceKind.POLICY, f"b: 1\na: {value}\n", "yaml")
    assert told.startswith("line 2: a: no plain decimal number: ")


def test_a_merge_key_is_refused() -> None:
    assert mistakes(ReferenceKind.POLICY, "a: {<<: {b: 1}}\n", "yaml") == [
        "line 1: a: << is not allowed; write it out"
    ]


def test_a_leaf_stands_under_the_field_of_its_own_digits() -> None:
    header = "#version,t2\ncode,zh,en,sla,lead,flags\n"
    data = header + "0101,甲,A,G,城管,\n02,乙,B,G,,\n0201,丙,C,,城管,\n0301,丁,D,Z,城管,\n"
    assert mistakes(ReferenceKind.TAXONOMY, data) == [
        "line 3, column code: 0101 stands under no field of its own digits",
        "line 4, column sla: a field has none, only its leaves",
        "line 5, column sla: is missing",
        "line 6, column sla: 'Z' is not one of Q, E, U, G, C, X, M, P, R",
        "line 6, column code: 0301 stands under no field of its own digits",
    ]


def test_a_taxonomy_in_yaml_is_told_the_line_of_a_leaf() -> None:
    data = "version: t2\nleaves_by_field:\n- code: 01\n  zh: 城\n  en: City\n  leaves:\n  - {code: 0101}\n"
    assert mistakes(ReferenceKind.TAXONOMY, data, "yaml")[0] == "line 7, column zh: is missing"


def test_a_day_and_a_successor_are_read_strictly() -> None:
    header = "adcode,track,policy_id,effective_from\n"
    found = mistakes(ReferenceKind.ADOPTIONS, header + "9901,,p,2026-1-1\n,ship,p,2026-01-01\n")
    assert found[0] == "line 2, column effective_from: '2026-1-1' is not a day, e.g. 2026-12-01"
    assert found[1].startswith("line 3, column track: 'ship' is not one of hotline")
    data = render(ReferenceKind.ORGANISATIONS, shipped(ReferenceKind.ORGANISATIONS), "csv")
    text = data.decode("utf-8-sig")
    line = next(line for line in text.splitlines() if line.startswith("mc.tiyu,"))
    broken = text.replace(line, line.removesuffix(",,") + ",true,mc.wenlv colour=red")
    assert (
        "'colour=red' is not category= or adcode="
        in mistakes(ReferenceKind.ORGANISATIONS, broken)[0]
    )
