"""The mailboxes that a citizen can write to, and how one is found. It reads no letter."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from libs.rules.leaders import Leaders
from libs.rules.mistakes import Mistake, Mistakes
from libs.rules.organisations import Organisations
from libs.rules.states import Kind, Word
from libs.rules.taxonomy import Taxonomy


class MailboxKind(Word):
    """Whose mailbox it is (domain 3.4)."""

    SECRETARY = "secretary", "市委书记信箱", "Party secretary's mailbox"
    MAYOR = "mayor", "市政府信箱", "Mayor's mailbox"
    COUNTY = "county", "区(市)县信箱", "District mailbox"
    TOWN = "town", "乡镇(街道)信箱", "Town mailbox"
    DEPARTMENT = "department", "部门信箱", "Department's mailbox"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox, of a unit or of a leading post. `adcode` is the area it is for; `takes` are the
    kinds of request (K1) and the categories (01, 0106) it is for: none means all."""

    id: str
    zh: str
    en: str
    kind: MailboxKind
    adcode: str
    unit: str = ""
    leader: str = ""
    takes: tuple[str, ...] = ()

    def is_for(self, request: str) -> bool:
        """Whether it takes a kind of request or a category; a category also by its field."""
        codes = [code for code in self.takes if code.startswith("K") == request.startswith("K")]
        return not codes or any(request.startswith(code) for code in codes)


class Mailboxes:
    """A version of a city's mailboxes.

    Raises `Mistakes` for a mailbox that stands twice, is of no unit or post, or of both, and for
    a unit, post, place or category that does not exist.
    """

    def __init__(
        self,
        mailboxes: Iterable[Mailbox],
        organisations: Organisations,
        leaders: Leaders,
        taxonomies: tuple[Taxonomy, ...],
    ) -> None:
        self._units = organisations
        self._city = organisations.adcode
        self._leaders = leaders
        self._codes = {str(kind) for kind in Kind}
        for taxonomy in taxonomies:
            self._codes |= {field.code for field in taxonomy.fields}
            self._codes |= {leaf.code for leaf in taxonomy.leaves}
        self._mailboxes: dict[str, Mailbox] = {}
        wrong: list[Mistake] = []
        for row, box in enumerate(mailboxes):
            for column, reason in self._wrong(box):
                wrong.append(Mistake(reason, column, row, box.id))
            self._mailboxes[box.id] = box
        if wrong:
            raise Mistakes(wrong)
        self._offered = tuple(box for box in self if self._is_open(box))

    def mailbox(self, mailbox_id: str) -> Mailbox:
        """The mailbox with this id; `ValueError` if the city has none."""
        try:
            return self._mailboxes[mailbox_id]
        except KeyError:
            raise ValueError(f"there is no mailbox {mailbox_id}") from None

    def __contains__(self, mailbox_id: object) -> bool:
        return mailbox_id in self._mailboxes

    def __iter__(self) -> Iterator[Mailbox]:
        return iter(self._mailboxes.values())

    def __len__(self) -> int:
        return len(self._mailboxes)

    def find(
        self,
        text: str = "",
        adcode: str = "",
        kind: MailboxKind | None = None,
        request: str = "",
    ) -> tuple[Mailbox, ...]:
        """The mailboxes that a writer may choose from, those of the area itself first.

        `text` stands in the name; `adcode` is an area, with what lies in it; `request` a kind of
        request or a category. A mailbox that says for what it is comes before one for all. A
        dissolved unit's mailbox is not offered.
        """
        sought = text.strip().casefold()
        inside = "" if adcode == self._city else adcode
        found = [
            box
            for box in self._offered
            if (sought in box.zh.casefold() or sought in box.en.casefold())
            and box.adcode.startswith(inside)
            and (kind is None or box.kind is kind)
            and (not request or box.is_for(request))
        ]
        here = adcode or self._city
        return tuple(
            sorted(
                found,
                key=lambda box: (
                    box.adcode != here,
                    not (request and box.takes),
                    box.adcode if box.adcode != self._city else "",
                ),
            )
        )

    def unit_of(self, mailbox_id: str) -> str:
        """The unit to which a letter in a mailbox goes first: its own, or the first that its
        leader leads; the heir of one that was dissolved. A leader without a unit is the
        government's."""
        box = self.mailbox(mailbox_id)
        led = self._leaders.led(box.leader) if box.leader else (box.unit,)
        return self._units.heir(led[0]) if led else self._units.government

    def addressee(self, mailbox_id: str | None) -> str | None:
        """The unit whose own mailbox this is; none for a leader's or the government's, which pass a
        letter to whom it concerns, and for a mailbox that is there no more."""
        box = self._mailboxes.get(mailbox_id or "")
        if box is None or not box.unit or box.kind in (MailboxKind.SECRETARY, MailboxKind.MAYOR):
            return None
        return self.unit_of(box.id)

    def _is_open(self, box: Mailbox) -> bool:
        return not box.unit or not self._units.unit(box.unit).dissolved

    def _wrong(self, box: Mailbox) -> Iterator[tuple[str, str]]:
        if box.id in self._mailboxes:
            yield "id", f"{box.id} stands twice"
        if bool(box.unit) == bool(box.leader):
            yield "unit", "a mailbox is either a unit's or a leader's"
        if box.unit and box.unit not in self._units:
            yield "unit", f"there is no unit {box.unit}"
        if box.leader and box.leader not in self._leaders:
            yield "leader", f"there is no leading post {box.leader}"
        if box.adcode != self._city and self._units.territory(box.adcode) is None:
            yield "adcode", f"there is no place {box.adcode}"
        for code in box.takes:
            if code not in self._codes:
                yield "takes", f"there is no kind or category {code}"


def read_mailboxes(content: Mapping[str, Any]) -> tuple[Mailbox, ...]:
    """The mailboxes from the content of an edition, which was checked for its shape."""
    return tuple(
        Mailbox(
            e["id"],
            e["zh"],
            e["en"],
            MailboxKind(e["kind"]),
            e["adcode"],
            e.get("unit", ""),
            e.get("leader", ""),
            tuple(e.get("takes", ())),
        )
        for e in content["mailboxes"]
    )
