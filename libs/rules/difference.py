"""What one edition changes against the one before, entry by entry. It approves nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from libs.events.edition import Changes
from libs.rules.columns import TABLES, Content, ReferenceKind, normal, rows
from libs.rules.csv_table import shown_successor

WHOLE = "*"
"""The entry that stands for the values of the whole edition, such as the town's duties."""

Field = tuple[Any, Any]

_WORDS = {
    "zh": ("新增", "修改", "删除", "（无）", "整版", "没有变化"),
    "en": ("added", "changed", "removed", "(none)", "the whole edition", "nothing changes"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Entries by their ids, in the order of the editions. `changed` gives, per field, what was and
    what is; None where there is nothing."""

    kind: ReferenceKind
    added: Mapping[str, Content] = field(default_factory=dict)
    changed: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)
    removed: Mapping[str, Content] = field(default_factory=dict)
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def counts(self) -> Changes:
        """How many entries, as the fact states it."""
        return Changes(added=len(self.added), changed=len(self.changed), removed=len(self.removed))

    def lines(self, lang: Literal["zh", "en"]) -> tuple[str, ...]:
        """One line for each entry added or removed, and for each field changed."""
        return tuple(self._lines(lang)) or (_WORDS[lang][5],)

    def _lines(self, lang: Literal["zh", "en"]) -> Iterator[str]:
        added, changed, removed, _, _, _ = _WORDS[lang]
        colon, arrow = ("：", " → ") if lang == "zh" else (": ", " → ")
        for id, entry in self.added.items():
            yield f"{added}{colon}{self._name(id, lang)}{self._said(id, entry, lang)}"
        for id, fields in self.changed.items():
            for name, (old, new) in fields.items():
                values = f"{_shown(old, lang)}{arrow}{_shown(new, lang)}"
                yield f"{changed}{colon}{self._name(id, lang)}, {name}{colon}{values}"
        for id, entry in self.removed.items():
            yield f"{removed}{colon}{self._name(id, lang)}{self._said(id, entry, lang)}"

    def _said(self, id: str, entry: Content, lang: Literal["zh", "en"]) -> str:
        """What an entry without a name of its own says, such as which unit leads, or which pack."""
        if any(self.names.get(id, ())) or self.kind not in TABLES:
            return ""
        values = [f"{k} {_shown(v, lang)}" for k, v in entry.items() if v not in (None, "", [], False)]
        return f"（{'，'.join(values)}）" if lang == "zh" else f" ({', '.join(values)})"

    def _name(self, id: str, lang: Literal["zh", "en"]) -> str:
        if id == WHOLE:
            return _WORDS[lang][4]
        name = self.names.get(id, ("", ""))[lang == "en"]
        return f"{id} {name}" if name else id


def diff(kind: ReferenceKind, old: Content | None, new: Content) -> Difference:
    """What `new` changes against `old`, which is None if there was no edition before.

    A table's entries are known by its ids; a calendar's by the year, with its other values as one
    entry; a policy pack's by the path of each value.
    """
    before, after = (_entries(kind, old) if old is not None else {}), _entries(kind, new)
    changed: dict[str, Mapping[str, Field]] = {}
    for id, entry in after.items():
        fields = _fields(before[id], entry) if id in before else {}
        if fields:
            changed[id] = fields
    return Difference(
        kind,
        {id: entry for id, entry in after.items() if id not in before},
        changed,
        {id: entry for id, entry in before.items() if id not in after},
        {id: (str(e.get("zh", "")), str(e.get("en", ""))) for id, e in {**before, **after}.items()},
    )


def _fields(old: Content, new: Content) -> dict[str, Field]:
    names = dict.fromkeys([*old, *new])
    return {n: (old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)}


def _entries(kind: ReferenceKind, content: Content) -> dict[str, Content]:
    if kind is ReferenceKind.CALENDAR:
        years = {str(year): facts for year, facts in content.get("years", {}).items()}
        return {WHOLE: {k: v for k, v in content.items() if k != "years"}, **years}
    if kind not in TABLES:
        return {path: {"value": value} for path, value in _paths(content)}
    table = TABLES[kind]
    whole = normal(kind, content)
    head = {column.name: whole[column.name] for column in table.head if column.name in whole}
    entries: dict[str, Content] = {WHOLE: head} if head else {}
    return entries | {table.id(entry): entry for entry in rows(kind, whole)}


def _paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _paths(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def _shown(value: Any, lang: Literal["zh", "en"]) -> str:
    if value in (None, "", []):
        return _WORDS[lang][3]
    if isinstance(value, bool):
        return ("否", "是")[value] if lang == "zh" else ("no", "yes")[value]
    if isinstance(value, list):
        joined = "；" if lang == "zh" else "; "
        return joined.join(
            shown_successor(item) if isinstance(item, Mapping) else str(item) for item in value
        )
    return str(value)
