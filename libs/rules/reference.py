"""All published editions of reference data, and the rules that follow. It publishes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from libs.rules.city import expand_city
from libs.rules.columns import TABLES, Content, ReferenceKind
from libs.rules.contents import canonical, digest, plain
from libs.rules.difference import Difference, diff
from libs.rules.mistakes import Mistake, Mistakes, by_line
from libs.rules.pack_mistakes import misplaced, told_doubts
from libs.rules.pack_text import read_pack_among
from libs.rules.policy import PolicyPack, read_pack
from libs.rules.posts import expand_leaders, expand_mailboxes
from libs.rules.reading import Editions, Reading, Subject
from libs.rules.rules import Rules
from libs.rules.sheets import Form, read_sheet
from libs.rules.shipped import read_shipped, shipped_names
from libs.rules.yaml_tree import Tree

__all__ = [
    "Difference",
    "Mistakes",
    "Reference",
    "ReferenceKind",
    "canonical",
    "diff",
    "digest",
    "unusual_in",
]

LARGEST = 1_500_000  # bytes; a record of the log holds a whole edition and its envelope


@dataclass(frozen=True)
class Reference:
    """The contents of every edition by kind and name, oldest first, on top of what ships.

    Calendars and packs are named by their ids; there is one list of each other kind, named by
    the city. `policy` is the pack for cases that start now.
    """

    policy: str
    city: str
    editions: Editions
    _known: dict[int, Any] = field(default_factory=dict, repr=False, compare=False)
    """What contents say that were read already, by their identity: they live as long as this."""

    @classmethod
    @lru_cache(maxsize=8)
    def shipped(cls, policy: str = "cn-generic-2026", city: str = "mingchuan") -> "Reference":
        """What the platform brings with it. `ValueError` if there is no such pack or city."""
        read_shipped(f"packs/{policy}")
        data, taxonomy = read_shipped(f"cities/{city}"), read_shipped("taxonomy")
        calendar, units = read_shipped("calendar-cn-gov"), expand_city(data)
        contents: dict[Subject, Any] = {
            (ReferenceKind.CALENDAR, calendar["id"]): calendar,
            (ReferenceKind.ADOPTIONS, city): {"adoptions": []},
            (ReferenceKind.TAXONOMY, city): taxonomy,
            (ReferenceKind.ORGANISATIONS, city): units,
            (ReferenceKind.CATALOGUE, city): {"city": city, "items": []},
            (ReferenceKind.LEADERS, city): expand_leaders(data, units),
            (ReferenceKind.MAILBOXES, city): expand_mailboxes(data, units, taxonomy),
        }
        for name in shipped_names("packs"):
            contents[ReferenceKind.POLICY, name] = _shipped_pack(name)
        return cls(policy, city, {subject: (plain(c),) for subject, c in contents.items()})

    def with_edition(self, kind: ReferenceKind, name: str, content: Content) -> "Reference":
        """The same with one edition more. Whether it holds is asked by `rules`.

        Raises `ValueError` for a content that JSON cannot hold.
        """
        before = self.editions.get((kind, name), ())
        editions = {**self.editions, (kind, name): (*before, plain(content))}
        return Reference(self.policy, self.city, editions, dict(self._known))

    def current(self, kind: ReferenceKind, name: str) -> Content | None:
        """The newest content, or None if there is none of this name."""
        editions = self.editions.get((kind, name))
        return editions[-1] if editions else None

    def published(self, kind: ReferenceKind, name: str) -> int:
        """How many editions were published beyond what ships."""
        shipped = Reference.shipped(self.policy, self.city).editions.get((kind, name), ())
        return len(self.editions.get((kind, name), ())) - len(shipped)

    def names(self, kind: ReferenceKind) -> tuple[str, ...]:
        """What there is of a kind."""
        return tuple(sorted(name for each, name in self.editions if each is kind))

    def rules(self) -> Rules:
        """The rules of the newest editions; built once.

        Raises `Mistakes`, which is a `ValueError`, with one line per mistake: which list, where
        in it, and the reason.
        """
        return self._rules

    @cached_property
    def _rules(self) -> Rules:
        rules = Reading(self.policy, self.city, self.editions, self._known).rules()
        return replace(rules, reference=self)

    def read(self, kind: ReferenceKind, name: str, data: bytes, form: Form) -> dict[str, Any]:
        """The content of a file that may be published as the next edition: a pack is made whole.

        Raises `Mistakes` with all that is wrong, first in the file (`line N, column NAME: reason`), in its
        form and in what it says, then in other lists that would no longer fit to it.
        """
        sheet = read_sheet(kind, data, form)
        content, of = sheet.content, f"{kind.value}/{name}"
        found: list[Mistake] = []
        try:
            if kind is ReferenceKind.POLICY and sheet.tree is not None:
                content = self._whole_pack(name, sheet.tree)
            if sheet.wrong:
                content = self._as_it_stands(kind, name) | content
            elif self._stands(kind, name, content):
                return content
            self._must_fit(kind, name, content)
        except Mistakes as error:
            found = sheet.placed(error.under(of), of)
        if found or sheet.wrong:
            here = [*sheet.wrong, *(mistake for mistake in found if not mistake.of)]
            raise Mistakes([*by_line(here), *(mistake for mistake in found if mistake.of)])
        return content

    def _stands(self, kind: ReferenceKind, name: str, content: Content) -> bool:
        stands = self.current(kind, name)
        return stands is not None and digest(content) == digest(stands)

    def _must_fit(self, kind: ReferenceKind, name: str, content: Content) -> None:
        """Raises `Mistakes` if a content cannot be the next edition."""
        size = len(canonical(content))
        if size > LARGEST:
            reason = f"the edition has {size} bytes as JSON; {LARGEST} are the most"
            raise Mistakes([Mistake(reason)])
        self.with_edition(kind, name, content).rules()

    def _as_it_stands(self, kind: ReferenceKind, name: str) -> dict[str, Any]:
        """The values of the whole edition in force, for one whose own cannot be read."""
        stands = self.current(kind, name) or {}
        head = TABLES[kind].head if kind in TABLES else ()
        return {column.name: stands[column.name] for column in head if column.name in stands}

    def _whole_pack(self, name: str, tree: Tree) -> dict[str, Any]:
        """A policy pack's content with what it takes from the pack that it `extends`.

        Only a whole pack is published: else a case's limits would move with another pack.
        Raises `Mistakes`, each with its line: with them, why it could not be the next version either.
        """
        kind = ReferenceKind.POLICY
        others = {each: self.current(kind, each) or {} for each in self.names(kind)}
        try:
            return _dumped(read_pack_among(tree, others))
        except Mistakes as error:
            data, stands = tree.typed(), others.get(name, {})
            if not isinstance(data, Mapping):
                raise
            also = misplaced(data, name, stands.get("version", 0))
            placed = (Mistake(why, line=tree.line_of(path), path=path) for path, why in also)
            raise Mistakes([*error.all, *placed]) from None


def unusual_in(kind: ReferenceKind, content: Content) -> tuple[str, ...]:
    """What is allowed but must be accepted by name before it is published, ``path: reason``."""
    return told_doubts(content) if kind is ReferenceKind.POLICY else ()


def _shipped_pack(name: str) -> dict[str, Any]:
    data = read_shipped(f"packs/{name}")
    base = read_shipped(f"packs/{data['extends']}") if "extends" in data else None
    return _dumped(read_pack(data, base))


def _dumped(pack: PolicyPack) -> dict[str, Any]:
    return pack.model_dump(mode="json", exclude_none=True)
