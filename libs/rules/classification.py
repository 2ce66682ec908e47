"""Suggests a category and a kind from a message's words. A human decides (G09)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from libs.rules.screening import reports_an_official
from libs.rules.shipped import read_shipped
from libs.rules.states import Kind
from libs.rules.taxonomy import OTHER

IN_TITLE = 3  # how much more a word counts in the title
MOST_TIMES = 3  # more repetitions in the text count no more
ENOUGH = 4  # below this, the words found are too few or too weak to say anything
REPORT = "1602"
ALARM = 0.5  # the score of a screening: an alarm for a human, not a finding


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely leaf and kind. `score` from 0 to 1 is the leaf's share of all the evidence found,
    so 0 means no word matched; `words` are those that spoke for the leaf."""

    category: str
    kind: Kind
    score: float
    words: tuple[str, ...]


class Words:
    """Words of two characters or more, found in one pass; at one place the longest counts."""

    def __init__(self, words: Iterable[str]) -> None:
        by_head: dict[str, list[str]] = {}
        for word in sorted(set(words), key=len, reverse=True):
            by_head.setdefault(word[:2], []).append(word)
        self._by_head = {head: tuple(found) for head, found in by_head.items()}

    def found(self, text: str) -> dict[str, int]:
        """How often each word stands in the text."""
        counts: dict[str, int] = {}
        by_head = self._by_head.get
        for at, pair in enumerate(map(str.__add__, text, text[1:])):
            if words := by_head(pair):
                for word in words:
                    if text.startswith(word, at):
                        counts[word] = counts.get(word, 0) + 1
                        break
        return counts


class Classifier:
    """Keyword rules of one version. Total: what no word decides is 9901 其他."""

    def __init__(self, leaves: Mapping[str, str], kinds: Mapping[str, str]) -> None:
        self._weights: dict[str, list[tuple[str, int]]] = {}
        for code, line in leaves.items():
            for entry in line.split():
                word = entry.rstrip("!?")
                weight = 1 if entry.endswith("?") else len(word) + 3 * entry.endswith("!")
                self._weights.setdefault(word, []).append((code, weight))
        self._words = Words(self._weights)
        self._kinds = {Kind(kind): tuple(line.split()) for kind, line in kinds.items()}

    def classify(self, title: str, text: str) -> Suggestion:
        """A leaf and a kind for a message; title words count three times. A message that the
        screening takes for a report on an official is K4b and 1602, and no other ever is."""
        official = reports_an_official("", title, text)
        if official:
            return Suggestion(REPORT, Kind.REPORT_OFFICIAL, ALARM, official.words)
        kind = self._kind(title, text)
        scores: dict[str, int] = {}
        words: dict[str, list[str]] = {}
        in_title = self._words.found(title)
        in_text = self._words.found(text)
        for word in in_title | in_text:
            times = IN_TITLE * (word in in_title) + min(in_text.get(word, 0), MOST_TIMES)
            for code, weight in self._weights[word]:
                scores[code] = scores.get(code, 0) + weight * times
                words.setdefault(code, []).append(word)
        scores.pop(REPORT, None)
        best = max(scores, key=lambda code: (scores[code], code), default=OTHER)
        if scores.get(best, 0) < ENOUGH:
            return Suggestion(OTHER, kind, 0.0, ())
        share = scores[best] / sum(scores.values())
        return Suggestion(best, kind, round(share, 3), tuple(words[best]))

    def _kind(self, title: str, text: str) -> Kind:
        for part in (title, text):
            for kind, cues in self._kinds.items():
                if kind == Kind.PRAISE and part is text:
                    continue  # many messages end in thanks; only a title makes them praise
                if any(cue in part for cue in cues):
                    return Kind(kind)
        return Kind.OTHER


def classify(title: str, text: str) -> Suggestion:
    """A suggestion by the keyword rules that ship."""
    return _shipped().classify(title, text)


@lru_cache(maxsize=1)
def _shipped() -> Classifier:
    data: dict[str, Any] = read_shipped("keywords")
    return Classifier(data["leaves"], data["kinds"])
