"""Makes rules of the newest editions, and finds every mistake in them. It publishes nothing."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

from libs.rules.adoption import Adoption, adoption_mistakes, read_adoptions
from libs.rules.calendar import WorkingCalendar
from libs.rules.calendar_content import read_calendar
from libs.rules.catalogue import read_items
from libs.rules.city import read_units
from libs.rules.columns import Content, ReferenceKind, normal, rows
from libs.rules.leaders import read_leaders
from libs.rules.mailboxes import read_mailboxes
from libs.rules.mistakes import Mistake, Mistakes
from libs.rules.organisations import Organisations, check_succession
from libs.rules.pack_mistakes import misplaced
from libs.rules.policy import PolicyPack, read_pack
from libs.rules.rules import Rules
from libs.rules.shape import wrong
from libs.rules.taxonomy import OTHER, Taxonomy

NAMED_BY_THEMSELVES = (ReferenceKind.CALENDAR, ReferenceKind.POLICY)

T = TypeVar("T")
Subject = tuple[ReferenceKind, str]
Editions = Mapping[Subject, tuple[Content, ...]]


class Reading:
    """Reads the editions in the order in which they need each other, and keeps all mistakes."""

    def __init__(self, policy: str, city: str, editions: Editions, known: dict[int, Any]) -> None:
        self._policy = policy
        self._city = city
        self._editions = editions
        self._was_read = known
        self._wrong: list[Mistake] = []

    def rules(self) -> Rules:
        """The rules; `Mistakes` if there is any."""
        rules = self._put_together()
        # The catalogue needs the leaders: with wrong ones it would tell their mistakes as its own.
        if rules is not None and self._try(ReferenceKind.LEADERS, lambda: rules.leaders) is not None:
            self._try(ReferenceKind.ORGANISATIONS, rules.leaders.check_heads)
            self._try(ReferenceKind.MAILBOXES, lambda: rules.mailboxes)
            self._try(ReferenceKind.CATALOGUE, lambda: rules.catalogue)
        if rules is None or self._wrong:
            raise Mistakes(self._wrong)
        return rules

    def _put_together(self) -> Rules | None:
        """The parts that can be read by themselves, not yet held against each other."""
        calendars = self._calendars()
        packs, default = self._packs()
        adoptions = self._adoptions(packs)
        taxonomies = self._taxonomies()
        units = self._organisations()
        items = self._newest(ReferenceKind.CATALOGUE, read_items)
        posts = self._newest(ReferenceKind.LEADERS, read_leaders)
        boxes = self._newest(ReferenceKind.MAILBOXES, read_mailboxes)
        self._unknown_names()
        if units is None or not taxonomies or len(calendars) < len(self._names(ReferenceKind.CALENDAR)):
            return None

        def build() -> Rules:
            return Rules(
                calendars=calendars,
                packs=packs,
                default_pack=default,
                taxonomy=taxonomies[-1],
                organisations=units,
                adoptions=adoptions,
                older_taxonomies=taxonomies[:-1],
                items=items or (),
                posts=posts or (),
                boxes=boxes or (),
            )

        return self._try(ReferenceKind.POLICY, build, "")

    def _calendars(self) -> dict[str, WorkingCalendar]:
        calendars = {}
        newest = {
            name: self._editions[ReferenceKind.CALENDAR, name][-1]
            for name in self._names(ReferenceKind.CALENDAR)
        }
        for name in self._names(ReferenceKind.CALENDAR):
            editions = self._editions[ReferenceKind.CALENDAR, name]
            self._one_version_each(ReferenceKind.CALENDAR, name, editions)
            calendar = self._try(ReferenceKind.CALENDAR, partial(read_calendar, editions[-1], newest), name)
            if calendar is not None and self._is_named(ReferenceKind.CALENDAR, name, calendar.id):
                calendars[name] = calendar
        return calendars

    def _packs(self) -> tuple[dict[str, PolicyPack], str]:
        packs: dict[str, PolicyPack] = {}
        default = ""
        for name in self._names(ReferenceKind.POLICY):
            versions = [0]
            for content in self._editions[ReferenceKind.POLICY, name]:
                pack = self._known(ReferenceKind.POLICY, content, _pack, name)
                for (field,), reason in misplaced(content, name, versions[-1]):
                    self._say(ReferenceKind.POLICY, name, reason, str(field))
                if pack is None or pack.id != name:
                    continue
                versions.append(pack.version)
                packs[pack.name] = pack
                default = pack.name if name == self._policy else default
        return packs, default

    def _adoptions(self, packs: Mapping[str, PolicyPack]) -> tuple[Adoption, ...]:
        adoptions = self._newest(ReferenceKind.ADOPTIONS, read_adoptions) or ()
        wrong = adoption_mistakes(adoptions, packs)
        self._wrong += Mistakes(wrong).under(f"adoptions/{self._city}").all
        return () if wrong else adoptions

    def _taxonomies(self) -> tuple[Taxonomy, ...]:
        editions = self._editions[ReferenceKind.TAXONOMY, self._city]
        self._one_version_each(ReferenceKind.TAXONOMY, self._city, editions)
        read = [self._read(ReferenceKind.TAXONOMY, each, Taxonomy.read) for each in editions]
        taxonomies = tuple(taxonomy for taxonomy in read if taxonomy is not None)
        if taxonomies:
            self._loosened(taxonomies)
        return taxonomies

    def _loosened(self, taxonomies: tuple[Taxonomy, ...]) -> None:
        """A report on an official stays one in every edition (信访工作条例 Art. 30(3); G02), and
        there is always 其他 for what no other category says."""
        newest = taxonomies[-1]
        once = {leaf.code for each in taxonomies for leaf in each.leaves if leaf.restricted}
        loose = {leaf.code for leaf in newest.leaves if leaf.code in once and not leaf.restricted}
        content = self._editions[ReferenceKind.TAXONOMY, self._city][-1]
        for row, entry in enumerate(rows(ReferenceKind.TAXONOMY, content) if loose else ()):
            if entry["code"] in loose:
                reason = f"{entry['code']} was restricted and must stay so"
                self._say(ReferenceKind.TAXONOMY, self._city, reason, "flags", row)
        if OTHER not in newest:
            reason = f"there must be a category {OTHER}"
            self._say(ReferenceKind.TAXONOMY, self._city, reason, "code")

    def _organisations(self) -> Organisations | None:
        editions = self._editions[ReferenceKind.ORGANISATIONS, self._city]
        numbered = [{"version": str(n), **each} for n, each in enumerate(editions, 1)]
        self._one_version_each(ReferenceKind.ORGANISATIONS, self._city, numbered)
        read = [
            self._read(ReferenceKind.ORGANISATIONS, each, partial(read_units, version=str(n)))
            for n, each in [*enumerate(editions, 1)][-2:]
        ]
        for old, new in pairwise(read):
            if old is not None and new is not None:
                self._try(ReferenceKind.ORGANISATIONS, partial(check_succession, old, new))
        return read[-1]

    def _newest(self, kind: ReferenceKind, read: Callable[[Content], T]) -> T | None:
        return self._read(kind, self._editions[kind, self._city][-1], read)

    def _read(
        self, kind: ReferenceKind, content: Content, read: Callable[[Content], T]
    ) -> T | None:
        """What a table says by itself, if its shape is right and it is this city's."""

        def checked(content: Content) -> T:
            if found := list(wrong(kind, content)):
                raise Mistakes(found)
            return read(normal(kind, content))

        value = self._known(kind, content, checked, self._city)
        named = content.get("city", self._city)
        return value if self._is_named(kind, self._city, named) else None

    def _known(
        self, kind: ReferenceKind, content: Content, read: Callable[[Content], T], name: str
    ) -> T | None:
        """What a content says by itself. It is read once, for as long as editions follow it."""
        if id(content) not in self._was_read:
            value = self._try(kind, partial(read, content), name)
            if value is None:
                return None
            self._was_read[id(content)] = value
        known: T = self._was_read[id(content)]
        return known

    def _try(self, kind: ReferenceKind, read: Callable[[], T], name: str | None = None) -> T | None:
        of = "/".join(filter(None, (kind.value, self._city if name is None else name)))
        try:
            return read()
        except Mistakes as error:
            self._wrong += error.under(of).all
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            reason = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            self._wrong += Mistakes(map(Mistake, reason.splitlines())).under(of).all
        return None

    def _one_version_each(
        self, kind: ReferenceKind, name: str, editions: tuple[Content, ...] | list[dict[str, Any]]
    ) -> None:
        """Facts say the version that they were decided with: two editions cannot have one."""
        versions = [str(edition.get("version")) for edition in editions]
        if versions[-1] in versions[:-1]:
            self._say(kind, name, f"version {versions[-1]} stands already", "version")

    def _is_named(self, kind: ReferenceKind, name: str, id: object) -> bool:
        if id != name:
            field = "id" if kind in NAMED_BY_THEMSELVES else "city"
            self._say(kind, name, f"this is {name}, and its content says otherwise", field)
        return id == name

    def _unknown_names(self) -> None:
        for kind, name in self._editions:
            if kind not in NAMED_BY_THEMSELVES and name != self._city:
                self._say(kind, name, f"this is the city of {self._city}")

    def _names(self, kind: ReferenceKind) -> list[str]:
        return sorted(name for each, name in self._editions if each is kind)

    def _say(
        self, kind: ReferenceKind, name: str, reason: str, field: str = "", row: int | None = None
    ) -> None:
        of = f"{kind.value}/{name}"
        if kind in NAMED_BY_THEMSELVES:
            self._wrong.append(Mistake(reason, of=of, path=(field,) if field else ()))
        else:
            self._wrong.append(Mistake(reason, field, row, of=of))


def _pack(content: Content) -> PolicyPack:
    if "extends" in content:
        raise ValueError("extends: only a whole pack is published")
    return read_pack(content)
