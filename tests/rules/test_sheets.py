"""Reference data as CSV and YAML: what is written is read back, and hostile files are refused."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.rules.columns import TABLES, ReferenceKind
from libs.rules.mistakes import Mistakes
from libs.rules.reference import Reference
from libs.rules.sheets import Form, parse, render

SHIPPED = Reference.shipped()
CITY = "mingchuan"
TABLE_KINDS = list(TABLES)
FORMS: tuple[Form, Form] = ("csv", "yaml")
HEAD = "#city,mingchuan\n"
ITEMS = HEAD + "category,adcode,unit,basis,direct\n"


def shipped(kind: ReferenceKind) -> dict[str, Any]:
    return dict(SHIPPED.current(kind, SHIPPED.names(kind)[0]) or {})


def mistakes(kind: ReferenceKind, data: str | bytes, form: Form = "csv") -> list[str]:
    with pytest.raises(Mistakes) as caught:
        parse(kind, data.encode() if isinstance(data, str) else data, form)
    return str(caught.value).splitlines()


def items(data: str | bytes, form: Form = "csv") -> list[str]:
    return mistakes(ReferenceKind.CATALOGUE, data, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_what_ships_is_read_back_as_it_was_written(kind: ReferenceKind, form: Form) -> None:
    content = shipped(kind)
    assert parse(kind, render(kind, content, form), form) == content


@pytest.mark.parametrize("kind", [ReferenceKind.CALENDAR, ReferenceKind.POLICY])
def test_calendars_and_packs_are_yaml_only(kind: ReferenceKind) -> None:
    content = shipped(kind)
    assert parse(kind, render(kind, content, "yaml"), "yaml") == content
    assert mistakes(kind, "id,x\n") == [
        f"a {kind.value} is no table; it is read and written as YAML"
    ]
    with pytest.raises(Mistakes, match="is no table"):
        render(kind, content, "csv")


# Texts as people and attackers write them: quotes, commas, formulas, apostrophes, any script.
word = (
    st.text(
        st.one_of(
            st.sampled_from("=+-@＝＋'\",，、#:{}[]&*!|>%~ 0街道"),
            st.characters(categories=["L", "N", "P", "S"]),
        ),
        min_size=1,
        max_size=20,
    )
    .map(str.strip)
    .filter(bool)
)
part = word.filter(lambda text: not set(";；") & set(text))
name = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
leaf = st.from_regex(r"[0-9]{4}", fullmatch=True)
place = st.from_regex(r"[0-9]{6}([0-9]{3})?", fullmatch=True)


def some(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(values, min_size=1, max_size=3, unique=True)


units = st.fixed_dictionaries(
    {
        "id": name,
        "zh": word,
        "en": word,
        "type": st.sampled_from(["department", "street"]),
        "adcodes": some(place),
    },
    optional={
        "superior": name,
        "leads": some(part),
        "duties": some(leaf),
        "phone": st.just("+86 990 12345"),
        "aliases": some(part),
        "dissolved": st.just(True),
        "successors": st.lists(
            st.fixed_dictionaries(
                {"unit": name}, optional={"categories": some(leaf), "adcodes": some(place)}
            ),
            min_size=1,
            max_size=3,
        ),
    },
)


@given(st.lists(units, unique_by=lambda unit: unit["id"], max_size=4), st.sampled_from(FORMS))
@settings(max_examples=60, deadline=None)
def test_any_units_are_read_back_as_they_were_written(entries: list[Any], form: Form) -> None:
    kind = ReferenceKind.ORGANISATIONS
    content = {"city": "c", "adcode": "990100", "government": "c.gov", "units": entries}
    assert parse(kind, render(kind, content, form), form) == content


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


def test_a_spreadsheet_gets_no_formula_and_the_text_comes_back() -> None:
    kind = ReferenceKind.CATALOGUE
    texts = ["=HYPERLINK(1)", "+1", "-1", "@SUM", "'=1", "＝1", "'quoted", "1=1"]
    entries = [
        {"category": f"010{n}", "unit": "mc.a", "basis": text} for n, text in enumerate(texts)
    ]
    content = {"city": CITY, "items": entries}
    data = render(kind, content, "csv")
    cells = [line.split(",")[3] for line in data.decode("utf-8-sig").splitlines()[2:]]
    assert not [cell for cell in cells if cell[0] in "=+-@＝"]
    assert cells[0] == "'=HYPERLINK(1)"
    assert parse(kind, data, "csv") == content


def test_a_file_from_a_spreadsheet_is_read() -> None:
    """With a byte order mark, CRLF, padded rows, empty rows and the columns in another order."""
    data = (
        "\ufeff#city,mingchuan,,,\r\n"
        "unit,category,basis,direct,adcode\r\n"
        "\r\n"
        'mc.chengguan,0106,"条例，第十二条",TRUE, 990102 \r\n'
        ",,,,\r\n"
    ).encode()
    assert parse(ReferenceKind.CATALOGUE, data, "csv") == {
        "city": "mingchuan",
        "items": [
            {
                "category": "0106",
                "adcode": "990102",
                "unit": "mc.chengguan",
                "basis": "条例，第十二条",
                "direct": True,
            }
        ],
    }


def test_a_list_in_a_cell_is_parted_by_either_semicolon() -> None:
    data = f"{HEAD}id,zh,en,level,units\nl-a,局长,Head,county,mc.a; mc.b；mc.c；\n"
    (leader,) = parse(ReferenceKind.LEADERS, data.encode(), "csv")["leaders"]
    assert leader["units"] == ["mc.a", "mc.b", "mc.c"]


def test_successors_are_written_so_that_a_clerk_can_read_them() -> None:
    kind = ReferenceKind.ORGANISATIONS
    content = shipped(kind)
    unit = dict(content["units"][5]) | {
        "dissolved": True,
        "successors": [
            {"unit": "mc.a", "categories": ["0101", "02"], "adcodes": ["990102"]},
            {"unit": "mc.b"},
        ],
    }
    content["units"] = [unit]
    data = render(kind, content, "csv")
    assert "true,mc.a category=0101；" not in data.decode()
    assert "mc.a category=0101,02 adcode=990102；mc.b" in data.decode()
    assert parse(kind, data, "csv") == content


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
        (b"a" * 5_000_001, "the file has 5000001 bytes; 5000000 are the most"),
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


YAML_HEAD = "city: mingchuan\nitems:\n"


def test_yaml_keeps_a_codes_zeros_without_quotes() -> None:
    data = YAML_HEAD + "- {category: 0106, unit: mc.a, basis: no, direct: true}\n"
    (item,) = parse(ReferenceKind.CATALOGUE, data.encode(), "yaml")["items"]
    assert item == {"category": "0106", "unit": "mc.a", "basis": "no", "direct": True}


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
        ("", "the file is empty"),
        ("- a\n", "line 1: must be a mapping"),
        ("city: a\ncity: b\nitems: []\nitems: []\n", "line 2, column city: the key stands twice"),
        ("city: &a b\nitems: [*a]\n", "line 1: anchors (&name) are not read"),
        ("city: a\nitems: *b\n", "line 2: aliases (*name) are not read"),
        ("city: !!python/object/apply:os.system [ls]\n", "line 1: tags"),
        ("city: a\n---\ncity: b\n", "line 2: the file holds a second document"),
        ("city: [a\n", "is no YAML"),
        ("city: 'a\n", "is no YAML"),
        ("? [a]\n: b\n", "line 1: a key must be a text"),
        ("a: " + "[" * 100_000, "line 1: holds more, or deeper, than a table can need"),
        ("items: [" + "a," * 400_001, "holds more, or deeper, than a table can need"),
        ("city: " + "a" * 10_001, "line 1: is longer than 10000 characters"),
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
        "line 1: anchors (&name) are not read"
    ]


@pytest.mark.parametrize("value", ["9" * 5000, "9" * 30, ".nan", ".inf", "1.0e+400", "2026-13-45"])
def test_a_number_or_day_that_is_none_is_refused(value: str) -> None:
    assert mistakes(ReferenceKind.POLICY, f"a: {value}\n", "yaml")


def test_a_merge_key_is_a_key_like_others() -> None:
    assert parse(ReferenceKind.POLICY, b"a: {<<: {b: 1}}\n", "yaml") == {"a": {"<<": {"b": 1}}}


def test_a_taxonomy_has_a_row_for_each_field_and_its_leaves_below() -> None:
    header = "#version,t2\ncode,zh,en,sla,lead,flags\n"
    data = header + "01,城,City,,,\n0101,甲,A,G,城管,xdept:公安,水务\n"
    assert mistakes(ReferenceKind.TAXONOMY, data)[0] == "line 4: has 7 cells, and the header 6"
    data = header + '01,城,City,,,\n0101,甲,A,G,城管,"xdept:公安,水务；sensitive"\n'
    (field,) = parse(ReferenceKind.TAXONOMY, data.encode(), "csv")["leaves_by_field"]
    assert field["leaves"][0]["flags"] == ["xdept:公安,水务", "sensitive"]


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


def test_rendering_changes_nothing_in_the_content() -> None:
    content = shipped(ReferenceKind.TAXONOMY)
    before = copy.deepcopy(content)
    render(ReferenceKind.TAXONOMY, content, "csv")
    assert content == before


def test_the_page_about_files_names_every_column_and_which_must_be_filled() -> None:
    page = (Path(__file__).parents[2] / "docs/reference-files.md").read_text(encoding="utf-8")
    for kind, table in TABLES.items():
        head, columns = (
            ", ".join(f"**{each.name}**" if each.required else each.name for each in part)
            for part in (table.head, table.columns)
        )
        assert f"| `{kind.value}` | {head}{' ' if head else ''}| {columns} |" in page
