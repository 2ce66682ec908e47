"""Finds in a text what a citizen is known by: it looks for the very words, where a scan looks for shapes."""

from collections.abc import Mapping

SHORTEST = {"name": 2, "phone": 7, "place": 4}
"""Characters from which on a repetition is no accident."""


def repeated(text: str, known: Mapping[str, str | None]) -> str | None:
    """Which of the known words (by what they are: name, phone, place) the text repeats, if any; blanks and
    punctuation in between do not hide it."""
    plain = _plain(text)
    for what, words in known.items():
        if words is not None and len(_plain(words)) >= SHORTEST[what] and _plain(words) in plain:
            return what
    return None


def _plain(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())
