"""What law and policy say in one place, as a value with versions. It never changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from libs.events.base import Versions
from libs.rules.adoption import Adoption, adopted, adoption_mistakes, in_force
from libs.rules.calendar import SHANGHAI, Due, WorkingCalendar
from libs.rules.catalogue import Catalogue, Item
from libs.rules.knowledge import Known
from libs.rules.leaders import Leader, Leaders
from libs.rules.mailboxes import Mailbox, Mailboxes
from libs.rules.mistakes import Mistakes
from libs.rules.organisations import Organisations
from libs.rules.pauses import Pause
from libs.rules.policy import PolicyPack
from libs.rules.taxonomy import Leaf, Taxonomy

if TYPE_CHECKING:
    from libs.rules.reference import Reference


@dataclass(frozen=True)
class Rules:
    """The rules in force. `packs` by `id/version`; a case that starts now follows what its place has
    adopted, else `default_pack`.

    `taxonomy` is the newest; `older_taxonomies`, oldest first, are for the cases that have a
    category of theirs. `items` are the published entries of the dispatch catalogue, `posts` the
    leading posts, `boxes` the mailboxes: ask `catalogue`, `leaders` and `mailboxes`.

    Raises `ValueError` for a default or an adopted pack that is not there, and for a pack that counts
    by a calendar that is not.
    """

    calendars: Mapping[str, WorkingCalendar]
    packs: Mapping[str, PolicyPack]
    default_pack: str
    taxonomy: Taxonomy
    organisations: Organisations
    adoptions: tuple[Adoption, ...] = ()
    older_taxonomies: tuple[Taxonomy, ...] = ()
    items: tuple[Item, ...] = ()
    posts: tuple[Leader, ...] = ()
    boxes: tuple[Mailbox, ...] = ()
    reference: "Reference | None" = field(default=None, repr=False, compare=False)
    """The editions that these rules were read from."""
    published: Mapping[str, datetime] = field(default_factory=dict)
    """When each subject of reference data, such as calendar/CN-GOV, was published last."""
    knowledge: Mapping[str, Known] = field(default_factory=dict)
    """What stands in the knowledge base, by its id: not the words, only that it holds, and until when."""

    def __post_init__(self) -> None:
        for name, pack in self.packs.items():
            if name != pack.name:
                raise ValueError(f"pack {pack.name} is filed under {name}")
            if pack.calendar.id not in self.calendars:
                there = ", ".join(sorted(self.calendars))
                raise ValueError(f"pack {name} counts by {pack.calendar.id}; there are: {there}")
        self.pack(self.default_pack)
        wrong = adoption_mistakes(self.adoptions, self.packs)
        if wrong:
            raise Mistakes(wrong).under("adoptions")

    def __getstate__(self) -> dict[str, object]:
        """What travels to another process: the data, without what was remembered of it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def published_at(self, kind: str) -> datetime | None:
        """When reference data of this kind were published last; None if what ships holds."""
        times = [at for subject, at in self.published.items() if subject.startswith(f"{kind}/")]
        return max(times, default=None)

    @cached_property
    def calendars_published_at(self) -> datetime | None:
        """When a calendar was published last, whichever it was: one may extend another."""
        return self.published_at("calendar")

    def calendar(self, policy_id: str) -> WorkingCalendar:
        """The calendar by which a pack counts."""
        return self.calendars[self.pack(policy_id).calendar.id]

    def due(
        self, policy_id: str, step: str, sla_class: str, track: str, started_at: datetime
    ) -> Due:
        """When a step ends that starts then, by a pack's limit and calendar."""
        pack = self.pack(policy_id)
        return self.calendars[pack.calendar.id].due(started_at, pack.limit(step, sla_class, track))

    def window(
        self,
        told: datetime | None,
        policy_id: str,
        step: str,
        sla_class: str,
        track: str,
        started_at: datetime,
    ) -> datetime:
        """Until when a citizen may do something: as long as was told, or longer if a calendar that was
        published since gives more (domain 6.2.4)."""
        if told is not None and self.calendars_published_at is None:
            return told
        due = self.due(policy_id, step, sla_class, track, started_at).at
        return due if told is None else max(told, due)

    def due_with_pauses(
        self,
        policy_id: str,
        step: str,
        sla_class: str,
        track: str,
        started_at: datetime,
        pauses: Sequence[Pause],
    ) -> Due:
        """The same, if the step's clock stood still in each of `pauses` (from, until)."""
        pack = self.pack(policy_id)
        calendar = self.calendars[pack.calendar.id]
        return calendar.due_with_pauses(started_at, pack.limit(step, sla_class, track), pauses)

    def report_due(self, policy_id: str, sla_class: str, since: datetime) -> datetime | None:
        """By when a unit says how far it is, if its last word is as old as that; None where the pack asks for
        no reports. A date for the unit and for who supervises it: nobody is late by it (domain 2.4, row 21)."""
        pack = self.pack(policy_id)
        every = pack.interim_report_every(sla_class)
        return None if every is None else self.calendars[pack.calendar.id].due(since, every).at

    def pack(self, policy_id: str) -> PolicyPack:
        """A pack by `id/version`, or the newest version of an id. A case asks with what it
        started with, so a new version never moves its deadlines. `ValueError` if unknown."""
        try:
            return self._by_id[policy_id]
        except KeyError:
            raise ValueError(f"there is no policy pack {policy_id}") from None

    def policy_for(self, adcode: str | None, track: str, at: datetime) -> str:
        """The pack, as `id/version`, for a case of a place and procedure that starts at an instant."""
        on = at.astimezone(SHANGHAI).date()
        pack = adopted(self.adoptions, self.packs, adcode, track, on)
        if pack is None:
            usual = self.pack(self.default_pack).id
            pack = in_force(usual, self.packs, on) or self._oldest[usual]  # before any: the first
        return pack.name

    @cached_property
    def _oldest(self) -> Mapping[str, PolicyPack]:
        newest_first = sorted(self.packs.values(), key=lambda pack: -pack.version)
        return {pack.id: pack for pack in newest_first}

    @cached_property
    def versions(self) -> Versions:
        """The versions in force for a case that starts now."""
        return self.versions_of(self.default_pack)

    def versions_of(self, policy_id: str) -> Versions:
        """The versions in force for a case that keeps this pack."""
        return self._stamp(policy_id)

    def _stamp(self, policy_id: str) -> Versions:
        known = self._stamps.get(policy_id)
        if known is None:
            known = self._stamps[policy_id] = self._versions(policy_id)
        return known

    @cached_property
    def _stamps(self) -> dict[str, Versions]:
        return {}

    def _versions(self, policy_id: str) -> Versions:
        calendar = self.calendar(policy_id)
        return Versions(
            policy=self.pack(policy_id).name,
            calendar=f"{calendar.id}/{calendar.version}",
            taxonomy=self.taxonomy.version,
            organisations=self.organisations.version,
        )

    def warnings(
        self, policy_id: str, step: str, sla_class: str, track: str, started_at: datetime
    ) -> tuple[tuple[str, datetime], ...]:
        """When a clock that started then turns amber and red (`domain.md` 2.5), in this order.

        Remembered for a while: a case's clocks are looked at again with each of its events.
        """
        return self._warnings(policy_id, step, sla_class, track, started_at)

    @cached_property
    def _warnings(self) -> Callable[..., tuple[tuple[str, datetime], ...]]:
        @lru_cache(maxsize=16384)
        def look_up(
            policy_id: str, step: str, sla_class: str, track: str, started_at: datetime
        ) -> tuple[tuple[str, datetime], ...]:
            pack = self.pack(policy_id)
            limit, calendar = pack.limit(step, sla_class, track), self.calendar(policy_id)
            return (
                ("amber", calendar.part(started_at, limit, pack.warn.amber_at)),
                ("red", calendar.part(started_at, limit, pack.warn.red_at)),
            )

        return look_up

    def leaf(self, code: str) -> Leaf:
        """A category, from the newest edition that has it: a case keeps one that was retired.
        `ValueError` if no edition has it."""
        return self.taxonomy.leaf(code) if code in self.taxonomy else self._of_old(code)

    def may_choose(self, code: str) -> bool:
        """Whether a case can be given this category now: only what the newest edition has."""
        return code in self.taxonomy

    def _of_old(self, code: str) -> Leaf:
        try:
            return self._older[code]
        except KeyError:
            raise ValueError(f"taxonomy {self.taxonomy.version} has no category {code}") from None

    @cached_property
    def _older(self) -> Mapping[str, Leaf]:
        return {leaf.code: leaf for edition in self.older_taxonomies for leaf in edition.leaves}

    @cached_property
    def catalogue(self) -> Catalogue:
        """The dispatch catalogue of this taxonomy in this city."""
        older = self._older.values()
        return Catalogue(self.taxonomy, self.organisations, self.items, older, self.leaders)

    @cached_property
    def leaders(self) -> Leaders:
        """The leading posts over the units of this city."""
        return Leaders(self.posts, self.organisations)

    @cached_property
    def mailboxes(self) -> Mailboxes:
        """The mailboxes of the units and leading posts of this city."""
        taxonomies = (*self.older_taxonomies, self.taxonomy)
        return Mailboxes(self.boxes, self.organisations, self.leaders, taxonomies)

    @cached_property
    def _by_id(self) -> Mapping[str, PolicyPack]:
        by_id = dict(self.packs)
        for pack in sorted(self.packs.values(), key=lambda p: p.version):
            by_id[pack.id] = pack
        return by_id


@lru_cache(maxsize=8)
def shipped_rules(pack: str = "cn-generic-2026", city: str = "mingchuan") -> Rules:
    """The rules that ship with the platform: every pack, with `pack` as the default, one city."""
    # Rules are built in one way only; `reference` reads what this module defines, hence here.
    from libs.rules.reference import Reference

    return Reference.shipped(pack, city).rules()
