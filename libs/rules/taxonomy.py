"""What citizens write about, as a list of fields and leaves. It classifies nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from libs.rules.states import SlaClass

OTHER = "9901"


@dataclass(frozen=True, slots=True)
class Field:
    """A first-level field, e.g. 01 城市管理."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One content category. `lead` is the kind of unit that answers for it, `sla` its time class.

    `restricted` is "" or says who alone may receive it (domain 5, G02): `discipline`,
    `organisation` or `not-to-subject`.
    """

    code: str
    parent: str
    zh: str
    en: str
    sla: SlaClass
    lead: str
    flags: tuple[str, ...] = ()
    restricted: str = field(init=False)
    concerned: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "restricted", _flag(self.flags, "restricted"))
        concerned = tuple(name for name in _flag(self.flags, "xdept").split(",") if name)
        object.__setattr__(self, "concerned", concerned)


class Taxonomy:
    """A version of the taxonomy. Two leaves never share a code; every leaf has a field."""

    def __init__(self, version: str, fields: Iterable[Field], leaves: Iterable[Leaf]) -> None:
        self.version = version
        self.fields: tuple[Field, ...] = tuple(fields)
        self.leaves: tuple[Leaf, ...] = tuple(leaves)
        self._fields = {f.code: f for f in self.fields}
        self._leaves = {leaf.code: leaf for leaf in self.leaves}
        if len(self._leaves) != len(self.leaves):
            raise ValueError(f"taxonomy {version}: a leaf code stands twice")
        strays = sorted(leaf.code for leaf in self.leaves if leaf.parent not in self._fields)
        if strays:
            raise ValueError(f"taxonomy {version}: leaves without a field: {strays}")

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Taxonomy":
        """A taxonomy from the shape of `data/taxonomy.yaml`. Unknown keys raise `TypeError`."""
        fields, leaves = [], []
        for entry in data["leaves_by_field"]:
            fields.append(Field(entry["code"], entry["zh"], entry["en"]))
            for raw in entry["leaves"]:
                values = dict(raw, parent=entry["code"], sla=SlaClass(raw["sla"]))
                values["flags"] = tuple(raw.get("flags", ()))
                leaves.append(Leaf(**values))
        return cls(data["version"], fields, leaves)

    def leaf(self, code: str) -> Leaf:
        """The leaf with this code; `ValueError` if this version has none."""
        try:
            return self._leaves[code]
        except KeyError:
            raise ValueError(f"taxonomy {self.version} has no category {code}") from None

    def field(self, code: str) -> Field:
        """The field of a leaf or of its own code, e.g. 01 for 0106."""
        try:
            return self._fields[code[:2]]
        except KeyError:
            raise ValueError(f"taxonomy {self.version} has no field {code[:2]}") from None

    def __contains__(self, code: object) -> bool:
        return code in self._leaves

    def is_restricted(self, code: str) -> bool:
        """Whether a case of this category must never reach the unit it reports (条例 Art. 30)."""
        return bool(self.leaf(code).restricted)


def _flag(flags: tuple[str, ...], name: str) -> str:
    for flag in flags:
        key, _, value = flag.partition(":")
        if key == name:
            return value
    return ""
