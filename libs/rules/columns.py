"""The columns of each kind of reference table, and what may stand in them. It reads no file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from libs.rules.leaders import Level
from libs.rules.mailboxes import MailboxKind
from libs.rules.organisations import OrgType
from libs.rules.states import SlaClass, Track, Word

Content = Mapping[str, Any]
"""What an edition holds: texts, numbers, lists and mappings, such as JSON has them."""

MOST_ROWS = 20_000


class ReferenceKind(Word):
    """What is published as reference data, edition by edition."""

    CALENDAR = "calendar", "工作日历", "Working calendar"
    POLICY = "policy", "政策包", "Policy pack"
    ADOPTIONS = "adoptions", "适用范围", "Adoptions"
    TAXONOMY = "taxonomy", "诉求分类", "Taxonomy"
    ORGANISATIONS = "organisations", "承办单位", "Units"
    CATALOGUE = "catalogue", "派单目录", "Dispatch catalogue"
    LEADERS = "leaders", "领导职务", "Leading posts"
    MAILBOXES = "mailboxes", "信箱", "Mailboxes"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. In a file a `list` is joined by ；, a `flag` is true or empty, and `successors`
    are written as `unit category=0101,0102 adcode=990102`, several joined by ；."""

    name: str
    form: Literal["text", "list", "flag", "date", "successors"] = "text"
    required: bool = False
    looks: str = r"(?s).*"
    says: str = "a text"

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a text, or each text of a list, must match as a whole."""
        return _pattern(self.looks)


@cache
def _pattern(looks: str) -> re.Pattern[str]:
    return re.compile(looks, re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """A kind's table. `head` stands once per edition, `columns` once per entry; `key` is where a
    content keeps its entries, and `ids` the columns by which an entry is known."""

    kind: ReferenceKind
    key: str
    ids: tuple[str, ...]
    head: tuple[Column, ...]
    columns: tuple[Column, ...]

    def id(self, entry: Content) -> str:
        """By what an entry is known, e.g. mc.chengguan or 0106@990102."""
        return "@".join(str(entry[name]) for name in self.ids if entry.get(name))


ID = r"[a-z0-9][a-z0-9._-]{0,63}", "small letters, digits, dots, - and _, at most 64"
ADCODE = r"\d{6}(\d{3}(\d{3})?)?", "a code of 6, 9 or 12 digits"
LEAF = r"\d{4}", "a category of four digits (a spreadsheet may have cut its zeros)"
CODES = r"\d{2}(\d{2})?", "a code of two or four digits (a spreadsheet may have cut its zeros)"
PHONE = r"[0-9+() -]{3,30}", "a telephone number"


def one_of(words: Iterable[str]) -> tuple[str, str]:
    """The codes of a list of words, as a pattern and in words."""
    codes = [str(word) for word in words]
    return "|".join(map(re.escape, codes)), f"one of {', '.join(codes)}"


SUCCESSOR = (
    Column("unit", "text", True, *ID),
    Column("categories", "list", False, *CODES),
    Column("adcodes", "list", False, *ADCODE),
)
"""What one of a unit's successors says."""

_CITY = Column("city", "text", True, *ID)
_NAMES = (Column("zh", required=True), Column("en", required=True))

