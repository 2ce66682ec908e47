"""Reads the facts that ship with this package. It reads nothing else, and nothing at call time."""

from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"


def read_shipped(name: str) -> dict[str, Any]:
    """A data file by its name without ending, e.g. `packs/flat-7wd`; `ValueError` if none ships."""
    path = DATA / f"{name}.yaml"
    if not path.is_file():
        there = ", ".join(shipped_names(str(Path(name).parent)))
        raise ValueError(f"no {name} ships; there are: {there}")
    facts: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    return facts


def shipped_names(folder: str) -> tuple[str, ...]:
    """The data files of a folder, without ending, e.g. of `packs`."""
    return tuple(sorted(path.stem for path in (DATA / folder).glob("*.yaml")))


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
