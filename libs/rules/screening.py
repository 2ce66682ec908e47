"""Whether a message reports a public official. Recall first; it accuses and seals nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from libs.rules.shipped import read_shipped
from libs.rules.states import Kind

NEAR = 30  # characters between somebody in office and what is said of them


@dataclass(frozen=True, slots=True)
class Screening:
    """Why a message belongs into the restricted realm: the words that matched, none if its
    kind alone said so."""

    words: tuple[str, ...]


class Screener:
    """The words of one version, compiled."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._of_office = _any_of(words["of_office"])
        self._official = _any_of(words["officials"])
        self._misdeed = _any_of(words["misdeeds"])
        self._in_office = _any_of(f"{words['officials']} {words['offices']}")
        self._report = _any_of(words["reports"])

    def screen(self, kind: str, title: str, text: str) -> Screening | None:
        """As `reports_an_official`."""
        whole = f"{title}\n{text}"
        words = self._of_office.findall(whole) or self._near(whole) or self._reported(title)
        if words or kind == Kind.REPORT_OFFICIAL:
            return Screening(tuple(dict.fromkeys(words)))
        return None

    def _near(self, text: str) -> list[str]:
        misdeeds = list(self._misdeed.finditer(text))
        if not misdeeds:
            return []
        for official in self._official.finditer(text):
            for misdeed in misdeeds:
                apart = max(misdeed.start() - official.end(), official.start() - misdeed.end())
                if apart <= NEAR:
                    return [official.group(), misdeed.group()]
        return []

    def _reported(self, title: str) -> list[str]:
        report = self._report.search(title)
        office = self._in_office.search(title) if report else None
        return [report.group(), office.group()] if report and office else []


def reports_an_official(kind: str, title: str, text: str) -> Screening | None:
    """Whether the message is a report on a public official (检举控告公职人员), with the words.

    Then it belongs into the restricted realm before anything else is stated about it
    (信访工作条例 Art. 22(2), 30(3)). Kind K4b always does. Else one of these must hold: it names
    an offence that only office makes possible; somebody in office stands near a misdeed; its
    title reports somebody in office. A human in the restricted realm corrects a false alarm,
    while a miss must be sealed after others have read it: so the rule prefers alarms.
    """
    return _shipped().screen(kind, title, text)


@lru_cache(maxsize=1)
def _shipped() -> Screener:
    return Screener(read_shipped("screening"))


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words.split(), key=len, reverse=True))))