TABLES: Mapping[ReferenceKind, Table] = {
    table.kind: table
    for table in (
        Table(
            ReferenceKind.ORGANISATIONS,
            "units",
            ("id",),
            (
                _CITY,
                Column("version", looks=r"[0-9A-Za-z.-]{1,32}", says="a version, e.g. 2"),
                Column("adcode", "text", True, r"\d{6}", "the city's code of six digits"),
                Column("government", "text", True, *ID),
                Column("town_duties", "list", False, *LEAF),
            ),
            (
                Column("id", "text", True, *ID),
                *_NAMES,
                Column("type", "text", True, *one_of(OrgType)),
                Column("adcodes", "list", True, *ADCODE),
                Column("superior", "text", False, *ID),
                Column("discipline", "text", False, *ID),
                Column("leads", "list"),
                Column("duties", "list", False, *LEAF),
                Column("phone", "text", False, *PHONE),
                Column("led_by", "text", False, *ID),
                Column("aliases", "list"),
                Column("dissolved", "flag"),
                Column("successors", "successors"),
            ),
        ),
        Table(
            ReferenceKind.TAXONOMY,
            "leaves_by_field",
            ("code",),
            (
                Column(
                    "version", "text", True, r"[0-9A-Za-z.-]{1,32}", "a version, e.g. 2026-11-21"
                ),
            ),
            (
                Column("code", "text", True, *CODES),
                *_NAMES,
                Column("sla", "text", False, *one_of(SlaClass)),
                Column("lead"),
                Column("flags", "list", False, r"[a-z_-]+(:.+)?", "a flag, e.g. xdept:城管"),
            ),
        ),
        Table(
            ReferenceKind.CATALOGUE,
            "items",
            ("category", "adcode"),
            (_CITY,),
            (
                Column("category", "text", True, *LEAF),
                Column("adcode", "text", False, *ADCODE),
                Column("unit", "text", True, *ID),
                Column("basis", "text", True, says="the text of the law that it follows"),
                Column("direct", "flag"),
            ),
        ),
        Table(
            ReferenceKind.LEADERS,
            "leaders",
            ("id",),
            (_CITY,),
            (
                Column("id", "text", True, *ID),
                *_NAMES,
                Column("level", "text", True, *one_of(Level)),
                Column("units", "list", False, *ID),
            ),
        ),
        Table(
            ReferenceKind.MAILBOXES,
            "mailboxes",
            ("id",),
            (_CITY,),
            (
                Column("id", "text", True, *ID),
                *_NAMES,
                Column("kind", "text", True, *one_of(MailboxKind)),
                Column("unit", "text", False, *ID),
                Column("leader", "text", False, *ID),
                Column("adcode", "text", True, *ADCODE),
                Column("takes", "list", False, r"K[1-7][ab]?|\d{2}(\d{2})?", "a kind or category"),
            ),
        ),
        Table(
            ReferenceKind.ADOPTIONS,
            "adoptions",
            ("adcode", "track", "effective_from"),
            (),
            (
                Column("adcode", "text", False, r"\d{2,12}", "the first digits of a place's code"),
                Column("track", "text", False, *one_of(Track)),
                Column("policy_id", "text", True, *ID),
                Column("effective_from", "date", True, says="a day, e.g. 2026-12-01"),
            ),
        ),
    )
}
"""Calendars and policy packs are no tables; they are mappings only."""


def rows(kind: ReferenceKind, content: Content) -> list[Content]:
    """The entries of a content that was checked, in its order; a field before its leaves."""
    entries = list(content.get(TABLES[kind].key, ()))
    if kind is not ReferenceKind.TAXONOMY:
        return entries
    return [part for entry in entries for part in parts(entry)]


def parts(entry: Any) -> list[Any]:
    """A field of a taxonomy and its leaves, as rows."""
    if not isinstance(entry, Mapping):
        return [entry]
    leaves = entry.get("leaves", ())
    field = {name: value for name, value in entry.items() if name != "leaves"}
    return [field, *(leaves if isinstance(leaves, list | tuple) else ())]


def built(kind: ReferenceKind, head: Content, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The content with this head and these entries; in a taxonomy each leaf under its field."""
    table = TABLES[kind]
    if kind is not ReferenceKind.TAXONOMY:
        return {**head, table.key: entries}
    fields: list[dict[str, Any]] = []
    for entry in entries:
        if is_field(entry):
            fields.append({**entry, "leaves": []})
        elif fields:
            fields[-1]["leaves"].append(entry)
    return {**head, table.key: fields}


def is_field(entry: Content) -> bool:
    """Whether an entry of a taxonomy is a field, not a leaf."""
    return len(str(entry.get("code", ""))) == 2


def normal(kind: ReferenceKind, content: Content) -> dict[str, Any]:
    """The same content with columns in order and without what is empty."""
    table = TABLES[kind]
    head = _without_empty(table.head, content)
    return built(
        kind, head, [_without_empty(table.columns, entry) for entry in rows(kind, content)]
    )


def _without_empty(columns: tuple[Column, ...], values: Content) -> dict[str, Any]:
    return {
        c.name: values[c.name] for c in columns if values.get(c.name) not in (None, "", [], False)
    }
