"""A policy pack as a person writes it, in YAML. A mistake is told with its line; nothing is published here."""

from collections.abc import Mapping
from typing import Any

from libs.rules.marked_yaml import Marked, Mistake, Path, dotted, read_marked
from libs.rules.pack_mistakes import whole_pack
from libs.rules.policy import PolicyPack, check_pack


def read_pack_text(text: str, base: Mapping[str, Any] | None = None) -> PolicyPack:
    """The pack that a YAML text describes; ``base`` is the whole content of the pack it ``extends``.

    Raises ``ValueError`` with one line per mistake, ``line N: path: reason``, by line.
    """
    return read_pack_among(text, {} if base is None else {str(base.get("id")): base})


def read_pack_among(text: str, others: Mapping[str, Mapping[str, Any]]) -> PolicyPack:
    """The same; ``others`` are the whole contents of the packs that it may extend, by id."""
    marked = read_marked(text)
    pack = _pack_of(marked, others)
    if pack is None:
        lines = sorted(marked.mistakes, key=lambda mistake: mistake.line)
        raise ValueError("\n".join(str(mistake) for mistake in lines))
    return pack


def _pack_of(marked: Marked, others: Mapping[str, Mapping[str, Any]]) -> PolicyPack | None:
    if not isinstance(marked.data, Mapping):
        if not marked.mistakes:
            marked.wrong(1, (), "a policy pack is a mapping of keys")
        return None
    try:
        whole = whole_pack(marked.data, others)
    except ValueError as error:
        marked.wrong(marked.line_of(("extends",)), (), str(error))
        return None
    unreadable = {mistake.path for mistake in marked.mistakes}
    pack, found = check_pack(whole)
    for path, reason in found:
        if path not in unreadable:  # told already, and better
            marked.mistakes.append(_placed(marked, path, reason))
    return None if marked.mistakes else pack


def _placed(marked: Marked, path: Path, reason: str) -> Mistake:
    """A mistake at its line. A path that the text does not have comes from the pack it extends, or
    is missing: the line is then that of the part it belongs to."""
    if path and path[0] not in marked.data and "extends" in marked.data:
        return Mistake(marked.line_of(("extends",)), (), f"{dotted(path)}: {reason}")
    return Mistake(marked.line_of(path), path, reason)
