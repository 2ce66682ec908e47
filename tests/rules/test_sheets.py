"""Reference data as CSV and YAML: what is written is read back."""

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


def shipped(kind: ReferenceKind) -> dict[str, Any]:
    return dict(SHIPPED.current(kind, SHIPPED.names(kind)[0]) or {})


def mistakes(kind: ReferenceKind, data: str | bytes, form: Form = "csv") -> list[str]:
    with pytest.raises(Mistakes) as caught:
        parse(kind, data.encode() if isinstance(data, str) else data, form)
    return str(caught.value).splitlines()


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


def test_yaml_keeps_a_codes_zeros_without_quotes() -> None:
    data = "city: mingchuan\nitems:\n- {category: 0106, unit: mc.a, basis: no, direct: true}\n"
    (item,) = parse(ReferenceKind.CATALOGUE, data.encode(), "yaml")["items"]
    assert item == {"category": "0106", "unit": "mc.a", "basis": "no", "direct": True}


def test_a_taxonomy_has_a_row_for_each_field_and_its_leaves_below() -> None:
    header = "#version,t2\ncode,zh,en,sla,lead,flags\n"
    data = header + "01,城,City,,,\n0101,甲,A,G,城管,xdept:公安,水务\n"
    assert mistakes(ReferenceKind.TAXONOMY, data)[0] == "line 4: has 7 cells, and the header 6"
    data = header + '01,城,City,,,\n0101,甲,A,G,城管,"xdept:公安,水务；sensitive"\n'
    (field,) = parse(ReferenceKind.TAXONOMY, data.encode(), "csv")["leaves_by_field"]
    assert field["leaves"][0]["flags"] == ["xdept:公安,水务", "sensitive"]


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
