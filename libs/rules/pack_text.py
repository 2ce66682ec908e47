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
    return pack_and_content(text, base)[0]


def pack_and_content(
    text: str, base: Mapping[str, Any] | None = None
) -> tuple[PolicyPack, dict[str, Any]]:
    """The pack, and its own content as JSON can hold it, without what it takes from ``base``.

    Raises as ``read_pack_text``.
    """
    marked = read_marked(text)
    pack = _pack_of(marked, base)
    if pack is None:
        lines = sorted(marked.mistakes, key=lambda mistake: mistake.line)
        raise ValueError("\n".join(str(mistake) for mistake in lines))
    return pack, marked.data


def _pack_of(marked: Marked, base: Mapping[str, Any] | None) -> PolicyPack | None:
    if not isinstance(marked.data, Mapping):
        if not marked.mistakes:
            marked.wrong(1, (), "a policy pack is a mapping of keys")
        return None
    try:
        whole = whole_pack(marked.data, {} if base is None else {str(base.get("id")): base})
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
