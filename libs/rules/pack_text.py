"""A policy pack as a person writes it, in YAML. A mistake is told with its line; nothing is published here."""

from collections.abc import Mapping
from typing import Any

from libs.rules.mistakes import Mistake, Mistakes, Path, by_line, dotted
from libs.rules.pack_mistakes import whole_pack
from libs.rules.policy import PolicyPack, check_pack
from libs.rules.yaml_tree import Tree, read_yaml


def read_pack_text(text: str, base: Mapping[str, Any] | None = None) -> PolicyPack:
    """The pack that a YAML text describes; ``base`` is the whole content of the pack it ``extends``.

    Raises ``Mistakes`` with one line per mistake, ``line N: path: reason``, by line.
    """
    return read_pack_among(read_yaml(text), {} if base is None else {str(base.get("id")): base})


def read_pack_among(tree: Tree, others: Mapping[str, Mapping[str, Any]]) -> PolicyPack:
    """The same; ``others`` are the whole contents of the packs that it may extend, by id."""
    data = tree.typed()
    pack, found = _pack_of(data, tree, others)
    if pack is None or tree.mistakes:
        raise Mistakes(by_line([*tree.mistakes, *found]))
    return pack


def _pack_of(
    data: Any, tree: Tree, others: Mapping[str, Mapping[str, Any]]
) -> tuple[PolicyPack | None, list[Mistake]]:
    if not isinstance(data, Mapping):
        return None, [Mistake("a policy pack is a mapping of keys", line=tree.root.line)]
    try:
        whole = whole_pack(data, others)
    except ValueError as error:
        return None, [Mistake(str(error), line=tree.line_of(("extends",)))]
    pack, found = check_pack(whole)
    unreadable = {mistake.path for mistake in tree.mistakes}  # told already, and better
    return pack, [_placed(tree, data, *one) for one in found if one[0] not in unreadable]


def _placed(tree: Tree, data: Mapping[str, Any], path: Path, reason: str) -> Mistake:
    """A mistake at its line. A path that the text does not have comes from the pack it extends, or
    is missing: the line is then that of the part it belongs to."""
    if path and path[0] not in data and "extends" in data:
        return Mistake(f"{dotted(path)}: {reason}", line=tree.line_of(("extends",)))
    return Mistake(reason, line=tree.line_of(path), path=path)
